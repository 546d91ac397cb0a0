package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pods that lose the labels asked for, and get them back. */
class KubernetesSelectionTest {
  private static final long LIMIT_NANOS = 180_000_000_000L;

  @TempDir Path folder;
  private FakeCluster cluster;
  private final ContainerFiles files = new ContainerFiles();
  private final List<String> stored = new ArrayList<>();
  private KubernetesLogSource source;

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    cluster.logs = files::serve;
    cluster.previous = files::serve;
    cluster.pod("db-0", "u1", 0, "running");
    source =
        KubernetesLogSource.builder()
            .kubeconfig(cluster.kubeconfig(folder, "{token: first}"))
            .labelSelector("app=x")
            .interval(Duration.ofMillis(100))
            .stallTimeout(Duration.ofMinutes(1))
            .build();
  }

  @AfterEach
  void stop() {
    source.close();
    cluster.close();
  }

  private void poll(BooleanSupplier until) {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (!until.getAsBoolean()) {
      if (source.poll(r -> stored.add(r.origin().restartCount() + " " + r.message()), 100) == 0) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(System.nanoTime())
          .as(() -> "in time; " + stored + "; " + source.counters())
          .isLessThan(deadline);
    }
  }

  private void leave() {
    cluster.unselected.add("db-0");
    poll(() -> source.counters().get("kubernetes.pods") == 0);
    poll(() -> source.counters().get("kubernetes.streams") == 0);
  }

  private void comeBack() {
    cluster.unselected.clear();
    poll(() -> source.counters().get("kubernetes.pods") == 1);
  }

  @Test
  void aPodThatComesBackIsReadOnWhereItWasLeft() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    leave();
    assertThat(source.streams())
        .hasValue(Set.of("kubernetes:u1/app", "kubernetes-events:shop")); // it may come back
    files.print(2, "while away");
    long asked = cluster.logRequests();
    long end = System.nanoTime() + 2_500_000_000L;
    poll(() -> System.nanoTime() > end);
    assertThat(cluster.logRequests()).as("not read while it is not selected").isEqualTo(asked);
    comeBack();
    files.print(3, "back");
    poll(() -> stored.size() == 3);
    leave();
    comeBack();
    files.print(4, "once more");
    poll(() -> stored.size() == 4);
    assertThat(stored).containsExactly("0 one", "0 while away", "0 back", "0 once more");
    assertThat(source.counters())
        .containsEntry("kubernetes.gaps", 0L)
        .containsEntry("kubernetes.instances.lost", 0L);
  }

  @Test
  void whatIsNoLongerServedWhenItComesBackIsAGap() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    leave();
    files.print(2, "never served");
    files.rotate();
    files.print(9, "nine");
    comeBack();
    poll(() -> stored.size() == 2);
    assertThat(stored).containsExactly("0 one", "0 nine");
    assertThat(source.counters())
        .containsEntry("kubernetes.gaps", 1L)
        .containsEntry("kubernetes.instances.lost", 0L);
  }

  @Test
  void instancesThatCameAndWentWhileItWasAwayAreReadOrTold() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    leave();
    for (int i = 1; i < 4; i++) {
      files.restart();
      files.print(i * 10, "one");
    }
    cluster.pod(
        "db-0",
        "u1",
        3,
        "running",
        ",\"startedAt\":\"%s\",\"finishedAt\":\"%s\",\"containerID\":\"containerd://x\""
            .formatted(ContainerFiles.START.plusSeconds(20), ContainerFiles.START.plusSeconds(21)));
    comeBack();
    poll(() -> stored.size() == 3);
    assertThat(stored).containsExactly("0 one", "2 one", "3 one");
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 2L);
  }

  @Test
  void aFollowEndsAtTheFirstLineBehindTheLossOfTheLabels() {
    CountDownLatch away = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    files.print(1, "one");
    cluster.logs =
        (exchange, query) -> {
          if (!query.get("follow").equals("true") || end.getCount() == 0) {
            return files.serve(exchange, query);
          }
          try (OutputStream out = FakeCluster.begin(exchange)) {
            out.write(files.current(query).getBytes(StandardCharsets.UTF_8));
            out.flush();
            KubernetesLogSourceTest.await(away, 600);
            for (int i = 0; i < 50 && end.getCount() > 0; i++) {
              files.print(2 + i / 10.0, "away " + i);
              out.write(
                  (ContainerFiles.START.plusMillis(2_000 + i * 100) + " away " + i + "\n")
                      .getBytes(StandardCharsets.UTF_8));
              out.flush();
              KubernetesLogSourceTest.await(end, 5);
            }
          }
          return true;
        };
    poll(() -> cluster.logFollows() == 1 && stored.size() == 1);
    cluster.unselected.add("db-0");
    poll(() -> source.counters().get("kubernetes.pods") == 0);
    away.countDown();
    poll(() -> source.counters().get("kubernetes.streams") == 0);
    assertThat(stored).hasSizeLessThan(10);
    end.countDown();
    files.print(8, "last");
    comeBack();
    poll(() -> stored.contains("0 last"));
    assertThat(stored).doesNotHaveDuplicates().startsWith("0 one", "0 away 0");
    assertThat(source.counters())
        .containsEntry("kubernetes.gaps", 0L)
        .containsEntry("kubernetes.reconnects", 0L);
  }

  @Test
  void theLogOfAnEndedContainerIsReadThoughTheKubeletCanNotBeReachedForAWhile() {
    AtomicInteger asked = new AtomicInteger();
    files.print(1, "one");
    cluster.pod("db-0", "u1", 0, "terminated");
    cluster.logs =
        (exchange, query) ->
            asked.getAndIncrement() < 6
                ? FakeCluster.send(exchange, 500, "")
                : files.serve(exchange, query);
    poll(() -> stored.size() == 1);
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"copilot-pods", "copilot-watch"})
  void aSourceThatCanFindNoMorePodsSaysSo(String name) {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().equals(name))
        .forEach(Thread::interrupt); // stands for an error that no one expects
    assertThatThrownBy(() -> poll(() -> false))
        .isInstanceOfSatisfying(CopilotException.class, e -> assertThat(e.retryable()).isFalse())
        .hasMessageContaining("has ended");
  }

  @Test
  void ofADeletedPodNothingIsKept() {
    files.print(1, "one");
    poll(() -> stored.size() == 1);
    leave();
    long follows = cluster.logFollows();
    comeBack();
    poll(() -> cluster.logFollows() > follows + 1); // followed to its end at least once
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 404, "");
    cluster.pods.clear();
    poll(() -> source.counters().get("kubernetes.pods") == 0);
    poll(() -> source.counters().get("kubernetes.streams") == 0);
    assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
    poll(() -> source.streams().orElseThrow().equals(Set.of("kubernetes-events:shop")));
    long asked = cluster.logRequests();
    long end = System.nanoTime() + 2_500_000_000L;
    poll(() -> System.nanoTime() > end);
    assertThat(cluster.logRequests()).isEqualTo(asked);
  }
}
