/** Features of log text. */
@NullMarked
package io.devopscopilot.features;

import org.jspecify.annotations.NullMarked;
