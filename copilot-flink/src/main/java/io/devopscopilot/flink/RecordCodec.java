package io.devopscopilot.flink;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Records in bytes, without their origin and position. */
final class RecordCodec {
  private static final LogRecord.Kind[] KINDS = LogRecord.Kind.values();
  private static final LogRecord.Flag[] FLAGS = LogRecord.Flag.values();

  private RecordCodec() {}

  static void write(LogRecord r, DataOutputView out) throws IOException {
    out.writeLong(r.timestamp().getEpochSecond());
    out.writeInt(r.timestamp().getNano());
    out.writeByte(r.kind().ordinal());
    int flags = 0;
    for (LogRecord.Flag flag : r.flags()) {
      flags |= 1 << flag.ordinal();
    }
    out.writeByte(flags);
    BinarySerializer.writeText(r.message(), out);
    writeTexts(r.attributes(), out);
  }

  static LogRecord read(Origin origin, DataInputView in) throws IOException {
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
    String message = BinarySerializer.readText(in);
    return new LogRecord(
        time, message, kind, origin, LogRecord.Position.NONE, readTexts(in), flags);
  }

  static void writeTexts(Map<String, String> map, DataOutputView out) throws IOException {
    out.writeInt(map.size());
    for (Map.Entry<String, String> e : map.entrySet()) {
      BinarySerializer.writeText(e.getKey(), out);
      BinarySerializer.writeText(e.getValue(), out);
    }
  }

  static Map<String, String> readTexts(DataInputView in) throws IOException {
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
