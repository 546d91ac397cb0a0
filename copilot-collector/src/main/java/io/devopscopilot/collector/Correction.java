package io.devopscopilot.collector;

import io.devopscopilot.api.Severity;
import java.util.Optional;

/**
 * What a person said about a wrong verdict.
 *
 * @param record id of the stored record; it may have been removed since
 * @param message its text, kept here so that it can be learned from
 * @param severity the right one, where the verdict was wrong
 * @param category the right one, where the verdict was wrong
 */
public record Correction(
    long record, String message, Optional<Severity> severity, Optional<String> category) {}
