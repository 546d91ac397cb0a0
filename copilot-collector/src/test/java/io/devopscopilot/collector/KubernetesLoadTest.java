package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.LogRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More pods than are followed, and more lines than are taken. */
class KubernetesLoadTest {
  private static final Instant BEGIN = Instant.parse("2026-01-05T10:00:00Z");
  private static final long PATIENCE = 120_000_000_000L;
  private static final int PODS = 500;
  private static final int FOLLOWS = 16;
  private static final int QUEUE = 8_192;

  @TempDir Path folder;
  private FakeCluster cluster;
  private Path config;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    config = cluster.kubeconfig(folder, "{token: first}");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static String line(int number) {
    return BEGIN.plusMillis(number) + " line " + number + "\n";
  }

  private static List<Thread> followers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().equals("copilot-follow"))
        .toList();
  }

  @Test
  void fiveHundredPodsAreReadInTurnsByFewThreads() throws IOException {
    for (int i = 0; i < PODS; i++) {
      cluster.pod("db-" + i, "u" + i, 0, "running");
    }
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger printed = new AtomicInteger(1);
    cluster.logs =
        (exchange, query) -> {
          most.accumulateAndGet(open.incrementAndGet(), Math::max);
          StringBuilder text = new StringBuilder();
          Instant since = Instant.parse(query.getOrDefault("sinceTime", BEGIN.toString()));
          for (int i = 0; i < printed.get(); i++) {
            if (!BEGIN.plusSeconds(5 * i).isBefore(since)) {
              text.append(line(i * 5_000));
            }
          }
          try (OutputStream out = FakeCluster.begin(exchange)) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
            open.decrementAndGet(); // before the client can see the end, and ask for the next
          }
          return true;
        };
    Map<String, Set<String>> seen = new HashMap<>();
    List<Thread> others = followers(); // of a source that was closed before, and ends
    long deadline = System.nanoTime() + PATIENCE;
    int lines = 0;
    try (KubernetesLogSource source =
        KubernetesLogSource.builder()
            .kubeconfig(config)
            .interval(Duration.ofSeconds(1))
            .maxFollows(FOLLOWS)
            .events(false)
            .build()) {
      for (int round = 1; round <= 2; round++) {
        printed.set(round);
        while (lines < round * PODS) {
          lines +=
              source.poll(
                  r ->
                      assertThat(
                              seen.computeIfAbsent(r.origin().pod(), p -> new HashSet<>())
                                  .add(r.message()))
                          .as("twice: %s", r)
                          .isTrue(),
                  1_000);
          assertThat(followers().stream().filter(t -> !others.contains(t)).count())
              .isLessThanOrEqualTo(FOLLOWS);
          assertThat(System.nanoTime()).as("in time; %s", source.counters()).isLessThan(deadline);
        }
      }
      assertThat(source.counters())
          .containsEntry("kubernetes.pods", (long) PODS)
          .containsEntry("kubernetes.gaps", 0L);
    }
    assertThat(seen).hasSize(PODS);
    assertThat(most.get()).isBetween(2, FOLLOWS);
  }

  @Test
  void whoTakesLinesSlowlyHoldsTheReaderBackAndLosesNone() throws Exception {
    int lines = 5 * QUEUE;
    cluster.pod("db-0", "u0", 0, "running");
    CountDownLatch end = new CountDownLatch(1);
    cluster.logs =
        (exchange, query) -> {
          OutputStream out = FakeCluster.begin(exchange);
          for (int i = 0; i < lines; i++) {
            out.write(line(i).getBytes(StandardCharsets.UTF_8));
          }
          out.flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return true;
        };
    AtomicInteger taken = new AtomicInteger();
    long deadline = System.nanoTime() + PATIENCE;
    try (KubernetesLogSource source =
        KubernetesLogSource.builder()
            .kubeconfig(config)
            .interval(Duration.ofMillis(100))
            .events(false)
            .build()) {
      source.poll(r -> take(r, taken), 1);
      while (source.counters().get("kubernetes.lines.read") < QUEUE) {
        assertThat(System.nanoTime()).as("in time; %s", source.counters()).isLessThan(deadline);
        Thread.sleep(5);
      }
      while (taken.get() < lines) {
        source.poll(r -> take(r, taken), 100);
        // One more is held until it is known whether the next line goes on with it.
        assertThat(source.counters().get("kubernetes.lines.read"))
            .isLessThanOrEqualTo(taken.get() + QUEUE + 1L);
        assertThat(System.nanoTime()).as("in time; %s", source.counters()).isLessThan(deadline);
      }
    } finally {
      end.countDown();
    }
  }

  private static void take(LogRecord record, AtomicInteger taken) {
    assertThat(record.message()).isEqualTo("line " + taken.getAndIncrement());
  }
}
