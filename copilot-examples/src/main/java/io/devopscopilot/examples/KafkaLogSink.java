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
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
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
 * also after the collector died. A second collector of the same name takes over, and the first one
 * ends. At most {@value #MAX_BUFFERED} lines wait between two flushes.
 */
final class KafkaLogSink implements LogSink {
  /** So many lines wait for a flush; one more flushes by itself. */
  static final int MAX_BUFFERED = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogSink.class);
  private static final Pattern TARGET = Pattern.compile("kafka=([^/]+:[0-9]+)/([A-Za-z0-9._-]+)");
  private static final Duration WAIT = Duration.ofSeconds(20);

  private final String topic;
  private final KafkaProducer<String, String> producer;
  private final Map<String, String> kept;
  private final List<LogRecord> buffer = new ArrayList<>();
  private final Map<String, String> moved = new LinkedHashMap<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private boolean committing;
  private boolean closed;

  private KafkaLogSink(
      String topic, KafkaProducer<String, String> producer, Map<String, String> kept) {
    this.topic = topic;
    this.producer = producer;
    this.kept = kept;
  }

  /**
   * Connects, and reads how far the lines were sent.
   *
   * @param target {@code kafka=HOST:PORT/TOPIC}
   * @param name of this collector
   * @throws CopilotException in one line, if the brokers can't be reached or refuse
   */
  static KafkaLogSink open(String target, String name) {
    Matcher m = TARGET.matcher(target);
    if (!m.matches()) {
      throw new Main.UsageException("--to is " + target + ", must be kafka=HOST:PORT/TOPIC");
    }
    String brokers = m.group(1);
    String topic = m.group(2);
    try {
      makePositionsTopic(brokers, positions(topic));
      KafkaProducer<String, String> producer =
          new KafkaProducer<>(
              Map.of(
                  "bootstrap.servers", brokers,
                  "transactional.id", "copilot-collect-" + topic + "-" + name,
                  "transaction.timeout.ms", "60000",
                  "enable.idempotence", "true",
                  "acks", "all",
                  "compression.type", "lz4",
                  "linger.ms", "5",
                  "max.block.ms", String.valueOf(WAIT.toMillis())),
              new StringSerializer(),
              new StringSerializer());
      try {
        producer.initTransactions(); // ends what a dead one of this name left open
        return new KafkaLogSink(topic, producer, read(brokers, positions(topic)));
      } catch (RuntimeException e) {
        producer.close(Duration.ZERO);
        throw e;
      }
    } catch (KafkaException e) {
      throw new CopilotException(target + " can't be used: " + e.getMessage(), e);
    }
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

  private static Map<String, String> read(String brokers, String topic) {
    Map<String, String> positions = new HashMap<>();
    try (KafkaConsumer<String, String> in =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed"),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition only = new TopicPartition(topic, 0);
      in.assign(List.of(only));
      in.seekToBeginning(List.of(only));
      long end = in.endOffsets(List.of(only)).getOrDefault(only, 0L);
      while (in.position(only) < end) {
        for (ConsumerRecord<String, String> r : in.poll(Duration.ofMillis(200))) {
          positions.put(r.key(), r.value());
        }
      }
    }
    return positions;
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
      if (!committing) {
        producer.beginTransaction();
        for (LogRecord r : buffer) {
          producer.send(message(r));
        }
        moved.forEach((k, v) -> producer.send(new ProducerRecord<>(positions(topic), 0, k, v)));
        committing = true;
      }
      producer.commitTransaction();
      committing = false;
      sent.addAndGet(buffer.size());
      buffer.clear();
      moved.clear();
    } catch (ProducerFencedException | InvalidProducerEpochException | AuthorizationException e) {
      throw new CopilotException(
          "Kafka refuses this collector (another one of the same --name?): " + e.getMessage(), e);
    } catch (TimeoutException e) {
      retried.incrementAndGet(); // a commit that is under way is asked for again
      throw new CopilotException("Kafka does not answer, the lines are held: " + e, e, true);
    } catch (KafkaException e) {
      retried.incrementAndGet();
      committing = false;
      try {
        producer.abortTransaction();
      } catch (KafkaException second) {
        throw new CopilotException("Kafka's transaction can't be ended: " + second, e);
      }
      throw new CopilotException("Kafka took nothing, the lines are held: " + e, e, true);
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
        r.timestamp().getEpochSecond() + String.format("%09d", r.timestamp().getNano()));
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
