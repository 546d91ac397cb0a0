package io.devopscopilot.flink;

import io.devopscopilot.api.LogRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** Makes lines of Kafka records; bytes that are none go on with the reason. */
final class KafkaLines implements KafkaRecordDeserializationSchema<Line> {
  private static final long serialVersionUID = 1L;

  private final RecordParser.Format format;
  private transient @Nullable RecordParser parser;
  private transient Senders senders = new Senders();
  private transient @Nullable Counter refused;

  KafkaLines(RecordParser.Format format) {
    this.format = format;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) {
    parser = new RecordParser(format);
    senders = new Senders();
    refused = context.getMetricGroup().counter("refusedRecords");
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> in, Collector<Line> out) {
    RecordParser p = parser;
    if (p == null) {
      p = new RecordParser(format);
      parser = p;
    }
    int[] index = {0};
    try {
      if (in.partition() > Line.MAX_PARTITION || in.offset() > Line.MAX_OFFSET) {
        throw new Malformed(
            "it stands at partition "
                + in.partition()
                + ", offset "
                + in.offset()
                + ", at most "
                + Line.MAX_PARTITION
                + " and "
                + Line.MAX_OFFSET);
      }
      p.parse(
          in.value(),
          headers(in),
          in.timestamp() < 0 ? Instant.now() : Instant.ofEpochMilli(in.timestamp()),
          (LogRecord r) ->
              out.collect(
                  Line.of(
                      in.topic(),
                      in.partition(),
                      in.offset(),
                      index[0]++,
                      r,
                      senders.of(r.origin()))));
    } catch (Malformed e) {
      Counter counter = refused == null ? new SimpleCounter() : refused;
      counter.inc();
      byte[] raw = in.value() == null ? new byte[0] : in.value();
      out.collect(
          Line.refused(
              in.topic(), in.partition(), in.offset(), raw, String.valueOf(e.getMessage())));
    }
  }

  private static Map<String, String> headers(ConsumerRecord<byte[], byte[]> in) {
    Map<String, String> map = Map.of();
    for (Header h : in.headers()) {
      if (map.isEmpty()) {
        map = new HashMap<>();
      }
      if (h.value() != null) {
        map.put(h.key(), new String(h.value(), StandardCharsets.UTF_8));
      }
    }
    return map;
  }

  @Override
  public TypeInformation<Line> getProducedType() {
    return Types.LINE;
  }
}
