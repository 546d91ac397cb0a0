/** JMH benchmarks. */
@NullMarked
package io.devopscopilot.benchmarks;

import org.jspecify.annotations.NullMarked;
