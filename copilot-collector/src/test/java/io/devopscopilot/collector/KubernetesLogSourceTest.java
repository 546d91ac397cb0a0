package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import okhttp3.Call;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesLogSourceTest {
  private static final String T = "2026-01-05T10:00:0";

  @TempDir Path folder;
  private FakeCluster cluster;
  private Path config;
  private final List<LogRecord> records = new ArrayList<>();
  private final Map<String, String> positions = new HashMap<>();

  @BeforeEach
  void start() throws IOException {
    cluster = new FakeCluster();
    config = cluster.kubeconfig(folder, "{token: first}");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private KubernetesLogSource source() {
    return source(Duration.ofMinutes(1));
  }

  private KubernetesLogSource source(Duration stall) {
    return KubernetesLogSource.builder()
        .kubeconfig(config)
        .interval(Duration.ofMillis(100))
        .stallTimeout(stall)
        .build();
  }

  private interface Until {
    boolean reached();
  }

  private void poll(KubernetesLogSource source, Until until) {
    long deadline = System.nanoTime() + 180_000_000_000L;
    while (!until.reached()) {
      int read =
          source.poll(
              r -> {
                records.add(r);
                positions.put(r.position().stream(), r.position().token());
              },
              100);
      if (read == 0) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(System.nanoTime())
          .as(() -> "in time; " + messages() + "; " + source.counters())
          .isLessThan(deadline);
    }
  }

  private static void until(Until until) {
    long deadline = System.nanoTime() + 180_000_000_000L;
    while (!until.reached()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private List<String> messages() {
    return records.stream().map(LogRecord::message).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The lines of a file since a whole second, as the kubelet serves them. */
  private static String since(List<String> lines, Map<String, String> query) {
    String since = query.getOrDefault("sinceTime", "");
    StringBuilder text = new StringBuilder();
    for (String line : lines) {
      String second = line.substring(0, 19) + "Z";
      if (since.isEmpty() || !Instant.parse(second).isBefore(Instant.parse(since))) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }

  @Test
  void lackOfRightsIsAnsweredWithVerbAndResource() {
    cluster.lists =
        (exchange, query) ->
            FakeCluster.send(
                exchange, 403, FakeCluster.status(403, "Forbidden", "pods is forbidden"));
    try (KubernetesLogSource source = source()) {
      assertThatThrownBy(() -> source.poll(r -> {}, 1))
          .isInstanceOf(CopilotException.class)
          .hasMessageContaining("verb list on pods in namespace shop");
    }
  }

  @Test
  void wrongCredentialsAreSaid() throws IOException {
    config = cluster.kubeconfig(folder, "{token: wrong}");
    try (KubernetesLogSource source = source()) {
      assertThatThrownBy(() -> source.poll(r -> {}, 1)).hasMessageContaining("401");
    }
  }

  @Test
  void eventsThatMayNotBeReadDoNotKeepLogsAway() {
    cluster.pod("db-0", "u1", 0, "terminated");
    cluster.lists =
        (exchange, query) ->
            exchange.getRequestURI().getPath().endsWith("/events")
                && FakeCluster.send(exchange, 403, FakeCluster.status(403, "Forbidden", "no"));
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, T + "1.5Z hello\n");
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 1);
      poll(source, () -> source.counters().get("kubernetes.forbidden") > 0); // the events' watch
    }
    assertThat(records.get(0).origin().service()).isEqualTo("db");
    assertThat(records.get(0).origin().owner()).isEqualTo("StatefulSet/db");
    assertThat(records.get(0).origin().node()).isEqualTo("n1");
    assertThat(records.get(0).timestamp()).isEqualTo(Instant.parse(T + "1.5Z"));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 204, 404, 500, 403, 429})
  void aLogThatCanNotBeHadAtFirstComesLater(int status) {
    cluster.pod("db-0", "u1", 0, "running");
    AtomicInteger asked = new AtomicInteger();
    cluster.logs =
        (exchange, query) ->
            asked.getAndIncrement() == 0
                ? FakeCluster.send(exchange, status, "")
                : FakeCluster.send(exchange, 200, T + "1Z hello\n");
    try (KubernetesLogSource source = source()) {
      poll(source, () -> !records.isEmpty());
      assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
    }
    assertThat(messages()).containsExactly("hello");
  }

  @Test
  @Timeout(240) // a source that waits for itself is interrupted
  void moreEventsThanTheQueueHoldsDoNotKeepItFromBeginning() {
    int many = 9_000;
    cluster.events =
        IntStream.rangeClosed(1, many)
            .mapToObj(i -> event(Integer.toString(i), "event " + i))
            .toList();
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == many);
    }
    assertThat(messages()).doesNotHaveDuplicates().contains("event 1", "event " + many);
  }

  @Test
  void aFirstAnswerThatIsNoneIsAskedForAgain() {
    cluster.pod("db-0", "u1", 0, "terminated");
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, T + "1Z hello\n");
    AtomicInteger lists = new AtomicInteger();
    cluster.lists =
        (exchange, query) ->
            lists.getAndIncrement() == 0 && FakeCluster.send(exchange, 200, "<html>a proxy</html>");
    try (KubernetesLogSource source = source()) {
      assertThatThrownBy(() -> source.poll(r -> {}, 1))
          .isInstanceOfSatisfying(CopilotException.class, e -> assertThat(e.retryable()).isTrue())
          .hasMessageContaining("answer about pods can't be used");
      poll(source, () -> records.size() == 1);
    }
  }

  @Test
  void aNamespaceWithoutAnswersDoesNotKeepOthersAway() {
    AtomicInteger lists = new AtomicInteger();
    cluster.lists =
        (exchange, query) ->
            exchange.getRequestURI().getPath().contains("/bad/")
                && lists.getAndIncrement() > 0
                && FakeCluster.send(exchange, 200, "<html>a proxy</html>");
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, T + "1Z hello\n");
    try (KubernetesLogSource source =
        KubernetesLogSource.builder()
            .kubeconfig(config)
            .namespace("bad")
            .namespace("shop")
            .interval(Duration.ofMillis(100))
            .build()) {
      poll(source, () -> lists.get() > 3);
      cluster.pod("db-0", "u1", 0, "terminated");
      poll(source, () -> records.size() == 1);
    }
  }

  @Test
  void aLogThatIsNotFollowedIsNotAwaitedAsLongAsAQuietFollow() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    cluster.logs =
        (exchange, query) -> {
          await(end);
          return FakeCluster.send(exchange, 200, T + "1Z hello\n");
        };
    ClusterClient client =
        new ClusterClient(
            Optional.of(config),
            Optional.empty(),
            false,
            Duration.ofMillis(200),
            Duration.ofHours(1));
    try {
      Call call = client.log("shop", "db-0", "app", false, false, Optional.empty());
      assertThatThrownBy(call::execute).isInstanceOf(SocketTimeoutException.class);
    } finally {
      end.countDown();
    }
    try (Response followed =
        client.log("shop", "db-0", "app", false, true, Optional.empty()).execute()) {
      assertThat(followed.code()).isEqualTo(200);
    }
  }

  @Test
  void brokenAnswersAndLostListsAreSurvived() {
    cluster.pod("db-0", "u1", 0, "running");
    List<String> lines = new ArrayList<>(List.of(T + "1Z one"));
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, since(lines, query));
    AtomicInteger lists = new AtomicInteger();
    String gone = FakeCluster.status(410, "Expired", "too old resource version");
    cluster.lists =
        (exchange, query) ->
            switch (lists.getAndIncrement()) {
              case 2 -> FakeCluster.send(exchange, 200, "<html>a proxy</html>");
              case 3 -> FakeCluster.send(exchange, 500, "");
              case 4 -> FakeCluster.send(exchange, 410, gone);
              case 5 -> // as an event within an answer of 200
                  FakeCluster.send(exchange, 200, "{\"type\":\"ERROR\",\"object\":" + gone + "}");
              default -> false;
            };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> lists.get() > 8);
      cluster.pod("db-1", "u2", 0, "running");
      poll(source, () -> records.size() == 2);
    }
    assertThat(messages()).containsExactly("one", "one");
  }

  @Test
  void everyLineOnceOverCutsHalfLinesEqualTimesAndRestarts() {
    cluster.pod("db-0", "u1", 0, "running");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      // Many of one instant, some of equal text, some of the other output a little late.
      int nanos = i % 7 == 3 ? i / 10 * 10 - 5 : i / 10 * 10;
      lines.add(
          T
              + (1 + i / 100)
              + "."
              + (100_000_000 + Math.max(0, nanos))
              + "Z text "
              + (i % 3 == 0 ? 0 : i));
    }
    AtomicInteger asked = new AtomicInteger();
    cluster.logs =
        (exchange, query) -> {
          byte[] text = bytes(since(lines, query));
          int n = asked.getAndIncrement();
          int cut = n > 14 ? text.length : Math.min(text.length, 600 + n * 1_237);
          if (n % 2 == 0 || cut == text.length) {
            try (OutputStream out = FakeCluster.begin(exchange)) {
              out.write(text, 0, cut); // a clean end within a line
            }
          } else {
            exchange.sendResponseHeaders(200, text.length);
            exchange.getResponseBody().write(text, 0, cut); // and a connection that breaks
            exchange.getResponseBody().flush();
          }
          return true;
        };
    while (records.size() < lines.size()) {
      int before = records.size();
      try (KubernetesLogSource source = source()) { // killed again and again
        source.resume(positions);
        poll(source, () -> records.size() >= Math.min(lines.size(), before + 90));
      }
    }
    assertThat(messages())
        .containsExactlyElementsOf(
            lines.stream().map(l -> l.substring(l.indexOf(' ') + 1)).toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "terminated"})
  void anAnswerThatEndsWithinACharacterLeavesOneWholeLine(String state) {
    cluster.pod("db-0", "u1", 0, state);
    List<String> lines = List.of(T + "1Z before", T + "2Z gr\u00fc\u00dfe \ud83d\ude00 ende");
    byte[] text = bytes(String.join("\n", lines) + "\n");
    int first = text.length - bytes("\u00fc\u00dfe \ud83d\ude00 ende\n").length;
    int[] within = {1, 3, 7, 8, 9};
    AtomicInteger asked = new AtomicInteger();
    cluster.logs =
        (exchange, query) -> {
          int n = asked.getAndIncrement();
          int cut = n < within.length ? first + within[n] : text.length;
          try (OutputStream out = FakeCluster.begin(exchange)) {
            out.write(text, 0, cut);
          }
          return true;
        };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 2);
      assertThat(asked.get()).isGreaterThan(within.length);
      source.poll(records::add, 100);
    }
    assertThat(messages()).containsExactly("before", "gr\u00fc\u00dfe \ud83d\ude00 ende");
    assertThat(records).allSatisfy(r -> assertThat(r.flags()).isEmpty());
  }

  @Test
  void aStalledStreamIsBegunAnewAndAQuietOneIsNoError() {
    cluster.pod("db-0", "u1", 0, "running");
    CountDownLatch end = new CountDownLatch(1);
    cluster.logs =
        (exchange, query) -> {
          if (query.containsKey("sinceTime")) {
            return FakeCluster.send(exchange, 200, T + "1Z one\n" + T + "2Z two\n");
          }
          OutputStream out = FakeCluster.begin(exchange);
          out.write(bytes(T + "1Z one\n" + T + "2Z tw"));
          out.flush();
          await(end);
          return true;
        };
    try (KubernetesLogSource source = source(Duration.ofSeconds(1))) {
      poll(source, () -> records.size() == 2);
      assertThat(source.counters().get("kubernetes.stalled")).isPositive();
      assertThat(source.counters()).containsEntry("kubernetes.reconnects", 0L);
    } finally {
      end.countDown();
    }
    assertThat(messages()).containsExactly("one", "two");
  }

  private static void await(CountDownLatch latch) throws IOException {
    await(latch, 600);
  }

  static void await(CountDownLatch latch, int seconds) throws IOException {
    try {
      latch.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void aSourceIsClosedWhileAStreamHangs() {
    cluster.pod("db-0", "u1", 0, "running");
    CountDownLatch end = new CountDownLatch(1);
    cluster.logs =
        (exchange, query) -> {
          FakeCluster.begin(exchange).flush();
          await(end);
          return true;
        };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> cluster.logRequests() > 0);
    } finally {
      end.countDown();
    }
  }

  @Test
  void whatTheKubeletSaysWithinTheStreamIsNoLine() {
    cluster.pod("db-0", "u1", 0, "terminated");
    cluster.logs =
        (exchange, query) ->
            FakeCluster.send(
                exchange,
                200,
                T + "1Z one\nfailed to create fsnotify watcher: too many open files\n");
    try (KubernetesLogSource source = source()) {
      poll(source, () -> source.counters().get("kubernetes.lines.foreign") > 0);
      poll(source, () -> records.size() == 1);
    }
    assertThat(messages()).containsExactly("one");
  }

  @Test
  void textOfTheKubeletIsToldOnceOfAKind() {
    KubernetesCounters counters = new KubernetesCounters();
    assertThat(counters.foreign("unable to retrieve container logs for containerd://a1")).isTrue();
    assertThat(counters.foreign("unable to retrieve container logs for containerd://b2")).isFalse();
    assertThat(counters.foreign("failed to create fsnotify watcher: too many")).isTrue();
    IntStream.range(0, 100).forEach(i -> counters.foreign("x".repeat(i) + i));
    assertThat(counters.foreign("of a kind beyond the bound")).isFalse();
    assertThat(counters.all()).containsEntry("kubernetes.lines.foreign", 104L);
  }

  /** How a pod's log ends that is deleted, and whether a loss must be told. */
  @ParameterizedTest
  @CsvSource({
    "'', 200, 0", // in order, and then the kubelet says that it has no such container
    "'', 404, 0",
    "'rpc error: code = NotFound desc = an error occurred', 200, 0",
    "'2026-01-05T10:00:02Z wi', 200, 1", // within a line
    "'failed to create fsnotify watcher', 200, 1",
    "'', 500, 1" // the kubelet is down: what came behind the end of the follow is not known
  })
  void theEndOfADeletedPodIsToldAsLostOnlyIfItMayBe(String behind, int status, long lost) {
    cluster.pod("db-0", "u1", 0, "running");
    CountDownLatch followed = new CountDownLatch(1);
    CountDownLatch deleted = new CountDownLatch(1);
    AtomicInteger after = new AtomicInteger();
    cluster.logs =
        (exchange, query) -> {
          if (query.get("follow").equals("true") && deleted.getCount() > 0) {
            try (OutputStream out = FakeCluster.begin(exchange)) {
              out.write(bytes(T + "1Z one\n"));
              out.flush();
              followed.countDown();
              await(deleted);
              out.write(bytes(behind));
            }
            return true;
          }
          if (deleted.getCount() > 0) {
            return FakeCluster.send(exchange, 200, T + "1Z one\n");
          }
          if (after.incrementAndGet() > 2) {
            cluster.pods.clear();
            return FakeCluster.send(exchange, 404, "");
          }
          return FakeCluster.send(
              exchange,
              status,
              status == 200 ? "unable to retrieve container logs for containerd://a1" : "");
        };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> followed.getCount() == 0 && records.size() == 1);
      deleted.countDown();
      poll(source, () -> source.counters().get("kubernetes.pods") == 0);
      poll(source, () -> source.counters().get("kubernetes.streams") == 0);
      assertThat(source.counters())
          .containsEntry("kubernetes.instances.lost", lost)
          .containsEntry("kubernetes.gaps", 0L);
    }
    assertThat(messages()).containsExactly("one");
  }

  @Test
  void aPodThatPrintedNothingLosesNothing() {
    cluster.pod("db-0", "u1", 0, "running");
    CountDownLatch followed = new CountDownLatch(1);
    CountDownLatch deleted = new CountDownLatch(1);
    cluster.logs =
        (exchange, query) -> {
          if (deleted.getCount() == 0) {
            cluster.pods.clear();
            return FakeCluster.send(exchange, 404, "");
          }
          if (query.get("follow").equals("true")) {
            try (OutputStream out = FakeCluster.begin(exchange)) {
              out.flush();
              followed.countDown();
              await(deleted);
            }
            return true;
          }
          return FakeCluster.send(exchange, 200, "");
        };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> followed.getCount() == 0);
      deleted.countDown();
      poll(source, () -> source.counters().get("kubernetes.pods") == 0);
      poll(source, () -> source.counters().get("kubernetes.streams") == 0);
      assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
    }
  }

  @Test
  void aRotatedFileIsAGapAndHoldsNothingBack() {
    cluster.pod("db-0", "u1", 0, "running");
    AtomicReference<List<String>> lines =
        new AtomicReference<>(
            IntStream.range(0, 50)
                .mapToObj(i -> T + "1.0000000" + (10 + i) + "Z old " + i)
                .toList());
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, since(lines.get(), query));
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 50);
      lines.set(List.of(T + "8Z new"));
      poll(source, () -> records.size() == 51);
      assertThat(source.counters()).containsEntry("kubernetes.gaps", 1L);
    }
  }

  @Test
  void aPodMadeAnewUnderTheSameNameIsAnotherOne() {
    cluster.pod("db-0", "u1", 0, "terminated");
    cluster.logs =
        (exchange, query) -> FakeCluster.send(exchange, 200, since(List.of(T + "1Z same"), query));
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 1);
      cluster.pod("db-0", "u2", 0, "running");
      poll(source, () -> records.size() == 2);
    }
    assertThat(records).extracting(r -> r.origin().podUid()).containsExactly("u1", "u2");
    assertThat(positions).hasSize(2);
  }

  @Test
  void afterARestartTheEndOfThePreviousInstanceIsFetched() {
    cluster.pod("db-0", "u1", 0, "running");
    cluster.logs =
        (exchange, query) ->
            FakeCluster.send(
                exchange,
                200,
                since(
                    cluster.pods.get("db-0").contains("\"restartCount\":1")
                        ? List.of(T + "3Z again")
                        : List.of(T + "1Z one"),
                    query));
    cluster.previous =
        (exchange, query) ->
            cluster.pods.get("db-0").contains("\"restartCount\":1")
                && FakeCluster.send(
                    exchange, 200, since(List.of(T + "1Z one", T + "1Z last words"), query));
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 1);
      cluster.pod("db-0", "u1", 1, "running");
      poll(source, () -> records.size() == 3);
    }
    assertThat(messages()).containsExactlyInAnyOrder("one", "last words", "again");
  }

  @Test
  void tracesAreJoinedAndLongLinesComeWhole() {
    String longLine = "x".repeat(40_000);
    cluster.logs =
        (exchange, query) ->
            FakeCluster.send(
                exchange,
                200,
                T
                    + "1Z ERROR no\n"
                    + T
                    + "1Z java.lang.Error: x\n"
                    + T
                    + "1Z \tat a.B(C.java:1)\n"
                    + T
                    + "2Z "
                    + longLine
                    + "\n"
                    + T
                    + "3Z no feed");
    try (KubernetesLogSource source = source()) {
      source.poll(records::add, 1);
      cluster.pod("db-0", "u1", 0, "terminated");
      // Taken once all are there: a reader that pauses within a trace may end it.
      until(() -> source.counters().get("kubernetes.lines.read") == 5);
      poll(source, () -> records.size() == 3);
    }
    assertThat(messages())
        .containsExactly("ERROR no\njava.lang.Error: x\n\tat a.B(C.java:1)", longLine, "no feed");
  }

  @Test
  void aTokenThatIsRotatedOnDiskIsReadAgain() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "first");
    config = cluster.kubeconfig(folder, "{tokenFile: '" + token + "'}");
    rotated(() -> Files.writeString(token, "second"));
  }

  @Test
  void anExecPluginIsAskedForCredentialsAgain() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "first");
    Path plugin =
        Files.writeString(
            folder.resolve("get-token"),
            "#!/bin/sh\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"'$(cat \""
                + token
                + "\")'\"}}'\n");
    assertThat(plugin.toFile().setExecutable(true)).isTrue();
    config =
        cluster.kubeconfig(
            folder,
            "{exec: {apiVersion: client.authentication.k8s.io/v1, command: '"
                + plugin
                + "', interactiveMode: Never}}");
    rotated(() -> Files.writeString(token, "second"));
  }

  private interface Step {
    void run() throws IOException;
  }

  private void rotated(Step rotation) throws IOException {
    cluster.pod("db-0", "u1", 0, "running");
    List<String> lines = new CopyOnWriteArrayList<>(List.of(T + "1Z one"));
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, since(lines, query));
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 1);
      cluster.token = "second";
      rotation.run();
      lines.add(T + "2Z two");
      poll(source, () -> records.size() == 2);
    }
    assertThat(messages()).containsExactly("one", "two");
  }

  @Test
  void eventsComeOnceAndAgainWhenTheirCountGrows() {
    cluster.events = List.of(event("5", "Back-off"));
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 1);
      cluster.events = List.of(event("7", "Back-off again"));
      poll(source, () -> records.size() == 2);
    }
    try (KubernetesLogSource source = source()) {
      source.resume(positions);
      cluster.events = List.of(event("7", "Back-off again"), event("8", "other"));
      poll(source, () -> records.size() == 3);
    }
    assertThat(messages()).containsExactly("Back-off", "Back-off again", "other");
    assertThat(records.get(0).attributes())
        .containsEntry(LogRecord.ATTR_REASON, "BackOff")
        .containsEntry(LogRecord.ATTR_COUNT, "3")
        .containsEntry(LogRecord.ATTR_FIRST_SEEN, "2026-01-05T09:58:00Z");
    assertThat(records.get(0).timestamp()).isEqualTo("2026-01-05T10:00:00Z");
  }

  @Test
  void eventsAreListedOnceAndThenWatched() throws Exception {
    cluster.events = IntStream.rangeClosed(1, 1_200).mapToObj(i -> event("" + i, "e" + i)).toList();
    AtomicInteger watches = new AtomicInteger();
    cluster.watches =
        (exchange, query) -> {
          String begin = query.get("resourceVersion");
          return switch (watches.getAndIncrement()) {
            case 0 -> // one that is had already, one that expires, and how far the watch is
                begin.equals("1200")
                    && FakeCluster.send(
                        exchange,
                        200,
                        FakeCluster.change("MODIFIED", event("1200", "e1200"))
                            + FakeCluster.change("DELETED", event("1201", "e1"))
                            + FakeCluster.change("ADDED", event("1202", "second"))
                            + FakeCluster.change("BOOKMARK", event("1300", "")));
            case 1 -> // a connection that breaks within a change
                begin.equals("1300")
                    && FakeCluster.send(
                        exchange,
                        200,
                        FakeCluster.change("ADDED", event("1301", "third")) + "{\"type\":\"ADD");
            default -> false;
          };
        };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> messages().contains("third"));
      cluster.events = List.of(event("1302", "fourth"));
      poll(source, () -> messages().contains("fourth"));
      // An event is counted behind its being handed on.
      until(() -> source.counters().get("kubernetes.events.read") == 1_203);
    }
    assertThat(messages()).hasSize(1_203).doesNotHaveDuplicates().startsWith("e1", "e2", "e3");
    assertThat(
            cluster.requests.stream().filter(r -> r.contains("/events") && !r.contains("watch=")))
        .as("pages of 500, listed anew at most for what broke")
        .hasSizeLessThanOrEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWatchOfEventsThatBeginsTooFarBackIsListedAnew(boolean within) throws Exception {
    cluster.events = List.of(event("5", "first"));
    AtomicInteger watches = new AtomicInteger();
    String gone = FakeCluster.status(410, "Expired", "too old resource version");
    cluster.watches =
        (exchange, query) -> {
          if (watches.getAndIncrement() > 0) {
            return false;
          }
          cluster.events = List.of(event("7", "second"), event("6", "expired first"));
          return within
              ? FakeCluster.send(exchange, 200, FakeCluster.change("ERROR", gone))
              : FakeCluster.send(exchange, 410, gone);
        };
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 3);
      assertThat(source.counters()).containsEntry("kubernetes.reconnects", 0L);
    }
    assertThat(messages()).containsExactly("first", "expired first", "second");
  }

  @Test
  void aPodIsFollowedAsSoonAsAWatchTellsOfIt() throws Exception {
    cluster.logs =
        (exchange, query) ->
            FakeCluster.send(
                exchange,
                200,
                T + "1Z line of " + exchange.getRequestURI().getPath().split("/")[6] + "\n");
    cluster.pod("db-0", "u0", 0, "terminated");
    CountDownLatch listed = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    cluster.podWatches =
        (exchange, query) -> {
          try (OutputStream out = FakeCluster.begin(exchange)) {
            listed.countDown();
            cluster.pod("db-1", "u1", 0, "waiting"); // no list of all is asked for any more
            out.write(bytes(FakeCluster.change("ADDED", cluster.pods.get("db-1"))));
            cluster.pod("db-1", "u1", 0, "terminated");
            out.write(bytes(FakeCluster.change("MODIFIED", cluster.pods.get("db-1"))));
            out.flush();
            await(end);
            out.write(bytes(FakeCluster.change("DELETED", cluster.pods.remove("db-1"))));
            out.flush();
            await(new CountDownLatch(1));
          }
          return true;
        };
    try (KubernetesLogSource source =
        KubernetesLogSource.builder().kubeconfig(config).interval(Duration.ofMinutes(1)).build()) {
      poll(source, () -> listed.getCount() == 0 || !messages().isEmpty());
      poll(source, () -> records.size() == 2);
      assertThat(source.counters()).containsEntry("kubernetes.pods", 2L);
      end.countDown();
      poll(source, () -> source.counters().get("kubernetes.pods") == 1);
      assertThat(source.counters()).containsEntry("kubernetes.instances.lost", 0L);
    }
    assertThat(messages()).containsExactlyInAnyOrder("line of db-0", "line of db-1");
  }

  @Test
  void withoutTheRightToWatchEventsTheyAreListed() throws Exception {
    cluster.events = List.of(event("5", "first"));
    cluster.watches =
        (exchange, query) ->
            FakeCluster.send(exchange, 403, FakeCluster.status(403, "Forbidden", "no watch"));
    try (KubernetesLogSource source = source()) {
      poll(source, () -> records.size() == 1);
      cluster.events = List.of(event("6", "second"));
      poll(source, () -> records.size() == 2);
      assertThat(source.counters().get("kubernetes.forbidden")).isPositive();
    }
  }

  private static boolean ofPods(HttpExchange exchange) {
    return exchange.getRequestURI().getPath().endsWith("/pods");
  }

  /** A watch that says nothing until the server is closed. */
  private static boolean silent(HttpExchange exchange) throws IOException {
    FakeCluster.begin(exchange).flush();
    await(new CountDownLatch(1));
    return true;
  }

  private KubernetesLogSource quiet(String... namespaces) {
    KubernetesLogSource.Builder builder =
        KubernetesLogSource.builder().kubeconfig(config).interval(Duration.ofMillis(100));
    List.of(namespaces).forEach(builder::namespace);
    return builder.build();
  }

  private long asked(String part) {
    synchronized (cluster.requests) {
      return cluster.requests.stream().filter(r -> r.contains(part)).count();
    }
  }

  @Test
  void aBookmarkOfPodsWhichIsNoWholePodMovesTheWatchOn() {
    AtomicInteger watches = new AtomicInteger();
    cluster.podWatches =
        (exchange, query) ->
            watches.getAndIncrement() == 0
                ? FakeCluster.send(
                    exchange,
                    200,
                    FakeCluster.change(
                        "BOOKMARK",
                        "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"77\"},\"spec\":{\"containers\":null},\"status\":{}}"))
                : silent(exchange);
    try (KubernetesLogSource source = quiet()) {
      poll(source, () -> watches.get() == 2);
      assertThat(asked("/pods?allowWatchBookmarks=true&resourceVersion=77")).isEqualTo(1);
      assertThat(source.counters()).containsEntry("kubernetes.reconnects", 0L);
    }
  }

  @Test
  void aPodThatGoesWhileAListBreaksIsGone() {
    cluster.pod("db-0", "u1", 0, "running");
    AtomicInteger lists = new AtomicInteger();
    cluster.podWatches = (exchange, query) -> silent(exchange);
    cluster.lists =
        (exchange, query) -> {
          if (!ofPods(exchange) || query.containsKey("fieldSelector")) {
            return false;
          }
          return switch (lists.getAndIncrement()) {
            case 1 ->
                FakeCluster.send(
                    exchange,
                    200,
                    "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"8\",\"continue\":\"next\"},\"items\":[%s]}"
                        .formatted(cluster.pods.remove("db-0")));
            case 2 -> // the next page, too late
                FakeCluster.send(exchange, 410, FakeCluster.status(410, "Expired", "too old"));
            default -> false;
          };
        };
    try (KubernetesLogSource source = quiet()) {
      poll(source, () -> lists.get() == 4);
      poll(source, () -> source.counters().get("kubernetes.pods") == 0);
    }
  }

  @Test
  void eventsOfAClusterThatWasBuiltAnewAreReadFromItsStart() {
    cluster.events = List.of(event("5", "first"), event("6", "second"));
    positions.put("kubernetes-events:shop", "250000");
    try (KubernetesLogSource source = source()) {
      source.resume(positions);
      poll(source, () -> records.size() == 2);
      cluster.events = List.of(event("7", "third"));
      poll(source, () -> records.size() == 3);
    }
    assertThat(messages()).containsExactly("first", "second", "third");
    assertThat(positions).containsEntry("kubernetes-events:shop", "7");
  }

  @Test
  void eventsOfANamespaceThatIsNamedTwiceComeOnce() {
    cluster.events = List.of(event("5", "first"));
    try (KubernetesLogSource source = quiet("shop", "shop")) {
      poll(source, () -> !records.isEmpty());
      cluster.events = List.of(event("7", "second"));
      poll(source, () -> messages().contains("second"));
      poll(source, () -> asked("/events?") > 6);
    }
    assertThat(messages()).containsExactly("first", "second");
  }

  @Test
  void credentialsThatCanNotBeReadForAWhileEndNoWatch() throws IOException {
    try (KubernetesLogSource source =
        KubernetesLogSource.builder()
            .kubeconfig(config)
            .events(false)
            .interval(Duration.ofMillis(100))
            .build()) {
      poll(source, () -> asked("/pods?") > 2);
      cluster.token = "second";
      Files.delete(config);
      long before = asked("/pods?");
      poll(source, () -> asked("/pods?") > before + 3);
      config = cluster.kubeconfig(folder, "{token: second}");
      cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, T + "1Z hello\n");
      cluster.pod("db-0", "u1", 0, "terminated");
      poll(source, () -> records.size() == 1);
    }
  }

  @Test
  void aPodThatCanNotBeUnderstoodKeepsNoOtherAway() {
    cluster.logs = (exchange, query) -> FakeCluster.send(exchange, 200, T + "1Z hello\n");
    try (KubernetesLogSource source = quiet()) {
      poll(source, () -> asked("/pods?") > 0);
      cluster.label = "null";
      cluster.pod("db-0", "u1", 0, "terminated");
      long before = asked("/pods?");
      poll(source, () -> asked("/pods?") > before + 4);
      cluster.label = "\"x\"";
      cluster.pod("db-1", "u2", 0, "terminated");
      poll(source, () -> records.size() == 1);
    }
    assertThat(records.get(0).origin().pod()).isEqualTo("db-1");
  }

  @Test
  void aWatchThatLastedIsRenewedAtOnce() {
    AtomicInteger watches = new AtomicInteger();
    AtomicLong end = new AtomicLong();
    AtomicLong next = new AtomicLong();
    cluster.podWatches =
        (exchange, query) -> {
          if (watches.getAndIncrement() > 0) {
            next.compareAndSet(0, System.nanoTime());
            return silent(exchange);
          }
          try (OutputStream out = FakeCluster.begin(exchange)) {
            out.flush();
            await(new CountDownLatch(1), 6);
            end.set(System.nanoTime()); // before the client can see it
          }
          return true;
        };
    try (KubernetesLogSource source =
        KubernetesLogSource.builder().kubeconfig(config).interval(Duration.ofSeconds(6)).build()) {
      poll(source, () -> next.get() != 0);
    }
    assertThat(Duration.ofNanos(next.get() - end.get()))
        .as("less than a pause of the interval")
        .isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void aWatchThatIsClosedIsNoFault() throws Exception {
    cluster.podWatches = (exchange, query) -> silent(exchange);
    cluster.watches = (exchange, query) -> silent(exchange);
    KubernetesLogSource source = quiet();
    poll(source, () -> asked("watch=true") == 2);
    List<Thread> watching =
        Thread.getAllStackTraces().keySet().stream()
            .filter(t -> t.getName().equals("copilot-watch"))
            .toList();
    source.close();
    for (Thread thread : watching) {
      thread.join(60_000);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(source.counters())
        .containsEntry("kubernetes.stalled", 0L)
        .containsEntry("kubernetes.reconnects", 0L);
  }

  private static String event(String version, String message) {
    return "{\"metadata\":{\"name\":\"e%s\",\"namespace\":\"shop\",\"resourceVersion\":\"%s\"},\"involvedObject\":{\"kind\":\"Pod\",\"name\":\"db-0\"},\"reason\":\"BackOff\",\"type\":\"Warning\",\"count\":3,\"firstTimestamp\":\"2026-01-05T09:58:00Z\",\"lastTimestamp\":\"2026-01-05T10:00:00Z\",\"message\":\"%s\"}"
        .formatted(version, version, message);
  }
}
