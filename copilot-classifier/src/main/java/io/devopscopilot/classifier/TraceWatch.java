package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Follows traces through the services, and tells where steps are slow or lines are missing. */
final class TraceWatch {
  /** How surprising the number of traces must be in which a line is missing. */
  private static final double BROKEN = 4;

  private static final long LONGEST_STEP = 20_000;

  /** A trace without a line for so long is at its end. */
  private static final long TRACE_END = 10_000;

  private final OpenIssues issues;
  private final ServiceTable services;
  private final StreamPauses pauses;
  private final TraceTable traces = new TraceTable();

  /** Whether the step to the newest line took far longer than usual. */
  private boolean late;

  /** Traces whose newest line is from before this are at their end. */
  long ended = Long.MIN_VALUE;

  TraceWatch(OpenIssues issues, ServiceTable services, StreamPauses pauses) {
    this.issues = issues;
    this.services = services;
    this.pauses = pauses;
  }

  /**
   * Takes a line of a trace.
   *
   * @return the place of the trace, for {@link #first}
   */
  int line(
      ServiceWindow window,
      LogRecord record,
      Classification c,
      long trace,
      long form,
      boolean bad,
      long millis,
      Consumer<? super Issue> out) {
    int place = traces.find(trace);
    long took = traces.time(place) == Long.MIN_VALUE ? -1 : millis - traces.time(place);
    ServiceWindow last = traces.last(place);
    if (took >= 0 && last != null) {
      String missing = last.followed(traces.form(place), form, window.service, millis);
      if (missing != null && !bad) { // an error tells by itself where the trace broke
        ServiceWindow broken = broken(place, missing, millis, out);
        if (broken != null) {
          tellBroken(broken, record, c, millis, out);
        }
      }
    }
    if (form == window.ending) {
      window.ending = 0;
      ServiceWindow broken = services.get(window.missing);
      if (broken != null) {
        tellBroken(broken, record, c, millis, out);
      }
    }
    late = false;
    if (took >= 0 && took < LONGEST_STEP) {
      long step = traces.form(place) * 31 + form ^ window.service.hashCode();
      late = window.step(step, took, millis);
    }
    if (took >= 0 || traces.time(place) == Long.MIN_VALUE) {
      traces.line(place, millis, form, window);
    }
    return place;
  }

  /** The service where a trace broke first; the one given, where it did not break before. */
  ServiceWindow first(int place, ServiceWindow candidate) {
    return traces.first(place, candidate);
  }

  /** Tells slow steps, if the newest line was late. */
  void tellSlow(
      ServiceWindow window,
      LogRecord record,
      Classification c,
      long millis,
      Consumer<? super Issue> out) {
    if (!late) {
      return;
    }
    double surprise = window.slowSurprise();
    if (surprise >= OpenIssues.WEIGHED) {
      issues.signals.clear();
      issues.signals.set(Signal.TRACE_SURPRISE, surprise);
      double probability = issues.weigh(window, true, millis, out);
      if (probability > 0) {
        window.sample(record, c.fingerprint());
        window.votes.add(Category.PERFORMANCE, 1.5);
        Optional<String> title = Optional.of("steps of " + window.service + " take far longer");
        issues.update(window, probability, Duration.ZERO, millis, title, record, out);
      }
    }
  }

  /**
   * A line is missing in a trace: counts it for its service, unless the trace broke before.
   *
   * @return that service, null if it doesn't count
   */
  private @Nullable ServiceWindow broken(
      int place, String missing, long millis, Consumer<? super Issue> out) {
    ServiceWindow broken = services.get(missing);
    if (broken == null || traces.broken(place)) {
      return null;
    }
    traces.first(place, broken);
    issues.settle(broken, millis, out);
    if (pauses.starting(millis) || !broken.move(millis)) {
      return null;
    }
    broken.broken(millis);
    return broken;
  }

  private void tellBroken(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      long millis,
      Consumer<? super Issue> out) {
    issues.settle(w, millis, out);
    double surprise = w.move(millis) ? w.brokenSurprise() : 0;
    if (surprise >= BROKEN && w.mature()) {
      issues.signals.clear();
      issues.signals.set(Signal.TRACE_SURPRISE, surprise);
      double probability = issues.weigh(w, true, millis, out);
      if (probability > 0) {
        w.sample(record, c.fingerprint());
        w.votes.add(Category.APP_ERROR, 0.7);
        Optional<String> title =
            Optional.of("traces go on without the usual lines of " + w.service);
        issues.update(w, probability, Duration.ZERO, millis, title, record, out);
      }
    }
  }

  /**
   * Learns which lines end a trace. Where others usually follow, that is told with the next line of
   * that form. Reckoned at full ten seconds of the records only, so that it doesn't matter how they
   * are cut.
   */
  void end(long millis, Consumer<? super Issue> out) {
    long due = Math.floorDiv(millis, TRACE_END) * TRACE_END - TRACE_END;
    // no line is newer than twenty seconds behind the last end: two steps reach all of them
    for (int step = 0; step < 2 && ended != Long.MIN_VALUE && ended < due; step++) {
      ended += TRACE_END;
      for (int place = 0; place < traces.size(); place++) {
        ServiceWindow last = traces.last(place);
        if (last != null && traces.time(place) < ended) {
          long then = traces.time(place) + TRACE_END;
          long form = traces.form(place);
          traces.end(place);
          String missing = last.followed(form, 0, null, then);
          if (missing != null && broken(place, missing, then, out) != null) {
            last.ending = form;
            last.missing = missing;
          }
        }
      }
    }
    ended = Math.max(ended, due);
  }

  void forget(ServiceWindow gone) {
    traces.forget(gone);
  }

  void write(DetectorState.Writer to) throws IOException {
    traces.write(to);
  }

  void read(DetectorState.Reader from) throws IOException {
    traces.read(from, services.byName());
  }
}
