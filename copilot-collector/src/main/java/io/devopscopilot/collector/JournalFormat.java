package io.devopscopilot.collector;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Entries of the systemd journal as {@code journalctl -o export} and {@code -o json} write them. An
 * export entry is a block of {@code FIELD=value} lines that ends with an empty line; a value with
 * line feeds stands behind its length, 8 bytes, lowest first.
 */
final class JournalFormat {
  private static final int MAX_FIELDS = 200;
  private static final byte[] BEGIN = "__CURSOR=".getBytes(StandardCharsets.US_ASCII);

  private final Origin origin;
  private final int limit;
  private final FileCounters counters;
  private final Map<String, String> fields = new HashMap<>();
  private final Map<String, Origin> origins = new HashMap<>();
  private boolean inside;
  private @Nullable String binary;
  private final ByteArrayOutputStream value = new ByteArrayOutputStream();
  private long missing = -1;

  JournalFormat(Origin origin, int limit, FileCounters counters) {
    this.origin = origin;
    this.limit = limit;
    this.counters = counters;
  }

  boolean pending() {
    return inside;
  }

  /** Takes a line of an export; false if it is none. */
  boolean export(byte[] b, int from, int to, Consumer<LogRecord> out) {
    if (!inside) {
      int end = from + BEGIN.length;
      if (to < end || !Arrays.equals(b, from, end, BEGIN, 0, BEGIN.length)) {
        return false;
      }
      inside = true;
      fields.clear();
    }
    if (binary != null) {
      binaryLine(b, from, to);
      return true;
    }
    if (from == to) {
      finish(out);
      return true;
    }
    int equals = from;
    while (equals < to && b[equals] != '=') {
      equals++;
    }
    String name = new String(b, from, equals - from, StandardCharsets.UTF_8);
    if (equals == to) {
      binary = name;
      missing = -1;
      value.reset();
    } else if (fields.size() < MAX_FIELDS) {
      fields.put(name, new String(b, equals + 1, to - equals - 1, StandardCharsets.UTF_8));
    }
    return true;
  }

  /** Lines were cut at line feeds that belong to the value: they are put back. */
  private void binaryLine(byte[] b, int from, int to) {
    value.write(b, from, to - from);
    if (missing < 0 && value.size() >= 8) {
      byte[] head = value.toByteArray();
      missing = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
      value.reset();
      value.write(head, 8, head.length - 8);
      if (missing < 0 || missing > limit) {
        counters.malformed.incrementAndGet();
        binary = null;
        return;
      }
    }
    if (missing >= 0 && value.size() >= missing) {
      fields.put(String.valueOf(binary), value.toString(StandardCharsets.UTF_8));
      binary = null;
    } else {
      value.write('\n');
    }
  }

  /** Ends an entry, also one whose end will not come. */
  void finish(Consumer<LogRecord> out) {
    if (inside && !fields.isEmpty()) {
      out.accept(record());
    }
    inside = false;
    binary = null;
    fields.clear();
  }

  /** Takes an entry as JSON; false if it is none. */
  boolean json(byte[] b, int from, int to, Consumer<LogRecord> out) {
    String text = new String(b, from, to - from, StandardCharsets.UTF_8);
    if (!text.contains("\"__REALTIME_TIMESTAMP\"")) {
      return false;
    }
    try {
      JsonObject object = JsonParser.parseString(text).getAsJsonObject();
      fields.clear();
      for (Map.Entry<String, JsonElement> e : object.entrySet()) {
        if (e.getValue().isJsonPrimitive()) {
          fields.put(e.getKey(), e.getValue().getAsString());
        } else if (e.getValue().isJsonArray() && e.getKey().equals("MESSAGE")) {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream(); // not UTF-8: an array of bytes
          e.getValue().getAsJsonArray().forEach(n -> bytes.write(n.getAsInt()));
          fields.put("MESSAGE", bytes.toString(StandardCharsets.UTF_8));
        }
      }
      out.accept(record());
      fields.clear();
      return true;
    } catch (JsonParseException | IllegalStateException | NumberFormatException e) {
      counters.malformed.incrementAndGet();
      return false;
    }
  }

  private LogRecord record() {
    Instant time = Instant.now();
    Set<LogRecord.Flag> flags = Set.of(LogRecord.Flag.READ_TIME);
    try {
      long micros = Long.parseLong(fields.getOrDefault("__REALTIME_TIMESTAMP", ""));
      time = Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
      flags = Set.of();
    } catch (NumberFormatException e) {
      counters.malformed.incrementAndGet();
    }
    String unit =
        fields.getOrDefault("_SYSTEMD_UNIT", fields.getOrDefault("SYSLOG_IDENTIFIER", ""));
    String host = fields.getOrDefault("_HOSTNAME", "");
    String service = unit.replaceFirst("\\.service$", "");
    Origin from =
        service.isEmpty() || origins.size() > 10_000
            ? origin
            : origins.computeIfAbsent(
                unit + " " + host, k -> Origin.builder().service(service).node(host).build());
    return new LogRecord(
        time,
        fields.getOrDefault("MESSAGE", ""),
        LogRecord.Kind.LOG,
        from,
        LogRecord.Position.NONE,
        Map.of(),
        flags);
  }
}
