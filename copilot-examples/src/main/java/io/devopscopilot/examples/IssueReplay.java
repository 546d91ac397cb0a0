package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.IssueModel;
import io.devopscopilot.classifier.WindowIssueDetector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Plays records to the classifier and a new detector, and keeps how each issue began. */
final class IssueReplay {
  private final Copilot copilot;
  private final WindowIssueDetector detector;
  private final Map<String, Issue> first = new LinkedHashMap<>();
  private final List<Issue> told = new ArrayList<>();
  private final Map<String, Issue> last = new LinkedHashMap<>();
  private Instant newest = Instant.MIN;

  IssueReplay(Copilot copilot, Optional<IssueModel> model) {
    this.copilot = copilot;
    this.detector = LineModels.detector(model);
  }

  Classification add(LogRecord record) {
    newest = record.timestamp().isAfter(newest) ? record.timestamp() : newest;
    Classification verdict = copilot.classify(record);
    detector.observe(record, verdict, this::keep);
    return verdict;
  }

  private void keep(Issue issue) {
    first.putIfAbsent(issue.id(), issue);
    last.put(issue.id(), issue);
    told.add(issue);
  }

  /** The issues as they were first told, in that order. */
  List<Issue> opened() {
    if (!newest.equals(Instant.MIN)) {
      detector.advance(newest.plus(Duration.ofHours(1)), this::keep);
    }
    return new ArrayList<>(first.values());
  }

  /** All states of all issues, in the order in which they were told. */
  List<Issue> told() {
    return List.copyOf(told);
  }

  /** The newest state of an issue. */
  Issue newest(Issue issue) {
    return last.getOrDefault(issue.id(), issue);
  }
}
