package io.devopscopilot.flink;

import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * An origin with what is written of it for each of its lines, each made once, when first asked for.
 * Two are equal when their origins are. Used by one thread.
 */
final class Sender {
  /** Nothing is known. */
  static final Sender UNKNOWN = new Sender(Origin.UNKNOWN);

  private @Nullable Origin origin;
  private byte @Nullable [] bytes;
  private int hash;
  private byte @Nullable [] key;
  private byte @Nullable [] json;

  Sender(Origin origin) {
    this.origin = origin;
  }

  /** Reads what {@link #write} wrote. */
  Sender(DataInputView in) throws IOException {
    hash = in.readInt();
    bytes = BinarySerializer.readBytes(in);
  }

  void write(DataOutputView out) throws IOException {
    byte[] known = bytes();
    out.writeInt(hash);
    BinarySerializer.writeBytes(known, out);
  }

  Origin origin() {
    Origin known = origin;
    if (known == null) {
      try {
        known = decoded(bytes());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      origin = known;
    }
    return known;
  }

  /** {@code namespace/service} in UTF-8, the key of the topics. Nobody changes it. */
  byte[] key() {
    byte[] known = key;
    if (known == null) {
      Origin o = origin();
      known = (o.namespace() + "/" + o.service()).getBytes(StandardCharsets.UTF_8);
      key = known;
    }
    return known;
  }

  /** Its fields of a JSON object, each behind a comma. Nobody changes it. */
  byte[] json() {
    byte[] known = json;
    if (known == null) {
      known = Records.fields(origin());
      json = known;
    }
    return known;
  }

  private byte[] bytes() {
    byte[] known = bytes;
    if (known == null) {
      known = encoded(origin());
      hash = Arrays.hashCode(known);
      bytes = known;
    }
    return known;
  }

  private static byte[] encoded(Origin o) {
    DataOutputSerializer out = new DataOutputSerializer(256);
    try {
      for (String text :
          new String[] {
            o.namespace(), o.service(), o.pod(), o.podUid(), o.container(), o.node(), o.owner()
          }) {
        BinarySerializer.writeText(text, out);
      }
      out.writeInt(o.restartCount());
      RecordCodec.writeTexts(o.labels(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.getCopyOfBuffer();
  }

  private static Origin decoded(byte[] bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    return new Origin(
        BinarySerializer.readText(in),
        BinarySerializer.readText(in),
        BinarySerializer.readText(in),
        BinarySerializer.readText(in),
        BinarySerializer.readText(in),
        BinarySerializer.readText(in),
        BinarySerializer.readText(in),
        in.readInt(),
        RecordCodec.readTexts(in));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Sender s && Arrays.equals(bytes(), s.bytes());
  }

  @Override
  public int hashCode() {
    bytes();
    return hash;
  }
}
