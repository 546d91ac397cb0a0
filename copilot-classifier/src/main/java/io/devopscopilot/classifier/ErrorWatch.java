package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes errors and warning events, finds the service they belong to, and tells those that are more
 * than its past lets expect, or that name a cause.
 */
final class ErrorWatch {
  /** A line that says so much about a cause is weighed however rare it is. */
  private static final double TELLING = 1.5;

  /** What a caller's line, and all of them, say about the cause, in lines of the service itself. */
  private static final double CALLER = 0.1;

  private static final double CALLERS = 1.5;

  /** One restart is none of our business: a deploy, a node that reboots. */
  private static final int RESTARTS = 2;

  /** An unusual form of error, for {@link SpreadForms}: once in 10,000 minutes. */
  private static final double UNUSUAL_FORM = 4;

  /** A form of error that so many services had points to what is around them. */
  private static final int SPREAD = 3;

  private final OpenIssues issues;
  private final ServiceTable services;
  private final StreamPauses pauses;
  private final TraceWatch traces;
  private final CallReader calls;
  private final SpreadForms spread = new SpreadForms();

  ErrorWatch(
      OpenIssues issues,
      ServiceTable services,
      CallReader calls,
      StreamPauses pauses,
      TraceWatch traces) {
    this.issues = issues;
    this.calls = calls;
    this.services = services;
    this.pauses = pauses;
    this.traces = traces;
  }

  /** Learns the name of a service that is new. */
  void know(ServiceWindow w) {
    calls.know(w.service, services.byName());
  }

  /**
   * Takes an error or a warning event.
   *
   * @param place of its trace, negative without one
   */
  void line(
      ServiceWindow window,
      LogRecord record,
      Classification c,
      int place,
      long form,
      long millis,
      Consumer<? super Issue> out) {
    boolean event = record.kind() == LogRecord.Kind.EVENT;
    String reason = event ? "" : TextEvents.reason(record.message());
    ServiceWindow named = event ? null : named(window, record.message(), !reason.isEmpty());
    ServiceWindow cause = named == null ? window : named;
    if (place >= 0 && traces.first(place, cause) != cause) {
      return; // a symptom: another service's error came first in this trace
    }
    if (cause != window) {
      issues.settle(cause, millis, out);
      if (!cause.move(millis)) {
        return;
      }
    }
    boolean starting = pauses.starting(millis) && !event;
    double surprise = starting ? 0 : cause.error(millis, form);
    if (surprise >= UNUSUAL_FORM && spread.add(form, cause.service) >= SPREAD) {
      surprise /= 3;
      cause.spread = true;
    } else if (surprise >= UNUSUAL_FORM) {
      cause.spread = false;
    }
    cause.sample(record, c.fingerprint());
    String category = Causes.category(record, c);
    double weight = Causes.weight(category);
    double says = weight * Math.max(0.3, c.categoryProbability());
    if (cause == window) {
      cause.votes.add(category, says);
      cause.speaks |= weight > Causes.weight(Category.APP_ERROR);
    } else if (!cause.speaks && cause.foretold.isEmpty()) { // callers are many, see the symptom
      cause.votes.add(category, says * CALLER, says * CALLERS);
    }
    if (!cause.lines.containsKey(category)) {
      cause.lines.put(category, Headline.of(record.message()));
    }
    if (event) {
      cause.severe += weight >= 2 ? 1 : 0.4;
    } else if (!reason.isEmpty()) {
      boolean passes = TransientEvents.mayPass(reason);
      boolean again = !Category.PROBE_FAILURE.equals(category) && cause.eventAgain(millis);
      cause.severe += again || weight >= 2 && !passes ? 1 : 0.4;
    } else if (c.severity() == Severity.FATAL) {
      cause.severe += weight >= 2 || cause.fatalAgain(form, millis) ? 1 : 0.4;
    }
    double all = cause.spread ? 0 : cause.errorSurprise();
    if (Math.max(surprise, all) >= OpenIssues.WEIGHED
        || says >= TELLING && !starting
        || cause.severe >= 0.4) {
      issues.signals.clear();
      issues.signals.set(Signal.FORM_SURPRISE, surprise);
      issues.signals.set(Signal.ERROR_SURPRISE, all);
      issues.signals.set(Signal.SPREAD, cause.spread);
      issues.signals.set(Signal.EVENT, event);
      issues.signals.set(Signal.FATAL, c.severity() == Severity.FATAL);
      issues.signals.set(Signal.CAUSE, weight);
      double probability = issues.weigh(cause, true, millis, out);
      if (probability > 0) {
        issues.update(cause, probability, Duration.ZERO, millis, Optional.empty(), record, out);
      }
    }
  }

  /** The service that an error of another one is about. */
  private @Nullable ServiceWindow named(ServiceWindow w, String text, boolean event) {
    if (!event) {
      return calls.named(text, services.byName(), w);
    }
    ServiceWindow of = calls.instance(text, services.byName(), true);
    return of == null && text.contains("ode/") ? services.get("kubelet") : of; // node/, Node/
  }

  /** Takes what a line's origin says about restarts. */
  void restarts(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      long millis,
      Consumer<? super Issue> out) {
    if (record.origin().restartCount() == 0) {
      return;
    }
    int row = w.restarted(record.origin(), millis);
    if (row < RESTARTS) {
      return;
    }
    w.sample(record, c.fingerprint());
    w.severe += 1;
    w.votes.add(Category.CRASH_LOOP, Causes.weight(Category.CRASH_LOOP));
    w.lines.put(Category.CRASH_LOOP, "a container restarted " + row + " times in a row");
    issues.signals.clear();
    issues.signals.set(Signal.CAUSE, Causes.weight(Category.CRASH_LOOP));
    double probability = issues.weigh(w, true, millis, out);
    if (probability > 0) {
      issues.update(w, probability, Duration.ZERO, millis, Optional.empty(), record, out);
    }
  }

  void write(DetectorState.Writer to) throws IOException {
    spread.write(to);
  }

  void read(DetectorState.Reader from) throws IOException {
    spread.read(from);
  }
}
