package io.devopscopilot.classifier;

import io.devopscopilot.api.Severity;
import java.util.Objects;
import java.util.Optional;

/**
 * A line whose severity or category (or both) is known, to learn from.
 *
 * @param system the program, project or case it comes from: lines of one system are never split
 *     between training and test
 * @param text the line, with or without its level
 * @param severity its severity, where known
 * @param category its category, one of {@link io.devopscopilot.api.Category#all()}, where known
 * @param weight how much it counts, above 0; 1 is usual
 */
public record LabelledLine(
    String system,
    String text,
    Optional<Severity> severity,
    Optional<String> category,
    double weight) {
  /** Checks the weight. */
  public LabelledLine {
    Objects.requireNonNull(system, "system");
    Objects.requireNonNull(text, "text");
    if (!(weight > 0 && weight < 1e6)) {
      throw new IllegalArgumentException(
          "weight is " + weight + ", must be above 0 and below 1000000");
    }
  }
}
