package io.devopscopilot.rag;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.devopscopilot.api.Category;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds durations in log lines and tells which steps take long. */
final class SlowSteps {
  /** A step that takes at least this long is slow. */
  private static final double SLOW_SECONDS = 1;

  /** So many steps are told at most. */
  private static final int MAX_STEPS = 3;

  private static final Pattern DURATION =
      Pattern.compile(
          "(?i)(?:took|take[sn]?|in|after|elapsed|duration|latency|time|longer than|for)[\\w]{0,12}"
              + "[\"'=: ]{1,4}([0-9]{1,9}(?:\\.[0-9]{1,9})?) ?(ms|millis\\w*|s|secs?|seconds?)\\b");

  private static final class Step {
    final EvidenceLine first;
    EvidenceLine shortest;
    EvidenceLine longest;
    double least;
    double most;
    String leastText;
    String mostText;
    long count;

    Step(EvidenceLine line, double seconds, String text) {
      this.first = line;
      this.shortest = line;
      this.longest = line;
      this.least = seconds;
      this.most = seconds;
      this.leastText = text;
      this.mostText = text;
    }
  }

  private final Map<String, Step> steps = new LinkedHashMap<>();

  void add(EvidenceLine line) {
    String text = line.text().length() > 2000 ? line.text().substring(0, 2000) : line.text();
    Matcher m = DURATION.matcher(text);
    if (!m.find()) {
      return;
    }
    boolean millis = m.group(2).toLowerCase(java.util.Locale.ROOT).startsWith("m");
    double seconds = Double.parseDouble(m.group(1)) / (millis ? 1000 : 1);
    String shown = m.group(1) + (millis ? " ms" : " seconds");
    String key = EvidenceReader.mask(text);
    Step step = steps.computeIfAbsent(key, k -> new Step(line, seconds, shown));
    step.count += line.count();
    if (seconds < step.least) {
      step.least = seconds;
      step.leastText = shown;
      step.shortest = line;
    }
    if (seconds > step.most) {
      step.most = seconds;
      step.mostText = shown;
      step.longest = line;
    }
  }

  List<Observation> observations(String subject) {
    List<Step> slow = new ArrayList<>();
    for (Step step : steps.values()) {
      if (step.most >= SLOW_SECONDS && ordinary(step.first.text())) {
        slow.add(step);
      }
    }
    slow.sort((a, b) -> Double.compare(rank(b), rank(a)));
    List<Observation> out = new ArrayList<>();
    for (Step step : slow.subList(0, Math.min(MAX_STEPS, slow.size()))) {
      String what = database(step.first.text()) ? "slow database calls" : "a slow step";
      String range =
          step.leastText.equals(step.mostText)
              ? "takes " + step.mostText + " to complete"
              : "takes between " + step.leastText + " and " + step.mostText + " to complete";
      List<EvidenceLine> lines = new ArrayList<>(List.of(step.longest));
      if (step.shortest != step.longest) {
        lines.add(step.shortest);
      }
      out.add(
          new Observation(
              Category.PERFORMANCE,
              5 + (database(step.first.text()) ? 0.5 : 0) - out.size() * 0.4,
              "High latency in "
                  + subject
                  + " is due to "
                  + what
                  + ": it "
                  + range
                  + ", "
                  + EvidenceReader.quote(step.longest.text()),
              lines));
    }
    return out;
  }

  private static double rank(Step step) {
    return Math.min(step.most, 120) + (database(step.first.text()) ? 200 : 0);
  }

  private static boolean database(String text) {
    String lower = text.toLowerCase(java.util.Locale.ROOT);
    return lower.contains("database") || lower.contains("query") || lower.contains("sql");
  }

  /** Start-up, settling, image pulls and waits are long by nature. */
  private static boolean ordinary(String text) {
    String lower = text.toLowerCase(java.util.Locale.ROOT);
    for (String word :
        List.of(
            "started",
            "startup",
            "pulled",
            "including waiting",
            "interval",
            "settle",
            "uptime",
            "sleep",
            "ttl",
            "timeout")) {
      if (lower.contains(word)) {
        return false;
      }
    }
    return true;
  }
}
