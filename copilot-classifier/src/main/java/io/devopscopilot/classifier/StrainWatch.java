package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tells services whose own lines say, for most of a minute and more often than its past lets
 * expect, that something took far longer than lines of that form usually say, or that it is tried
 * again; and those that warn more and more often over several minutes.
 */
final class StrainWatch {
  private final OpenIssues issues;

  StrainWatch(OpenIssues issues) {
    this.issues = issues;
  }

  /** Takes a line that says how many milliseconds something took. */
  void took(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      double took,
      long millis,
      Consumer<? super Issue> out) {
    if (w.took(c.fingerprint(), took, millis)) {
      String what = "lines of %s say that it takes far longer";
      tell(w, record, c, Category.PERFORMANCE, w.lateSurprise(), what, millis, out);
    }
  }

  /** Takes a line that says that something is tried again. */
  void again(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      long millis,
      Consumer<? super Issue> out) {
    w.again(millis);
    String what = "%s tries far more often again";
    tell(w, record, c, Category.PERFORMANCE, w.againSurprise(), what, millis, out);
  }

  /**
   * Takes a warning or an error.
   *
   * @param took whether it says how long something took
   */
  void warned(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      boolean took,
      long millis,
      Consumer<? super Issue> out) {
    double surprise = w.warned(record, c, took, millis);
    tell(w, record, c, w.warnedOf(), surprise, "%s warns more and more often", millis, out);
  }

  private void tell(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      String about,
      double surprise,
      String what,
      long millis,
      Consumer<? super Issue> out) {
    if (surprise < OpenIssues.WEIGHED) {
      return;
    }
    issues.signals.clear();
    issues.signals.set(Signal.TRACE_SURPRISE, surprise);
    double probability = issues.weigh(w, true, millis, out);
    if (probability > 0) {
      w.sample(record, c.fingerprint());
      w.votes.add(about, Causes.weight(Category.PERFORMANCE));
      Optional<String> title = Optional.of(String.format(what, w.service));
      issues.update(w, probability, Duration.ZERO, millis, title, record, out);
    }
  }
}
