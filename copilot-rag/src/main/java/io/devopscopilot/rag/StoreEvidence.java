package io.devopscopilot.rag;

import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.LogStore.Group;
import io.devopscopilot.api.LogStore.Stored;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Takes what a question asks about from a store, in a handful of bounded queries. Thread-safe. */
final class StoreEvidence {
  /** So many groups of like lines are taken. */
  static final int MAX_GROUPS = 40;

  /** So many events are taken. */
  static final int MAX_EVENTS = 60;

  /** So many lines before and after the first error are taken. */
  static final int AROUND = 5;

  private static final Duration SERVICES_KEPT = Duration.ofSeconds(15);

  private final LogStore store;
  private Set<String> services = Set.of();
  private long servicesRead = System.nanoTime() - SERVICES_KEPT.toNanos() - 1;

  /**
   * Lines found.
   *
   * @param about what the question is about, as the store knows it
   * @param groups like lines, most frequent first
   * @param events events, newest first
   * @param around asks for the lines around the first error, oldest first
   * @param ended last lines of a container that was there before, oldest first
   * @param named whether the names of the question, if any, are known to the store
   * @param seen how many records match at all
   */
  record Found(
      Origin about,
      List<Group> groups,
      List<Stored> events,
      Supplier<List<Stored>> around,
      List<Stored> ended,
      boolean named,
      long seen) {}

  StoreEvidence(LogStore store) {
    this.store = store;
  }

  private record Target(String namespace, String service, String pod) {}

  Found find(
      QuestionReader.Read read,
      String namespace,
      String service,
      Optional<Instant> since,
      String text) {
    String space = namespace.isEmpty() ? read.namespace() : namespace;
    Optional<Target> target = target(read, space, service, text);
    boolean asked = !read.names().isEmpty() || !service.isEmpty() || !space.isEmpty();
    if (target.isEmpty()) {
      if (!read.names().isEmpty() || !service.isEmpty()) {
        Origin about = Origin.builder().namespace(space).service(service).build();
        return new Found(about, List.of(), List.of(), List::of, List.of(), false, 0);
      }
      target = Optional.of(new Target(space, "", ""));
    }
    Target t = target.get();
    Optional<Instant> from = since.isPresent() ? since : read.from();
    Severity least = read.severity().orElse(Severity.WARN);
    List<Group> groups =
        store.groups(query(t, from, read.to()).severityAtLeast(least).limit(MAX_GROUPS).build());
    List<Stored> events =
        store.find(query(t, from, read.to()).kind(LogRecord.Kind.EVENT).limit(MAX_EVENTS).build());
    long seen = groups.isEmpty() || !asked ? store.count(query(t, from, read.to()).build()) : 1;
    // The newest lines tell how an earlier container ended: needed where one was started again, or
    // where nothing else is known.
    boolean again =
        groups.stream().anyMatch(g -> g.sample().record().origin().restartCount() > 0)
            || events.stream().anyMatch(s -> s.record().origin().restartCount() > 0);
    List<Stored> newest =
        groups.isEmpty() || again
            ? store.find(query(t, from, read.to()).kind(LogRecord.Kind.LOG).limit(200).build())
            : List.of();
    Origin about = about(t, groups, events, newest);
    return new Found(
        about,
        groups,
        events,
        () -> around(t, from, read.to()),
        ended(newest),
        true,
        Math.max(seen, newest.size()));
  }

  private List<Stored> around(Target t, Optional<Instant> from, Optional<Instant> to) {
    List<Stored> first =
        store.find(
            query(t, from, to)
                .severityAtLeast(Severity.ERROR)
                .kind(LogRecord.Kind.LOG)
                .oldestFirst()
                .limit(1)
                .build());
    return first.isEmpty() ? List.of() : store.context(first.get(0).id(), AROUND, AROUND);
  }

  private static LogQuery.Builder query(Target t, Optional<Instant> from, Optional<Instant> to) {
    LogQuery.Builder query =
        LogQuery.builder().namespace(t.namespace()).service(t.service()).pod(t.pod());
    from.ifPresent(query::from);
    to.ifPresent(query::to);
    return query;
  }

  private Optional<Target> target(
      QuestionReader.Read read, String namespace, String service, String text) {
    if (!service.isEmpty()) {
      return services().contains(service)
          ? Optional.of(new Target(namespace, service, ""))
          : Optional.empty();
    }
    Set<String> candidates = new LinkedHashSet<>(read.names());
    for (String word : text.split("[^A-Za-z0-9._-]+")) {
      if (word.length() > 2 && candidates.size() < 64) {
        candidates.add(word.replaceAll("^[._-]+|[._-]+$", ""));
      }
    }
    Set<String> known = services();
    for (String name : candidates) {
      if (known.contains(name)) {
        return Optional.of(new Target(namespace, name, ""));
      }
    }
    for (String name : candidates) {
      for (String s : known) {
        if (!s.isEmpty() && name.startsWith(s + "-")) {
          boolean exact = exists(new Target(namespace, s, name));
          return Optional.of(new Target(namespace, s, exact ? name : ""));
        }
      }
    }
    for (String name : read.names()) {
      if (exists(new Target(namespace, "", name))) {
        return Optional.of(new Target(namespace, "", name));
      }
      if (namespace.isEmpty() && exists(new Target(name, "", ""))) {
        return Optional.of(new Target(name, "", ""));
      }
    }
    for (String name : candidates) {
      for (String s : known) {
        if (name.length() > 3 && (s.startsWith(name + "-") || s.endsWith("-" + name))) {
          return Optional.of(new Target(namespace, s, ""));
        }
      }
    }
    return Optional.empty();
  }

  private boolean exists(Target t) {
    return !store.find(query(t, Optional.empty(), Optional.empty()).limit(1).build()).isEmpty();
  }

  private synchronized Set<String> services() {
    if (System.nanoTime() - servicesRead > SERVICES_KEPT.toNanos()) {
      Set<String> found = new LinkedHashSet<>();
      store
          .counts(LogQuery.builder().limit(LogQuery.MAX_LIMIT).build(), Duration.ofDays(3650))
          .forEach(c -> found.add(c.service()));
      services = found;
      servicesRead = System.nanoTime();
    }
    return services;
  }

  private static Origin about(
      Target t, List<Group> groups, List<Stored> events, List<Stored> newest) {
    List<Stored> all = new ArrayList<>();
    groups.forEach(g -> all.add(g.sample()));
    all.addAll(newest.subList(0, Math.min(1, newest.size())));
    all.addAll(events);
    Origin first = all.isEmpty() ? Origin.UNKNOWN : all.get(0).record().origin();
    boolean one = !t.service().isEmpty() || !t.pod().isEmpty();
    return Origin.builder()
        .namespace(t.namespace().isEmpty() && one ? first.namespace() : t.namespace())
        .service(t.service().isEmpty() && one ? first.service() : t.service())
        .pod(!t.pod().isEmpty() ? t.pod() : one ? first.pod() : "")
        .container(one ? first.container() : "")
        .node(one ? first.node() : "")
        .owner(one ? first.owner() : "")
        .build();
  }

  /** The last lines of the earlier instance of a container that was started again. */
  private static List<Stored> ended(List<Stored> newest) {
    Map<String, Integer> latest = new LinkedHashMap<>();
    for (Stored s : newest) {
      Origin o = s.record().origin();
      latest.merge(o.podUid() + o.pod() + '/' + o.container(), o.restartCount(), Math::max);
    }
    List<Stored> out = new ArrayList<>();
    for (Stored s : newest) {
      Origin o = s.record().origin();
      int last = latest.getOrDefault(o.podUid() + o.pod() + '/' + o.container(), 0);
      if (o.restartCount() == last - 1 && out.size() < 3) {
        out.add(0, s);
      }
    }
    return out;
  }

  static EvidenceLine line(Stored s, long count) {
    Origin o = s.record().origin();
    String who = o.pod().isEmpty() ? o.service() : o.pod();
    String object = s.record().attributes().getOrDefault(LogRecord.ATTR_OBJECT, "");
    StringBuilder source = new StringBuilder(who.isEmpty() ? object : who);
    if (!object.isEmpty() && !who.isEmpty() && !object.endsWith('/' + who)) {
      source.append(' ').append(object);
    }
    if (!o.namespace().isEmpty()) {
      source.insert(0, o.namespace() + "/");
    }
    String reason = s.record().attributes().getOrDefault(LogRecord.ATTR_REASON, "");
    if (!reason.isEmpty()) {
      source.append(' ').append(reason);
    }
    source.append(" at ").append(second(s.record().timestamp()));
    return new EvidenceLine(
        Long.toString(s.id()),
        source.toString(),
        s.record().message(),
        s.record().kind() == LogRecord.Kind.LOG,
        count,
        s.categoryProbability() >= Report.TRUSTED ? s.category() : "");
  }

  /** A time as people read it: what is finer than a second only hides it. */
  static String second(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
