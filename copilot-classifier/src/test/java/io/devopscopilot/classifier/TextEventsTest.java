package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events of Kubernetes that come as lines. */
class TextEventsTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "Warning BackOff pod/cart-7c9f Back-off restarting failed container | BackOff",
        "3m12s   Warning   FailedScheduling   pod/cart-7c9f   0/3 nodes | FailedScheduling",
        "{\"type\":\"Warning\",\"reason\":\"Unhealthy\",\"note\":\"x\"} | Unhealthy",
        "type=Warning reason=FailedMount object=pod/cart | FailedMount",
        "Normal Started pod/cart-7c9f Started container cart | -",
        "Warning Disk is almost full | -",
        "[Warning] [MY-010055] Aborted connection | -",
        "{\"@m\":\"slow start\",\"@l\":\"Warning\",\"SourceContext\":\"Acme.Pricing\"} | -",
        "DeprecationWarning BackOff | -",
        "Warning | -",
      })
  void theReasonIsRead(String line, String reason) {
    assertThat(TextEvents.reason(line)).isEqualTo(reason == null ? "" : reason);
  }

  private static List<Issue> told(String line, Severity severity, String category, int... seconds) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    int next = 0;
    for (int s = 0; s < 900; s++) {
      observe(detector, s, "stored", Severity.INFO, Category.NONE, issues);
      if (next < seconds.length && seconds[next] == s) {
        observe(detector, s, line, severity, category, issues);
        next++;
      }
      if (s % 100 == 50) {
        detector = WindowIssueDetector.restore(detector.snapshot());
      }
    }
    return issues.stream().filter(i -> i.state() == Issue.State.OPEN).toList();
  }

  private static void observe(
      WindowIssueDetector detector,
      int second,
      String text,
      Severity severity,
      String category,
      List<Issue> issues) {
    detector.observe(
        LogRecord.of(START.plusSeconds(second), text, Origin.ofService("cart")),
        Classification.certain(severity, category, text.length()),
        issues::add);
  }

  @Test
  void oneThatNamesACauseIsToldAtOnce() {
    String line = "Warning Failed pod/cart Failed to pull image \"cart:2\": not found";
    List<Issue> issues = told(line, Severity.WARN, Category.IMAGE_PULL, 400);
    assertThat(issues).isNotEmpty();
    assertThat(issues.get(0).category()).isEqualTo(Category.IMAGE_PULL);
  }

  @Test
  void oneThatMayPassOrNamesNoCauseIsToldOnceItComesAgain() {
    String backOff = "Warning BackOff pod/cart Back-off restarting failed container";
    assertThat(told(backOff, Severity.WARN, Category.CRASH_LOOP, 400)).isEmpty();
    assertThat(told(backOff, Severity.WARN, Category.CRASH_LOOP, 400, 410)).isEmpty();
    assertThat(told(backOff, Severity.WARN, Category.CRASH_LOOP, 400, 500)).isNotEmpty();
    String waits = "Warning FailedScheduling pod/cart 0/3 nodes are available";
    assertThat(told(waits, Severity.WARN, Category.SCHEDULING, 400)).isEmpty();
    assertThat(told(waits, Severity.WARN, Category.SCHEDULING, 400, 500)).isNotEmpty();
    String probe = "Warning Unhealthy pod/cart Readiness probe failed: timeout";
    assertThat(told(probe, Severity.WARN, Category.PROBE_FAILURE, 400, 500)).isEmpty();
  }

  @Test
  void aProgramThatDiesOfTheSameTwiceIsTold() {
    assertThat(told("panic: index 3", Severity.FATAL, Category.APP_ERROR, 400)).isEmpty();
    assertThat(told("panic: index 3", Severity.FATAL, Category.APP_ERROR, 400, 500)).isNotEmpty();
    assertThat(told("panic: index 3", Severity.FATAL, Category.APP_ERROR, 100, 800)).isEmpty();
  }
}
