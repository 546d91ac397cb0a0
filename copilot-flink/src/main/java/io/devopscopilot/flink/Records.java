package io.devopscopilot.flink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/** What is written to the topics: JSON, the key is {@code namespace/service}. */
final class Records {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  private Records() {}

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }

  private static byte[] object(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void text(JsonGenerator json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeStringField(name, value);
    }
  }

  private static void origin(JsonGenerator json, Origin o) throws IOException {
    text(json, "namespace", o.namespace());
    text(json, "service", o.service());
    text(json, "pod", o.pod());
    text(json, "container", o.container());
    text(json, "node", o.node());
  }

  /** Fields of an object, each behind a comma. */
  static byte[] fields(Origin o) {
    byte[] object = object(json -> origin(json, o));
    if (object.length == 2) {
      return new byte[0];
    }
    byte[] fields = Arrays.copyOf(object, object.length - 1);
    fields[0] = ',';
    return fields;
  }

  /** Line fields; empty ones are left out. */
  private static void line(JsonGenerator json, LogRecord r) throws IOException {
    json.writeStringField("time", r.timestamp().toString());
    origin(json, r.origin());
    if (r.kind() == LogRecord.Kind.EVENT) {
      json.writeStringField("kind", "EVENT");
    }
    json.writeStringField("message", r.message());
    for (Map.Entry<String, String> a : r.attributes().entrySet()) {
      json.writeStringField("attr." + a.getKey(), a.getValue());
    }
  }

  static byte[] issue(Issue i) {
    return object(
        json -> {
          json.writeStringField("id", i.id());
          json.writeStringField("state", i.state().name());
          json.writeStringField("category", i.category());
          json.writeNumberField("probability", i.probability());
          json.writeNumberField("horizonSeconds", i.horizon().toSeconds());
          text(json, "namespace", i.namespace());
          json.writeStringField("service", i.service());
          json.writeStringField("title", i.title());
          json.writeStringField("opened", i.opened().toString());
          json.writeStringField("updated", i.updated().toString());
          if (i.resolved().isPresent()) {
            json.writeStringField("resolved", i.resolved().get().toString());
          }
          json.writeArrayFieldStart("evidence");
          for (LogRecord r : i.evidence()) {
            json.writeStartObject();
            line(json, r);
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeArrayFieldStart("fingerprints");
          for (long form : new TreeSet<>(i.fingerprints())) {
            json.writeNumber(form);
          }
          json.writeEndArray();
        });
  }

  /** Tells the sink which topic it writes to, so that it finds transactions that hang there. */
  private interface Named extends KafkaDatasetFacetProvider {
    String topic();

    @Override
    default Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
      return Optional.of(
          new DefaultKafkaDatasetFacet(
              DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic())), new Properties()));
    }
  }

  /** Verdicts. */
  static final class Verdicts implements KafkaRecordSerializationSchema<Judged>, Named {
    private static final long serialVersionUID = 1L;
    private final String topic;
    private transient @Nullable VerdictJson json;

    Verdicts(String topic) {
      this.topic = topic;
    }

    @Override
    public String topic() {
      return topic;
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Judged j, KafkaSinkContext context, Long timestamp) {
      VerdictJson writer = json;
      if (writer == null) {
        writer = new VerdictJson();
        json = writer;
      }
      return new ProducerRecord<>(topic, j.line().sender().key(), writer.write(j));
    }
  }

  /** Issues. */
  record Issues(String topic) implements KafkaRecordSerializationSchema<Issue>, Named {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Issue i, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, utf8(i.namespace() + "/" + i.service()), issue(i));
    }
  }

  /** Refused bytes, as they came, with the reason and the place in the headers. */
  record Refused(String topic) implements KafkaRecordSerializationSchema<Line>, Named {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Line line, KafkaSinkContext context, Long timestamp) {
      List<Header> headers =
          List.of(
              new RecordHeader("reason", utf8(line.refused())),
              new RecordHeader("topic", utf8(line.topic())),
              new RecordHeader("partition", utf8(String.valueOf(line.partition()))),
              new RecordHeader("offset", utf8(String.valueOf(line.offset()))));
      return new ProducerRecord<>(topic, null, null, null, line.raw(), headers);
    }
  }
}
