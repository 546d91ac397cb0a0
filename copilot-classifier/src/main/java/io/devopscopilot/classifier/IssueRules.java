package io.devopscopilot.classifier;

import io.devopscopilot.classifier.IssueSignals.Signal;

/**
 * Weighs by fixed bars: a chance of 1 in 10,000, or a figure beyond 55 % of its limit that reaches
 * it within the horizon. The default; a model is trained on what it plays and compared with it.
 */
final class IssueRules implements IssueWeigher {
  private static final double UNUSUAL = 4;

  @Override
  public boolean tells(IssueSignals signals, boolean open) {
    return probability(signals) > 0;
  }

  @Override
  public double probability(IssueSignals s) {
    return s.get(Signal.FIGURE) > 0 ? figure(s) : now(s);
  }

  private static double figure(IssueSignals s) {
    boolean bounded = s.get(Signal.USED) > 0;
    double used = s.get(Signal.USED);
    boolean near =
        bounded
            ? used >= 0.55 && s.get(Signal.RISE) > 0.05
            : s.get(Signal.SIZE) >= Math.log1p(100) && s.get(Signal.GROWTH) >= Math.log(2.5);
    double peak = s.get(Signal.PEAK);
    boolean breathes = bounded && peak < 0.9 && used < peak * 1.05;
    double n = s.get(Signal.POINTS);
    // Kendall's test: so many more pairs rise than fall by chance in one of 700 cases.
    double rising = (2 * s.get(Signal.AGREEMENT) - 1) * n * (n - 1) / 2;
    boolean enough =
        rising >= 3 * Math.sqrt(n * (n - 1) * (2 * n + 5) / 18) && s.get(Signal.SPAN) >= 1;
    boolean soon = s.get(Signal.UNTIL) <= WindowIssueDetector.HORIZON.toMinutes();
    double agreement = s.get(Signal.AGREEMENT);
    return near && enough && soon && !breathes && agreement >= 0.75
        ? Math.min(0.95, 0.35 + 0.4 * agreement + 0.2 * (bounded ? Math.min(1, used) : 1))
        : 0;
  }

  /** The probability of what breaks already, 0 below the bars. */
  static double now(IssueSignals s) {
    boolean severe = s.get(Signal.SEVERE) >= 1;
    double errors = Math.max(s.get(Signal.FORM_SURPRISE), s.get(Signal.ERROR_SURPRISE));
    boolean mature = s.get(Signal.MATURE) > 0;
    double trace = mature ? s.get(Signal.TRACE_SURPRISE) : 0;
    double strength = Math.max(errors, trace) / UNUSUAL;
    if (!mature) {
      strength = s.get(Signal.ERRORS) > Math.log1p(11.5) ? Math.min(1, strength) : 0;
    }
    boolean follows = s.get(Signal.LED) > 0 && !severe && strength < 2;
    if (follows || !severe && strength < 1) {
      return 0;
    }
    double over = 1 - Math.exp(1 - Math.max(1, strength));
    return Math.min(0.98, 0.6 + 0.3 * over + (severe ? 0.25 : 0));
  }
}
