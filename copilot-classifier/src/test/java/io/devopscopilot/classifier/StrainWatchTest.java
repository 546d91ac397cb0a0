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
import java.util.Locale;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times and retries that lines tell of. */
class StrainWatchTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final int SECONDS = 1_800;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET /cart 200 in 35 ms | 35",
        "GET /cart 200 in 1,835ms (12 rows) | 1835",
        "took 1834 ms, next in 5000 ms | 1834",
        "duration=1.25s status=200 | 1250",
        "{\"elapsed_ms\":35,\"size\":7} | 35",
        "durationMs=35 | 35",
        "finished after 2.5 seconds | 2500",
        "rows read in 350us | 0.35",
        "sync took 1m3.5s | 63500",
        "duration=1h2m3s err=none | 3723000",
        "took 5m3 | -1",
        "latency p99 340 ms | 340",
        "12345 GC(7) Pause Young (Normal) 212M->87M(512M) 3.678ms | 3.678",
        "[2.345s][info][gc] GC(7) Pause Young (Normal) 212M->87M(512M) 3.678ms | 3.678",
        "pool 3/40 in use after 12 ms | 12",
        "took 35 rows | -1",
        "key a35ms, release v2.35s | -1",
        "id 1.2.3, ratio 4.5, part 6 s | 6000",
        "expires in 23 days | -1",
        "ms s 5 | -1",
      })
  void howLongSomethingTookIsRead(String text, double millis) {
    double[] took = {-1};
    new NumberReader()
        .read(
            text,
            new NumberReader.Sink() {
              @Override
              public void figure(NumberReader.Kind kind, double value, boolean bounded) {}

              @Override
              public void left(NumberReader.Kind kind, double value) {}

              @Override
              public void took(double value) {
                took[0] = took[0] < 0 ? value : took[0];
              }

              @Override
              public void retry() {}
            });
    assertThat(took[0]).isEqualTo(millis, org.assertj.core.api.Assertions.within(1e-9));
  }

  /** Lines of one form, at most one a second, in place of {@code #} what it took. */
  private static List<Issue> told(String text, int pace, IntToDoubleFunction took) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int s = 0; s < SECONDS; s++) {
      if (s % pace == 0) {
        String figure = String.format(Locale.ROOT, "%.0f", took.applyAsDouble(s));
        line(detector, s, text.replace("#", figure), 5, issues);
      } else {
        line(detector, s, "stored", 6, issues);
      }
      if (s % 500 == 250) {
        detector = WindowIssueDetector.restore(detector.snapshot());
      }
    }
    return issues;
  }

  private static void line(
      WindowIssueDetector detector, int second, String text, long form, List<Issue> issues) {
    detector.observe(
        LogRecord.of(START.plusSeconds(second), text, Origin.ofService("cart")),
        Classification.certain(Severity.INFO, Category.NONE, form),
        issues::add);
  }

  /** Scattered as times are: one in a hundred takes some eight times the median. */
  private static IntToDoubleFunction usually(double millis) {
    Random random = new Random(5);
    return s -> millis * Math.exp(0.6 * random.nextGaussian()) * (s % 97 == 0 ? 5 : 1);
  }

  @Test
  void answersThatTakeFarLongerAreAnIssueOfTheService() {
    IntToDoubleFunction usual = usually(80);
    for (int pace : new int[] {1, 3}) {
      List<Issue> issues =
          told("GET /cart 200 in # ms", pace, s -> usual.applyAsDouble(s) * (s < 1_200 ? 1 : 10));
      assertThat(issues).isNotEmpty();
      assertThat(issues.get(0).service()).isEqualTo("cart");
      assertThat(issues.get(0).category()).isEqualTo(Category.PERFORMANCE);
      assertThat(issues.get(0).title()).contains("far longer");
      assertThat(issues.get(0).opened())
          .isBetween(START.plusSeconds(1_220), START.plusSeconds(1_320));
      assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1);
    }
  }

  @Test
  void scatteredTimesALoadPeakAndAColdStartAreNoIssue() {
    IntToDoubleFunction usual = usually(80);
    String text = "GET /cart 200 in # ms";
    assertThat(told(text, 1, usual)).isEmpty();
    assertThat(told(text, 1, s -> usual.applyAsDouble(s) * (1 + Math.sin(Math.PI * s / SECONDS))))
        .isEmpty();
    assertThat(told(text, 1, s -> usual.applyAsDouble(s) * (s / 30 == 40 ? 10 : 1))).isEmpty();
    assertThat(told(text, 1, s -> s < 1_200 ? 2 : 19)).isEmpty(); // nobody notices
  }

  @Test
  void aPercentileOrAPauseThatGrowsIsPredicted() {
    for (String text : List.of("latency p99 # ms", "gc pause # ms, 3 regions", "took=#")) {
      List<Issue> issues = told(text, 15, s -> 20 + 2_000 * Math.pow(s / 1_800.0, 2));
      assertThat(issues).as(text).isNotEmpty();
      assertThat(issues.get(0).horizon()).isPositive();
      assertThat(issues.get(0).category()).isEqualTo(Category.PERFORMANCE);
      assertThat(issues.get(0).title()).contains(" grew from ").endsWith(" ms");
    }
  }

  @Test
  void aPercentileThatFollowsTheLoadOrAPauseThatIsClearedAwayIsNot() {
    IntToDoubleFunction noise = usually(1);
    assertThat(told("latency p99 # ms", 15, s -> 300 + 120 * Math.sin(s / 250.0))).isEmpty();
    assertThat(told("gc pause # ms", 15, s -> 150 + s % 300)).isEmpty();
    assertThat(told("gc pause # ms", 15, s -> 60 + s % 300)) // its first climb, never again
        .allMatch(i -> i.opened().isBefore(START.plusSeconds(300)));
    assertThat(told("took # ms", 15, s -> 90 * noise.applyAsDouble(s))).isEmpty();
    assertThat(told("latency p99 # ms", 15, s -> 2 + s / 25.0)).isEmpty(); // still short
  }

  private static List<Issue> retries(String text, IntToDoubleFunction share) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    Random random = new Random(5);
    for (int s = 0; s < SECONDS; s++) {
      line(detector, s, "stored", 6, issues);
      if (random.nextDouble() < share.applyAsDouble(s)) {
        line(detector, s, text, 7, issues);
      }
    }
    return issues;
  }

  @Test
  void farMoreRetriesThanEverAreAnIssue() {
    List<Issue> issues = retries("retrying call 7", s -> s < 1_200 ? 0.02 : 0.6);
    assertThat(issues).isNotEmpty();
    assertThat(issues.get(0).title()).contains("tries far more often again");
    assertThat(issues.get(0).category()).isEqualTo(Category.PERFORMANCE);
    assertThat(issues.get(0).opened())
        .isBetween(START.plusSeconds(1_215), START.plusSeconds(1_290));
  }

  @Test
  void retriesAsEverForAMomentOrInANameAreNone() {
    assertThat(retries("retrying call 7", s -> 0.3)).isEmpty();
    assertThat(retries("retrying call 7", s -> s / 20 == 60 ? 1 : 0.01)).isEmpty();
    assertThat(retries("stored, retry=0 retry_max=3", s -> s < 1_200 ? 0 : 1)).isEmpty();
  }
}
