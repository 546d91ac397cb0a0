package io.devopscopilot.benchmarks;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * Medians of the queries that people wait for, on a store of two days of lines of 20 pods. {@code
 * StoreQueryCost [ROWS [FILE]]}, 5,000,000 and a temporary file by default; a file that is there is
 * asked as it is. Each query is asked 41 times, with another pod, service or word each time.
 */
public final class StoreQueryCost {
  private static final Instant FROM = Instant.parse("2026-01-05T00:00:00Z");
  private static final Instant TO = FROM.plus(Duration.ofDays(2));
  private static final int TIMES = 41;

  private StoreQueryCost() {}

  /** Fills the file if it is missing, and prints a line for each query. */
  public static void main(String[] args) throws IOException {
    int rows = args.length > 0 ? Integer.parseInt(args[0]) : 5_000_000;
    Path file =
        args.length > 1
            ? Path.of(args[1])
            : Files.createTempDirectory("store-query-cost").resolve("logs.duckdb");
    boolean there = Files.exists(file);
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      if (!there) {
        fill(store, rows);
      }
      System.out.printf(
          Locale.ROOT,
          "%,d rows, %.1f bytes a row%n",
          store.count(LogQuery.builder().build()),
          Files.size(file) / (double) rows);
      Instant quarter = TO.minus(Duration.ofMinutes(15));
      LogQuery.Builder day = LogQuery.builder().from(TO.minus(Duration.ofDays(1))).to(TO);
      time(
          "last 100 lines of a pod",
          5,
          i -> store.find(LogQuery.builder().pod(StoreLines.podName(i % 20)).build()).size());
      time(
          "last 100 lines of a pod in the last hour",
          5,
          i ->
              store
                  .find(
                      LogQuery.builder()
                          .pod(StoreLines.podName(i % 20))
                          .from(TO.minus(Duration.ofHours(1)))
                          .build())
                  .size());
      time(
          "errors by service over 15 minutes",
          10,
          i ->
              store
                  .counts(
                      LogQuery.builder()
                          .from(quarter)
                          .to(TO)
                          .severityAtLeast(Severity.ERROR)
                          .build(),
                      Duration.ofMinutes(15))
                  .size());
      time(
          "severity per 5 minutes over a day",
          100,
          i -> store.counts(day.build(), Duration.ofMinutes(5)).size());
      time(
          "text in the last hour",
          200,
          i ->
              store
                  .find(
                      LogQuery.builder()
                          .from(TO.minus(Duration.ofHours(1)))
                          .to(TO)
                          .text("customer " + (17 * i + 3))
                          .build())
                  .size());
      time(
          "text in a day",
          200,
          i -> store.find(day.text("customer " + (17 * i + 3)).build()).size());
    }
  }

  private static void fill(DuckDbLogStore store, int rows) throws IOException {
    Classification[] verdicts = new Classification[StoreLines.POOL];
    try (Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(TreeLogClassifier.loadDefault())
            .build()) {
      for (int i = 0; i < verdicts.length; i++) {
        verdicts[i] = copilot.classify(StoreLines.message(i));
      }
    }
    Origin[] pods = new Origin[StoreLines.PODS];
    for (int i = 0; i < pods.length; i++) {
      pods[i] =
          Origin.builder()
              .namespace("shop")
              .service(StoreLines.service(i))
              .pod(StoreLines.podName(i))
              .container("main")
              .build();
    }
    long step = Duration.between(FROM, TO).toNanos() / rows;
    for (int i = 0; i < rows; i++) {
      store.accept(
          LogRecord.of(FROM.plusNanos(step * i), StoreLines.message(i), pods[StoreLines.pod(i)]),
          verdicts[i % verdicts.length]);
    }
    store.flush();
  }

  private static void time(String name, int target, IntFunction<Integer> query) {
    double[] millis = new double[TIMES];
    long found = 0;
    for (int i = -5; i < TIMES; i++) {
      long start = System.nanoTime();
      int n = query.apply(i + 5);
      if (i >= 0) {
        millis[i] = (System.nanoTime() - start) / 1e6;
        found += n;
      }
    }
    Arrays.sort(millis);
    System.out.printf(
        Locale.ROOT,
        "%s: median %.1f ms (target %d), best %.1f, p90 %.1f; %d results on average%n",
        name,
        millis[TIMES / 2],
        target,
        millis[0],
        millis[TIMES * 9 / 10],
        found / TIMES);
  }
}
