package io.devopscopilot.examples;

import io.devopscopilot.api.Issue;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Draws one scenario: what the lines showed, how sure the detector was, its warning, the failure.
 */
final class ScenarioTimeline {
  /** What the colours mean, for the page. */
  static final String LEGEND =
      "Grey bars: lines of WARN and above in 30 s, the highest bar as named. Blue: the probability of"
          + " the surest issue of any service, 0 to 1. Green: the first warning for the right service;"
          + " orange: one for another service, or in a quiet scenario. Dashed: the latest useful"
          + " warning; red: the failure.";

  private static final long STEP = 30;
  private static final int LEFT = 30;
  private static final int WIDTH = 600;
  private static final int TOP = 6;
  private static final int HEIGHT = 60;

  private final Map<Long, Integer> loud = new TreeMap<>();
  private Instant first = Instant.MAX;
  private Instant last = Instant.MIN;

  void line(Instant time, Severity severity) {
    first = time.isBefore(first) ? time : first;
    last = time.isAfter(last) ? time : last;
    if (severity.compareTo(Severity.WARN) >= 0) {
      loud.merge(time.getEpochSecond() / STEP, 1, Integer::sum);
    }
  }

  /** Hours from the first line to the last. */
  double hours() {
    return first.isAfter(last) ? 0 : Duration.between(first, last).toMillis() / 3.6e6;
  }

  /**
   * The drawing.
   *
   * @param told all states of all issues in the order in which they were told
   * @param failure when it fails, empty for a quiet scenario
   * @param lead seconds before the failure by which it should be known
   * @param service where it fails
   */
  String svg(
      String name, List<Issue> told, Optional<Instant> failure, double lead, String service) {
    if (first.isAfter(last)) {
      return "";
    }
    Instant end = failure.filter(f -> f.isAfter(last)).orElse(last);
    double seconds = Math.max(1, Duration.between(first, end).toMillis() / 1e3);
    StringBuilder svg = new StringBuilder();
    svg.append("<svg viewBox='0 0 640 84' role='img' aria-label='timeline of ")
        .append(EvaluationReport.escape(name));
    svg.append("'>\n<rect x='30' y='6' width='600' height='60' class='frame'/>\n");
    int most = loud.values().stream().mapToInt(n -> n).max().orElse(0);
    for (Map.Entry<Long, Integer> bar : loud.entrySet()) {
      double x = x(bar.getKey() * STEP - first.toEpochMilli() / 1e3, seconds);
      double high = HEIGHT * bar.getValue() / (double) most;
      svg.append(f("<rect x='%.1f' y='%.1f' width='%.1f' ", x, TOP + HEIGHT - high, wide(seconds)));
      svg.append(f("height='%.1f' fill='#8888'/>\n", high));
    }
    svg.append("<text x='26' y='16' text-anchor='end'>").append(most).append("</text>\n");
    for (int minute = 0; minute * 60 <= seconds; minute += 10) {
      svg.append(f("<text x='%.1f' y='80' text-anchor='middle'>", x(minute * 60.0, seconds)));
      svg.append(minute).append(" min</text>\n");
    }
    svg.append(probability(told, seconds));
    Map<String, Issue> opened = new LinkedHashMap<>();
    told.forEach(i -> opened.putIfAbsent(i.service(), i));
    for (Issue i : opened.values()) {
      boolean right = failure.isPresent() && i.service().equals(service);
      svg.append(mark(after(i.opened()), seconds, right ? "#2ca02c" : "#ff7f0e", ""));
    }
    if (failure.isPresent()) {
      double at = after(failure.get());
      svg.append(mark(at - lead, seconds, "#d62728", " stroke-dasharray='3 3'"));
      svg.append(mark(at, seconds, "#d62728", ""));
    }
    return svg.append("</svg>").toString();
  }

  /** How sure the surest open issue was, as steps. */
  private String probability(List<Issue> told, double seconds) {
    StringBuilder points = new StringBuilder();
    Map<String, Double> open = new LinkedHashMap<>();
    double before = 0;
    points.append(point(0, 0, seconds));
    for (Issue i : told) {
      boolean over = i.state() == Issue.State.RESOLVED;
      if (over) {
        open.remove(i.id());
      } else {
        open.put(i.id(), i.probability());
      }
      double at = Math.min(seconds, after(over ? i.resolved().orElse(i.updated()) : i.updated()));
      double now = open.values().stream().mapToDouble(p -> p).max().orElse(0);
      points.append(point(at, before, seconds)).append(point(at, now, seconds));
      before = now;
    }
    points.append(point(seconds, before, seconds));
    return "<polyline fill='none' stroke='#1f77b4' stroke-width='2' points='" + points + "'/>\n";
  }

  private double after(Instant time) {
    return Duration.between(first, time).toMillis() / 1e3;
  }

  private static String mark(double at, double seconds, String colour, String more) {
    double x = x(at, seconds);
    return f("<line x1='%.1f' x2='%.1f' y1='6' y2='66' stroke-width='2' stroke='", x, x)
        + colour
        + "'"
        + more
        + "/>\n";
  }

  private static double wide(double seconds) {
    return Math.max(0.5, WIDTH * STEP / seconds - 0.5);
  }

  private static double x(double at, double seconds) {
    return LEFT + WIDTH * Math.max(0, Math.min(1, at / seconds));
  }

  private static String point(double at, double probability, double seconds) {
    return f("%.1f,%.1f ", x(at, seconds), TOP + HEIGHT * (1 - probability));
  }

  private static String f(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
