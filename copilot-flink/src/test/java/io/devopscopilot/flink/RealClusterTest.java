package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** On real servers only, see {@code copilot-examples/src/e2e/flink/ci.sh}. */
class RealClusterTest {
  private static final int POISON_EVERY = 500;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Rig rig = new Rig();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger poison = new AtomicInteger();
  private final Map<Integer, Long> sentAt = new ConcurrentHashMap<>();
  private final List<Long> latencies = new ArrayList<>();
  private volatile int measureFrom = Integer.MAX_VALUE;

  // What a reader of committed verdicts saw.
  private final BitSet seen = new BitSet();
  private volatile int count;

  /** Verdicts at two places of the topic; the reader itself never goes back. */
  private final List<String> doubled = new CopyOnWriteArrayList<>();

  private final Map<Integer, String> places = new ConcurrentHashMap<>();
  private final Map<String, Integer> models = new ConcurrentHashMap<>();

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers", rig.kafka,
            "enable.idempotence", "true",
            "linger.ms", "10",
            "max.request.size", "33554432",
            "delivery.timeout.ms", "300000"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /**
   * Reads committed records from the begin. No member of a group: the death of the broker makes
   * such a one go back to its last commit, and it sees records twice that stand there once.
   */
  private KafkaConsumer<byte[], byte[]> consumer(String topic) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                rig.kafka,
                "auto.offset.reset",
                "none",
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return consumer;
  }

  private void play() {
    String[] namespaces = {"shop", "bank", "ops"};
    try (KafkaProducer<byte[], byte[]> out = producer()) {
      while (!stop.get()) {
        for (int i = 0; i < 20; i++) {
          int n = sent.get();
          String namespace = namespaces[n % 3];
          boolean trouble = n / 4_000 % 2 == 1 && n % 7 == 0;
          String text =
              trouble
                  ? "FATAL OutOfMemoryError: Java heap space, line=" + n
                  : "INFO request " + n * 31 % 977 + " done, line=" + n;
          ProducerRecord<byte[], byte[]> record =
              new ProducerRecord<>("logs", utf8(namespace), utf8(text));
          record.headers().add("namespace", utf8(namespace));
          record.headers().add("service", utf8(namespace + "-" + (n / 3) % 4));
          sentAt.put(n, System.nanoTime());
          out.send(record);
          sent.incrementAndGet();
          if (n % POISON_EVERY == 0) {
            out.send(new ProducerRecord<>("logs", utf8("{\"log\":\"cut " + n)));
            poison.incrementAndGet();
          }
        }
        LockSupport.parkNanos(10_000_000);
      }
    }
  }

  private void read() {
    try (KafkaConsumer<byte[], byte[]> in = consumer("verdicts")) {
      while (!stop.get() || count < sent.get()) {
        for (ConsumerRecord<byte[], byte[]> r : in.poll(Duration.ofMillis(100))) {
          JsonNode verdict = JSON.readTree(r.value());
          String text = verdict.path("message").asText();
          int n = Integer.parseInt(text.substring(text.lastIndexOf('=') + 1));
          String place = r.partition() + "@" + r.offset() + " of line " + verdict.path("id");
          String before = places.putIfAbsent(n, place);
          if (before != null) {
            doubled.add(n + ": " + before + " and " + place);
          } else {
            seen.set(n);
            count++;
            long nanos = System.nanoTime() - sentAt.remove(n);
            if (n >= measureFrom) {
              latencies.add(nanos / 1_000_000);
            }
          }
          models.merge(verdict.path("model").asText(), 1, Integer::sum);
        }
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (org.apache.kafka.common.errors.InterruptException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Waits for the last verdicts: those that do not come while others do are not lost yet. */
  private void untilNothingComes() {
    for (int before = -1; count < sent.get() && count > before; ) {
      before = count;
      int now = before;
      Rig.within(Duration.ofSeconds(120), () -> count > now);
    }
  }

  /** Waits until lines sent from now on are committed; returns how long that took, in ms. */
  private long goesOn(String what, long since) {
    int mark = sent.get() + 1;
    Rig.until(what, () -> seen.get(mark));
    return (System.nanoTime() - since) / 1_000_000;
  }

  /** The default model under another name. */
  static byte[] renamedModel() throws Exception {
    byte[] file;
    try (InputStream in = TreeLogClassifier.class.getResourceAsStream("default.model")) {
      file = in.readAllBytes();
    }
    int length = ByteBuffer.wrap(file).getInt(40);
    String manifest = new String(file, 44, length, StandardCharsets.UTF_8);
    int at = manifest.startsWith("id=") ? 3 : manifest.indexOf("\nid=") + 4;
    int place = 44 + manifest.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
    file[place] = file[place] == 'X' ? (byte) 'Y' : (byte) 'X';
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(file, 40, file.length - 40);
    System.arraycopy(digest.digest(), 0, file, 8, 32);
    return file;
  }

  private String[] arguments() {
    return new String[] {
      "--brokers", rig.kafka, "--files", rig.folder.resolve("files").toUri().toString()
    };
  }

  /** Also where a step took too long. */
  @AfterEach
  void nothingIsDoubled() {
    stop.set(true);
    assertThat(doubled).isEmpty();
  }

  @Test
  void losesAndDoublesNothingWhenPartsDie() throws Exception {
    assumeTrue(Rig.there(), "no real servers: started by e2e/flink/ci.sh");
    rig.topics(4, "logs", "verdicts");
    rig.topics(1, "issues", "refused", "copilot-control");
    String job = rig.submit(2, "", arguments());
    Thread reader = new Thread(this::read, "reader");
    Thread player = new Thread(this::play, "player");
    reader.start();
    player.start();
    Rig.until("the first verdicts", () -> count > 5_000);
    Rig.until("the begin is caught up", () -> sent.get() - count < 12_000);
    measureFrom = sent.get();
    Rig.until("quiet running", () -> latencies.size() > 20_000);
    measureFrom = Integer.MAX_VALUE;
    long[] sorted = latencies.stream().mapToLong(l -> l).sorted().toArray();
    rig.report(
        "latency, line sent to verdict committed, 2 s checkpoints: p50 "
            + sorted[sorted.length / 2]
            + " ms, p99 "
            + sorted[sorted.length * 99 / 100]
            + " ms");

    long began = System.nanoTime();
    long restarted = rig.restarted(job);
    rig.server("kill9", "taskmanager-1");
    Rig.until("the death is noticed", () -> rig.restarted(job) > restarted);
    Rig.until("running again", () -> rig.runs(job));
    rig.report(
        "task manager killed: running again after "
            + (System.nanoTime() - began) / 1_000_000
            + " ms, new verdicts after "
            + goesOn("verdicts after a task manager", began)
            + " ms");
    rig.server("taskmanager", "1");

    byte[] renamed = renamedModel();
    String name = TreeLogClassifier.load(renamed, "renamed").model().id();
    try (KafkaProducer<byte[], byte[]> control = producer()) {
      control.send(new ProducerRecord<>("copilot-control", utf8("model"), utf8("no model"))).get();
      control.send(new ProducerRecord<>("copilot-control", utf8("model"), renamed)).get();
    }
    Rig.until("the new model", () -> models.containsKey(name));

    began = System.nanoTime();
    rig.server("kill9", "jobmanager");
    rig.server("jobmanager");
    Rig.until("running after the job manager", () -> rig.runs(job));
    rig.report(
        "job manager killed and started: running again after "
            + (System.nanoTime() - began) / 1_000_000
            + " ms, new verdicts after "
            + goesOn("verdicts after the job manager", began)
            + " ms");

    began = System.nanoTime();
    rig.server("kill9", "kafka");
    rig.server("kafka");
    rig.report(
        "broker killed and started: new verdicts after "
            + goesOn("verdicts after the broker", began)
            + " ms");

    began = System.nanoTime();
    Rig.until("running before the savepoint", () -> rig.runs(job));
    String savepoint = rig.stop(job, false);
    String wider = rig.submit(3, savepoint, arguments());
    rig.report(
        "savepoint, from 2 to 3 workers: new verdicts after "
            + goesOn("verdicts after rescaling", began)
            + " ms");

    stop.set(true);
    player.join();
    untilNothingComes();
    JsonNode checkpoints = rig.get("/jobs/" + wider + "/checkpoints");
    rig.report("checkpoints of the rescaled job: " + checkpoints.path("summary"));
    rig.stop(wider, true);
    reader.join(10_000);
    reader.interrupt();

    int n = sent.get();
    assertThat(seen.nextClearBit(0)).isEqualTo(n);
    assertThat(models).hasSize(2).containsKey(name);
    rig.report("verdicts: " + n + " lines sent, lost 0, doubled 0, by model " + models);
    refused();
    issues();
    parquet(n);
    rig.report("all lines once");
  }

  @Test
  void measuresThroughputAndState() throws Exception {
    assumeTrue(Rig.there(), "no real servers: started by e2e/flink/ci.sh");
    int lines = Integer.getInteger("copilot.load", 4_000_000);
    rig.topics(4, "load", "load-verdicts");
    rig.topics(1, "load-issues", "load-refused");
    String[] texts = {
      "INFO request 8812 to /api/v1/orders/77 done in 31 ms by worker-4, 200 OK, 1422 bytes sent",
      "WARN retrying connection to db-primary:5432 in 250 ms, attempt 3 of 10, pool 7/20 in use",
      "ERROR java.net.SocketTimeoutException: Read timed out while calling http://stock:8080/items",
      "DEBUG cache entry user:99172 expired after 300 s, loading it again from the primary store"
    };
    try (KafkaProducer<byte[], byte[]> out = producer()) {
      for (int n = 0; n < lines; n++) {
        String namespace = "ns-" + n % 100;
        ProducerRecord<byte[], byte[]> r =
            new ProducerRecord<>(
                "load", utf8(namespace), utf8(texts[n % 31 == 0 ? 2 : n % 2] + " line=" + n));
        r.headers().add("namespace", utf8(namespace));
        r.headers().add("service", utf8("service-" + n % 10_000));
        out.send(r);
      }
    }
    long cpu = cpuMillis();
    String id =
        rig.submit(
            1,
            "",
            "--brokers",
            rig.kafka,
            "--lines",
            "load",
            "--verdicts",
            "load-verdicts",
            "--issues",
            "load-issues",
            "--refused",
            "load-refused",
            "--control",
            "none",
            "--name",
            "load",
            "--stop-at-end",
            "true");
    List<long[]> samples = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> committed = consumer("load-verdicts")) {
      assumeTrue(
          Rig.within(
              Duration.ofMinutes(10),
              () -> {
                long n = sum(committed.endOffsets(committed.assignment()));
                if (n >= lines * (samples.isEmpty() ? 0.5 : 0.95) && samples.size() < 2) {
                  samples.add(new long[] {n, System.nanoTime() / 1_000_000, cpuMillis()});
                }
                return rig.state(id).equals("FINISHED");
              }),
          "the job did not end within 10 min");
    }
    cpu = cpuMillis() - cpu;
    long first = Long.MAX_VALUE;
    long last = 0;
    int found = 0;
    try (KafkaConsumer<byte[], byte[]> in = consumer("load-verdicts")) {
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (found < lines && System.nanoTime() < end) {
        for (ConsumerRecord<byte[], byte[]> r : in.poll(Duration.ofMillis(300))) {
          found++;
          first = Math.min(first, r.timestamp());
          last = Math.max(last, r.timestamp());
        }
      }
    }
    assertThat(found).isEqualTo(lines);
    JsonNode summary = rig.get("/jobs/" + id + "/checkpoints").path("summary");
    rig.report(
        String.format(
            "throughput, one worker, Kafka to Kafka, both verdicts and detector: %,d lines in %,d ms"
                + " = %,d lines/s; %,d lines per CPU second of the task managers",
            lines, last - first, lines * 1000L / (last - first), lines * 1000L / cpu));
    if (samples.size() == 2) {
      long[] from = samples.get(0);
      long[] to = samples.get(1);
      rig.report(
          String.format(
              "the same, warm, from half to 0.95 of the lines: %,d lines/s;"
                  + " %,d lines per CPU second",
              (to[0] - from[0]) * 1000 / Math.max(1, to[1] - from[1]),
              (to[0] - from[0]) * 1000 / Math.max(1, to[2] - from[2])));
    }
    rig.report(
        "10,000 services: state bytes "
            + summary.path("state_size")
            + ", checkpoint ms "
            + summary.path("end_to_end_duration"));
    List<Line> local = new ArrayList<>();
    for (int n = 0; n < 200_000; n++) {
      local.add(
          Line.of(
              "load",
              0,
              n,
              0,
              io.devopscopilot.api.LogRecord.of(
                  java.time.Instant.ofEpochMilli(1_767_607_200_000L + n / 50),
                  texts[n % 31 == 0 ? 2 : n % 2] + " line=" + n,
                  io.devopscopilot.api.Origin.ofService("service-" + n % 10_000))));
    }
    long began = 0;
    for (int warm = 0; warm < 10; warm++) {
      began = System.nanoTime();
      Story.issues(local);
    }
    rig.report(
        String.format(
            "in process, one thread, both verdicts and detector, warm: %,d lines/s",
            200_000 * 1_000_000_000L / (System.nanoTime() - began)));
  }

  /** A file of lines with the columns ts, service, pod and message, as Vector would ship them. */
  @Test
  void saysOfAFileWhatTheSingleProcessSays() throws Exception {
    String file = System.getProperty("copilot.lines", "");
    assumeTrue(Rig.there() && !file.isEmpty(), "on demand, with -Dcopilot.lines=FILE.tsv.gz");
    List<JsonNode> values = new ArrayList<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(Path.of(file))),
                StandardCharsets.UTF_8))) {
      List<String> names = List.of(in.readLine().split("\t"));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] cells = line.split("\t", -1);
        values.add(
            vector(
                cells[names.indexOf("ts")],
                "train-ticket",
                cells[names.indexOf("service")],
                cells[names.indexOf("pod")],
                cells[names.indexOf("message")]));
      }
    }
    saysWhatTheSingleProcessSays("day", values);
  }

  /** The files that {@code scenarios} writes, each a namespace, played in the order of time. */
  @Test
  void saysOfScenariosWhatTheSingleProcessSays() throws Exception {
    String folder = System.getProperty("copilot.scenarios", "");
    assumeTrue(Rig.there() && !folder.isEmpty(), "on real servers, by e2e/flink/ci.sh");
    List<JsonNode> values = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      for (Path file : files.sorted().toList()) {
        List<String> lines = Files.readAllLines(file);
        String name = JSON.readTree(lines.get(0)).path("scenario").asText();
        for (String line : lines.subList(1, lines.size())) {
          JsonNode l = JSON.readTree(line);
          values.add(
              vector(
                  l.path("ts").asText(),
                  name.replace('_', '-'),
                  l.path("service").asText(),
                  l.path("pod").asText(),
                  l.path("text").asText()));
        }
      }
    }
    values.sort(Comparator.comparing(v -> Instant.parse(v.path("timestamp").asText())));
    saysWhatTheSingleProcessSays("scenarios", values);
  }

  private static JsonNode vector(
      String time, String namespace, String service, String pod, String message) {
    ObjectNode value = JSON.createObjectNode();
    value.put("timestamp", time);
    value.put("message", message);
    value
        .putObject("kubernetes")
        .put("pod_namespace", namespace)
        .put("pod_name", pod)
        .put("pod_owner", "Deployment/" + service);
    return value;
  }

  /** Plays values through the job on the cluster, and each namespace through a single process. */
  private void saysWhatTheSingleProcessSays(String topic, List<JsonNode> values) throws Exception {
    rig.topics(4, topic, topic + "-verdicts");
    rig.topics(1, topic + "-issues", topic + "-refused");
    try (KafkaProducer<byte[], byte[]> out = producer()) {
      for (JsonNode value : values) {
        out.send(
            new ProducerRecord<>(topic, utf8(namespace(value)), JSON.writeValueAsBytes(value)));
      }
    }
    String id =
        rig.submit(
            2,
            "",
            ("--lines # --verdicts #-verdicts --issues #-issues --refused #-refused"
                    + " --control none --name # --stop-at-end true --brokers "
                    + rig.kafka)
                .replace("#", topic)
                .split(" "));
    ends(id);

    // The lines of a namespace stand in their order; among namespaces it is the order of sending.
    Map<String, Deque<Line>> shipped = new HashMap<>();
    KafkaLines parser = new KafkaLines(RecordParser.Format.AUTO);
    for (ConsumerRecord<byte[], byte[]> r : all(topic, values.size())) {
      List<Line> line = new ArrayList<>();
      parser.deserialize(r, new ListCollector<>(line));
      shipped.computeIfAbsent(text(r.key()), k -> new ArrayDeque<>()).addAll(line);
    }
    List<Line> lines = new ArrayList<>();
    values.forEach(v -> lines.add(shipped.get(namespace(v)).remove()));
    assertThat(shipped.values()).allMatch(Deque::isEmpty);
    lines.removeIf(l -> !l.good()); // times without a zone
    List<String> verdicts = new ArrayList<>();
    VerdictJson json = new VerdictJson();
    try (Copilot copilot = Story.copilot()) {
      for (Line line : lines) {
        Classification c = copilot.classify(line.record());
        verdicts.add(
            text(
                json.write(
                    new Judged(
                        line,
                        c.severity(),
                        (float) c.severityProbability(),
                        c.category(),
                        (float) c.categoryProbability(),
                        c.fingerprint(),
                        c.model()))));
      }
    }
    List<String> seenVerdicts = values(topic + "-verdicts", lines.size());
    verdicts.sort(null);
    seenVerdicts.sort(null);
    assertThat(seenVerdicts.equals(verdicts)).as("verdicts are the same").isTrue();
    List<String> issues = new ArrayList<>();
    for (String namespace : shipped.keySet()) {
      Story.issues(
              lines.stream()
                  .filter(l -> l.record().origin().namespace().equals(namespace))
                  .toList())
          .forEach(i -> issues.add(text(Records.issue(i))));
    }
    assertThat(issues).isNotEmpty();
    assertThat(byNamespace(values(topic + "-issues", issues.size())))
        .isEqualTo(byNamespace(issues));
    rig.report(
        topic
            + ": "
            + lines.size()
            + " of "
            + values.size()
            + " verdicts and "
            + issues.size()
            + " issue updates of "
            + shipped.size()
            + " namespaces are the same");
  }

  private static String namespace(JsonNode vector) {
    return vector.at("/kubernetes/pod_namespace").asText();
  }

  /** Two workers write issues, each those of its namespaces in their order. */
  private static Map<String, List<String>> byNamespace(List<String> issues) throws Exception {
    Map<String, List<String>> map = new TreeMap<>();
    for (String issue : issues) {
      map.computeIfAbsent(JSON.readTree(issue).path("namespace").asText(), n -> new ArrayList<>())
          .add(issue);
    }
    return map;
  }

  private void ends(String id) {
    assumeTrue(
        Rig.within(Duration.ofMinutes(10), () -> rig.state(id).equals("FINISHED")),
        "the job did not end within 10 min");
  }

  private List<String> values(String topic, int atLeast) {
    List<String> values = new ArrayList<>();
    all(topic, atLeast).forEach(r -> values.add(text(r.value())));
    return values;
  }

  private static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(o -> o).sum();
  }

  /** CPU time of both task managers so far. */
  private long cpuMillis() {
    long millis = 0;
    for (int i = 1; i <= 2; i++) {
      if (!Files.exists(rig.folder.resolve("taskmanager-" + i + "/process"))) {
        continue;
      }
      String process;
      try {
        process = Files.readString(rig.folder.resolve("taskmanager-" + i + "/process"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      millis +=
          ProcessHandle.of(Long.parseLong(process.split(" ")[0]))
              .flatMap(p -> p.info().totalCpuDuration())
              .orElse(Duration.ZERO)
              .toMillis();
    }
    return millis;
  }

  private void refused() {
    Map<String, Integer> reasons = new TreeMap<>();
    Set<String> values = new HashSet<>();
    int all = 0;
    for (ConsumerRecord<byte[], byte[]> r : all("refused", poison.get() + 1)) {
      all++;
      String reason = new String(r.headers().lastHeader("reason").value(), StandardCharsets.UTF_8);
      reasons.merge(reason.substring(0, Math.min(30, reason.length())), 1, Integer::sum);
      values.add(new String(r.value(), StandardCharsets.UTF_8));
    }
    assertThat(all).isEqualTo(poison.get() + 1);
    assertThat(values).hasSize(poison.get() + 1);
    rig.report("refused: " + all + " of " + (poison.get() + 1) + " poison records, " + reasons);
  }

  private void issues() throws Exception {
    List<String> updates = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> r : all("issues", 1)) {
      updates.add(new String(r.value(), StandardCharsets.UTF_8));
    }
    assertThat(updates).isNotEmpty().doesNotHaveDuplicates();
    rig.report("issues: " + updates.size() + " updates, doubled 0");
  }

  private List<ConsumerRecord<byte[], byte[]>> all(String topic, int atLeast) {
    List<ConsumerRecord<byte[], byte[]>> list = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> in = consumer(topic)) {
      int idle = 0;
      long end = System.nanoTime() + Duration.ofSeconds(180).toNanos();
      while (System.nanoTime() < end && (list.size() < atLeast || idle < 5)) {
        int before = list.size();
        in.poll(Duration.ofMillis(300)).forEach(list::add);
        idle = list.size() == before ? idle + 1 : 0;
      }
    }
    return list;
  }

  private void parquet(int n) throws Exception {
    Path files = rig.folder.resolve("files/lines");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet rows =
            duckdb
                .createStatement()
                .executeQuery(
                    "SELECT count(*), count(DISTINCT id), count(DISTINCT message) FROM read_parquet('"
                        + files
                        + "/**/[a-z]*.parquet', hive_partitioning = true)")) {
      rows.next();
      rig.report(
          "parquet: "
              + rows.getLong(1)
              + " rows, "
              + rows.getLong(3)
              + " lines, in "
              + ParquetFilesTest.files(files).size()
              + " files");
      assertThat(List.of(rows.getLong(1), rows.getLong(2), rows.getLong(3)))
          .isEqualTo(Arrays.asList((long) n, (long) n, (long) n));
    }
  }
}
