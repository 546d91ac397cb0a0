package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.IssueDetector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.testkit.IssueDetectorContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowIssueDetectorTest extends IssueDetectorContract {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

  @Override
  protected IssueDetector newDetector() {
    return new WindowIssueDetector();
  }

  private static List<Issue> series(String pattern, double from, double to, int points) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < points; i++) {
      String figure = String.format(java.util.Locale.ROOT, "%.0f", from + (to - from) * i / points);
      detector.observe(
          LogRecord.of(
              START.plusSeconds(30L * i), pattern.replace("#", figure), Origin.ofService("cart")),
          Classification.certain(Severity.INFO, Category.NONE, 5),
          issues::add);
    }
    return issues;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memory used # MiB of 512 MiB | 200 | 480 | oom",
        "heap=#M limit=512M | 200 | 480 | oom",
        "pool: #/50 connections in use | 10 | 46 | performance",
        "disk usage # % on /data | 40 | 93 | storage",
        "{\"msg\":\"stats\",\"memory_used\":#,\"memory_limit\":512} | 200 | 480 | oom",
        "queue depth # | 20 | 900 | performance",
        "step 7, 3 of 9 done; http_worker_threads: active=# max=50 | 10 | 46 | performance",
        "Überwachung: heap used=# max=512 | 200 | 480 | oom",
      })
  void predictsWhatRunsIntoItsLimit(String pattern, double from, double to, String category) {
    List<Issue> issues = series(pattern, from, to, 30);
    assertThat(issues).isNotEmpty();
    Issue first = issues.get(0);
    assertThat(first.category()).isEqualTo(category);
    assertThat(first.horizon()).isPositive().isLessThanOrEqualTo(WindowIssueDetector.HORIZON);
    assertThat(first.opened()).isBefore(START.plusSeconds(30 * 29));
    assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memory used # MiB of 512 MiB | 400 | 401",
        "memory used # MiB of 512 MiB | 480 | 200",
        "heap used # MiB of 512 MiB | 200 | 430",
        "request # served in 30 ms | 1 | 900",
        "order # stored | 1 | 900",
      })
  void steadyOrFallingFiguresAreNoIssue(String pattern, double from, double to) {
    assertThat(series(pattern, from, to, 60)).isEmpty();
  }

  /** Memory of two instances that is given back at different times. */
  @Test
  void figuresOfInstancesAreNotMixed() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      for (int pod = 0; pod < 2; pod++) {
        int used = 20 + (i * 2 + pod * 30) % 60; // 20 to 80 %, in 5 minutes
        detector.observe(
            LogRecord.of(
                START.plusSeconds(10L * i),
                "memory used " + used + "%",
                Origin.builder().service("cart").pod("cart-" + pod).build()),
            Classification.certain(Severity.INFO, Category.NONE, 5),
            issues::add);
      }
    }
    assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1); // before it ever fell
  }

  @ParameterizedTest
  @CsvSource({
    "FailedMount, 1, 0, false",
    "FailedMount, 3, 4, false", // the third try, still within what a starting pod needs
    "FailedMount, 7, 33, true",
    "FailedMount, 2, 3000, false", // once more much later
    "OOMKilling, 1, 0, true"
  })
  void eventsOfWhatIsTriedAgainCountOnceTheyGoOn(
      String reason, String count, int seconds, boolean told) {
    List<Issue> issues = new ArrayList<>();
    new WindowIssueDetector()
        .observe(
            LogRecord.event(
                START.plusSeconds(seconds),
                "it failed",
                Origin.ofService("cart"),
                Map.of(
                    LogRecord.ATTR_REASON,
                    reason,
                    LogRecord.ATTR_EVENT_TYPE,
                    "Warning",
                    LogRecord.ATTR_COUNT,
                    count,
                    LogRecord.ATTR_FIRST_SEEN,
                    START.toString())),
            Classification.certain(Severity.WARN, Category.STORAGE, 9),
            issues::add);
    assertThat(issues).hasSize(told ? 1 : 0);
  }

  @Test
  void tellsWhatExpiresSoonOnceADay() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int hour = 0; hour < 48; hour++) {
      detector.observe(
          LogRecord.of(
              START.plus(Duration.ofHours(hour)),
              "certificate expires in " + (10 - hour / 24) + " days",
              Origin.ofService("gateway")),
          Classification.certain(Severity.WARN, Category.AUTH_SECURITY, 9),
          issues::add);
    }
    assertThat(issues).hasSize(2);
    assertThat(issues.get(0).horizon()).isEqualTo(Duration.ofDays(10));
    assertThat(issues.get(1).id()).isEqualTo(issues.get(0).id());
  }

  @Test
  void errorsAboutAnotherServiceBelongToIt() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      boolean bad = i > 400;
      detector.observe(
          LogRecord.of(START.plusSeconds(i), "ok", Origin.ofService("payments")),
          Classification.certain(Severity.INFO, Category.NONE, 1),
          issues::add);
      detector.observe(
          LogRecord.of(
              START.plusSeconds(i),
              bad ? "call to payments:8080 refused" : "ok",
              Origin.ofService("cart")),
          Classification.certain(
              bad ? Severity.ERROR : Severity.INFO,
              bad ? Category.NETWORK_DNS : Category.NONE,
              bad ? 3 : 2),
          issues::add);
    }
    assertThat(issues).isNotEmpty().allMatch(i -> i.service().equals("payments"));
  }

  private static List<Issue> watched(String text, Severity severity, String category) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      for (String service : List.of("orders", "orders-db", "kubelet")) {
        detector.observe(
            LogRecord.of(START.plusSeconds(30L * i), "ok", Origin.ofService(service)),
            Classification.certain(Severity.INFO, Category.NONE, 1),
            issues::add);
      }
      detector.observe(
          LogRecord.of(
              START.plusSeconds(30L * i + 1),
              text.replace("#", String.valueOf(40 + 2 * i)),
              Origin.ofService("watch")),
          Classification.certain(severity, category, 2),
          issues::add);
    }
    return issues;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "volume data-orders-db-0 usage # % | orders-db",
        "replica orders-db-1 is # of 100 MB behind, queue # of 100 | orders-db",
        "memory of pod shop/orders-7c9f-x2k4q used # MiB of 100 MiB | orders",
        "volume data-users-0 usage # % | watch", // no service
        "volume usage # % after the orders of 2020 | watch", // no instance
        "pool: #/100 connections to orders-db-0 in use | watch", // a caller's own
      })
  void figuresBelongToTheServiceWhoseInstanceTheirLineNames(String text, String service) {
    assertThat(watched(text, Severity.INFO, Category.NONE))
        .isNotEmpty()
        .allMatch(i -> i.service().equals(service));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Warning BackOff pod/orders-7c9f-x2k4q Back-off | orders",
        "Oct 02 10:00:00 warning BackOff: Pod shop/orders-db-0: Back-off | orders-db",
        "type=Warning reason=NoEndpoints object=Service/orders | orders",
        "{\"reason\":\"BackOff\",\"type\":\"Warning\",\"object\":\"Pod/orders-7c9f\"} | orders",
        "Warning FreeDiskSpaceFailed node/n-7 Failed to garbage collect | kubelet",
        "Warning BackOff pod/users-7c9f-x2k4q Back-off | watch",
      })
  void eventsBelongToTheServiceThatTheirLineNames(String text, String service) {
    assertThat(watched(text, Severity.WARN, Category.STORAGE))
        .isNotEmpty()
        .allMatch(i -> i.service().equals(service));
  }

  @Test
  void anAnswer500IsTheApplicationsOwnAndNoBrokenConnection() {
    String line = "\"GET /orders HTTP/2\" # - via_upstream - \"-\" 0 7 5 5";
    assertThat(watched(line.replace("#", "500"), Severity.FATAL, Category.NETWORK_DNS))
        .isNotEmpty()
        .allMatch(i -> i.category().equals(Category.APP_ERROR));
    assertThat(watched(line.replace("#", "503"), Severity.FATAL, Category.NETWORK_DNS))
        .isNotEmpty()
        .allMatch(i -> i.category().equals(Category.NETWORK_DNS));
  }

  @Test
  void whatWasPredictedKeepsItsCauseWhileTheSymptomsAreLouder() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      detector.observe(
          LogRecord.of(START.plusSeconds(i), "ok", Origin.ofService("gateway")),
          Classification.certain(Severity.INFO, Category.NONE, 1),
          issues::add);
      if (i % 15 == 0) {
        detector.observe(
            LogRecord.of(
                START.plusSeconds(i),
                "memory used " + (200 + i / 2) + " MiB of 512 MiB",
                Origin.ofService("cart")),
            Classification.certain(Severity.INFO, Category.NONE, 2),
            issues::add);
      }
    }
    assertThat(issues.get(issues.size() - 1).horizon()).isPositive();
    Issue predicted = issues.get(issues.size() - 1);
    for (int i = 600; i < 660; i++) {
      if (i % 10 == 0) {
        detector.observe(
            LogRecord.of(START.plusSeconds(i), "probe failed", Origin.ofService("cart")),
            Classification.certain(Severity.ERROR, Category.PROBE_FAILURE, 3),
            issues::add);
      }
      for (int n = 0; n < 5; n++) {
        detector.observe(
            LogRecord.of(
                START.plusSeconds(i), "call to cart:8080 refused", Origin.ofService("gateway")),
            Classification.certain(Severity.ERROR, Category.NETWORK_DNS, 4),
            issues::add);
      }
    }
    Issue last = issues.get(issues.size() - 1);
    assertThat(last.id()).isEqualTo(predicted.id());
    assertThat(last.horizon()).isZero();
    assertThat(last.category()).isEqualTo(Category.OOM);
    assertThat(last.title()).isEqualTo(predicted.title());
  }

  @Test
  void mutedFormsAreIgnored() {
    WindowIssueDetector detector = new WindowIssueDetector();
    detector.mute(77);
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      detector.observe(
          LogRecord.of(START.plusSeconds(i), "boom", Origin.ofService("cart")),
          Classification.certain(Severity.FATAL, Category.OOM, 77),
          issues::add);
    }
    assertThat(issues).isEmpty();
  }

  /** Troubles and times of three services, silences that resolve them, figures, late records. */
  private static LogRecord story(int i) {
    String[] services = {"cart", "payments", "db"};
    String service = services[i % 3];
    String text =
        switch (i % 7) {
          case 0 -> "call to payments:8080 refused " + i / 50;
          case 1 -> "memory used " + (200 + i / 20) % 500 + " MiB of 512 MiB";
          case 2 -> "certificate expires in " + (30 - i / 200) + " days";
          case 3 -> "answered in " + (40 + i % 13) * (i / 400 % 3 == 2 ? 20 : 1) + " ms";
          case 4 -> i / 300 % 4 == 3 ? "retrying call 7" : "called";
          default -> "ok " + i % 5;
        };
    long second = i / 3 + (i / 900) * 1000L - (i % 11 == 0 ? 45 : 0);
    return LogRecord.of(START.plusSeconds(second), text, Origin.ofService(service));
  }

  private static Classification verdict(int i) {
    boolean bad = i % 7 == 0 && i / 300 % 2 == 1;
    return Classification.certain(
        bad ? Severity.ERROR : Severity.INFO, bad ? Category.NETWORK_DNS : Category.NONE, i % 7);
  }

  @Test
  void aRestoredDetectorGoesOnAsIfNothingHadHappened() {
    WindowIssueDetector whole = new WindowIssueDetector();
    WindowIssueDetector moved = new WindowIssueDetector();
    whole.mute(6);
    moved.mute(6);
    List<Issue> expected = new ArrayList<>();
    List<Issue> actual = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      whole.observe(story(i), verdict(i), expected::add);
      moved.observe(story(i), verdict(i), actual::add);
      if (i % 97 == 0) {
        byte[] bytes = moved.snapshot();
        moved = WindowIssueDetector.restore(bytes);
        assertThat(moved.snapshot()).isEqualTo(bytes);
      }
    }
    assertThat(expected).extracting(Issue::state).contains(Issue.State.RESOLVED);
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void manyLinesOfOneServiceFitASnapshotThatIsShort() {
    WindowIssueDetector detector = new WindowIssueDetector();
    LogRecord line = LogRecord.of(START, "all is well", Origin.ofService("busy"));
    LogRecord error = LogRecord.of(START, "it broke", Origin.ofService("broken"));
    for (int i = 0; i < 90_000; i++) {
      detector.observe(line, Classification.certain(Severity.INFO, Category.NONE, 5), issue -> {});
      detector.observe(
          error, Classification.certain(Severity.ERROR, Category.APP_ERROR, 6), issue -> {});
    }
    byte[] bytes = detector.snapshot();
    assertThat(bytes.length).isLessThan(10_000);
    assertThat(WindowIssueDetector.restore(bytes).snapshot()).isEqualTo(bytes);
  }

  @Test
  void damagedSnapshotsAreRefusedInOneLine() {
    WindowIssueDetector detector = new WindowIssueDetector();
    for (int i = 0; i < 900; i++) {
      detector.observe(story(i), verdict(i), issue -> {});
    }
    byte[] bytes = detector.snapshot();
    for (int length = 0; length < bytes.length; length += 13) {
      byte[] cut = java.util.Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> WindowIssueDetector.restore(cut))
          .isInstanceOf(CopilotException.class)
          .hasMessageStartingWith("the detector's snapshot is refused");
    }
  }

  @Test
  void chunksDoNotMatter() {
    java.util.Set<Issue> whole = new java.util.HashSet<>();
    WindowIssueDetector first = new WindowIssueDetector();
    for (int i = 0; i < 4_000; i++) {
      first.observe(story(i), verdict(i), whole::add);
    }
    first.advance(START.plus(Duration.ofDays(2)), whole::add);
    for (int chunk : new int[] {1, 7, 256}) {
      java.util.Set<Issue> parts = new java.util.HashSet<>();
      WindowIssueDetector detector = new WindowIssueDetector();
      Instant newest = START;
      for (int i = 0; i < 4_000; i++) {
        LogRecord record = story(i);
        newest = record.timestamp().isAfter(newest) ? record.timestamp() : newest;
        detector.observe(record, verdict(i), parts::add);
        if (i % chunk == 0) {
          detector.advance(newest, parts::add);
        }
      }
      detector.advance(START.plus(Duration.ofDays(2)), parts::add);
      assertThat(parts).isEqualTo(whole);
    }
  }

  private static List<Issue> traces(int slowFrom, String idFormat) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      String id = String.format(idFormat, i + 1);
      Instant at = START.plusSeconds(2L * i);
      int took = 20 + i % 7 + (i >= slowFrom ? 700 : 0);
      step(detector, at, "web", "GET /cart " + id, issues);
      step(detector, at.plusMillis(10), "cart", "cart asked " + id, issues);
      step(detector, at.plusMillis(10 + took), "cart", "cart loaded " + id, issues);
    }
    return issues;
  }

  private static void step(
      WindowIssueDetector detector, Instant at, String service, String text, List<Issue> out) {
    detector.observe(
        LogRecord.of(at, text, Origin.ofService(service)),
        Classification.certain(Severity.INFO, Category.NONE, text.length()),
        out::add);
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(
      strings = {
        "trace_id=%032x",
        "TraceID: %032x SpanID: 77",
        "{\"traceId\":\"%016x\"}",
        "traceparent: 00-%032x-00f067aa0ba902b7-01",
        "[web,%032x,00f067aa0ba902b7]",
      })
  void slowStepsOfATraceAreAnIssueOfTheirService(String idFormat) {
    assertThat(traces(1_000, idFormat)).isEmpty();
    List<Issue> issues = traces(400, idFormat);
    assertThat(issues).isNotEmpty();
    assertThat(issues.get(0).service()).isEqualTo("cart");
    assertThat(issues.get(0).category()).isEqualTo(Category.PERFORMANCE);
    assertThat(issues.get(0).opened()).isBetween(START.plusSeconds(800), START.plusSeconds(860));
    assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1);
  }

  /** Traces of a shop; from the 400th on, every second one is without some of its lines. */
  private static List<Issue> pathsOfTraces(String change) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      String id = " trace_id=" + String.format("%032x", i + 1);
      boolean changed = i >= 400 && i % 2 == 0;
      Instant at = START.plusSeconds(2L * i);
      step(detector, at, "web", "asks for the cart" + id, issues);
      step(detector, at.plusMillis(5), "cart", "cart asked" + id, issues);
      if (changed && change.equals("ends")) {
        continue;
      }
      if (changed && change.equals("fails")) {
        detector.observe(
            LogRecord.of(at.plusMillis(7), "can't load" + id, Origin.ofService("cart")),
            Classification.certain(Severity.ERROR, Category.APP_ERROR, 4),
            issues::add);
        continue;
      }
      if (!(changed && change.equals("skips"))) {
        step(detector, at.plusMillis(10), "price", "price found" + id, issues);
      }
      boolean other = i % 20 == 0 || change.equals("varies") && i % 3 == 0;
      String way = other ? "some are gone" : "all are there";
      step(detector, at.plusMillis(20), "cart", way + id, issues);
      step(detector, at.plusMillis(25), "cart", "cart.Handler#" + (i % 2) + id, issues);
    }
    return issues;
  }

  @ParameterizedTest
  @CsvSource({"skips,price", "ends,price", "fails,cart"})
  void aTraceThatBreaksTellsTheServiceWhereItBroke(String change, String service) {
    List<Issue> issues = pathsOfTraces(change);
    assertThat(issues).isNotEmpty();
    assertThat(issues).extracting(Issue::service).containsOnly(service);
    assertThat(issues.get(0).opened()).isBetween(START.plusSeconds(800), START.plusSeconds(860));
    assertThat(issues.get(0).evidence()).isNotEmpty();
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(strings = {"nothing", "varies"})
  void waysThatTracesOftenTakeAreNoIssue(String change) {
    assertThat(pathsOfTraces(change)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "c.s.Orders#37 done | c.s.Orders#41 done | false",
        "Orders.java:37 done | Orders.java:41 done | false",
        "api/orders.go:37 done | api/orders.go:41 done | false",
        "order #37 done | order #41 done | true",
        "order#37 done | order#41 done | true",
        "10.0.0.1:8080 done | 10.0.0.1:9090 done | true",
        "db.local:54321 done | db.local:54399 done | true",
        "12:37 done | 12:41 done | true",
      })
  void aFormKnowsTheLineOfSource(String one, String other, boolean same) {
    assertThat(LineForm.of(one) == LineForm.of(other)).isEqualTo(same);
  }

  @Test
  void aDetectorRestoredWithinATraceStillSeesItBreak() {
    List<Issue> expected = new ArrayList<>();
    List<Issue> actual = new ArrayList<>();
    WindowIssueDetector whole = new WindowIssueDetector();
    WindowIssueDetector moved = new WindowIssueDetector();
    WindowIssueDetector advanced = new WindowIssueDetector();
    List<Issue> last = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      Instant at = START.plusSeconds(i);
      String text = new String[] {"asks", "loads", "answers"}[i % 3];
      String id = " trace_id=" + String.format("%032x", i / 3 + 1);
      if (i < 1_000 || i % 3 < 2) { // no answers in the end
        step(whole, at, "cart", text + id, expected);
        step(moved, at, "cart", text + id, actual);
        step(advanced, at, "cart", text + id, last);
        advanced.advance(at.plusMillis(900), last::add);
      }
      if (i % 61 == 0) {
        moved = WindowIssueDetector.restore(moved.snapshot());
      }
    }
    assertThat(expected).isNotEmpty();
    assertThat(actual).isEqualTo(expected);
    assertThat(last).isEqualTo(expected);
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.ValueSource(longs = {0, 3_600L * 24 * 365, -3_600L * 24})
  void aClockThatJumpsBlindsAServiceForSomeLinesOnly(long jumpSeconds) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    long ahead = 0;
    for (int i = 0; i < 1_200; i++) {
      Instant at = START.plusSeconds(i);
      if (jumpSeconds > 0) {
        ahead = i == 300 ? jumpSeconds : 0; // one line
      } else if (i >= 300) {
        ahead = jumpSeconds; // from then on
      }
      boolean bad = i >= 1_000 && i % 2 == 0;
      detector.observe(
          LogRecord.of(
              at.plusSeconds(ahead), bad ? "can't load" : "loaded", Origin.ofService("cart")),
          Classification.certain(
              bad ? Severity.ERROR : Severity.INFO,
              bad ? Category.APP_ERROR : Category.NONE,
              bad ? 4 : 5),
          issues::add);
    }
    assertThat(issues).isNotEmpty();
    assertThat(Duration.between(START.plusSeconds(1_000), issues.get(0).opened()).toSeconds())
        .isBetween(Math.min(0, jumpSeconds), Math.min(0, jumpSeconds) + 60);
    assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1);
  }

  @Test
  void aFewLinesThatAreLateAreEvidenceOnly() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      boolean late = i % 50 >= 10; // 40 in a row of two hours ago
      detector.observe(
          LogRecord.of(
              START.plusSeconds(late ? i - 7_200 : i),
              late ? "can't load" : "loaded",
              Origin.ofService("cart")),
          Classification.certain(
              late ? Severity.ERROR : Severity.INFO,
              late ? Category.APP_ERROR : Category.NONE,
              late ? 4 : 5),
          issues::add);
    }
    assertThat(issues).isEmpty();
  }

  @Test
  void anOrdinaryLineAllocatesNothing() {
    WindowIssueDetector detector = new WindowIssueDetector();
    LogRecord[] records = new LogRecord[20_000];
    for (int i = 0; i < records.length; i++) {
      String text =
          "order handled in 7 ms, pool 3/40 in use, trace_id=" + String.format("%032x", i / 3 + 1);
      records[i] =
          LogRecord.of(START.plusMillis(20L * i), text, Origin.ofService("service-" + i % 50));
    }
    Classification fine = Classification.certain(Severity.INFO, Category.NONE, 3);
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    int warm = records.length / 2;
    long before = 0;
    for (int i = 0; i < records.length; i++) {
      if (i == warm) {
        before = threads.getCurrentThreadAllocatedBytes();
      }
      detector.observe(records[i], fine, issue -> {});
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    // What is left comes from the sweep each ten seconds.
    assertThat(bytes / (double) (records.length - warm)).isLessThan(1);
  }

  @Test
  void anIssueEndsWithTheServiceThatIsForgotten() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    Classification fatal = Classification.certain(Severity.FATAL, Category.OOM, 7);
    detector.observe(LogRecord.of(START, "killed", Origin.ofService("cart")), fatal, issues::add);
    assertThat(issues).extracting(Issue::state).containsExactly(Issue.State.OPEN);
    for (int i = 0; i < WindowIssueDetector.MAX_SERVICES; i++) {
      step(detector, START, "service-" + i, "ok", issues);
    }
    assertThat(issues)
        .extracting(Issue::state)
        .containsExactly(Issue.State.OPEN, Issue.State.RESOLVED);
    assertThat(issues.get(1).id()).isEqualTo(issues.get(0).id());
  }

  /** Ordinary lines of one instance. */
  private static void instance(
      WindowIssueDetector detector, String pod, int restarts, int second, List<Issue> issues) {
    Origin origin =
        Origin.builder().service("cart").pod(pod).container("app").restartCount(restarts).build();
    for (int i = 0; i < 3; i++) {
      detector.observe(
          LogRecord.of(START.plusSeconds(second + i), "started", origin),
          Classification.certain(Severity.INFO, Category.NONE, 4),
          issues::add);
    }
  }

  @Test
  void aContainerThatRestartsAgainAndAgainIsAnIssueThoughNoLineSaysSo() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    instance(detector, "cart-1", 0, 0, issues);
    instance(detector, "cart-1", 1, 20, issues);
    instance(detector, "cart-1", 2, 50, issues);
    assertThat(issues).isEmpty();
    detector = WindowIssueDetector.restore(detector.snapshot());
    instance(detector, "cart-1", 3, 120, issues);
    assertThat(issues).hasSize(1);
    assertThat(issues.get(0).category()).isEqualTo(Category.CRASH_LOOP);
    assertThat(issues.get(0).title()).contains("restarted 2 times in a row");
    assertThat(issues.get(0).opened()).isEqualTo(START.plusSeconds(120));
    assertThat(issues.get(0).evidence()).isNotEmpty();
    instance(detector, "cart-1", 4, 240, issues);
    assertThat(issues).hasSize(2);
    assertThat(issues.get(1).id()).isEqualTo(issues.get(0).id());
    assertThat(issues.get(1).title()).contains("restarted 3 times in a row");
  }

  @Test
  void aContainerThatRestartsEachFiveMinutesHasOneIssueUntilItStops() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    int second = 0;
    int restarts = 0;
    // the kubelet's pauses, and 40 s in which the container runs
    for (int pause : new int[] {0, 10, 20, 40, 80, 160, 300, 300, 300, 300}) {
      second += pause + 40;
      instance(detector, "cart-1", restarts++, second, issues);
      for (int i = 10; i < 300; i += 10) { // other services, which show how time goes on
        if (pause == 300) {
          step(detector, START.plusSeconds(second + i), "web", "ok", issues);
        }
      }
      detector = WindowIssueDetector.restore(detector.snapshot());
    }
    assertThat(issues)
        .hasSizeGreaterThan(5)
        .extracting(Issue::state)
        .containsOnly(Issue.State.OPEN);
    assertThat(issues.stream().map(Issue::id).distinct()).hasSize(1);
    detector.advance(START.plusSeconds(second + 599), issues::add);
    assertThat(issues).extracting(Issue::state).containsOnly(Issue.State.OPEN);
    detector.advance(START.plusSeconds(second + 601), issues::add);
    Issue last = issues.get(issues.size() - 1);
    assertThat(last.resolved()).contains(START.plusSeconds(second));
  }

  @Test
  void aContainerThatIsWellAfterShortPausesIsAwaitedNoLongerThanUsual() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      instance(detector, "cart-1", i, 30 * i, issues);
    }
    detector.advance(START.plusSeconds(90 + 181), issues::add);
    assertThat(issues)
        .extracting(Issue::state)
        .containsExactly(Issue.State.OPEN, Issue.State.RESOLVED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = { // pod, restarts, second
        "one restart | a 0 0, a 1 60, a 1 200, a 1 400",
        "restarts long ago | a 17 0, b 4 5, c 9 10, a 17 60, b 4 70",
        "a new release | a 0 0, b 0 5, c 0 60, d 0 70, c 0 80",
        "a node that reboots | a 1 0, b 1 5, c 1 10, a 2 60, b 2 62, c 2 64",
        "restarts that are far apart | a 1 0, a 2 100, a 3 800, a 4 1500",
        "lines of an earlier instance that come late | a 1 0, a 2 60, a 1 61, a 2 70, a 1 71, a 2 80",
      })
  void restartsThatAreNoneInARowAreNoIssue(String what, String story) {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    for (String part : story.split(", ")) {
      String[] cells = part.split(" ");
      instance(detector, cells[0], Integer.parseInt(cells[1]), Integer.parseInt(cells[2]), issues);
    }
    assertThat(issues).as(what).isEmpty();
  }

  @Test
  void theServiceUnseenForLongestMakesRoom() {
    WindowIssueDetector detector = new WindowIssueDetector();
    List<Issue> issues = new ArrayList<>();
    Classification fatal = Classification.certain(Severity.FATAL, Category.OOM, 7);
    for (int i = 0; i < 2_000; i++) { // more than are looked for at once
      detector.observe(
          LogRecord.of(START, "killed", Origin.ofService("sick-" + i)), fatal, issues::add);
    }
    for (int i = 0; i < WindowIssueDetector.MAX_SERVICES - 2_000; i++) {
      step(detector, START, "well-" + i, "ok", issues);
    }
    for (int i = 0; i < 2_000; i += 2) { // seen again
      step(detector, START, "sick-" + i, "ok", issues);
    }
    issues.clear();
    List<String> gone = new ArrayList<>();
    for (int i = 1; i < 2_000; i += 2) {
      step(detector, START, "new-" + i, "ok", issues);
      gone.add("sick-" + i);
    }
    assertThat(issues).extracting(Issue::service).containsExactlyElementsOf(gone);
    assertThat(issues).extracting(Issue::state).containsOnly(Issue.State.RESOLVED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "call to payments:8080 refused | payments",
        "GET http://payments/v1 returned 503 | payments",
        "Timed Out waiting for payments | payments",
        "dial tcp: lookup my-db on 10.0.0.10: no such host | my-db",
        "payments were booked | -",
        "connection to payments2 lost | -",
        "cart: connection reset | -",
        "took 5000 ms for payments | payments",
        "took 950 ms for payments | -",
      })
  void namesOfCalledServicesAreRead(String text, String named) {
    CallReader calls = new CallReader();
    java.util.Map<String, ServiceWindow> services = new java.util.HashMap<>();
    for (String name : List.of("cart", "payments", "my-db")) {
      services.put(name, new ServiceWindow("", name));
      calls.know(name, services);
    }
    for (int i = 0; i < 300; i++) {
      services.put("other-" + i, new ServiceWindow("", "other-" + i));
      calls.know("other-" + i, services);
    }
    ServiceWindow own = java.util.Objects.requireNonNull(services.get("cart"));
    ServiceWindow found = calls.named(text, services, own);
    assertThat(found == null ? "-" : found.service).isEqualTo(named);
  }

  @Test
  void wordsThatLookLikeATraceAreNone() {
    for (String text :
        List.of(
            "trace id missing",
            "traceid=",
            "stack trace: at A.b(C.java:1)",
            "a,b,c",
            "trace_id=zz00112233445566",
            "GET /trace/identity 200")) {
      assertThat(TraceReader.inText(text)).as(text).isZero();
    }
    assertThat(TraceReader.inText("traceId=4bf92f3577b34da6a3ce929d0e0e4736"))
        .isEqualTo(TraceReader.inText("[app,4bf92f3577b34da6a3ce929d0e0e4736,00f067aa0ba902b7]"))
        .isEqualTo(
            TraceReader.inText(
                "traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
  }
}
