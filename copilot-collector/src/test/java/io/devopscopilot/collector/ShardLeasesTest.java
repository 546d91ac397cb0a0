package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardLeasesTest {
  private static final String PATH = "/apis/coordination.k8s.io/v1/namespaces/shop/leases";

  /** Two thirds of it must do for a round of a starved machine. */
  private static final Duration TERM = Duration.ofSeconds(5);

  @TempDir Path folder;
  private FakeCluster cluster;
  private final Map<String, JsonObject> leases = new TreeMap<>();
  private long version;
  private final List<Collector> collectors = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    cluster.kubeconfig(folder, "{token: first}");
    cluster.lists = this::answer;
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (Collector collector : collectors) {
      collector.end();
    }
    cluster.close();
  }

  /** Leases as an API server keeps them: what was read before another wrote is refused. */
  private synchronized boolean answer(HttpExchange exchange, Map<String, String> query)
      throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (!path.startsWith(PATH)) {
      return false;
    }
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String method = exchange.getRequestMethod();
    if (method.equals("GET")) {
      JsonObject lease = leases.get(path.substring(PATH.length() + 1));
      return lease == null
          ? FakeCluster.send(exchange, 404, FakeCluster.status(404, "NotFound", "no lease"))
          : FakeCluster.send(exchange, 200, lease.toString());
    }
    JsonObject lease = JsonParser.parseString(body).getAsJsonObject();
    JsonObject meta = lease.getAsJsonObject("metadata");
    String name = meta.get("name").getAsString();
    JsonObject before = leases.get(name);
    boolean fits =
        method.equals("POST")
            ? before == null
            : before != null
                && before
                    .getAsJsonObject("metadata")
                    .get("resourceVersion")
                    .equals(meta.get("resourceVersion"));
    if (!fits) {
      return FakeCluster.send(exchange, 409, FakeCluster.status(409, "Conflict", "was changed"));
    }
    put(name, lease);
    return FakeCluster.send(exchange, method.equals("POST") ? 201 : 200, lease.toString());
  }

  private synchronized void put(String name, JsonObject lease) {
    version++;
    lease.getAsJsonObject("metadata").addProperty("resourceVersion", String.valueOf(version));
    leases.put(name, lease);
  }

  /** Puts a Lease there as another process would write it. */
  private void held(int shard, String holder, int shards) {
    put(
        "devops-copilot-all-" + shard,
        JsonParser.parseString(
                "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{\"name\":\"devops-copilot-all-%s\",\"namespace\":\"shop\",\"annotations\":{\"devops-copilot/shards\":\"%s\"}},\"spec\":{\"holderIdentity\":\"%s\",\"leaseDurationSeconds\":3}}"
                    .formatted(shard, shards, holder))
            .getAsJsonObject());
  }

  /** Asks for a shard as another process does. */
  private synchronized void ask(int shard, String who) {
    JsonObject lease = leases.get("devops-copilot-all-" + shard).deepCopy();
    notes(lease).addProperty("devops-copilot/wanted-by", who);
    put("devops-copilot-all-" + shard, lease);
  }

  private synchronized boolean wanted(int shard) {
    JsonObject notes = notes(leases.get("devops-copilot-all-" + shard));
    return !notes.get("devops-copilot/wanted-by").getAsString().isEmpty();
  }

  private static JsonObject notes(JsonObject lease) {
    return lease.getAsJsonObject("metadata").getAsJsonObject("annotations");
  }

  private synchronized Optional<String> holder(int shard) {
    JsonObject lease = leases.get("devops-copilot-all-" + shard);
    return lease == null || !lease.getAsJsonObject("spec").has("holderIdentity")
        ? Optional.empty()
        : Optional.of(lease.getAsJsonObject("spec").get("holderIdentity").getAsString());
  }

  /** A collector that only notes what it works on. */
  private final class Collector {
    final ShardLeases shares;
    final Set<Integer> works = ConcurrentHashMap.newKeySet();
    final AtomicInteger begun = new AtomicInteger();
    final CountDownLatch stop = new CountDownLatch(1);
    volatile @Nullable CopilotException failure;
    final Thread thread;

    Collector(String me, int shards, int failures) {
      shares =
          new ShardLeases(
              new ClusterClient(Optional.of(folder.resolve("config")), Optional.empty(), false),
              "shop",
              "all",
              shards,
              me,
              TERM);
      AtomicInteger left = new AtomicInteger(failures);
      ShardLeases.Work work =
          (shard, lost) -> {
            begun.incrementAndGet();
            if (left.getAndDecrement() > 0) {
              throw new CopilotException("the broker is away");
            }
            works.add(shard);
            while (!lost.getAsBoolean()) {
              Thread.sleep(20);
            }
            works.remove(shard);
          };
      thread =
          new Thread(
              () -> {
                try {
                  shares.run(work, stop);
                } catch (CopilotException e) {
                  failure = e;
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      thread.start();
      collectors.add(this);
    }

    void end() throws InterruptedException {
      stop.countDown();
      thread.join(60_000);
      assertThat(thread.isAlive()).isFalse();
    }
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static Set<Integer> both(Collector a, Collector b) {
    Set<Integer> all = new HashSet<>(a.works);
    all.addAll(b.works);
    return all;
  }

  @Test
  void aSecondOneIsGivenHalfAndTheRestWhenTheFirstEnds() throws InterruptedException {
    Collector a = new Collector("a", 4, 0);
    until(() -> a.works.size() == 4);
    Collector b = new Collector("b", 4, 0);
    until(() -> a.works.size() == 2 && b.works.size() == 2 && both(a, b).size() == 4);
    until(() -> a.shares.held() == 2); // it counts what it gave behind its writing so
    a.end();
    assertThat(a.works).isEmpty();
    until(() -> b.works.size() == 4);
    assertThat(List.of(0, 1, 2, 3)).allMatch(s -> holder(s).equals(Optional.of("b")));
    b.end();
    assertThat(List.of(0, 1, 2, 3)).allMatch(s -> holder(s).isEmpty());
  }

  @Test
  void whoHoldsTwoMoreGivesTheShardThatIsAskedFor() {
    Collector a = new Collector("a", 2, 0);
    until(() -> a.works.size() == 2);
    until(
        () -> {
          if (!wanted(1)) { // asked once more where the renewal was faster
            ask(1, "b");
          }
          return holder(1).equals(Optional.of("b"));
        });
    assertThat(a.works).containsExactly(0);
    assertThat(holder(0)).contains("a");
  }

  @Test
  void whoHoldsOneMoreKeepsWhatIsAskedFor() {
    held(2, "b", 3);
    Collector a = new Collector("a", 3, 0);
    until(() -> a.works.size() == 2);
    ask(1, "b");
    until(
        () -> {
          held(2, "b", 3);
          return !wanted(1); // renewed, and so refused
        });
    assertThat(a.works).containsExactlyInAnyOrder(0, 1);
    assertThat(holder(1)).contains("a");
  }

  @Test
  void aShardIsTakenOverOnlyWhenItsHolderRenewsNoMore() {
    held(0, "dead", 2);
    held(1, "alive", 2);
    long began = System.nanoTime();
    Collector b = new Collector("b", 2, 0);
    until(
        () -> {
          held(1, "alive", 2);
          return b.works.contains(0);
        });
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(TERM);
    assertThat(b.works).containsExactly(0);
  }

  @Test
  void whoSleptAndWasReplacedStopsAndWritesNothing() {
    Collector a = new Collector("a", 1, 0);
    until(() -> a.works.size() == 1);
    held(0, "other", 1);
    until(() -> a.works.isEmpty());
    assertThat(holder(0)).contains("other");
  }

  @Test
  void whoCanNotRenewStops() {
    Collector a = new Collector("a", 1, 0);
    until(() -> a.works.size() == 1);
    cluster.lists =
        (exchange, query) -> FakeCluster.send(exchange, 500, FakeCluster.status(500, "", "away"));
    until(() -> a.works.isEmpty());
    cluster.lists = this::answer;
    until(() -> a.works.size() == 1);
  }

  @Test
  void aShardWhoseWorkFailsIsTakenAgain() {
    Collector a = new Collector("a", 1, 2);
    until(() -> a.works.size() == 1);
    assertThat(a.begun).hasValue(3);
  }

  @Test
  void anotherNumberOfShardsIsRefusedWhileThoseOfTheFirstRun() throws InterruptedException {
    held(0, "a", 8);
    Collector b = new Collector("b", 2, 0);
    b.thread.join(60_000);
    assertThat(b.failure).hasMessageContaining("a collects as all with 8 shards, this one with 2");
    assertThat(b.begun).hasValue(0);
  }

  @Test
  void lackOfRightsIsAnsweredWithVerbsAndResource() throws InterruptedException {
    cluster.lists =
        (exchange, query) -> FakeCluster.send(exchange, 403, FakeCluster.status(403, "", "no"));
    Collector a = new Collector("a", 1, 0);
    a.thread.join(60_000);
    assertThat(a.failure)
        .hasMessageContaining("get, create and update on leases")
        .hasMessageContaining("shop");
  }

  @Test
  void wrongNumbersAndNamesAreSaid() {
    KubernetesLogSource.Builder builder =
        KubernetesLogSource.builder().kubeconfig(folder.resolve("config"));
    assertThatThrownBy(() -> builder.leases("all", 65)).hasMessageContaining("must be 1 to 64");
    assertThatThrownBy(() -> builder.leases("All", 2)).hasMessageContaining("must be 1 to 40 of");
    assertThatThrownBy(() -> builder.shard(2, 2)).hasMessageContaining("shard is 2 of 2");
  }

  @Test
  void shardsReadEachPodAndTheEventsOnce() {
    for (int i = 0; i < 12; i++) {
      cluster.pod("db-" + i, "uid-" + i, 0, "terminated");
    }
    cluster.events =
        List.of(
            "{\"metadata\":{\"name\":\"e\",\"namespace\":\"shop\",\"uid\":\"e1\",\"resourceVersion\":\"5\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"db-1\"},\"reason\":\"Killing\",\"message\":\"stopping\",\"type\":\"Normal\",\"lastTimestamp\":\"2026-01-05T10:00:00Z\"}");
    cluster.logs =
        (exchange, query) ->
            FakeCluster.send(
                exchange,
                200,
                "2026-01-05T10:00:01.5Z line of "
                    + exchange.getRequestURI().getPath().split("/")[6]
                    + "\n");
    List<String> read = new ArrayList<>();
    List<KubernetesLogSource> shards = new ArrayList<>();
    int[] of = new int[3];
    try {
      for (int shard = 0; shard < 3; shard++) {
        shards.add(
            KubernetesLogSource.builder()
                .kubeconfig(folder.resolve("config"))
                .interval(Duration.ofMillis(100))
                .shard(shard, 3)
                .build());
      }
      until(
          () -> {
            for (int shard = 0; shard < 3; shard++) {
              of[shard] += shards.get(shard).poll(r -> read.add(r.message()), 100);
            }
            return read.size() >= 13;
          });
    } finally {
      shards.forEach(KubernetesLogSource::close);
    }
    assertThat(of).doesNotContain(0);
    assertThat(read).hasSize(13).doesNotHaveDuplicates().anyMatch(m -> m.contains("stopping"));
  }
}
