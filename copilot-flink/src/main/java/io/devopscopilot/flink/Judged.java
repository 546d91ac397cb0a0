package io.devopscopilot.flink;

import io.devopscopilot.api.Severity;

/**
 * A line with its verdicts. Immutable.
 *
 * @param line the line
 * @param severity decided severity
 * @param severityProbability 0 to 1
 * @param category decided category, or {@code unknown}
 * @param categoryProbability 0 to 1
 * @param fingerprint of the masked text
 * @param model id of the model that decided
 */
record Judged(
    Line line,
    Severity severity,
    float severityProbability,
    String category,
    float categoryProbability,
    long fingerprint,
    String model) {}
