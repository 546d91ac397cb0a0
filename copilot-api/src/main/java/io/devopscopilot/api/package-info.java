/**
 * The seams of DevOps Copilot: log sources, features, classifiers, issue detectors, knowledge and
 * answers, and {@link io.devopscopilot.api.Copilot}, which wires them.
 *
 * <p>Nothing here is ever null: an unknown text is the empty string, a missing value an {@link
 * java.util.Optional} or an empty collection. No third-party type appears in a signature.
 */
@NullMarked
package io.devopscopilot.api;

import org.jspecify.annotations.NullMarked;
