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

  /** Line fields; empty ones are left out. */
  private static void line(JsonGenerator json, LogRecord r) throws IOException {
    Origin o = r.origin();
    json.writeStringField("time", r.timestamp().toString());
    text(json, "namespace", o.namespace());
    text(json, "service", o.service());
    text(json, "pod", o.pod());
    text(json, "container", o.container());
    text(json, "node", o.node());
    if (r.kind() == LogRecord.Kind.EVENT) {
      json.writeStringField("kind", "EVENT");
    }
    json.writeStringField("message", r.message());
    for (Map.Entry<String, String> a : r.attributes().entrySet()) {
      json.writeStringField("attr." + a.getKey(), a.getValue());
    }
  }

  static byte[] verdict(Judged j) {
    return object(
        json -> {
          json.writeNumberField("id", j.line().id());
          line(json, j.line().record());
          json.writeStringField("severity", j.severity().name());
          json.writeNumberField("severityProbability", j.severityProbability());
          json.writeStringField("category", j.category());
          json.writeNumberField("categoryProbability", j.categoryProbability());
          json.writeNumberField("fingerprint", j.fingerprint());
          json.writeStringField("model", j.model());
        });
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
  record Verdicts(String topic) implements KafkaRecordSerializationSchema<Judged>, Named {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Judged j, KafkaSinkContext context, Long timestamp) {
      Origin o = j.line().record().origin();
      return new ProducerRecord<>(topic, utf8(o.namespace() + "/" + o.service()), verdict(j));
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
