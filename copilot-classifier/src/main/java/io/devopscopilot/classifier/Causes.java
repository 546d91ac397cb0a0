package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import java.util.Map;

/** Causes before their symptoms: how much a line of a category says about the cause. */
final class Causes {
  private static final Map<String, Double> WEIGHTS =
      Map.ofEntries(
          Map.entry(Category.OOM, 4.0),
          Map.entry(Category.IMAGE_PULL, 4.0),
          Map.entry(Category.QUOTA, 4.0),
          Map.entry(Category.STORAGE, 3.5),
          Map.entry(Category.CONFIG_ERROR, 3.0),
          Map.entry(Category.AUTH_SECURITY, 3.0),
          Map.entry(Category.SCHEDULING, 3.0),
          Map.entry(Category.NODE, 2.5),
          Map.entry(Category.NETWORK_DNS, 2.0),
          Map.entry(Category.PERFORMANCE, 1.5),
          Map.entry(Category.PROBE_FAILURE, 1.0),
          Map.entry(Category.CRASH_LOOP, 0.8),
          Map.entry(Category.APP_ERROR, 0.7),
          Map.entry(Category.OTHER, 0.2));

  private Causes() {}

  /** How much lines of a category say about a cause, 0.2 to 4. */
  static double weight(String category) {
    return WEIGHTS.getOrDefault(category, 0.3);
  }
}
