package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.IssueDetector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link IssueDetector} must do; extend it and say how one is made. */
public abstract class IssueDetectorContract {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

  /** A new detector that has seen nothing. */
  protected abstract IssueDetector newDetector();

  private record Line(LogRecord record, Classification verdict) {}

  private static Line line(long second, String service, boolean bad, int form) {
    return new Line(
        LogRecord.of(
            START.plusSeconds(second),
            bad ? "request failed: connection refused by db " + form : "request served " + form,
            Origin.ofService(service)),
        Classification.certain(
            bad ? Severity.ERROR : Severity.INFO,
            bad ? Category.NETWORK_DNS : Category.NONE,
            (bad ? 1000 : 1) + form));
  }

  /** Half an hour of ordinary lines of three services, with a burst of errors in one of them. */
  private static List<Line> day() {
    List<Line> lines = new ArrayList<>();
    Random random = new Random(7);
    for (int second = 0; second < 1800; second++) {
      for (String service : List.of("cart", "web", "db")) {
        lines.add(line(second, service, random.nextInt(400) == 0, random.nextInt(3)));
      }
      if (second >= 1200 && second < 1300) {
        lines.add(line(second, "cart", true, 7));
        lines.add(line(second, "cart", true, 8));
      }
    }
    return lines;
  }

  private List<Issue> run(List<Line> lines) {
    IssueDetector detector = newDetector();
    List<Issue> issues = new ArrayList<>();
    lines.forEach(l -> detector.observe(l.record(), l.verdict(), issues::add));
    detector.advance(START.plusSeconds(7200), issues::add);
    return issues;
  }

  @Test
  void findsTheBurstOnceAndResolvesIt() {
    List<Issue> issues = run(day());
    assertThat(issues).isNotEmpty();
    assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1);
    assertThat(issues.get(0).service()).isEqualTo("cart");
    assertThat(issues.get(0).opened()).isBetween(START.plusSeconds(1200), START.plusSeconds(1260));
    assertThat(issues.get(0).evidence()).isNotEmpty();
    assertThat(issues.get(issues.size() - 1).state()).isEqualTo(Issue.State.RESOLVED);
  }

  @Test
  void replayGivesTheSame() {
    assertThat(run(day())).isEqualTo(run(day()));
  }

  @Test
  void ordinaryLinesAreNoIssue() {
    List<Line> quiet = new ArrayList<>();
    for (int second = 0; second < 3600; second++) {
      quiet.add(line(second, "cart", second % 300 == 0, second % 5));
    }
    assertThat(run(quiet)).isEmpty();
  }

  @Test
  void survivesClocksThatJump() {
    List<Line> odd = new ArrayList<>();
    for (long second : new long[] {0, -86_400, 5, 31_536_000_000L, 6, -62_000_000_000L, 7}) {
      odd.add(line(second, "cart", false, 1));
    }
    assertThat(run(odd)).isEmpty();
  }

  @Test
  void manyServicesSeenOnceAreNoIssue() {
    IssueDetector detector = newDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      Line l = line(i / 100, "service-" + i, i % 50 == 0, 1);
      detector.observe(l.record(), l.verdict(), issues::add);
    }
    assertThat(issues).isEmpty();
  }
}
