package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Facts that no single line tells: a service that selects no described pod or sends to another
 * port, a claim that waits, how a container ended, how long steps took, that all is well. Not
 * thread-safe; one per case.
 */
final class CaseFacts {
  /** A fact, the line that shows it, and what it speaks for. */
  record Fact(int piece, String line, Map<String, Double> votes) {}

  /** An object that {@code kubectl describe} printed. */
  private static final class Described {
    int piece;
    final Map<String, String> fields = new LinkedHashMap<>();
    final Map<String, String> lines = new LinkedHashMap<>();
    final List<String> labels = new ArrayList<>();
    final TreeSet<String> ports = new TreeSet<>();
    boolean unsettled;

    String line(String field) {
      return lines.getOrDefault(field, "");
    }

    String value(String field) {
      return fields.getOrDefault(field, "");
    }
  }

  private static final Pattern FIELD =
      Pattern.compile("^(\\s{0,12})([A-Z][A-Za-z -]{1,40}):(?:\\s+(.*))?$");
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9./_-]+=[A-Za-z0-9._-]*");
  private static final Pattern TIME =
      Pattern.compile(
          "(?i)(?<![\\w.:-])(\\d{1,9}(?:\\.\\d{1,9})?)\\s?(ms|millis\\w*|s|secs?|seconds?|min|minutes?)\\b");
  private static final Pattern TIME_FIELD =
      Pattern.compile(
          "(?i)(?:duration|elapsed|latency|took|time|rt|cost)_?(ms|millis|s|sec|seconds)?\"?"
              + "\\s?[=:]\\s?\"?(\\d{1,9}(?:\\.\\d{1,9})?)(?!\\.?\\d|[:-])");
  private static final Pattern SPENT =
      Pattern.compile(
          "(?i)\\b(?:took|taken|in|after|duration|elapsed|latency|time|completed|finished|processed"
              + "|served|responded|response|get|post|put|patch|delete|spent|within|for|query|request|lasted|ms|p9[059])\\b");
  private static final Pattern PLANNED =
      Pattern.compile(
          "(?i)\\b(?:timeout|timed|retry\\w*|retries|interval|every|sleep\\w*|wait for|delay|ttl"
              + "|period|uptime|started|startup|start|boot|initialized|backoff|back-off|next|keepalive"
              + "|lease|expires?|age|schedule\\w*|window|grace|cooldown|heartbeat|again)\\b");

  private final List<Described> objects = new ArrayList<>();
  private final List<Fact> facts = new ArrayList<>();
  private int slow;
  private int timed;
  private int slowPiece;
  private String slowest = "";
  private double longest;
  private boolean healthy;
  private boolean settled;

  /** Whether a described pod runs, is ready and never restarted. */
  boolean healthy() {
    return healthy;
  }

  /** Whether every container of every described pod is ready now and never restarted. */
  boolean settled() {
    return settled;
  }

  private void fact(int piece, String line, Object... votes) {
    Map<String, Double> map = new LinkedHashMap<>();
    for (int i = 0; i < votes.length; i += 2) {
      map.put((String) votes[i], ((Number) votes[i + 1]).doubleValue());
    }
    facts.add(new Fact(piece, line.strip(), map));
  }

  /** Reads a line of a log: how long did what it tells take. */
  void log(int piece, String line) {
    double seconds = seconds(line);
    if (seconds < 0) {
      return;
    }
    timed++;
    if (seconds >= 1) {
      slow++;
    }
    if (seconds > longest) {
      longest = seconds;
      slowest = line;
      slowPiece = piece;
    }
  }

  /** How long a line says that something took, -1 where it does not. */
  static double seconds(String line) {
    if (PLANNED.matcher(line).find()) {
      return -1;
    }
    Matcher field = TIME_FIELD.matcher(line);
    if (field.find() && field.group(1) != null) {
      double value = Double.parseDouble(field.group(2));
      return field.group(1).toLowerCase(java.util.Locale.ROOT).startsWith("m")
          ? value / 1e3
          : value;
    }
    Matcher time = TIME.matcher(line);
    double most = -1;
    if (SPENT.matcher(line).find()) {
      while (time.find()) {
        String unit = time.group(2).toLowerCase(java.util.Locale.ROOT);
        double value = Double.parseDouble(time.group(1));
        double seconds =
            unit.startsWith("ms") || unit.startsWith("milli")
                ? value / 1e3
                : unit.startsWith("min") ? value * 60 : value;
        most = Math.max(most, seconds);
      }
    }
    return most;
  }

  /** Reads a describe output, events or a table. */
  void cluster(int piece, List<String> lines) {
    Described at = new Described();
    at.piece = piece;
    objects.add(at);
    String block = "";
    String state = "";
    for (String line : lines) {
      Matcher m = FIELD.matcher(line);
      if (!m.matches()) {
        if (block.equals("Labels") || block.equals("Selector")) {
          labels(at, block, line);
        } else if (block.equals("Limits") || block.equals("Requests")) {
          limit(piece, block, line);
        }
        continue;
      }
      String name = m.group(2);
      String value = m.group(3) == null ? "" : m.group(3).strip();
      boolean top = m.group(1).isEmpty();
      if (top && name.equals("Name") && !at.value("Name").isEmpty()) {
        at = new Described();
        at.piece = piece;
        objects.add(at);
      }
      block = name;
      if (top || !at.fields.containsKey(name)) {
        at.fields.putIfAbsent(name, value);
        at.lines.putIfAbsent(name, line);
      }
      labels(at, name, value);
      at.unsettled |= name.equals("Ready") && value.equals("False");
      at.unsettled |= name.equals("Restart Count") && !value.equals("0");
      if (name.equals("State") || name.equals("Last State")) {
        state = value;
      } else if (name.equals("Exit Code") && state.startsWith("Terminated")) {
        exit(piece, line, value);
      } else if ((name.equals("Port") || name.equals("Ports")) && !top) {
        for (String part : value.split(",")) {
          at.ports.add(part.strip().replaceAll("/.*", ""));
        }
      }
    }
  }

  private static void labels(Described at, String block, String text) {
    if (block.equals("Labels")) {
      Matcher m = LABEL.matcher(text);
      while (m.find()) {
        at.labels.add(m.group());
      }
    }
  }

  private void limit(int piece, String block, String line) {
    Matcher cpu = Pattern.compile("^\\s+cpu:\\s+(\\d{1,4})m\\s*$").matcher(line);
    if (block.equals("Limits") && cpu.matches() && Integer.parseInt(cpu.group(1)) <= 50) {
      int milli = Integer.parseInt(cpu.group(1));
      fact(piece, line, Category.PERFORMANCE, milli <= 20 ? 5 : 3);
    }
  }

  private void exit(int piece, String line, String code) {
    switch (code) {
      case "0" -> fact(piece, line, Category.CRASH_LOOP, 1.5);
      case "126", "127", "128" -> fact(piece, line, Category.CONFIG_ERROR, 6);
      case "137" -> fact(piece, line, Category.OOM, 3.5, Category.PROBE_FAILURE, 2);
      case "139", "134" -> fact(piece, line, Category.APP_ERROR, 5);
      case "143" -> fact(piece, line, Category.PROBE_FAILURE, 1.5);
      default -> fact(piece, line, Category.CRASH_LOOP, 3);
    }
  }

  /** What was found; call once, after all lines were read. */
  List<Fact> all() {
    List<Described> pods =
        objects.stream().filter(o -> o.fields.containsKey("Containers")).toList();
    for (Described o : objects) {
      boolean service = o.fields.containsKey("Endpoints") && o.fields.containsKey("Selector");
      if (service) {
        service(o, pods);
      }
      boolean claim = o.fields.containsKey("Capacity") && o.fields.containsKey("Access Modes");
      if (claim && o.value("Status").matches("(?:Pending|Lost).*")) {
        fact(o.piece, o.line("Status"), Category.STORAGE, 7.5);
      }
      if (claim && o.value("Status").startsWith("Terminating")) {
        fact(o.piece, o.line("Status"), Category.STORAGE, 6);
      }
      if (o.fields.containsKey("Ingress Class") && o.value("Address").isEmpty()) {
        String line = o.line("Ingress Class");
        fact(o.piece, line, Category.CONFIG_ERROR, 5.5, Category.NETWORK_DNS, 4.5);
      }
      if (o.fields.containsKey("PodSelector") && o.fields.containsKey("Policy Types")) {
        fact(o.piece, o.line("PodSelector"), Category.NETWORK_DNS, 6.5);
      }
      boolean pending = o.fields.containsKey("Containers") && o.value("Status").equals("Pending");
      if (pending && o.value("Node").matches("(?:<none>)?")) {
        fact(o.piece, o.line("Status"), Category.SCHEDULING, 4);
      }
    }
    settled =
        !pods.isEmpty()
            && pods.stream().allMatch(p -> p.value("Ready").equals("True") && !p.unsettled);
    healthy =
        pods.stream()
            .anyMatch(
                p ->
                    p.value("Status").equals("Running")
                        && p.value("Ready").equals("True")
                        && p.value("Restart Count").equals("0"));
    if (longest >= 1) {
      double much = slow < 2 ? 2.5 : longest >= 10 ? 6.5 : longest >= 3 ? 5.5 : slow >= 3 ? 5 : 3;
      fact(slowPiece, slowest, Category.PERFORMANCE, 2 * slow >= timed ? much : much - 0.5);
    }
    return facts;
  }

  private void service(Described o, List<Described> pods) {
    List<String> wanted = new ArrayList<>();
    Matcher m = LABEL.matcher(o.value("Selector"));
    while (m.find()) {
      wanted.add(m.group());
    }
    List<Described> chosen = pods.stream().filter(p -> p.labels.containsAll(wanted)).toList();
    String line = o.line("Endpoints");
    boolean none = o.value("Endpoints").matches("(?:<none>|<unset>)?");
    if (none) {
      fact(
          o.piece,
          line,
          Category.NETWORK_DNS,
          chosen.isEmpty() && !pods.isEmpty() && !wanted.isEmpty() ? 7.5 : 5.5);
    }
    String target = o.value("TargetPort").replaceAll("/.*", "");
    TreeSet<String> open = new TreeSet<>();
    chosen.forEach(p -> open.addAll(p.ports));
    open.removeIf(p -> !p.matches("\\d+"));
    if (target.matches("\\d+") && !open.isEmpty() && !open.contains(target)) {
      fact(o.piece, o.lines.getOrDefault("TargetPort", line), Category.NETWORK_DNS, 7);
    }
  }
}
