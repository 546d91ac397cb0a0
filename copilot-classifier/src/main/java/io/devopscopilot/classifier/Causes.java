package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
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

  /** Below this probability a category is a guess. */
  private static final double SURE = 0.5;

  /** What an access log says of a request that its own application failed to answer. */
  private static final String ANSWERED = "\" 500 ";

  private Causes() {}

  /**
   * What an error is about; where that is a guess, or an answer 500 is taken for a broken
   * connection, the application's own.
   */
  static String category(LogRecord record, Classification c) {
    return guessed(record, c) ? Category.APP_ERROR : c.category();
  }

  /** Whether the category of a line is a guess, or mistaken. */
  static boolean guessed(LogRecord record, Classification c) {
    return c.categoryProbability() < SURE
        || Category.NETWORK_DNS.equals(c.category()) && record.message().contains(ANSWERED);
  }

  /** How much lines of a category say about a cause, 0.2 to 4. */
  static double weight(String category) {
    return WEIGHTS.getOrDefault(category, 0.3);
  }
}
