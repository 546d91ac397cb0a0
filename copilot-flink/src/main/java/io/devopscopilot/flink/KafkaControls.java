package io.devopscopilot.flink;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the control topic: key {@code model} with a model file as the value (none = the model that
 * the job came with), key {@code mute:FINGERPRINT} with any value (none = unmute).
 */
final class KafkaControls implements KafkaRecordDeserializationSchema<Control> {
  private static final long serialVersionUID = 1L;
  private static final byte[] NOTHING = {};

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> in, Collector<Control> out) {
    String key = in.key() == null ? "" : new String(in.key(), StandardCharsets.UTF_8);
    byte[] value = in.value() == null ? NOTHING : in.value();
    String place = in.topic() + "-" + in.partition() + "@" + in.offset();
    out.collect(read(key, value, place));
  }

  static Control read(String key, byte[] value, String place) {
    if (key.equals(Control.MODEL_KEY)) {
      return new Control(
          value.length == 0 ? Control.Kind.DEFAULT_MODEL : Control.Kind.MODEL, 0, value, place);
    }
    if (key.startsWith(Control.MUTE_KEY)) {
      try {
        long form = Long.parseLong(key.substring(Control.MUTE_KEY.length()));
        return new Control(
            value.length == 0 ? Control.Kind.UNMUTE : Control.Kind.MUTE, form, NOTHING, place);
      } catch (NumberFormatException e) {
        return new Control(
            Control.Kind.REFUSED, 0, value, place + ": the key " + key + " names no fingerprint");
      }
    }
    return new Control(
        Control.Kind.REFUSED,
        0,
        value,
        place + ": the key is " + key + ", must be model or mute:FINGERPRINT");
  }

  @Override
  public TypeInformation<Control> getProducedType() {
    return Types.CONTROL;
  }
}
