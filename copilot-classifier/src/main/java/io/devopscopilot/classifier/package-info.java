/** Training, compiled models and the issue detector. */
@NullMarked
package io.devopscopilot.classifier;

import org.jspecify.annotations.NullMarked;
