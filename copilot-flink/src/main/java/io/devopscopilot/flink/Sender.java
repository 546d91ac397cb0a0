package io.devopscopilot.flink;

import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * An origin with what is written of it for each of its lines, each made once, when first asked for.
 * Used by one thread.
 */
final class Sender {
  /** Nothing is known. */
  static final Sender UNKNOWN = new Sender(Origin.UNKNOWN);

  private final Origin origin;
  private byte @Nullable [] bytes;
  private byte @Nullable [] key;
  private byte @Nullable [] json;

  /** The first half of the SHA-256 of an origin's bytes: no two origins have the same. */
  record Id(long high, long low) {
    @Override
    public int hashCode() {
      return (int) low;
    }
  }

  Sender(Origin origin) {
    this.origin = origin;
  }

  /** Reads what {@link #write} wrote, behind the id. */
  static Sender read(DataInputView in) throws IOException {
    in.readInt();
    return new Sender(
        new Origin(
            BinarySerializer.readText(in),
            BinarySerializer.readText(in),
            BinarySerializer.readText(in),
            BinarySerializer.readText(in),
            BinarySerializer.readText(in),
            BinarySerializer.readText(in),
            BinarySerializer.readText(in),
            in.readInt(),
            RecordCodec.readTexts(in)));
  }

  /** Steps over what {@link #read} would read. */
  static void skip(DataInputView in) throws IOException {
    in.skipBytesToRead(in.readInt());
  }

  static Id readId(DataInputView in) throws IOException {
    return new Id(in.readLong(), in.readLong());
  }

  /** Writes the id, the length of what follows, and the origin. */
  void write(DataOutputView out) throws IOException {
    byte[] known = bytes;
    if (known == null) {
      known = encoded(origin);
      bytes = known;
    }
    out.write(known);
  }

  Origin origin() {
    return origin;
  }

  /** {@code namespace/service} in UTF-8, the key of the topics. Nobody changes it. */
  byte[] key() {
    byte[] known = key;
    if (known == null) {
      known = (origin.namespace() + "/" + origin.service()).getBytes(StandardCharsets.UTF_8);
      key = known;
    }
    return known;
  }

  /** Its fields of a JSON object, each behind a comma. Nobody changes it. */
  byte[] json() {
    byte[] known = json;
    if (known == null) {
      known = Records.fields(origin);
      json = known;
    }
    return known;
  }

  private static byte[] encoded(Origin o) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    for (String text :
        new String[] {
          o.namespace(), o.service(), o.pod(), o.podUid(), o.container(), o.node(), o.owner()
        }) {
      BinarySerializer.writeText(text, out);
    }
    out.writeInt(o.restartCount());
    RecordCodec.writeTexts(o.labels(), out);
    byte[] bytes = out.getCopyOfBuffer();
    DataOutputSerializer all = new DataOutputSerializer(20 + bytes.length);
    try {
      all.write(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
    BinarySerializer.writeBytes(bytes, all);
    return all.getCopyOfBuffer();
  }
}
