package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSink;
import io.devopscopilot.api.Origin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends lines to a Kafka topic: the text as the value, origin and time as headers, the namespace as
 * the key. The verdict is left to whoever reads them.
 *
 * <p>Each flush is one Kafka transaction over the lines and their newest positions, which stand in
 * the compacted topic {@code TOPIC-positions}: whoever reads committed records sees each line once,
 * also after the collector died. Of two collectors of one name the one that commits first goes on,
 * and the other one ends. At most {@value #MAX_BUFFERED} lines wait between two flushes.
 *
 * <p>Each transaction carries a mark of its own. After a failure nothing the producer says is
 * trusted: a new one ends the transaction that hangs, and the newest mark tells whether it was
 * committed, is to be sent again, or somebody else went on.
 */
final class KafkaLogSink implements LogSink {
  /** So many lines wait for a flush; one more flushes by itself. */
  static final int MAX_BUFFERED = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogSink.class);
  private static final Pattern TARGET = Pattern.compile("kafka=([^/]+:[0-9]+)/([A-Za-z0-9._-]+)");
  private static final Duration WAIT = Duration.ofSeconds(20);

  /** Longer than a transaction of a dead collector stays open. */
  private static final Duration READ = Duration.ofSeconds(90);

  private final String brokers;
  private final String topic;
  private final String name;
  private final Map<String, String> kept;
  private final List<LogRecord> buffer = new ArrayList<>();
  private final Map<String, String> moved = new LinkedHashMap<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private KafkaProducer<String, String> producer;

  /** Mark of the newest transaction that is known to be committed. */
  private String mark;

  /** Mark and lines of a transaction whose end is not known; 0 = there is none. */
  private String triedMark = "";

  private int tried;
  private boolean closed;

  private KafkaLogSink(String brokers, String topic, String name) {
    this.brokers = brokers;
    this.topic = topic;
    this.name = name;
    makePositionsTopic(brokers, positions(topic));
    this.producer = connect();
    try {
      this.kept = read(brokers, positions(topic));
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    this.mark = kept.getOrDefault(markKey(), "");
  }

  /**
   * Connects, and reads how far the lines were sent.
   *
   * @param target {@code kafka=HOST:PORT/TOPIC}
   * @param name of this collector
   * @throws CopilotException in one line, if the brokers can't be reached or refuse
   */
  static KafkaLogSink open(String target, String name) {
    Matcher m = check(target);
    try {
      return new KafkaLogSink(m.group(1), m.group(2), name);
    } catch (KafkaException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new CopilotException(
          target
              + " can't be used: "
              + (cause instanceof TimeoutException ? "no broker answers, " : "")
              + cause.getMessage(),
          e);
    }
  }

  /** Says what a target must look like. */
  static Matcher check(String target) {
    Matcher m = TARGET.matcher(target);
    if (!m.matches()) {
      throw new Main.UsageException("--to is " + target + ", must be kafka=HOST:PORT/TOPIC");
    }
    return m;
  }

  /** A producer of this name; what an earlier one of the name left open is ended. */
  private KafkaProducer<String, String> connect() {
    KafkaProducer<String, String> made =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", brokers,
                "transactional.id", "copilot-collect-" + topic + "-" + name,
                "transaction.timeout.ms", "60000",
                "enable.idempotence", "true",
                "acks", "all",
                "compression.type", "lz4",
                "linger.ms", "5",
                "delivery.timeout.ms", "30000",
                "request.timeout.ms", "10000",
                "max.block.ms", String.valueOf(WAIT.toMillis())),
            new StringSerializer(),
            new StringSerializer());
    try {
      made.initTransactions();
      return made;
    } catch (RuntimeException e) {
      made.close(Duration.ZERO);
      throw e;
    }
  }

  /** Stands among the positions; no stream begins so. */
  private String markKey() {
    return "@" + name;
  }

  private static String positions(String topic) {
    return topic + "-positions";
  }

  private static void makePositionsTopic(String brokers, String name) {
    try (Admin admin =
        Admin.create(
            Map.of(
                "bootstrap.servers",
                brokers,
                "request.timeout.ms",
                "10000",
                "default.api.timeout.ms",
                String.valueOf(WAIT.toMillis())))) {
      NewTopic topic =
          new NewTopic(name, java.util.Optional.of(1), java.util.Optional.empty())
              .configs(Map.of("cleanup.policy", "compact"));
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CopilotException("interrupted", e);
    }
  }

  /** All positions; waits for transactions of other collectors that are under way there. */
  private static Map<String, String> read(String brokers, String topic) {
    Map<String, String> positions = new HashMap<>();
    TopicPartition only = new TopicPartition(topic, 0);
    long limit = System.nanoTime() + READ.toNanos();
    try (Consumer<String, String> all = reader(brokers, "read_uncommitted");
        Consumer<String, String> committed = reader(brokers, "read_committed")) {
      long end = all.endOffsets(List.of(only)).getOrDefault(only, 0L);
      committed.assign(List.of(only));
      committed.seekToBeginning(List.of(only));
      while (committed.position(only) < end) {
        if (System.nanoTime() > limit) {
          throw new TimeoutException("the positions were not readable within " + READ);
        }
        for (ConsumerRecord<String, String> r : committed.poll(Duration.ofMillis(200))) {
          positions.put(r.key(), r.value());
        }
      }
    }
    return positions;
  }

  private static Consumer<String, String> reader(String brokers, String isolation) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", brokers,
            "isolation.level", isolation,
            "default.api.timeout.ms", String.valueOf(WAIT.toMillis())),
        new StringDeserializer(),
        new StringDeserializer());
  }

  @Override
  public Map<String, String> positions() {
    return Map.copyOf(kept);
  }

  @Override
  public void accept(LogRecord record, Classification classification) {
    if (closed) {
      throw new CopilotException("the sink is closed");
    }
    if (buffer.size() >= MAX_BUFFERED) {
      flush();
    }
    buffer.add(record);
    LogRecord.Position position = record.position();
    if (!position.stream().isEmpty()) {
      moved.put(position.stream(), position.token());
    }
  }

  @Override
  public void flush() {
    if (closed || buffer.isEmpty()) {
      return;
    }
    try {
      if (tried > 0) {
        settle();
        if (buffer.isEmpty()) {
          return;
        }
      }
      triedMark = UUID.randomUUID().toString();
      tried = buffer.size();
      producer.beginTransaction();
      for (LogRecord r : buffer) {
        producer.send(message(r));
      }
      moved.forEach((k, v) -> producer.send(new ProducerRecord<>(positions(topic), 0, k, v)));
      producer.send(new ProducerRecord<>(positions(topic), 0, markKey(), triedMark));
      producer.commitTransaction();
      committed();
    } catch (AuthorizationException e) {
      throw new CopilotException("Kafka refuses this collector: " + e.getMessage(), e);
    } catch (KafkaException e) {
      retried.incrementAndGet();
      throw new CopilotException("Kafka did not take the lines, they are held: " + e, e, true);
    }
  }

  private void committed() {
    sent.addAndGet(tried);
    buffer.subList(0, tried).clear();
    if (buffer.isEmpty()) {
      moved.clear();
    }
    mark = triedMark;
    tried = 0;
  }

  /** Finds out what became of the transaction that failed. */
  private void settle() {
    producer.close(Duration.ZERO);
    producer = connect();
    String newest = read(brokers, positions(topic)).getOrDefault(markKey(), "");
    if (newest.equals(triedMark)) {
      committed();
    } else if (newest.equals(mark)) {
      tried = 0;
    } else {
      throw new CopilotException("another collector named " + name + " has gone on: this one ends");
    }
  }

  private ProducerRecord<String, String> message(LogRecord r) {
    Origin o = r.origin();
    ProducerRecord<String, String> out = new ProducerRecord<>(topic, o.namespace(), r.message());
    Headers headers = out.headers();
    header(headers, "namespace", o.namespace());
    header(headers, "service", o.service());
    header(headers, "pod", o.pod());
    header(headers, "pod_uid", o.podUid());
    header(headers, "container", o.container());
    header(headers, "node", o.node());
    header(headers, "owner", o.owner());
    if (o.restartCount() > 0) {
      header(headers, "restarts", String.valueOf(o.restartCount()));
    }
    if (r.kind() != LogRecord.Kind.LOG) {
      header(headers, "kind", r.kind().name());
    }
    header(
        headers,
        "time",
        r.timestamp().getEpochSecond()
            + String.format(Locale.ROOT, "%09d", r.timestamp().getNano()));
    r.attributes().forEach((k, v) -> header(headers, "attr." + k, v));
    return out;
  }

  private static void header(Headers headers, String name, String value) {
    if (!value.isEmpty()) {
      headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("kafka.lines.sent", sent.get(), "kafka.retries", retried.get());
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      flush();
    } catch (CopilotException e) {
      LOG.error("{} lines were not sent and will be read again: {}", buffer.size(), e.getMessage());
    }
    closed = true;
    producer.close(Duration.ofSeconds(5));
  }
}
