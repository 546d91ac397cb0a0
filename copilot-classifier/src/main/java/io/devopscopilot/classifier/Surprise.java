package io.devopscopilot.classifier;

/** How surprising a count is. */
final class Surprise {
  private Surprise() {}

  /**
   * Minus the decimal logarithm of the chance of {@code k} or more, where {@code expected} are
   * usual (Poisson); 0 where {@code k} is no more than expected.
   */
  static double of(int k, double expected) {
    if (k <= expected || k < 1) {
      return 0;
    }
    double log = -expected + k * Math.log(expected) - logFactorial(k);
    double sum = 1;
    double term = 1;
    for (int j = k + 1; term > sum * 1e-9 && j < k + 1000; j++) {
      term *= expected / j;
      sum += term;
    }
    return Math.max(0, -(log + Math.log(sum)) / Math.log(10));
  }

  /** Stirling's series, exact to 1e-5 from 1 on; the time does not depend on {@code k}. */
  private static double logFactorial(int k) {
    double k12 = 12.0 * k;
    return k * Math.log(k)
        - k
        + 0.5 * Math.log(2 * Math.PI * k)
        + 1 / k12
        - 4.8 / (k12 * k12 * k12);
  }
}
