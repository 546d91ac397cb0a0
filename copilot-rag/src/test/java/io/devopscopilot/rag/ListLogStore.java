package io.devopscopilot.rag;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A store in a list, for tests. */
final class ListLogStore implements LogStore {
  private final List<Stored> all = new ArrayList<>();

  @Override
  public void accept(LogRecord record, Classification c) {
    all.add(
        new Stored(
            all.size() + 1,
            record,
            c.severity(),
            c.severityProbability(),
            c.category(),
            c.categoryProbability(),
            c.fingerprint()));
  }

  void add(Severity severity, LogRecord record) {
    String masked = record.message().replaceAll("[0-9]+", "#");
    accept(record, Classification.certain(severity, "other", masked.hashCode()));
  }

  @Override
  public Map<String, String> positions() {
    return Map.of();
  }

  private static boolean matches(Stored s, LogQuery q) {
    LogRecord r = s.record();
    return q.from().map(t -> !r.timestamp().isBefore(t)).orElse(true)
        && q.to().map(t -> r.timestamp().isBefore(t)).orElse(true)
        && (q.namespace().isEmpty() || q.namespace().equals(r.origin().namespace()))
        && (q.service().isEmpty() || q.service().equals(r.origin().service()))
        && (q.pod().isEmpty() || q.pod().equals(r.origin().pod()))
        && (q.severities().isEmpty() || q.severities().contains(s.severity()))
        && q.kind().map(k -> k == r.kind()).orElse(true)
        && (q.text().isEmpty()
            || r.message().toLowerCase(Locale.ROOT).contains(q.text().toLowerCase(Locale.ROOT)));
  }

  @Override
  public List<Stored> find(LogQuery query) {
    Comparator<Stored> order =
        Comparator.comparing((Stored s) -> s.record().timestamp()).thenComparing(Stored::id);
    return all.stream()
        .filter(s -> matches(s, query))
        .sorted(query.oldestFirst() ? order : order.reversed())
        .limit(query.limit())
        .toList();
  }

  @Override
  public Optional<Stored> get(long id) {
    return all.stream().filter(s -> s.id() == id).findFirst();
  }

  @Override
  public List<Stored> context(long id, int before, int after) {
    Stored middle = get(id).orElseThrow();
    List<Stored> same =
        all.stream()
            .filter(s -> s.record().origin().pod().equals(middle.record().origin().pod()))
            .toList();
    int at = same.indexOf(middle);
    return same.subList(Math.max(0, at - before), Math.min(same.size(), at + after + 1));
  }

  @Override
  public List<Group> groups(LogQuery query) {
    Map<Long, List<Stored>> by = new LinkedHashMap<>();
    all.stream()
        .filter(s -> matches(s, query))
        .forEach(s -> by.computeIfAbsent(s.fingerprint(), k -> new ArrayList<>()).add(s));
    return by.entrySet().stream()
        .map(
            e -> {
              List<Instant> times =
                  e.getValue().stream().map(s -> s.record().timestamp()).sorted().toList();
              Stored last = e.getValue().get(e.getValue().size() - 1);
              return new Group(
                  e.getKey(), times.size(), times.get(0), times.get(times.size() - 1), last);
            })
        .sorted(Comparator.comparingLong(Group::count).reversed())
        .limit(query.limit())
        .toList();
  }

  @Override
  public List<Count> counts(LogQuery query, Duration bucket) {
    return all.stream()
        .filter(s -> matches(s, query))
        .map(
            s ->
                new Count(
                    Instant.EPOCH, s.record().origin().service(), s.severity(), s.category(), 1))
        .toList();
  }

  @Override
  public long count(LogQuery query) {
    return all.stream().filter(s -> matches(s, query)).count();
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
