package io.devopscopilot.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The two verdicts on one record, each with a probability per class. Immutable. */
public final class Classification {
  private static final Severity[] SEVERITIES = Severity.values();

  private final Severity severity;
  private final float[] severityProbabilities;
  private final List<String> categories;
  private final int categoryIndex;
  private final float[] categoryProbabilities;
  private final long fingerprint;
  private final String model;

  /** Takes the arrays over. */
  Classification(
      Severity severity,
      float[] severityProbabilities,
      List<String> categories,
      int categoryIndex,
      float[] categoryProbabilities,
      long fingerprint,
      String model) {
    this.severity = severity;
    this.severityProbabilities = severityProbabilities;
    this.categories = categories;
    this.categoryIndex = categoryIndex;
    this.categoryProbabilities = categoryProbabilities;
    this.fingerprint = fingerprint;
    this.model = model;
  }

  /**
   * A verdict that is certain; for sinks and detectors under test, and for records that need no
   * model.
   */
  public static Classification certain(Severity severity, String category, long fingerprint) {
    Verdict verdict = new Verdict(List.of(category));
    verdict.severityProbabilities()[severity.ordinal()] = 1;
    verdict.categoryProbabilities()[0] = 1;
    verdict.decide(severity.ordinal(), 0);
    return verdict.snapshot(fingerprint, "certain");
  }

  /** The severity decided for. */
  public Severity severity() {
    return severity;
  }

  /** Its probability, 0 to 1. */
  public double severityProbability() {
    return severityProbabilities[severity.ordinal()];
  }

  /** The probability of one severity, 0 to 1. */
  public double probability(Severity severity) {
    return severityProbabilities[severity.ordinal()];
  }

  /** The category decided for, or {@link Category#UNKNOWN}. */
  public String category() {
    return categoryIndex < 0 ? Category.UNKNOWN : categories.get(categoryIndex);
  }

  /** Its probability, 0 to 1; 0 for {@link Category#UNKNOWN}. */
  public double categoryProbability() {
    return categoryIndex < 0 ? 0 : categoryProbabilities[categoryIndex];
  }

  /** The probability of one category, 0 to 1; 0 for one that the model does not know. */
  public double probability(String category) {
    int index = categories.indexOf(category);
    return index < 0 ? 0 : categoryProbabilities[index];
  }

  /**
   * The probability of one category, 0 to 1, without a look-up by name.
   *
   * @param place of the category in the model's order, {@link LogClassifier#categories()}
   */
  public double probability(int place) {
    return categoryProbabilities[place];
  }

  /** Probability by severity, a copy in rising order of severity. */
  public Map<Severity, Double> severityProbabilities() {
    Map<Severity, Double> map = new LinkedHashMap<>();
    for (Severity s : SEVERITIES) {
      map.put(s, (double) severityProbabilities[s.ordinal()]);
    }
    return map;
  }

  /** Probability by category, a copy in the model's order. */
  public Map<String, Double> categoryProbabilities() {
    Map<String, Double> map = new LinkedHashMap<>();
    for (int i = 0; i < categories.size(); i++) {
      map.put(categories.get(i), (double) categoryProbabilities[i]);
    }
    return map;
  }

  /** The fingerprint of the masked text. */
  public long fingerprint() {
    return fingerprint;
  }

  /** The id of the model that decided. */
  public String model() {
    return model;
  }

  /** Both verdicts with their probabilities, for people. */
  @Override
  public String toString() {
    return severity
        + " "
        + Math.round(severityProbability() * 1000) / 1000.0
        + ", "
        + category()
        + " "
        + Math.round(categoryProbability() * 1000) / 1000.0;
  }

  /**
   * Why a verdict came out as it did.
   *
   * @param head {@code severity} or {@code category}
   * @param feature what in the record counted, for people
   * @param weight how far it moved the score of the decided class; above 0 = towards it
   */
  public record Reason(String head, String feature, double weight) {}
}
