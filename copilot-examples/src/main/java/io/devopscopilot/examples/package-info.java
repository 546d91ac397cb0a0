/** The reference app and runnable examples. */
@NullMarked
package io.devopscopilot.examples;

import org.jspecify.annotations.NullMarked;
