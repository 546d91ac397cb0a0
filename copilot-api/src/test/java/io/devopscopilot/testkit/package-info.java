/** The contract kit: proves an implementation of an interface with one class. */
@NullMarked
package io.devopscopilot.testkit;

import org.jspecify.annotations.NullMarked;
