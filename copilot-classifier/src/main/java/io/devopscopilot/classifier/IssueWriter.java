package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes down what is known of a service's trouble: id, category, title, evidence. */
final class IssueWriter {
  /** An issue names so many forms of line and a few more at most. */
  private static final int MOST_FORMS = 100;

  private IssueWriter() {}

  /**
   * The next state of a service's issue, or its first.
   *
   * @param title what is told of it; empty = what its lines say
   * @param record the newest sign
   */
  static Issue next(
      ServiceWindow w,
      double probability,
      Duration horizon,
      Optional<String> title,
      LogRecord record) {
    String category = category(w);
    Instant now = record.timestamp();
    @Nullable Issue before = w.open.orElse(null);
    boolean happened = before != null && before.horizon().isZero();
    Optional<String> kept = title;
    if (before != null && (happened || title.isEmpty())) {
      kept = Optional.of(w.lines.containsKey(category) ? title(category, w) : before.title());
    }
    Set<Long> fingerprints = new TreeSet<>(w.sampleForms());
    if (before != null && fingerprints.size() < MOST_FORMS) {
      fingerprints.addAll(before.fingerprints());
    }
    Instant opened = before == null ? now : before.opened();
    return new Issue(
        before == null ? id(w.service, "", opened) : before.id(),
        Issue.State.OPEN,
        category,
        before == null ? probability : Math.max(probability, before.probability()),
        happened ? Duration.ZERO : horizon,
        w.namespace,
        w.service,
        kept.orElseGet(() -> title(category, w)),
        opened,
        now.isBefore(opened) ? opened : now,
        Optional.empty(),
        evidence(before, w),
        fingerprints);
  }

  /** Something of a service expires in so many days. */
  static Issue expires(ServiceWindow w, double days, LogRecord record, long form) {
    Instant opened = w.expiry.map(Issue::opened).orElse(record.timestamp());
    return new Issue(
        id(w.service, "expiry", opened),
        Issue.State.OPEN,
        Category.AUTH_SECURITY,
        0.9,
        Duration.ofMinutes(Math.max(0, (long) (days * 1440))),
        w.namespace,
        w.service,
        "something expires in " + Math.round(days) + " days",
        opened,
        record.timestamp(),
        Optional.empty(),
        List.of(record),
        Set.of(form));
  }

  private static List<LogRecord> evidence(@Nullable Issue before, ServiceWindow seen) {
    List<LogRecord> all = new ArrayList<>();
    if (before != null) {
      List<LogRecord> old = before.evidence();
      all.addAll(old.subList(0, Math.min(8, old.size())));
    }
    for (LogRecord r : seen.samples) {
      if (!all.contains(r) && all.size() < Issue.MAX_EVIDENCE) {
        all.add(r);
      }
    }
    all.sort(Comparator.comparing(LogRecord::timestamp));
    return all;
  }

  /** What most speaks for; only symptoms come after a prediction, unless a line names a cause. */
  static String category(ServiceWindow w) {
    String winner = w.votes.winner();
    return !w.foretold.isEmpty() && Causes.weight(winner) < Causes.weight(w.foretold)
        ? w.foretold
        : winner;
  }

  private static String title(String category, ServiceWindow seen) {
    @Nullable String line = seen.lines.get(category);
    return category.replace('_', ' ')
        + ": "
        + (line == null ? Headline.of(seen.samples.getLast().message()) : line);
  }

  private static String id(String service, String slot, Instant opened) {
    long hash = 1125899906842597L;
    String key = service + "\n" + slot + "\n" + opened;
    for (int i = 0; i < key.length(); i++) {
      hash = 31 * hash + key.charAt(i);
    }
    return String.format("%012x", hash >>> 16);
  }
}
