package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows the figures in the lines of each service, and tells those that approach a limit. */
final class FigureWatch implements NumberReader.Sink {
  /** What a figure must show to be weighed. */
  private static final double MIN_SHARE = 0.4;

  private static final double MIN_RISE = 0.03;
  private static final double MIN_SIZE = 50;
  private static final double MIN_GROWTH = 1.8;
  private static final double MIN_AGREEMENT = 0.6;
  private static final long MIN_SPAN = 20_000;
  private static final int MIN_POINTS = 5;
  private static final double EXPIRY_DAYS = 14;

  private final OpenIssues issues;
  private final NumberReader numbers = new NumberReader();

  // The line that is being read, and which figures it has.
  private @Nullable ServiceWindow window;
  private long millis;
  private int touched;

  FigureWatch(OpenIssues issues) {
    this.issues = issues;
  }

  /** Takes the figures of a line. */
  void line(
      ServiceWindow w, LogRecord record, long form, long millis, Consumer<? super Issue> out) {
    window = w;
    this.millis = millis;
    touched = 0;
    numbers.read(record.message(), this);
    if (touched != 0) {
      predict(w, record, form, out);
    }
  }

  @Override
  public void figure(NumberReader.Kind kind, double value, boolean bounded) {
    ServiceWindow w = window;
    if (w == null || value < 0 || Double.isNaN(value)) {
      return;
    }
    int slot = kind.ordinal() * 2 + (bounded ? 1 : 0);
    Trend trend = w.trends[slot];
    if (trend == null) {
      trend = new Trend();
      w.trends[slot] = trend;
    }
    trend.add(millis, value);
    touched |= 1 << slot;
  }

  private void predict(ServiceWindow w, LogRecord record, long form, Consumer<? super Issue> out) {
    for (NumberReader.Kind kind : NumberReader.KINDS) {
      for (int bounded = 0; bounded < 2; bounded++) {
        int slot = kind.ordinal() * 2 + bounded;
        Trend t = w.trends[slot];
        if (t == null || (touched & 1 << slot) == 0) {
          continue;
        }
        if (kind == NumberReader.Kind.EXPIRY) {
          if (t.last() < EXPIRY_DAYS) {
            issues.expires(w, t.last(), record, form, out);
          }
          continue;
        }
        if (t.size() < MIN_POINTS || t.span() < MIN_SPAN) {
          continue;
        }
        long until = bounded == 1 ? t.until(1) : t.until(2 * t.last());
        boolean near =
            bounded == 1
                ? t.last() >= MIN_SHARE && t.last() - t.first() >= MIN_RISE
                : t.last() >= MIN_SIZE && t.last() >= MIN_GROWTH * Math.max(1, t.first());
        if (near
            && t.agreement() >= MIN_AGREEMENT
            && until <= 2 * WindowIssueDetector.HORIZON.toMillis()) {
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

  private static String category(NumberReader.Kind kind) {
    return switch (kind) {
      case MEMORY -> Category.OOM;
      case DISK -> Category.STORAGE;
      case EXPIRY -> Category.AUTH_SECURITY;
      case POOL, QUEUE -> Category.PERFORMANCE;
    };
  }

  private static String title(NumberReader.Kind kind, Trend t, boolean bounded) {
    String what = kind.name().toLowerCase(Locale.ROOT);
    return bounded
        ? what + " use at " + Math.round(t.last() * 100) + " % of its limit and rising"
        : what + " grew from " + Math.round(t.first()) + " to " + Math.round(t.last());
  }
}
