package io.devopscopilot.classifier;

import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How a detector's memory looks in bytes: numbers and text only, so that reading it never runs code
 * of the bytes. Origins and records that are named more than once are written once.
 */
final class DetectorState {
  private static final int MAGIC = 0x57494443; // WIDC
  private static final LogRecord.Kind[] KINDS = LogRecord.Kind.values();
  private static final LogRecord.Flag[] FLAGS = LogRecord.Flag.values();

  private DetectorState() {}

  /** Writes what a detector remembers. */
  static final class Writer {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Map<LogRecord, Integer> records = new HashMap<>();
    private final Map<Origin, Integer> origins = new HashMap<>();
    final DataOutputStream out = new DataOutputStream(bytes);

    Writer() throws IOException {
      out.writeInt(MAGIC);
    }

    byte[] done() {
      return bytes.toByteArray();
    }

    void text(String text) throws IOException {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      count(utf8.length);
      out.write(utf8);
    }

    /** A number of 0 or more in as few bytes as it needs. */
    void count(int n) throws IOException {
      while (n >= 0x80) {
        out.writeByte(n & 0x7f | 0x80);
        n >>>= 7;
      }
      out.writeByte(n);
    }

    void texts(Map<String, String> map) throws IOException {
      count(map.size());
      for (Map.Entry<String, String> e : new TreeMap<>(map).entrySet()) {
        text(e.getKey());
        text(e.getValue());
      }
    }

    void time(Instant time) throws IOException {
      out.writeLong(time.getEpochSecond());
      out.writeInt(time.getNano());
    }

    void forms(Collection<Long> forms) throws IOException {
      count(forms.size());
      for (long form : forms) {
        out.writeLong(form);
      }
    }

    void origin(Origin o) throws IOException {
      Integer known = origins.putIfAbsent(o, origins.size());
      count(known == null ? 0 : known + 1);
      if (known == null) {
        for (String text :
            List.of(
                o.namespace(),
                o.service(),
                o.pod(),
                o.podUid(),
                o.container(),
                o.node(),
                o.owner())) {
          text(text);
        }
        out.writeInt(o.restartCount());
        texts(o.labels());
      }
    }

    void record(LogRecord r) throws IOException {
      Integer known = records.putIfAbsent(r, records.size());
      count(known == null ? 0 : known + 1);
      if (known == null) {
        time(r.timestamp());
        text(r.message());
        out.writeByte(r.kind().ordinal());
        origin(r.origin());
        text(r.position().stream());
        text(r.position().token());
        texts(r.attributes());
        int flags = 0;
        for (LogRecord.Flag flag : r.flags()) {
          flags |= 1 << flag.ordinal();
        }
        out.writeByte(flags);
      }
    }

    void records(Collection<LogRecord> all) throws IOException {
      count(all.size());
      for (LogRecord r : all) {
        record(r);
      }
    }

    void issue(Optional<Issue> maybe) throws IOException {
      out.writeBoolean(maybe.isPresent());
      if (maybe.isPresent()) {
        Issue i = maybe.get();
        text(i.id());
        out.writeByte(i.state().ordinal());
        text(i.category());
        out.writeDouble(i.probability());
        out.writeLong(i.horizon().getSeconds());
        out.writeInt(i.horizon().getNano());
        text(i.namespace());
        text(i.service());
        text(i.title());
        time(i.opened());
        time(i.updated());
        records(i.evidence());
        forms(new TreeSet<>(i.fingerprints()));
      }
    }
  }

  /** Reads what {@link Writer} wrote. */
  static final class Reader {
    final DataInputStream in;
    private final List<LogRecord> records = new ArrayList<>();
    private final List<Origin> origins = new ArrayList<>();

    Reader(byte[] bytes) throws IOException {
      in = new DataInputStream(new ByteArrayInputStream(bytes));
      if (in.readInt() != MAGIC) {
        throw new IOException("it was not written by this version");
      }
    }

    int count() throws IOException {
      int n = 0;
      for (int shift = 0; shift < 35; shift += 7) {
        int b = in.readUnsignedByte();
        n |= (b & 0x7f) << shift;
        if (b < 0x80) {
          if (n < 0) {
            break;
          }
          return n;
        }
      }
      throw new IOException("a number in it is too large");
    }

    String text() throws IOException {
      int length = count();
      byte[] utf8 = in.readNBytes(length);
      if (utf8.length < length) {
        throw new IOException("it is truncated");
      }
      return new String(utf8, StandardCharsets.UTF_8);
    }

    Map<String, String> texts() throws IOException {
      Map<String, String> map = new LinkedHashMap<>();
      for (int n = count(); n > 0; n--) {
        map.put(text(), text());
      }
      return map;
    }

    Instant time() throws IOException {
      return Instant.ofEpochSecond(in.readLong(), in.readInt());
    }

    List<Long> forms() throws IOException {
      List<Long> forms = new ArrayList<>();
      for (int n = count(); n > 0; n--) {
        forms.add(in.readLong());
      }
      return forms;
    }

    Origin origin() throws IOException {
      int at = count();
      if (at > 0) {
        return known(origins, at);
      }
      Origin origin =
          new Origin(text(), text(), text(), text(), text(), text(), text(), in.readInt(), texts());
      origins.add(origin);
      return origin;
    }

    private static <T> T known(List<T> all, int at) throws IOException {
      if (at > all.size()) {
        throw new IOException("a reference in it is beyond its end");
      }
      return all.get(at - 1);
    }

    LogRecord record() throws IOException {
      int at = count();
      if (at > 0) {
        return known(records, at);
      }
      Instant time = time();
      String message = text();
      LogRecord.Kind kind = KINDS[in.readUnsignedByte() % KINDS.length];
      Origin origin = origin();
      LogRecord.Position position = new LogRecord.Position(text(), text());
      Map<String, String> attributes = texts();
      int bits = in.readUnsignedByte();
      Set<LogRecord.Flag> flags = new TreeSet<>();
      for (LogRecord.Flag flag : FLAGS) {
        if ((bits & 1 << flag.ordinal()) != 0) {
          flags.add(flag);
        }
      }
      LogRecord r = new LogRecord(time, message, kind, origin, position, attributes, flags);
      records.add(r);
      return r;
    }

    List<LogRecord> records() throws IOException {
      List<LogRecord> all = new ArrayList<>();
      for (int n = count(); n > 0; n--) {
        all.add(record());
      }
      return all;
    }

    Optional<Issue> issue() throws IOException {
      if (!in.readBoolean()) {
        return Optional.empty();
      }
      String id = text();
      Issue.State state = in.readByte() == 0 ? Issue.State.OPEN : Issue.State.RESOLVED;
      return Optional.of(
          new Issue(
              id,
              state,
              text(),
              in.readDouble(),
              Duration.ofSeconds(in.readLong(), in.readInt()),
              text(),
              text(),
              text(),
              time(),
              time(),
              Optional.empty(),
              records(),
              Set.copyOf(forms())));
    }
  }
}
