package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Issue;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The newest {@value #MAX} issues with their answers, in memory. Thread-safe. */
final class IssueBoard implements BiConsumer<Issue, Answer> {
  /** Issues that are kept; resolved ones go first. */
  static final int MAX = 1_000;

  /** An issue and what is known about it. */
  record Entry(Issue issue, Answer answer) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  @Override
  public synchronized void accept(Issue issue, Answer answer) {
    Entry old = entries.get(issue.id());
    Answer known =
        old != null && old.answer().answered() && !answer.answered() ? old.answer() : answer;
    entries.put(issue.id(), new Entry(issue, known));
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
