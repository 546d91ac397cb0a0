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
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

/** Warnings and errors that grow over minutes. */
class RisingWarningsTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final int MINUTES = 30;

  /** One ordinary line a second, and so many others a minute. */
  private static List<Issue> told(Severity severity, IntUnaryOperator perMinute) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    double due = 0;
    for (int s = 0; s < MINUTES * 60; s++) {
      line(detector, s, "stored", Severity.INFO, Category.NONE, issues);
      for (due += perMinute.applyAsInt(s / 60) / 60.0; due >= 1; due--) {
        line(detector, s, "login of someone refused", severity, Category.AUTH_SECURITY, issues);
      }
      if (s % 500 == 250) {
        detector = WindowIssueDetector.restore(detector.snapshot());
      }
    }
    return issues;
  }

  private static void line(
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

  private static void assertTold(List<Issue> issues, int fromMinute, int toMinute) {
    assertThat(issues).isNotEmpty();
    assertThat(issues.get(0).category()).isEqualTo(Category.AUTH_SECURITY);
    assertThat(issues.get(0).title()).isEqualTo("cart warns more and more often");
    assertThat(issues.get(0).opened())
        .isBetween(START.plusSeconds(fromMinute * 60L), START.plusSeconds(toMinute * 60L));
  }

  @Test
  void warningsThatGrowAreAnIssueOfWhatTheyAreAbout() {
    assertTold(told(Severity.WARN, m -> m < 12 ? 0 : m - 10), 16, 20);
    assertTold(told(Severity.WARN, m -> m < 12 ? 1 : 2 * (m - 10)), 15, 22);
  }

  @Test
  void thoseThatGrowFastAreToldSooner() {
    assertTold(told(Severity.WARN, m -> m < 12 ? 0 : 12 * (m - 11)), 15, 16);
  }

  @Test
  void errorsThatGrowSlowlyAreToldThoughWarningsAreUsual() {
    List<Issue> issues = new ArrayList<>();
    WindowIssueDetector detector = new WindowIssueDetector();
    double due = 0;
    for (int s = 0; s < MINUTES * 60; s++) {
      line(detector, s, "stored", Severity.INFO, Category.NONE, issues);
      if (s % 12 == 0) {
        line(detector, s, "cache cold", Severity.WARN, Category.NONE, issues);
      }
      for (due += Math.max(0, s / 60 - 11) / 60.0; due >= 1; due--) {
        String text = "login " + "x".repeat(s % 40) + " refused"; // no form comes twice in a minute
        line(detector, s, text, Severity.ERROR, Category.AUTH_SECURITY, issues);
      }
    }
    assertThat(issues).isNotEmpty();
    assertThat(issues.get(0).opened()).isBefore(START.plusSeconds(20 * 60));
  }

  @Test
  void whatIsSteadyOrEndsOrGrowsWithTheLoadIsNone() {
    assertThat(told(Severity.WARN, m -> 4)).isEmpty();
    assertThat(told(Severity.WARN, m -> m < 12 || m >= 24 ? 0 : 60)).isEmpty(); // a scan
    assertThat(told(Severity.WARN, m -> m < 12 || m >= 16 ? 0 : 6)).isEmpty(); // a blip
    assertThat(told(Severity.WARN, m -> m < 12 ? 0 : Math.max(0, 30 - 2 * m))).isEmpty();
  }
}
