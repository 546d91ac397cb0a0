package io.devopscopilot.rag;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.devopscopilot.api.Severity;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a question asks about: names, a span of time, a severity, a topic. Times of day are read in
 * the zone of the moment given, and are the latest ones that are not in the future.
 */
final class QuestionReader {
  /**
   * A question understood.
   *
   * @param names what looks like a name of an object, longest first
   * @param kind the word for the object's kind, for example {@code pod}; empty if not said
   * @param namespace the namespace said, empty if none
   * @param from start of the time span
   * @param to end of the time span, excluded
   * @param severity the least severity asked for
   * @param topics groups of words of which the evidence must hold one, since the question asks for
   *     just that; most often empty
   * @param diagnostic whether it asks what is wrong or what happened
   * @param report whether it is no question but tells of something, as people report symptoms
   * @param when whether it asks for a time
   */
  record Read(
      List<String> names,
      String kind,
      String namespace,
      Optional<Instant> from,
      Optional<Instant> to,
      Optional<Severity> severity,
      List<List<String>> topics,
      boolean diagnostic,
      boolean report,
      boolean when) {

    /** The same where a report asks what is wrong: what it is about is at hand. */
    Read reported() {
      return new Read(
          names, kind, namespace, from, to, severity, topics, diagnostic || report, report, when);
    }
  }

  private static final Pattern NAME =
      Pattern.compile(
          "\"name\"\\s*:\\s*\"([^\"]{1,253})\"|[`'\"\u201C]([A-Za-z0-9][\\w./:-]{1,252})[`'\"\u201D]"
              + "|\\b([a-z0-9]+(?:[-.][a-z0-9]+)+)\\b");
  private static final Pattern NAMESPACE =
      Pattern.compile(
          "(?i)\\b(?:in|the|and|of|from) namespace[ :=\"]{1,4}[`'\"]?([a-z0-9][a-z0-9-]{0,62})"
              + "|\\bnamespace[ :=\"]{1,4}[`'\"]?([a-z0-9][a-z0-9-]{0,62})"
              + "|[`'\"]?\\b([a-z0-9][a-z0-9-]{0,62})[`'\"]? namespace\\b"
              + "|\\b(?:pod|job|deployment|statefulset|daemonset|service) ([a-z0-9-]{1,63})/[a-z0-9]"
              + "|-n ([a-z0-9-]{1,63})\\b");
  private static final Pattern KIND =
      Pattern.compile(
          "(?i)\\b(pod|job|cronjob|deployment|statefulset|daemonset|service|node|ingress|pvc"
              + "|container|namespace)s?\\b");
  private static final Pattern SPAN =
      Pattern.compile(
          "(?i)\\b(?:past|last|previous|within|in the last)\\s+(?:the\\s+)?([0-9]{1,5}|an?|few|couple"
              + " of)?\\s*(seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|s|m|h|d)\\b");
  private static final Pattern AGO =
      Pattern.compile("(?i)\\bsince\\s+([0-9]{1,5}|an?)\\s*(minutes?|mins?|hours?|days?|m|h|d)\\b");
  private static final Pattern CLOCK = Pattern.compile("\\b([01]?[0-9]|2[0-3]):([0-5][0-9])\\b");
  private static final Pattern ISO =
      Pattern.compile(
          "\\b([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\\.[0-9]+)?(Z)?)?");
  private static final Pattern DIAGNOSTIC =
      Pattern.compile(
          "(?i)\\b(?:wrong|issues?|problems?|why|fail\\w*|errors?|crash\\w*|latency|slow\\w*|alerts?"
              + "|down|pending|restart\\w*|unhealthy|not (?:working|ready|starting|running)|investigate"
              + "|happen\\w*|causes?|broken?|stuck|logs?|status|fix|healthy|health|diagnose"
              + "|kill\\w*|oom\\w*|evict\\w*|unreachable|unable|can't|cannot|timeouts?|throttl\\w*"
              + "|exceptions?|warnings?|outage|degraded|what about|anything|reason|trouble|stop\\w*"
              + "|refus\\w*|denied|full|\\w+BackOff|Kube[A-Z]\\w+)\\b");

  private static final Pattern ASKS =
      Pattern.compile(
          "(?i)^\\W*(?:who\\w*|what\\w*|when|where|which|why|how|is|are|was|were|am|do|does|did|can"
              + "|could|should|would|will|has|have|may|list|show|give|tell|explain|describe|write"
              + "|fetch|find|count|translate|summari[sz]e|compare|please|make|create|draw|hello"
              + "|hi|thanks?)\\b|\\?\\s*$");

  private static final Set<String> NOT_NAMES =
      Set.of("e.g", "i.e", "kubernetes.io", "on-call", "root-cause", "end-to-end", "follow-up");

  private static final List<Map.Entry<String, List<String>>> TOPICS =
      List.of(
          Map.entry("certificates?|tls|ssl", List.of("certificate", "tls", "ssl", "x509")),
          Map.entry(
              "disks?|full disk|volumes?|pvcs?",
              List.of("disk", "volume", "pvc", "no space", "persistentvolumeclaim", "storage")),
          Map.entry("quotas?", List.of("quota", "limitrange")),
          Map.entry(
              "dns",
              List.of("dns", "resolve", "no such host", "unknownhost", "getaddrinfo", "nxdomain")),
          Map.entry("oom\\w*|memory", List.of("memory", "oom", "heap", "137")),
          Map.entry("image pulls?|registry", List.of("pull", "image", "registry")),
          Map.entry("probes?", List.of("probe")),
          Map.entry("deadlocks?", List.of("deadlock")),
          Map.entry("gpus?", List.of("gpu")),
          Map.entry("kafka", List.of("kafka")),
          Map.entry("postgres\\w*", List.of("postgres", "psql", "pg_")),
          Map.entry("mysql", List.of("mysql")),
          Map.entry("redis", List.of("redis")),
          Map.entry("rabbitmq", List.of("rabbit", "amqp")),
          Map.entry("evict\\w*", List.of("evict")),
          Map.entry("rbac|permissions?", List.of("rbac", "forbidden", "permission", "denied")),
          Map.entry(
              "logins?|passwords?",
              List.of("login", "password", "auth", "credential", "token", "401")));

  private QuestionReader() {}

  /** Reads a question asked at a moment. */
  static Read read(String question, ZonedDateTime now) {
    String text = question.length() > 8000 ? question.substring(0, 8000) : question;
    Set<String> names = new LinkedHashSet<>();
    Matcher m = NAME.matcher(text);
    while (m.find() && names.size() < 16) {
      for (int i = 1; i <= 3; i++) {
        String name = m.group(i);
        if (name != null && isName(name, text, m.start())) {
          names.add(name.substring(name.lastIndexOf('/') + 1));
        }
      }
    }
    Matcher space = NAMESPACE.matcher(text);
    String namespace = "";
    while (namespace.isEmpty() && space.find()) {
      for (int i = 1; i <= 5; i++) {
        String group = space.group(i);
        if (group != null && !NOISE.contains(group.toLowerCase(Locale.ROOT))) {
          namespace = group;
        }
      }
    }
    names.remove(namespace);
    List<String> sorted = new ArrayList<>(names);
    sorted.sort((a, b) -> Integer.compare(b.length(), a.length()));
    Matcher kind = KIND.matcher(text);
    Span span = span(text, now);
    return new Read(
        List.copyOf(sorted),
        kind.find() ? kind.group(1).toLowerCase(Locale.ROOT) : "",
        namespace,
        span.from(),
        span.to(),
        severity(text),
        topics(text, sorted),
        DIAGNOSTIC.matcher(text).find(),
        text.strip().contains(" ") && !ASKS.matcher(text).find(),
        Pattern.compile("(?i)\\b(?:when|what time|dates?|since when|how long)\\b")
            .matcher(text)
            .find());
  }

  private static final Set<String> NOISE =
      Set.of("the", "this", "that", "a", "in", "my", "our", "which", "every", "any", "and", "or");

  private static boolean isName(String name, String text, int start) {
    String lower = name.toLowerCase(Locale.ROOT);
    boolean option = start > 0 && text.charAt(start) == '-';
    return !option
        && !NOT_NAMES.contains(lower)
        && !lower.matches("[0-9.:-]+|[0-9]{4}-.*|[a-z]{1,2}|type|name|namespace|pod|job|default")
        && lower.matches(".*[a-z].*");
  }

  private static List<List<String>> topics(String text, List<String> names) {
    String rest = text;
    for (String name : names) {
      rest = rest.replace(name, " ");
    }
    List<List<String>> out = new ArrayList<>();
    for (var topic : TOPICS) {
      if (Pattern.compile("(?i)\\b(?:" + topic.getKey() + ")\\b").matcher(rest).find()) {
        out.add(topic.getValue());
      }
    }
    return out;
  }

  private static Optional<Severity> severity(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.matches("(?s).*\\b(?:fatal|critical)\\b.*")) {
      return Optional.of(Severity.FATAL);
    }
    if (lower.matches("(?s).*\\b(?:only errors?|errors? only|error lines?|all errors)\\b.*")) {
      return Optional.of(Severity.ERROR);
    }
    return lower.matches("(?s).*\\bwarnings?\\b.*") ? Optional.of(Severity.WARN) : Optional.empty();
  }

  private record Span(Optional<Instant> from, Optional<Instant> to) {}

  private static Span span(String text, ZonedDateTime now) {
    Optional<Instant> from = Optional.empty();
    Optional<Instant> to = Optional.empty();
    String lower = text.toLowerCase(Locale.ROOT);
    Matcher span = SPAN.matcher(text);
    Matcher ago = AGO.matcher(text);
    Matcher iso = ISO.matcher(text);
    LocalDate day = now.toLocalDate();
    if (iso.find()) {
      try {
        LocalDate date = LocalDate.parse(iso.group(1));
        boolean timed = iso.group(2) != null;
        LocalTime time = timed ? LocalTime.parse(iso.group(2)) : LocalTime.MIDNIGHT;
        var zone = iso.group(3) != null ? java.time.ZoneOffset.UTC : now.getZone();
        Instant start = date.atTime(time).atZone(zone).toInstant();
        boolean since = lower.contains("since") || lower.contains("after") || timed;
        from = Optional.of(start);
        to = since ? to : Optional.of(start.plus(Duration.ofDays(1)));
      } catch (DateTimeException e) {
        from = Optional.empty(); // a number that only looks like a date
      }
    } else if (span.find() && (span.group(1) != null || lower.contains("past"))) {
      from = Optional.of(now.toInstant().minus(duration(span.group(1), span.group(2))));
    } else if (ago.find()) {
      from = Optional.of(now.toInstant().minus(duration(ago.group(1), ago.group(2))));
    } else if (lower.contains("last hour")) {
      from = Optional.of(now.toInstant().minus(Duration.ofHours(1)));
    } else if (lower.contains("last night")) {
      from = Optional.of(day.minusDays(1).atTime(18, 0).atZone(now.getZone()).toInstant());
      to = Optional.of(day.atTime(8, 0).atZone(now.getZone()).toInstant());
    } else if (lower.contains("yesterday")) {
      from = Optional.of(day.minusDays(1).atStartOfDay(now.getZone()).toInstant());
      to = Optional.of(day.atStartOfDay(now.getZone()).toInstant());
    } else if (lower.contains("this morning") || lower.matches("(?s).*\\btoday\\b.*")) {
      from = Optional.of(day.atStartOfDay(now.getZone()).toInstant());
    } else {
      Matcher clock = CLOCK.matcher(text);
      List<Instant> times = new ArrayList<>();
      while (clock.find() && times.size() < 2) {
        ZonedDateTime at =
            day.atTime(Integer.parseInt(clock.group(1)), Integer.parseInt(clock.group(2)))
                .atZone(now.getZone());
        times.add((at.isAfter(now) ? at.minusDays(1) : at).toInstant());
      }
      if (times.size() == 2 && times.get(0).isBefore(times.get(1))) {
        from = Optional.of(times.get(0));
        to = Optional.of(times.get(1));
      } else if (!times.isEmpty() && lower.matches("(?s).*\\b(?:since|after|from)\\b.*")) {
        from = Optional.of(times.get(0));
      } else if (!times.isEmpty() && lower.matches("(?s).*\\b(?:before|until)\\b.*")) {
        to = Optional.of(times.get(0));
      } else if (!times.isEmpty()) {
        from = Optional.of(times.get(0).minus(Duration.ofMinutes(15)));
        to = Optional.of(times.get(0).plus(Duration.ofMinutes(15)));
      }
    }
    return new Span(from, to);
  }

  private static Duration duration(String count, String unit) {
    long n = 1;
    if (count != null && Character.isDigit(count.charAt(0))) {
      n = Long.parseLong(count);
    } else if (count != null && !count.toLowerCase(Locale.ROOT).startsWith("a")) {
      n = 3;
    }
    return switch (unit.toLowerCase(Locale.ROOT).charAt(0)) {
      case 's' -> Duration.ofSeconds(n);
      case 'm' -> Duration.ofMinutes(n);
      case 'h' -> Duration.ofHours(n);
      case 'w' -> Duration.ofDays(7 * n);
      default -> Duration.ofDays(n);
    };
  }
}
