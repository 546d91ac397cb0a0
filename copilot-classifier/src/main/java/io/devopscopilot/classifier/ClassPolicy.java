package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import java.util.ArrayList;
import java.util.List;

/**
 * What the verdicts for one category are to keep. Training turns it into a number of the model's
 * manifest, fitted on systems the model was not trained on:
 *
 * <ul>
 *   <li>with a recall: {@code category.weight.NAME}, by which the category's probability counts
 *       more until that share of its lines is found, as long as the precision holds;
 *   <li>without one: {@code category.alertFrom.NAME}, the least probability from which on verdicts
 *       for the category are right often enough to wake somebody; absent where no probability is.
 * </ul>
 *
 * @param category one of {@link Category#all()}
 * @param recall share of the category's lines to be found, 0 (do not care) to 1
 * @param precision share of the verdicts that must be right, 0 to 1
 */
public record ClassPolicy(String category, double recall, double precision) {
  /** Fewer verdicts on validation data prove nothing. */
  static final int LEAST_VERDICTS = 10;

  /** A category less probable is decided for only where no other is more so. */
  static final float LEAST_PROBABILITY = 0.1f;

  /** Checks the ranges. */
  public ClassPolicy {
    if (!Category.all().contains(category)) {
      throw new IllegalArgumentException(
          "policy for '" + category + "', must be one of " + Category.all());
    }
    if (!(recall >= 0 && recall <= 1 && precision >= 0 && precision <= 1)) {
      throw new IllegalArgumentException(
          "policy for "
              + category
              + " has recall "
              + recall
              + " and precision "
              + precision
              + ", must be 0 to 1");
    }
  }

  /**
   * Security is not to be overlooked (recall 0.95 at precision 0.5); alerts are to be right (0.9).
   */
  public static List<ClassPolicy> defaults() {
    List<ClassPolicy> out = new ArrayList<>();
    for (String category : Category.all()) {
      boolean problem = !category.equals(Category.NONE) && !category.equals(Category.OTHER);
      if (category.equals(Category.AUTH_SECURITY)) {
        out.add(new ClassPolicy(category, 0.95, 0.5));
      } else if (problem) {
        out.add(new ClassPolicy(category, 0, 0.9));
      }
    }
    return out;
  }
}
