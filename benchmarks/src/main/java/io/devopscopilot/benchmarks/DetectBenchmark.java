package io.devopscopilot.benchmarks;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.WindowIssueDetector;
import io.devopscopilot.features.TextFeatureExtractor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the detector costs a line in the steady state: {@code featurizeAndDetect} less {@code
 * featurize}, in time and with {@code -prof gc} in bytes. Both make the record of the line, since
 * record time must go on.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class DetectBenchmark {
  private static final int LINES = 1 << 16;
  private static final int MILLIS = 20;

  /** Services the lines come from. */
  @Param({"20", "1000"})
  public int services;

  private final String[] texts = new String[LINES];
  private final Origin[] origins = new Origin[LINES];
  private final Classification[] verdicts = new Classification[LINES];
  private final Consumer<Issue> out = issue -> {};
  private final WindowIssueDetector detector = new WindowIssueDetector();
  private final TextFeatureExtractor extractor = new TextFeatureExtractor();
  private final FeatureVector vector = new FeatureVector(extractor.schema());
  private long time = Instant.parse("2026-01-05T10:00:00Z").toEpochMilli();
  private int next;

  /** A field, so that the record is made in both cases. */
  public LogRecord record = LogRecord.of("");

  /**
   * Lines of about 130 bytes: ten forms, each with a trace id, one of a hundred an error, one of
   * fifty with the figure of a pool, one of five with how long it took.
   */
  @Setup
  public void fill() {
    for (int i = 0; i < LINES; i++) {
      boolean bad = i % 101 == 0;
      String middle =
          i % 51 == 0
              ? ", pool " + (4 + i % 9) + "/40 in use"
              : " of the usual way through the shop, "
                  + (i % 5 == 0 ? "took " + (20 + i % 37) + " ms" : "customer c" + i % 97);
      texts[i] =
          (bad ? "ERROR order failed at step " : "INFO order handled at step ")
              + i % 10
              + middle
              + " trace_id="
              + String.format("%032x", (i / 5 + 1) * 0x9E3779B97F4A7C15L);
      origins[i] = Origin.ofService("service-" + i % services);
      verdicts[i] =
          Classification.certain(
              bad ? Severity.ERROR : Severity.INFO,
              bad ? Category.APP_ERROR : Category.NONE,
              i % 10 + (bad ? 100 : 0));
    }
  }

  private void step() {
    next = next + 1 & LINES - 1;
    time += MILLIS;
    record = LogRecord.of(Instant.ofEpochMilli(time), texts[next], origins[next]);
  }

  /** The record and its features. */
  @Benchmark
  public int featurize() {
    step();
    extractor.extract(record, vector);
    return vector.size();
  }

  /** The same, and the detector. */
  @Benchmark
  public int featurizeAndDetect() {
    step();
    extractor.extract(record, vector);
    detector.observe(record, verdicts[next], out);
    return vector.size();
  }

  /**
   * Prints the CPU time of a line, which other work on the machine hardly changes, and the heap
   * that 10,000 services of 100 forms, with errors and traces, take.
   */
  public static void main(String[] args) {
    cpu(20);
    cpu(1_000);
    heap();
  }

  private static void cpu(int services) {
    DetectBenchmark lines = new DetectBenchmark();
    lines.services = services;
    lines.fill();
    int rounds = 1_000_000;
    long plain = 0;
    long both = 0;
    long sum = 0;
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    for (int warm = 0; warm < 3; warm++) {
      long start = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < rounds; i++) {
        sum += lines.featurize();
      }
      long middle = threads.getCurrentThreadCpuTime();
      for (int i = 0; i < rounds; i++) {
        sum += lines.featurizeAndDetect();
      }
      plain = middle - start;
      both = threads.getCurrentThreadCpuTime() - middle;
    }
    System.out.printf(
        "%,d services: featurize %d ns, detect %d ns CPU time a line (%d features)%n",
        services, plain / rounds, (both - plain) / rounds, sum);
  }

  private static void heap() {
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
