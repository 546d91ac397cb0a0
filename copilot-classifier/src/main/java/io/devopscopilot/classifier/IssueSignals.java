package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import java.util.Arrays;
import java.util.Locale;

/**
 * What is known at the moment an issue is weighed, as a fixed vector. Nothing in it tells how large
 * or talkative a system is, so that it means the same everywhere; a figure that approaches a limit
 * is weighed by its own points alone. Times are in minutes, counts as their natural logarithm plus
 * one; 0 = nothing known. Kept and refilled: setting allocates nothing.
 */
final class IssueSignals {
  /** What each position says. */
  enum Signal {
    /** Minus the decimal logarithm of the chance of so many errors of this form in a minute. */
    FORM_SURPRISE,
    /** The same of all errors. */
    ERROR_SURPRISE,
    /** The same of slow steps or lines, of traces that break off, or of retries. */
    TRACE_SURPRISE,
    /** Errors within a minute. */
    ERRORS,
    /** Errors of this form within a minute. */
    FORM_COUNT,
    /** Whether this form of error had never been seen before this minute. */
    FORM_NEW,
    /** In how many sixths of the minute there were errors. */
    ERROR_SPAN,
    /** Whether three services or more had this form unusually often. */
    SPREAD,
    /** Slow steps within a minute. */
    SLOW_STEPS,
    /** Share of the timed steps that were slow. */
    SLOW_SHARE,
    /** Fading sum of FATAL lines and warning events of a known cause. */
    SEVERE,
    /** Whether the line is a warning event. */
    EVENT,
    /** Whether the line is FATAL. */
    FATAL,
    /** How much the category of the line says about a cause. */
    CAUSE,
    /** Share of the leading category among the votes of the lines. */
    VOTE_SHARE,
    /** Whether there is enough past to compare with. */
    MATURE,
    /** Whether another service's trouble began within the last minute. */
    LED,
    /** Minutes since this was first weighed without a quiet time between. */
    LASTING,
    /** How often this was weighed since then. */
    WEIGHINGS,
    /** Whether the line holds a figure that approaches a limit, or one that grows. */
    FIGURE,
    /** Share of the limit that is used; 0 for a figure without one. */
    USED,
    /** By how much that share rose. */
    RISE,
    /** A figure without a limit: how much. */
    SIZE,
    /** A figure without a limit: the logarithm of how many times more than at first. */
    GROWTH,
    /** Share of the pairs of points that rise. */
    AGREEMENT,
    /** Minutes until the limit at the median slope; of a figure without one, until it doubles. */
    UNTIL,
    /** Minutes over which the points reach. */
    SPAN,
    /** How many points there are. */
    POINTS,
    /** From which height the figure fell by itself before. */
    PEAK,
    /** Slope of the later half of the points, in terms of the slope of the earlier half. */
    BEND,
    /** How far a step lies from the line through the points, in terms of the whole rise. */
    ROUGHNESS;

    private static final int COUNT = values().length;
  }

  static final FeatureSchema SCHEMA =
      new FeatureSchema(
          "issue-signals-1",
          Signal.COUNT,
          Arrays.stream(Signal.values()).map(s -> s.name().toLowerCase(Locale.ROOT)).toList());

  final FeatureVector vector = new FeatureVector(SCHEMA, Signal.COUNT);

  void clear() {
    vector.clear();
  }

  /** Sets a signal that was not set since {@link #clear()}. */
  void set(Signal signal, double value) {
    if (value != 0) {
      vector.add(signal.ordinal(), (float) value);
    }
  }

  void set(Signal signal, boolean holds) {
    set(signal, holds ? 1 : 0);
  }

  double get(Signal signal) {
    return vector.get(signal.ordinal());
  }
}
