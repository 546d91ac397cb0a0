package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the figures in the lines of each service, and tells those that approach a limit, or that
 * grow: queues, and times that a line names (a latency, a pause).
 */
final class FigureWatch implements NumberReader.Sink {
  /** What a figure must show to be weighed. */
  private static final double MIN_SHARE = 0.4;

  /** A heap below it may just not have been collected yet. */
  private static final double MIN_HEAP = 0.9;

  private static final double MIN_RISE = 0.03;
  private static final double MIN_SIZE = 50;
  private static final double MIN_GROWTH = 1.8;
  private static final double MIN_AGREEMENT = 0.6;
  private static final long MIN_SPAN = 20_000;
  private static final int MIN_POINTS = 5;
  private static final double EXPIRY_DAYS = 14;

  /** Times differ from line to line: more points must rise, each so long after the one before. */
  private static final int TIME_POINTS = 12;

  private static final double TIME_PEAK = 1.5;
  private static final double TIME_AGREEMENT = 0.8;
  private static final double TIME_GROWTH = 4;
  private static final double TIME_RISE = 0.6;
  private static final long TIME_GAP = 5_000;

  /** Figures of these kinds are about the instance that their line names. */
  private static final Set<NumberReader.Kind> OF_INSTANCE =
      Set.of(
          NumberReader.Kind.MEMORY,
          NumberReader.Kind.HEAP,
          NumberReader.Kind.DISK,
          NumberReader.Kind.QUEUE,
          NumberReader.Kind.QUOTA);

  private final OpenIssues issues;
  private final ServiceTable services;
  private final CallReader calls;
  private final StrainWatch strain;
  private final double[] slopes = new double[Trend.PAIRS];
  private final NumberReader numbers = new NumberReader();

  // The line that is being read, and which figures it has.
  private List<Figures> instances = List.of();
  private Origin origin = Origin.UNKNOWN;
  private String text = "";
  private @Nullable Figures figures;
  private long millis;
  private int touched;

  /** The service whose instance the line names, once that was looked for, and its figures. */
  private @Nullable ServiceWindow other;

  private boolean looked;
  private @Nullable Figures told;
  private int touchedOther;

  /** How long something took by the first duration, negative without one. */
  private double took;

  private boolean again;

  FigureWatch(OpenIssues issues, ServiceTable services, CallReader calls, StrainWatch strain) {
    this.issues = issues;
    this.services = services;
    this.calls = calls;
    this.strain = strain;
  }

  /**
   * Takes the figures of a line.
   *
   * @param counted whether it counts, and is no error
   * @param warning whether it counts, and is a warning or an error
   */
  void line(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      boolean counted,
      boolean warning,
      long millis,
      Consumer<? super Issue> out) {
    instances = w.figures;
    origin = record.origin();
    figures = null;
    this.millis = millis;
    touched = 0;
    other = null;
    looked = false;
    told = null;
    touchedOther = 0;
    took = -1;
    again = false;
    text = record.message();
    numbers.read(text, this);
    if (counted && took >= 0) {
      strain.took(w, record, c, took, millis, out);
    }
    if (counted && again && c.severity() != Severity.DEBUG) {
      strain.again(w, record, c, millis, out);
    }
    if (warning) {
      strain.warned(w, record, c, took >= 0, millis, out);
    }
    if (touched != 0) {
      predict(w, figures(), touched, record, c.fingerprint(), out);
    }
    if (other != null && told != null && touchedOther != 0) {
      issues.settle(other, millis, out);
      other.move(millis);
      predict(other, told, touchedOther, record, c.fingerprint(), out);
    }
  }

  @Override
  public void took(double millis) {
    took = took < 0 ? millis : took;
  }

  @Override
  public void retry() {
    again = true;
  }

  @Override
  public void figure(NumberReader.Kind kind, double value, boolean bounded) {
    if (value < 0 || Double.isNaN(value)) {
      return;
    }
    Figures f = of(kind);
    int slot = kind.ordinal() * 2 + (bounded ? 1 : 0);
    Trend trend = f.trends[slot];
    if (trend == null) {
      trend = new Trend();
      f.trends[slot] = trend;
    }
    if (kind.time() && !trend.due(millis, TIME_GAP)) {
      return;
    }
    trend.add(millis, value);
    if (f == told) {
      touchedOther |= 1 << slot;
    } else {
      touched |= 1 << slot;
    }
  }

  @Override
  public void left(NumberReader.Kind kind, double value) {
    if (value >= 0) {
      double[] all = of(kind).most;
      double most = Math.max(value, all[kind.ordinal()]);
      all[kind.ordinal()] = most;
      figure(kind, most == 0 ? 0 : 1 - value / most, true);
    }
  }

  /** Those that a figure of the line that is being read belongs to. */
  private Figures of(NumberReader.Kind kind) {
    if (!OF_INSTANCE.contains(kind)) {
      return figures();
    }
    if (!looked) {
      looked = true;
      ServiceWindow named = calls.instance(text, services.byName(), false);
      if (named != null && named.figures != instances) {
        other = named;
        told = Figures.of(named.figures, origin, millis);
      }
    }
    return told == null ? figures() : told;
  }

  /** Those of the line that is being read. */
  private Figures figures() {
    Figures found = figures;
    if (found == null) {
      found = Figures.of(instances, origin, millis);
      figures = found;
    }
    return found;
  }

  private void predict(
      ServiceWindow w,
      Figures f,
      int touched,
      LogRecord record,
      long form,
      Consumer<? super Issue> out) {
    for (NumberReader.Kind kind : NumberReader.KINDS) {
      for (int bounded = 0; bounded < 2; bounded++) {
        int slot = kind.ordinal() * 2 + bounded;
        Trend t = f.trends[slot];
        if (t == null || (touched & 1 << slot) == 0) {
          continue;
        }
        if (kind == NumberReader.Kind.EXPIRY) {
          if (t.last() < EXPIRY_DAYS) {
            issues.expires(w, t.last(), record, form, out);
          }
          continue;
        }
        if (t.size() < MIN_POINTS || t.span() < MIN_SPAN || !near(kind, t, bounded == 1)) {
          continue;
        }
        t.fit(slopes);
        long until = bounded == 1 ? t.until(1) : t.until(2 * t.last());
        boolean rises =
            kind.time()
                ? t.agreement() >= TIME_AGREEMENT && t.risen() >= t.last() * TIME_RISE
                : t.agreement() >= MIN_AGREEMENT;
        if (rises && until <= 2 * WindowIssueDetector.HORIZON.toMillis()) {
          issues.signals.clear();
          t.signals(bounded == 1, issues.signals);
          double probability = issues.weigh(w, false, millis, out);
          if (probability > 0) {
            w.sample(record, form);
            w.votes.add(category(kind), 1.2);
            w.foretold = category(kind);
            Duration horizon =
                Duration.ofMillis(Math.min(until, WindowIssueDetector.HORIZON.toMillis()));
            Optional<String> title = Optional.of(title(kind, t, bounded == 1));
            issues.update(w, probability, horizon, millis, title, record, out);
          }
        }
      }
    }
  }

  /** Whether a figure is where it may be of interest, and, a time, beyond what it fell from. */
  private static boolean near(NumberReader.Kind kind, Trend t, boolean bounded) {
    if (bounded) {
      double least = kind == NumberReader.Kind.HEAP ? MIN_HEAP : MIN_SHARE;
      return t.last() >= least && t.last() - t.first() >= MIN_RISE;
    }
    double growth = kind.time() ? TIME_GROWTH : MIN_GROWTH;
    return t.last() >= MIN_SIZE
        && t.last() >= growth * Math.max(1, t.first())
        && (kind.time() || t.goesOn())
        && (!kind.time() || t.size() >= TIME_POINTS && t.last() >= TIME_PEAK * t.peak());
  }

  private static String category(NumberReader.Kind kind) {
    return switch (kind) {
      case MEMORY, HEAP -> Category.OOM;
      case DISK -> Category.STORAGE;
      case EXPIRY -> Category.AUTH_SECURITY;
      case QUOTA -> Category.QUOTA;
      case CLOCK -> Category.NODE;
      case POOL, QUEUE, LATENCY, PAUSE -> Category.PERFORMANCE;
    };
  }

  private static String title(NumberReader.Kind kind, Trend t, boolean bounded) {
    String what = kind.name().toLowerCase(Locale.ROOT);
    return bounded
        ? what + " use at " + Math.round(t.last() * 100) + " % of its limit and rising"
        : what
            + " grew from "
            + Math.round(t.first())
            + " to "
            + Math.round(t.last())
            + (kind.time() ? " ms" : "");
  }
}
