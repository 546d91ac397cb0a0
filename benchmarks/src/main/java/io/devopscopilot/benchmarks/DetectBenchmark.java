package io.devopscopilot.benchmarks;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.WindowIssueDetector;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the detector costs a line, beside the classifier. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 15)
@Measurement(iterations = 15)
public class DetectBenchmark {
  private static final int LINES = 1 << 16;

  /** Services the lines come from. */
  @Param({"20", "1000"})
  public int services;

  private final LogRecord[] records = new LogRecord[LINES];
  private final Classification[] verdicts = new Classification[LINES];
  private final Consumer<Issue> out = issue -> {};
  private WindowIssueDetector detector = new WindowIssueDetector();

  /** Lines of ten forms, one of a hundred an error. */
  @Setup
  public void fill() {
    Instant start = Instant.parse("2026-01-05T10:00:00Z");
    for (int i = 0; i < LINES; i++) {
      boolean bad = i % 101 == 0;
      String trace = String.format("%032x", i / 5);
      records[i] =
          LogRecord.of(
              start.plusMillis(20L * i),
              (bad ? "ERROR order failed at step " : "INFO order handled at step ")
                  + i % 10
                  + " of the usual way through the shop, customer c"
                  + i % 97
                  + " trace_id="
                  + trace,
              Origin.ofService("service-" + i % services));
      verdicts[i] =
          Classification.certain(
              bad ? Severity.ERROR : Severity.INFO,
              bad ? Category.APP_ERROR : Category.NONE,
              i % 10 + (bad ? 100 : 0));
    }
  }

  /** A detector that has seen the first half. */
  @Setup(Level.Invocation)
  public void begin() {
    detector = new WindowIssueDetector();
    for (int i = 0; i < LINES / 2; i++) {
      detector.observe(records[i], verdicts[i], out);
    }
  }

  /** The second half of 22 minutes: lines of about 130 bytes, each with a trace id. */
  @Benchmark
  @OperationsPerInvocation(LINES / 2)
  public void lines() {
    for (int i = LINES / 2; i < LINES; i++) {
      detector.observe(records[i], verdicts[i], out);
    }
  }

  /** Prints the heap that 10,000 services of 100 forms, with errors and traces, take. */
  public static void main(String[] args) {
    WindowIssueDetector detector = new WindowIssueDetector();
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    long before = runtime.totalMemory() - runtime.freeMemory();
    Instant start = Instant.parse("2026-01-05T10:00:00Z");
    for (int form = 0; form < 100; form++) {
      for (int s = 0; s < WindowIssueDetector.MAX_SERVICES; s++) {
        boolean bad = form % 10 == 0;
        String text = "step " + form + " of job trace_id=" + String.format("%032x", s / 4 + 1);
        detector.observe(
            LogRecord.of(
                start.plusMillis(form * 7_000L + s % 4), text, Origin.ofService("service-" + s)),
            Classification.certain(
                bad ? Severity.ERROR : Severity.INFO,
                bad ? Category.APP_ERROR : Category.NONE,
                form),
            issue -> {});
      }
    }
    System.gc();
    long after = runtime.totalMemory() - runtime.freeMemory();
    System.out.printf(
        "10,000 services x 100 forms: %.1f MB, snapshot %.1f MB%n",
        (after - before) / 1e6, detector.snapshot().length / 1e6);
  }
}
