package io.devopscopilot.flink;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Records in bytes, without their position. An origin is one block of bytes: since lines of few
 * origins follow each other, both sides remember the last {@value #REMEMBERED} of them. Used by one
 * thread.
 */
final class RecordCodec {
  private static final int REMEMBERED = 10_000;
  private static final LogRecord.Kind[] KINDS = LogRecord.Kind.values();
  private static final LogRecord.Flag[] FLAGS = LogRecord.Flag.values();

  /** By identity: whoever made the records shares one origin among many of them. */
  private final Map<Origin, byte[]> written = new IdentityHashMap<>();

  private final Map<String, Origin> read = new HashMap<>();
  private @Nullable Origin lastOrigin;
  private byte[] lastBytes = {};

  void write(LogRecord r, DataOutputView out) throws IOException {
    out.writeLong(r.timestamp().getEpochSecond());
    out.writeInt(r.timestamp().getNano());
    out.writeByte(r.kind().ordinal());
    int flags = 0;
    for (LogRecord.Flag flag : r.flags()) {
      flags |= 1 << flag.ordinal();
    }
    out.writeByte(flags);
    BinarySerializer.writeBytes(bytes(r.origin()), out);
    BinarySerializer.writeText(r.message(), out);
    texts(r.attributes(), out);
  }

  LogRecord read(DataInputView in) throws IOException {
    Instant time = Instant.ofEpochSecond(in.readLong(), in.readInt());
    LogRecord.Kind kind = KINDS[in.readByte()];
    int bits = in.readByte();
    Set<LogRecord.Flag> flags = Set.of();
    if (bits != 0) {
      flags = EnumSet.noneOf(LogRecord.Flag.class);
      for (LogRecord.Flag flag : FLAGS) {
        if ((bits & 1 << flag.ordinal()) != 0) {
          flags.add(flag);
        }
      }
    }
    Origin origin = origin(BinarySerializer.readBytes(in));
    String message = BinarySerializer.readText(in);
    return new LogRecord(time, message, kind, origin, LogRecord.Position.NONE, texts(in), flags);
  }

  private byte[] bytes(Origin origin) throws IOException {
    if (origin == lastOrigin) {
      return lastBytes;
    }
    byte[] bytes = written.get(origin);
    if (bytes == null) {
      DataOutputSerializer out = new DataOutputSerializer(256);
      for (String text :
          new String[] {
            origin.namespace(),
            origin.service(),
            origin.pod(),
            origin.podUid(),
            origin.container(),
            origin.node(),
            origin.owner()
          }) {
        BinarySerializer.writeText(text, out);
      }
      out.writeInt(origin.restartCount());
      texts(origin.labels(), out);
      bytes = out.getCopyOfBuffer();
      if (written.size() >= REMEMBERED) {
        written.clear();
      }
      written.put(origin, bytes);
    }
    lastOrigin = origin;
    lastBytes = bytes;
    return bytes;
  }

  private Origin origin(byte[] bytes) throws IOException {
    String key = new String(bytes, StandardCharsets.ISO_8859_1);
    Origin known = read.get(key);
    if (known == null) {
      DataInputDeserializer in = new DataInputDeserializer(bytes);
      known =
          new Origin(
              BinarySerializer.readText(in),
              BinarySerializer.readText(in),
              BinarySerializer.readText(in),
              BinarySerializer.readText(in),
              BinarySerializer.readText(in),
              BinarySerializer.readText(in),
              BinarySerializer.readText(in),
              in.readInt(),
              texts(in));
      if (read.size() >= REMEMBERED) {
        read.clear();
      }
      read.put(key, known);
    }
    return known;
  }

  private static void texts(Map<String, String> map, DataOutputView out) throws IOException {
    out.writeInt(map.size());
    for (Map.Entry<String, String> e : map.entrySet()) {
      BinarySerializer.writeText(e.getKey(), out);
      BinarySerializer.writeText(e.getValue(), out);
    }
  }

  private static Map<String, String> texts(DataInputView in) throws IOException {
    int n = in.readInt();
    if (n == 0) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    for (; n > 0; n--) {
      map.put(BinarySerializer.readText(in), BinarySerializer.readText(in));
    }
    return map;
  }
}
