package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Issue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** The newest {@value #MAX} issues with their answers and history, in memory. Thread-safe. */
final class IssueBoard implements BiConsumer<Issue, Answer> {
  /** Issues that are kept; resolved ones go first. */
  static final int MAX = 1_000;

  /** Steps of one issue that are kept: the first one and the newest. */
  static final int MAX_STEPS = 50;

  /** What was known of an issue at one time. */
  record Step(Instant at, Issue.State state, double probability, Duration horizon, String title) {
    static Step of(Issue issue) {
      return new Step(
          issue.updated(), issue.state(), issue.probability(), issue.horizon(), issue.title());
    }

    /** Whether it says the same to a person as the step before. */
    boolean like(Step before) {
      return state == before.state
          && title.equals(before.title)
          && horizon.toMinutes() == before.horizon.toMinutes()
          && horizon.isZero() == before.horizon.isZero()
          && Math.abs(probability - before.probability) < 0.05;
    }
  }

  /** An issue and what is known about it. */
  record Entry(Issue issue, Answer answer, List<Step> history) {
    /** How long before it happened it was predicted; zero where it was not, or has not happened. */
    Duration lead() {
      Step first = history.get(0);
      return history.stream()
          .filter(s -> s.horizon().isZero() && s.state() == Issue.State.OPEN)
          .findFirst()
          .filter(s -> !first.horizon().isZero())
          .map(s -> Duration.between(first.at(), s.at()))
          .orElse(Duration.ZERO);
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long changes;

  /** What is older than what is known, as in a replay of stored lines, changes nothing. */
  @Override
  public synchronized void accept(Issue issue, Answer answer) {
    Entry old = entries.get(issue.id());
    if (old != null && issue.updated().isBefore(old.issue().updated())) {
      return;
    }
    changes++;
    Answer known =
        old != null && old.answer().answered() && !answer.answered() ? old.answer() : answer;
    List<Step> history = new ArrayList<>(old == null ? List.of() : old.history());
    Step step = Step.of(issue);
    if (history.isEmpty() || !step.like(history.get(history.size() - 1))) {
      history.add(step);
    }
    if (history.size() > MAX_STEPS) {
      // Keep how it began: the first steps say when it was predicted and when it happened.
      history.remove(MAX_STEPS / 2);
    }
    entries.put(issue.id(), new Entry(issue, known, List.copyOf(history)));
    if (entries.size() > MAX) {
      drop();
    }
  }

  private void drop() {
    Iterator<Entry> all = entries.values().iterator();
    while (all.hasNext()) {
      if (all.next().issue().state() == Issue.State.RESOLVED) {
        all.remove();
        return;
      }
    }
    all = entries.values().iterator();
    all.next();
    all.remove();
  }

  /** Takes over what {@link #all()} of an earlier run gave. */
  synchronized void restore(List<Entry> earlier) {
    for (int i = earlier.size() - 1; i >= 0; i--) {
      entries.put(earlier.get(i).issue().id(), earlier.get(i));
    }
  }

  /**
   * Ends open issues that the detector does not know any more, so that they don't stay for ever.
   */
  synchronized void endUntold(Set<String> told) {
    for (Entry e : all()) {
      Issue i = e.issue();
      if (i.state() == Issue.State.OPEN && !told.contains(i.id())) {
        accept(i.resolved(i.updated()), e.answer());
      }
    }
  }

  /** Grows with each change. */
  synchronized long changes() {
    return changes;
  }

  /** Keeps an answer made later. */
  synchronized void answered(String id, Answer answer) {
    changes++;
    entries.computeIfPresent(id, (k, e) -> new Entry(e.issue(), answer, e.history()));
  }

  /** Open issues first, then by time of update, newest first. */
  synchronized List<Entry> all() {
    List<Entry> list = new ArrayList<>(entries.values());
    list.sort(
        (a, b) -> {
          int state = a.issue().state().compareTo(b.issue().state());
          return state != 0 ? state : b.issue().updated().compareTo(a.issue().updated());
        });
    return list;
  }

  synchronized Optional<Entry> get(String id) {
    return Optional.ofNullable(entries.get(id));
  }
}
