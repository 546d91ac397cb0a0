package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers that are started anew while the API server still tells of the instance before. */
class KubernetesInstancesTest {
  private static final Instant START = ContainerFiles.START;
  private static final long LIMIT_NANOS = 180_000_000_000L;

  @TempDir Path folder;
  private FakeCluster cluster;
  private Path config;
  private final ContainerFiles files = new ContainerFiles();
  private final List<String> stored = new ArrayList<>();
  private final Map<String, String> positions = new HashMap<>();
  private KubernetesLogSource source;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    config = cluster.kubeconfig(folder, "{token: first}");
    cluster.logs = files::serve;
    cluster.previous = files::serve;
    cluster.pod("db-0", "u1", 0, "running");
    open();
  }

  private void open() {
    source =
        KubernetesLogSource.builder()
            .kubeconfig(config)
            .interval(Duration.ofMillis(100))
            .stallTimeout(Duration.ofMinutes(1))
            .build();
    source.resume(positions);
  }

  private void kill() {
    source.close();
    open();
  }

  @AfterEach
  void stop() {
    source.close();
    cluster.close();
  }

  private void poll(BooleanSupplier until) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!until.getAsBoolean()) {
      int read =
          source.poll(
              r -> {
                stored.add(r.origin().restartCount() + " " + r.message());
                positions.put(r.position().stream(), r.position().token());
              },
              100);
      if (read == 0) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(System.nanoTime())
          .as(() -> "in time; " + stored + "; " + source.counters())
          .isLessThan(deadline);
    }
  }

  private void pollRequests(int more) {
    long now = cluster.logRequests();
    poll(() -> cluster.logRequests() >= now + more);
  }

  private static String times(int from, int until) {
    return ",\"startedAt\":\"%s\",\"finishedAt\":\"%s\",\"containerID\":\"containerd://x\""
        .formatted(START.plusSeconds(from), START.plusSeconds(until));
  }

  @Test
  void aNewInstanceServedBeforeItIsListedIsNotTakenForTheOldOne() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    files.print(2, "last words");
    files.restart();
    files.print(4, "one");
    poll(() -> stored.size() == 3);
    pollRequests(6);
    cluster.pod("db-0", "u1", 1, "running", times(0, 2));
    pollRequests(6);
    files.print(5, "two");
    poll(() -> stored.size() == 4);
    assertThat(stored).containsExactly("0 one", "0 last words", "1 one", "1 two");
    assertThat(source.counters())
        .containsEntry("kubernetes.gaps", 0L)
        .containsEntry("kubernetes.instances.lost", 0L);
  }

  @Test
  void theEndOfAnInstanceIsReadThoughTheNewOneIsSilent() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    files.print(2, "last words");
    files.restart();
    poll(() -> stored.size() == 2);
    files.print(9, "one");
    poll(() -> stored.size() == 3);
    assertThat(stored).containsExactly("0 one", "0 last words", "1 one");
  }

  @Test
  void aKillBetweenTwoInstancesLosesAndDoublesNothing() {
    files.print(1, "one");
    files.print(2, "two");
    poll(() -> !stored.isEmpty()); // one, and two if it takes as long as a trace is waited for
    kill();
    files.restart();
    files.print(4, "one");
    cluster.pod("db-0", "u1", 1, "running", times(0, 2));
    poll(() -> stored.size() == 3);
    kill();
    pollRequests(6);
    assertThat(stored).containsExactly("0 one", "0 two", "1 one");
  }

  @Test
  void anInstanceThatCameAndWentUnlistedIsToldByItsTimes() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    synchronized (files) {
      files.restart();
      files.print(4, "one");
      files.restart();
      files.print(8, "one");
    }
    pollRequests(6);
    assertThat(stored).containsExactly("0 one"); // the status does not tell yet whose lines it has
    cluster.pod("db-0", "u1", 2, "running", times(3, 5));
    poll(() -> stored.size() == 3);
    assertThat(stored).containsExactly("0 one", "1 one", "2 one");
    assertThat(source.counters())
        .containsEntry("kubernetes.gaps", 0L)
        .containsEntry("kubernetes.instances.lost", 1L);
  }

  @Test
  void instancesThatAreNotServedAnyMoreAreCounted() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    kill();
    for (int i = 1; i < 5; i++) {
      files.restart();
      files.print(i * 10, "one");
    }
    cluster.pod("db-0", "u1", 4, "running", times(30, 31));
    poll(() -> stored.size() == 3);
    assertThat(stored).containsExactly("0 one", "3 one", "4 one");
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 3L);
  }

  @Test
  void anInstanceReplacedBeforeItsFirstLineWasReadIsCounted() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    int before = cluster.requests.size();
    files.restart();
    cluster.pod("db-0", "u1", 1, "running", times(0, 2));
    poll(() -> cluster.logsFromTheStart(before) > 0); // the new instance is the one that is read
    synchronized (files) {
      files.print(4, "never served");
      files.restart();
      files.print(10, "one");
      files.restart();
      files.print(20, "one");
      cluster.pod("db-0", "u1", 3, "running", times(10, 11));
    }
    poll(() -> stored.size() == 3);
    assertThat(stored).containsExactly("0 one", "2 one", "3 one");
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 1L);
  }

  @Test
  void aContainerFirstSeenWhileItWaitsIsReadOnce() {
    files.print(1, "one");
    files.restart();
    files.print(4, "one");
    files.waits();
    cluster.pod("db-0", "u1", 1, "waiting", times(4, 4));
    poll(() -> stored.size() == 1);
    files.restart();
    files.print(20, "one");
    cluster.pod("db-0", "u1", 2, "running", times(4, 4));
    poll(() -> stored.size() == 2);
    pollRequests(6);
    assertThat(stored).containsExactly("1 one", "2 one");
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
  }

  @Test
  void aRunningContainerFirstSeenBringsItsPreviousInstanceFirst() {
    files.print(1, "one");
    files.restart();
    files.print(4, "one");
    cluster.pod("db-0", "u1", 1, "running", times(1, 2));
    poll(() -> stored.size() == 2);
    assertThat(stored).containsExactly("0 one", "1 one");
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
  }

  @Test
  void aRotatedFileBeforeARestartIsAGapOfTheOldInstance() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    files.rotate();
    files.print(3, "three");
    files.restart();
    files.print(5, "one");
    cluster.pod("db-0", "u1", 1, "running", times(0, 4));
    poll(() -> stored.size() == 3);
    assertThat(stored).containsExactly("0 one", "0 three", "1 one");
    assertThat(source.counters())
        .containsEntry("kubernetes.gaps", 1L)
        .containsEntry("kubernetes.instances.lost", 0L);
  }

  @Test
  void aFollowThatLeavesAFileOutIsAGap() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    AtomicBoolean left = new AtomicBoolean();
    cluster.logs =
        (exchange, query) -> {
          if (!query.get("follow").equals("true") || left.getAndSet(true)) {
            return files.serve(exchange, query);
          }
          String first = START.plusSeconds(1) + " one\n";
          String next = START.plusSeconds(2) + " two\n";
          files.rotate(); // what followed was in a file that came and went meanwhile
          files.print(9, "nine");
          return FakeCluster.send(exchange, 200, first + next + START.plusSeconds(9) + " nine\n");
        };
    poll(() -> stored.contains("0 nine"));
    assertThat(stored).containsExactly("0 one", "0 two", "0 nine");
    assertThat(source.counters()).containsEntry("kubernetes.gaps", 1L);
  }

  @Test
  void theLogOfANewPodOfTheSameNameIsNotTakenForTheOldOnes() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    cluster.pod("db-0", "u2", 0, "waiting");
    files.rotate();
    files.print(5, "one");
    poll(() -> source.counters().get("kubernetes.streams") == 0);
    cluster.pod("db-0", "u2", 0, "running");
    poll(() -> stored.size() == 2);
    pollRequests(4);
    assertThat(stored).containsExactly("0 one", "0 one");
    assertThat(positions).hasSize(2);
    assertThat(source.counters()).containsEntry("kubernetes.gaps", 0L);
  }
}
