package io.devopscopilot.collector;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the transport's frame off each line of one file: CRI, Docker JSON, {@code kubectl logs}
 * with prefix and timestamps, syslog. Lines without a frame, JSON and logfmt lines among them, stay
 * as they are and give their own time. Each line is looked at by itself, since files mix formats.
 */
final class LineFormat {
  private static final int MAX_PREFIXES = 10_000;

  private static final String[] TIME_KEYS = {
    "\"timestamp\":", "\"time\":", "\"ts\":", "\"@timestamp\":", "\"t\":", "\"asctime\":"
  };

  private final Origin origin;
  private final int limit;
  private final FileCounters counters;
  private final Timestamps times = new Timestamps(Instant.now());
  private final Map<String, Origin> prefixes = new HashMap<>();
  private final Part stdout = new Part();
  private final Part stderr = new Part();
  private final Set<LogRecord.Flag> flags = EnumSet.noneOf(LogRecord.Flag.class);
  private final JournalFormat journal;
  private @Nullable Instant last;

  /** The begin of a long line of one output. */
  private static final class Part {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    @Nullable Instant time;
    boolean cut;
  }

  LineFormat(Origin origin, int limit, FileCounters counters) {
    this.origin = origin;
    this.limit = limit;
    this.counters = counters;
    this.journal = new JournalFormat(origin, limit, counters);
  }

  /** Whether a line begun before waits for its next part: then no position may be taken. */
  boolean pending() {
    return parts() || journal.pending();
  }

  /** Whether parts of a line wait for the rest of it. */
  boolean parts() {
    return stdout.time != null || stderr.time != null;
  }

  /** Hands the record of one line to a consumer; nothing for a part of one. */
  void read(byte[] b, int from, int to, boolean cut, Consumer<LogRecord> out) {
    flags.clear();
    if (cut) {
      flags.add(LogRecord.Flag.TRUNCATED);
    }
    if (to - from > 2
        && b[from] == (byte) 0xef
        && b[from + 1] == (byte) 0xbb
        && b[from + 2] == (byte) 0xbf) {
      from += 3;
    }
    if (from < to && b[from] == '{') {
      if (docker(b, from, to, out) || journal.json(b, from, to, out)) {
        return;
      }
    }
    if (journal.export(b, from, to, out)) {
      return;
    }
    Origin line = origin;
    if (from < to && b[from] == '[') {
      int close = prefixEnd(b, from, to);
      if (close > 0) {
        line = prefix(new String(b, from + 1, close - from - 1, StandardCharsets.UTF_8));
        from = close + 2;
      }
    }
    Instant time = times.parse(b, from, to);
    int behind = time == null ? from : times.end();
    boolean zulu = time != null && behind < to && b[behind] == ' ' && behind - from >= 20;
    if (time != null && zulu && cri(b, behind + 1, to)) {
      criLine(time, b, behind + 1, to, line, out);
      return;
    }
    // kubectl --timestamps: an RFC 3339 time with fraction before whatever the program wrote.
    if (zulu
        && behind - from >= 25
        && b[from + 10] == 'T'
        && b[from + 19] == '.'
        && frame(b, from, behind)) {
      emit(time, b, behind + 1, to, line, Map.of(), out);
      return;
    }
    if (time == null) {
      time = inside(b, from, to);
    }
    emit(time, b, from, to, line, Map.of(), out);
  }

  /** Nanoseconds are what the kubelet writes, programs hardly ever do. */
  private static boolean frame(byte[] b, int from, int behind) {
    int digits = 0;
    for (int i = from + 20; i < behind && b[i] >= '0' && b[i] <= '9'; i++) {
      digits++;
    }
    return digits >= 7;
  }

  private static boolean cri(byte[] b, int at, int to) {
    return to - at >= 9
        && b[at] == 's'
        && b[at + 1] == 't'
        && b[at + 2] == 'd'
        && (b[at + 3] == 'o' || b[at + 3] == 'e')
        && b[at + 6] == ' '
        && (b[at + 7] == 'F' || b[at + 7] == 'P')
        && (at + 8 == to || b[at + 8] == ' ' || b[at + 8] == ':');
  }

  private void criLine(
      Instant time, byte[] b, int at, int to, Origin line, Consumer<LogRecord> sink) {
    boolean partial = b[at + 7] == 'P';
    String stream = b[at + 3] == 'o' ? "stdout" : "stderr";
    Part part = b[at + 3] == 'o' ? stdout : stderr;
    int from = Math.min(to, at + 9);
    if (!partial && part.time == null) {
      emit(time, b, from, to, line, Map.of(LogRecord.ATTR_STREAM, stream), sink);
      return;
    }
    if (part.time == null) {
      part.time = time;
    }
    int room = Math.max(0, limit - part.bytes.size());
    part.bytes.write(b, from, Math.min(room, to - from));
    if (to - from > room) {
      counters.cut.addAndGet(to - from - room);
      part.cut = true;
    }
    if (!partial) {
      end(part, stream, line, sink);
    }
  }

  private void end(Part part, String stream, Origin line, Consumer<LogRecord> to) {
    Instant first = part.time;
    if (part.cut) {
      flags.add(LogRecord.Flag.TRUNCATED);
    }
    byte[] all = part.bytes.toByteArray();
    part.time = null;
    part.cut = false;
    part.bytes.reset();
    emit(first, all, 0, all.length, line, Map.of(LogRecord.ATTR_STREAM, stream), to);
  }

  /** Hands over long lines whose end will not come. */
  void finish(Consumer<LogRecord> to) {
    journal.finish(to);
    for (Part part : new Part[] {stdout, stderr}) {
      if (part.time != null) {
        flags.clear();
        flags.add(LogRecord.Flag.PARTIAL);
        end(part, part == stdout ? "stdout" : "stderr", origin, to);
      }
    }
  }

  private boolean docker(byte[] b, int from, int to, Consumer<LogRecord> out) {
    if (to - from < 8 || b[from + 1] != '"' || b[from + 2] != 'l' || b[from + 3] != 'o') {
      return false; // the daemon writes {"log": first
    }
    try {
      JsonElement parsed =
          JsonParser.parseString(new String(b, from, to - from, StandardCharsets.UTF_8));
      JsonObject object = parsed.getAsJsonObject();
      if (!object.has("log") || !object.has("stream") || !object.has("time")) {
        return false;
      }
      byte[] time = object.get("time").getAsString().getBytes(StandardCharsets.UTF_8);
      byte[] log = object.get("log").getAsString().getBytes(StandardCharsets.UTF_8);
      int end = log.length > 0 && log[log.length - 1] == '\n' ? log.length - 1 : log.length;
      emit(
          times.parse(time, 0, time.length),
          log,
          0,
          end,
          origin,
          Map.of(LogRecord.ATTR_STREAM, object.get("stream").getAsString()),
          out);
      return true;
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      counters.malformed.incrementAndGet();
      return false;
    }
  }

  /** The closing bracket of {@code [pod/name/container] }, or -1. */
  private static int prefixEnd(byte[] b, int from, int to) {
    if (to - from < 9
        || b[from + 1] != 'p'
        || b[from + 2] != 'o'
        || b[from + 3] != 'd'
        || b[from + 4] != '/') {
      return -1;
    }
    int slashes = 1;
    for (int i = from + 5; i + 1 < to && i < from + 600; i++) {
      if (b[i] == '/') {
        slashes++;
      } else if (b[i] == ']') {
        return slashes == 2 && b[i + 1] == ' ' ? i : -1;
      }
    }
    return -1;
  }

  private Origin prefix(String text) {
    Origin known = prefixes.get(text);
    if (known != null) {
      return known;
    }
    String[] parts = text.split("/");
    if (parts.length != 3 || prefixes.size() >= MAX_PREFIXES) {
      return origin;
    }
    Origin made =
        Origin.builder()
            .namespace(origin.namespace())
            .service(Workloads.ofPod(parts[1]))
            .pod(parts[1])
            .container(parts[2])
            .build();
    prefixes.put(text, made);
    return made;
  }

  /** The time that a JSON, logfmt, syslog or klog line carries in itself. */
  private @Nullable Instant inside(byte[] b, int from, int to) {
    if (from >= to) {
      return null;
    }
    if (b[from] == '{') {
      for (String key : TIME_KEYS) {
        int at = find(b, from, Math.min(to, from + 4096), key);
        if (at > 0) {
          while (at < to && (b[at] == ' ' || b[at] == '"')) {
            at++;
          }
          Instant found = times.parse(b, at, to);
          return found != null ? found : epoch(b, at, to);
        }
      }
      return null;
    }
    if (b[from] == '<') { // syslog: <PRI>Jan  5 10:00:00 or <PRI>1 2026-01-05T10:00:00Z
      int close = find(b, from, Math.min(to, from + 5), ">");
      if (close > 0) {
        int at = close + 1 < to && b[close] == '1' && b[close + 1] == ' ' ? close + 2 : close;
        return times.parse(b, at, to);
      }
    }
    if ("IWEF".indexOf(b[from]) >= 0 && from + 1 < to && b[from + 1] >= '0' && b[from + 1] <= '9') {
      return times.parse(b, from + 1, to);
    }
    for (String key : new String[] {"time=", "ts=", "timestamp=", "t="}) {
      int at = find(b, from, Math.min(to, from + 200), key);
      if (at > 0 && (at - key.length() == from || b[at - key.length() - 1] == ' ')) {
        return times.parse(b, at < to && b[at] == '"' ? at + 1 : at, to);
      }
    }
    // A time behind a level, a host or a client address.
    int words = 0;
    for (int i = from; i < to && i < from + 80 && words < 5; i++) {
      if (b[i] == ' ' || b[i] == '[' || b[i] == '|' || b[i] == '-') {
        words += b[i] == ' ' ? 1 : 0;
        if (i + 1 < to && (b[i + 1] >= '0' && b[i + 1] <= '9')) {
          Instant found = times.parse(b, i + 1, to);
          if (found != null) {
            return found;
          }
        }
      }
    }
    return null;
  }

  private static @Nullable Instant epoch(byte[] b, int at, int to) {
    long value = 0;
    int digits = 0;
    double fraction = 0;
    for (; at < to && b[at] >= '0' && b[at] <= '9' && digits < 19; at++, digits++) {
      value = value * 10 + b[at] - '0';
    }
    if (at < to && b[at] == '.') {
      double unit = 0.1;
      for (at++; at < to && b[at] >= '0' && b[at] <= '9'; at++, unit /= 10) {
        fraction += unit * (b[at] - '0');
      }
    }
    return switch (digits) {
      case 9, 10 -> Instant.ofEpochSecond(value, (long) (fraction * 1e9));
      case 12, 13 -> Instant.ofEpochMilli(value);
      case 16 -> Instant.ofEpochSecond(value / 1_000_000, value % 1_000_000 * 1000);
      case 19 -> Instant.ofEpochSecond(value / 1_000_000_000, value % 1_000_000_000);
      default -> null;
    };
  }

  /** Behind the first occurrence, or -1. */
  private static int find(byte[] b, int from, int to, String text) {
    for (int i = from; i + text.length() <= to; i++) {
      int n = 0;
      while (n < text.length() && b[i + n] == text.charAt(n)) {
        n++;
      }
      if (n == text.length()) {
        return i + n;
      }
    }
    return -1;
  }

  private void emit(
      @Nullable Instant time,
      byte[] b,
      int from,
      int to,
      Origin line,
      Map<String, String> attributes,
      Consumer<LogRecord> out) {
    String text = text(b, from, to);
    Instant at = time;
    if (at == null) {
      at = last; // a line without a time belongs to the one before it
      if (at == null) {
        flags.add(LogRecord.Flag.READ_TIME);
        at = Instant.now();
      }
    } else {
      last = at;
    }
    out.accept(
        new LogRecord(
            at, text, LogRecord.Kind.LOG, line, LogRecord.Position.NONE, attributes, flags));
  }

  private String text(byte[] b, int from, int to) {
    boolean ascii = true;
    for (int i = from; i < to; i++) {
      if (b[i] < 0) {
        ascii = false;
        break;
      }
    }
    if (ascii) {
      return new String(b, from, to - from, StandardCharsets.ISO_8859_1);
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(b, from, to - from))
          .toString();
    } catch (CharacterCodingException e) {
      flags.add(LogRecord.Flag.INVALID_ENCODING);
      counters.invalid.incrementAndGet();
      return new String(b, from, to - from, StandardCharsets.UTF_8);
    }
  }
}
