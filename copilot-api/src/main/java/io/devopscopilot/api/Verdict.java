package io.devopscopilot.api;

import java.util.Arrays;
import java.util.List;

/**
 * Where a classifier writes its answer: a probability per severity and per category. Owned and
 * reused by one thread; {@link #snapshot} gives the immutable copy.
 */
public final class Verdict {
  private static final Severity[] SEVERITIES = Severity.values();

  private final List<String> categories;
  private final float[] severity = new float[SEVERITIES.length];
  private final float[] category;
  private int severityIndex = Severity.INFO.ordinal();
  private int categoryIndex = -1;

  /** A verdict over these category ids, one or more. */
  public Verdict(List<String> categories) {
    if (categories.isEmpty()) {
      throw new IllegalArgumentException("categories is empty, must name at least one");
    }
    this.categories = List.copyOf(categories);
    this.category = new float[categories.size()];
  }

  /** The category ids, in the order of {@link #categoryProbabilities()}. */
  public List<String> categories() {
    return categories;
  }

  /** Probabilities by severity ordinal, 0 to 1, the array itself: a classifier writes here. */
  public float[] severityProbabilities() {
    return severity;
  }

  /** Probabilities by category, 0 to 1, the array itself: a classifier writes here. */
  public float[] categoryProbabilities() {
    return category;
  }

  /**
   * Says which classes were decided for; need not be the most probable ones, since policies may
   * favour recall or precision.
   *
   * @param severityIndex ordinal of the severity
   * @param categoryIndex position in {@link #categories()}, or -1 for {@link Category#UNKNOWN}
   */
  public void decide(int severityIndex, int categoryIndex) {
    if (severityIndex < 0 || severityIndex >= SEVERITIES.length) {
      throw new IllegalArgumentException(
          "severityIndex is " + severityIndex + ", must be 0 to " + (SEVERITIES.length - 1));
    }
    if (categoryIndex < -1 || categoryIndex >= category.length) {
      throw new IllegalArgumentException(
          "categoryIndex is " + categoryIndex + ", must be -1 to " + (category.length - 1));
    }
    this.severityIndex = severityIndex;
    this.categoryIndex = categoryIndex;
  }

  /** The severity decided for. */
  public Severity severity() {
    return SEVERITIES[severityIndex];
  }

  /** The category decided for, or {@link Category#UNKNOWN}. */
  public String category() {
    return categoryIndex < 0 ? Category.UNKNOWN : categories.get(categoryIndex);
  }

  /** Position of the category in {@link #categories()}, -1 = unknown. */
  public int categoryIndex() {
    return categoryIndex;
  }

  /**
   * An immutable copy.
   *
   * @param fingerprint of the features that were classified
   * @param model id of the model that decided
   */
  public Classification snapshot(long fingerprint, String model) {
    return new Classification(
        severity(),
        Arrays.copyOf(severity, severity.length),
        categories,
        categoryIndex,
        Arrays.copyOf(category, category.length),
        fingerprint,
        model);
  }
}
