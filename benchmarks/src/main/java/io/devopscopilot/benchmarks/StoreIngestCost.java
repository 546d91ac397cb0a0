package io.devopscopilot.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.classifier.CachedLogClassifier;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.collector.FileLogSource;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * From the lines of a file to committed rows, one writer: the store beside a plain appender that
 * reads the same file in the same run, in turn. {@code StoreIngestCost [ROWS [ROUNDS [FOLDER]]]},
 * 2,000,000, 3 and a temporary folder by default; a commit every 200 ms, verdicts of 20,000 lines
 * made before. Prints rows/s and, since other work on the machine moves those, the processor time
 * of the whole process per row.
 */
public final class StoreIngestCost {
  private static final long FLUSH_NANOS = 200_000_000L;

  private final Path folder;
  private final Path lines;
  private final int rows;
  private final Classification[] verdicts = new Classification[StoreLines.POOL];

  private StoreIngestCost(Path folder, int rows) throws IOException {
    this.folder = folder;
    this.lines = folder.resolve("pods.log");
    this.rows = rows;
    StoreLines.write(lines, rows, Instant.parse("2026-01-05T00:00:00Z"), 43_200);
    try (Copilot copilot = copilot().build()) {
      for (int i = 0; i < verdicts.length; i++) {
        verdicts[i] = copilot.classify(StoreLines.message(i));
      }
    }
  }

  private static Copilot.Builder copilot() throws IOException {
    return Copilot.builder()
        .features(TextFeatureExtractor.remembering())
        .classifier(new CachedLogClassifier(TreeLogClassifier.loadDefault()));
  }

  /** Runs it and prints a line for each way and round. */
  public static void main(String[] args) throws Exception {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000;
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
    Path folder =
        args.length > 2 ? Path.of(args[2]) : Files.createTempDirectory("store-ingest-cost");
    StoreIngestCost cost = new StoreIngestCost(folder, rows);
    for (int round = 1; round <= rounds; round++) {
      cost.time("lines read and parsed only", cost::parse);
      cost.time("store", cost::store);
      cost.time("plain appender", cost::plain);
      cost.time("pipeline with classifier, store", cost::pipeline);
    }
    cost.manyStreams();
    Path export;
    try (DuckDbLogStore store = DuckDbLogStore.open(folder.resolve("store.duckdb"))) {
      export = store.exportParquet();
    }
    try (Stream<Path> files = Files.walk(export)) {
      long bytes = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
      System.out.printf(Locale.ROOT, "Parquet: %.1f bytes a row%n", bytes / (double) rows);
    }
  }

  /** One way to bring the lines into a file. */
  private interface Way {
    void run(Path file) throws Exception;
  }

  private void time(String name, Way way) throws Exception {
    Path file = folder.resolve(name.replaceAll("[^a-z]+", "-") + ".duckdb");
    Files.deleteIfExists(file);
    OperatingSystemMXBean machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long cpu = machine.getProcessCpuTime();
    long start = System.nanoTime();
    way.run(file);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%s: %,.0f rows/s, %.2f us of processor time a row, %.1f bytes a row%n",
        name,
        rows / seconds,
        (machine.getProcessCpuTime() - cpu) / 1e3 / rows,
        Files.exists(file) ? Files.size(file) / (double) rows : 0.0);
  }

  private FileLogSource source() {
    return FileLogSource.builder().path(lines).build();
  }

  private void parse(Path file) throws IOException {
    try (FileLogSource source = source()) {
      int[] n = new int[1];
      while (source.poll(r -> n[0]++, 256) != LogSource.ENDED) {}
      check(n[0]);
    }
  }

  private void store(Path file) throws IOException {
    try (FileLogSource source = source();
        DuckDbLogStore store = DuckDbLogStore.open(file)) {
      int[] n = new int[1];
      long flushed = System.nanoTime();
      while (source.poll(r -> store.accept(r, verdicts[n[0]++ % verdicts.length]), 256)
          != LogSource.ENDED) {
        if (System.nanoTime() - flushed >= FLUSH_NANOS) {
          store.flush();
          flushed = System.nanoTime();
        }
      }
      store.flush();
      check(n[0]);
    }
  }

  private void pipeline(Path file) throws Exception {
    try (Copilot copilot = copilot().source(source()).sink(DuckDbLogStore.open(file)).build()) {
      copilot.start();
      if (!copilot.await(Duration.ofMinutes(30))) {
        throw new IllegalStateException("not done in 30 minutes");
      }
      check(copilot.stats().records());
    }
  }

  /** The flush of a cluster: few lines each of many containers, each with a position. */
  private void manyStreams() throws IOException {
    Path file = folder.resolve("streams.duckdb");
    Files.deleteIfExists(file);
    double[] millis = new double[50];
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      for (int flush = 0; flush < millis.length; flush++) {
        for (int i = 0; i < 1_000; i++) {
          LogRecord.Position position =
              new LogRecord.Position("pod-uid-" + i % 200 + "/main/0", flush + "." + i);
          store.accept(
              LogRecord.of(StoreLines.message(i)).at(position), verdicts[i % verdicts.length]);
        }
        long start = System.nanoTime();
        store.flush();
        millis[flush] = (System.nanoTime() - start) / 1e6;
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "a flush of 1,000 lines of 200 streams: median %.0f ms, best %.0f%n",
        millis[millis.length / 2],
        millis[0]);
  }

  private void check(long n) {
    if (n != rows) {
      throw new IllegalStateException(n + " of " + rows + " lines");
    }
  }

  /** What one would write first: names and verdicts as texts, an appender, the same settings. */
  private void plain(Path file) throws IOException, SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", "256MB");
    settings.setProperty("threads", "2");
    settings.setProperty("checkpoint_threshold", "64MB");
    settings.setProperty("preserve_insertion_order", "false");
    try (Connection plain = DriverManager.getConnection("jdbc:duckdb:" + file, settings);
        Statement sql = plain.createStatement();
        BufferedReader reader = Files.newBufferedReader(lines)) {
      DuckDBConnection connection = (DuckDBConnection) plain;
      sql.execute(
          "CREATE TABLE lines (ts TIMESTAMP, namespace VARCHAR, service VARCHAR, pod VARCHAR,"
              + " container VARCHAR, severity VARCHAR, severity_probability DOUBLE, category"
              + " VARCHAR, category_probability DOUBLE, fingerprint BIGINT, message VARCHAR)");
      int n = 0;
      String line = reader.readLine();
      while (line != null) {
        long begin = System.nanoTime();
        sql.execute("BEGIN TRANSACTION");
        try (DuckDBAppender out = connection.createAppender("lines")) {
          while (line != null && (n % 256 != 0 || System.nanoTime() - begin < FLUSH_NANOS)) {
            append(out, line, verdicts[n % verdicts.length]);
            n++;
            line = reader.readLine();
          }
        }
        sql.execute("COMMIT");
      }
      check(n);
    }
  }

  private static void append(DuckDBAppender out, String line, Classification verdict)
      throws SQLException {
    int slash = line.indexOf('/', 5);
    int close = line.indexOf(']', slash);
    int time = line.indexOf(' ', close + 2);
    String pod = line.substring(5, slash);
    out.beginRow();
    out.appendEpochMicros(
        ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(line.substring(close + 2, time))));
    out.append("shop");
    out.append(pod.substring(0, pod.indexOf('-')));
    out.append(pod);
    out.append(line.substring(slash + 1, close));
    out.append(verdict.severity().name());
    out.append(verdict.severityProbability());
    out.append(verdict.category());
    out.append(verdict.categoryProbability());
    out.append(verdict.fingerprint());
    out.append(line.substring(time + 1));
    out.endRow();
  }
}
