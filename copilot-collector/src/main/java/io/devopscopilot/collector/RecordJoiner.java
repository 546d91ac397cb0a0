package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Joins the lines of a stack trace into one record, stream by stream.
 *
 * <p>The newest record of each stream is held until the next line of that stream, or until it has
 * been quiet for {@link #QUIET_NANOS}; other streams pass meanwhile. A joined record has the time
 * of its first line and the position of its last, so that a process that dies in between reads the
 * held lines again. What grows beyond {@link #MAX_CHARS} or {@link #MAX_LINES} is handed on in
 * parts that carry {@code PARTIAL}. Lines of another stream or output between those of a trace end
 * it. Used by one thread.
 */
final class RecordJoiner {
  static final int MAX_CHARS = 256 << 10;
  static final int MAX_LINES = 1_000;
  static final long QUIET_NANOS = 250_000_000L;

  private static final class Held {
    final LogRecord first;
    final TraceShape shape;
    final StringBuilder text;
    final Set<LogRecord.Flag> flags = EnumSet.noneOf(LogRecord.Flag.class);
    final List<LogRecord> unsure = new ArrayList<>(2);
    LogRecord last;
    int lines = 1;
    long at;

    Held(LogRecord record, long now) {
      first = record;
      last = record;
      shape = new TraceShape(record.message());
      text = new StringBuilder();
      flags.addAll(record.flags());
      at = now;
    }

    void add(LogRecord record) {
      if (text.isEmpty()) {
        text.append(first.message());
      }
      text.append('\n').append(record.message());
      flags.addAll(record.flags());
      last = record;
      lines++;
    }

    int chars() {
      return text.isEmpty() ? first.message().length() : text.length();
    }

    LogRecord joined() {
      if (lines == 1 && flags.equals(first.flags())) {
        return first;
      }
      return new LogRecord(
          first.timestamp(),
          lines == 1 ? first.message() : text.toString(),
          first.kind(),
          first.origin(),
          last.position(),
          first.attributes(),
          flags);
    }
  }

  private final Map<String, Held> held = new HashMap<>();
  private final ArrayDeque<LogRecord> ready = new ArrayDeque<>();

  /** Takes the next record of its stream. */
  void add(LogRecord record, long now) {
    String stream = record.position().stream();
    if (record.kind() != LogRecord.Kind.LOG) {
      release(held.remove(stream));
      ready.add(record);
      return;
    }
    Held open = held.get(stream);
    if (open == null) {
      held.put(stream, new Held(record, now));
      return;
    }
    TraceShape.Answer answer =
        sameOutput(open.first, record) ? open.shape.next(record.message()) : TraceShape.Answer.NO;
    switch (answer) {
      case YES -> {
        List<LogRecord> lines = new ArrayList<>(open.unsure);
        open.unsure.clear();
        lines.add(record);
        open = grow(stream, open, lines, now);
        open.at = now;
      }
      case UNSURE -> {
        open.unsure.add(record);
        open.at = now;
      }
      case NO -> {
        List<LogRecord> unsure = release(open);
        held.remove(stream);
        unsure.forEach(r -> add(r, now));
        // A line that was not certain may begin a trace of its own, which this one goes on.
        if (unsure.isEmpty()) {
          held.put(stream, new Held(record, now));
        } else {
          add(record, now);
        }
      }
    }
  }

  /** Hands a record on as it is. */
  void pass(LogRecord record) {
    ready.add(record);
  }

  private Held grow(String stream, Held open, List<LogRecord> lines, long now) {
    for (LogRecord line : lines) {
      if (open.lines >= MAX_LINES || open.chars() + line.message().length() + 1 > MAX_CHARS) {
        open.flags.add(LogRecord.Flag.PARTIAL);
        release(open);
        Held rest = new Held(line, now);
        rest.shape.goOn(open.shape);
        rest.flags.add(LogRecord.Flag.PARTIAL);
        held.put(stream, rest);
        open = rest;
      } else {
        open.add(line);
      }
    }
    return open;
  }

  private static boolean sameOutput(LogRecord a, LogRecord b) {
    return (a.origin() == b.origin() || a.origin().equals(b.origin()))
        && java.util.Objects.equals(
            a.attributes().get(LogRecord.ATTR_STREAM), b.attributes().get(LogRecord.ATTR_STREAM));
  }

  /** Hands on what is certain and returns the lines that turned out not to belong to it. */
  private List<LogRecord> release(@Nullable Held open) {
    if (open == null) {
      return List.of();
    }
    ready.add(open.joined());
    return open.unsure;
  }

  /** Hands on what nobody has added to for a while. */
  void expire(long now) {
    if (held.isEmpty()) {
      return;
    }
    for (Iterator<Held> all = held.values().iterator(); all.hasNext(); ) {
      Held open = all.next();
      if (now - open.at >= QUIET_NANOS) {
        all.remove();
        ready.addAll(withUnsure(open));
      }
    }
  }

  private static List<LogRecord> withUnsure(Held open) {
    List<LogRecord> all = new ArrayList<>();
    all.add(open.joined());
    all.addAll(open.unsure);
    return all;
  }

  /** Hands on all. */
  void flush() {
    held.values().forEach(open -> ready.addAll(withUnsure(open)));
    held.clear();
  }

  /** The next record to hand over, or null. */
  @Nullable LogRecord peek() {
    return ready.peek();
  }

  void remove() {
    ready.remove();
  }

  boolean isEmpty() {
    return held.isEmpty() && ready.isEmpty();
  }
}
