package io.devopscopilot.collector;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines in memory that it keeps. A line longer than the limit is cut;
 * the rest is skipped and counted.
 */
final class LineReader {
  private final InputStream in;
  private final int limit;
  private byte[] buffer = new byte[1 << 16];
  private int from;
  private int scanned;
  private int to;
  private boolean ended;
  private long position;

  // The line found last.
  private int lineFrom;
  private int lineTo;
  private long cut;
  private boolean whole;

  LineReader(InputStream in, long position, int limit) {
    this.in = in;
    this.position = position;
    this.limit = limit;
  }

  /**
   * Finds the next line.
   *
   * @param last whether bytes without a line feed at the end of the stream are a line too
   * @return false if there is none now
   */
  boolean next(boolean last) throws IOException {
    cut = 0;
    while (true) {
      int feed = find();
      if (feed >= 0) {
        return line(feed, feed + 1, true);
      }
      if (to - from > limit) {
        return longLine(last);
      }
      if (!fill()) {
        return last && to > from && line(to, to, false);
      }
    }
  }

  private int find() {
    for (int i = scanned; i < to; i++) {
      if (buffer[i] == '\n') {
        scanned = i + 1;
        return i;
      }
    }
    scanned = to;
    return -1;
  }

  private boolean line(int end, int next, boolean terminated) {
    lineFrom = from;
    lineTo = end > from && buffer[end - 1] == '\r' ? end - 1 : end;
    if (lineTo - lineFrom > limit) {
      cut = lineTo - lineFrom - limit;
      lineTo = lineFrom + limit;
    }
    whole = terminated;
    position += next - from;
    from = next;
    scanned = next;
    return true;
  }

  /** Keeps the first bytes of a line that is too long and skips to its end. */
  private boolean longLine(boolean last) throws IOException {
    byte[] kept = Arrays.copyOfRange(buffer, from, from + limit);
    cut = to - from - limit;
    position += to - from;
    from = to;
    scanned = to;
    while (true) {
      int feed = find();
      if (feed >= 0) {
        cut += feed - from;
        position += feed + 1 - from;
        from = feed + 1;
        break;
      }
      cut += to - from;
      position += to - from;
      from = to;
      if (!fill()) {
        break; // the line goes on later: its rest then comes as a line of its own
      }
    }
    int room = from - kept.length;
    if (room < 0) {
      byte[] moved = new byte[kept.length + to - from];
      System.arraycopy(buffer, from, moved, kept.length, to - from);
      to = kept.length + to - from;
      buffer = moved;
      from = kept.length;
      scanned = from;
      room = 0;
    }
    System.arraycopy(kept, 0, buffer, room, kept.length);
    lineFrom = room;
    lineTo = room + kept.length;
    whole = true;
    return true;
  }

  private boolean fill() throws IOException {
    if (from > 0 && (from == to || buffer.length - to < 4096)) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      scanned -= from;
      from = 0;
    }
    if (to == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int n = in.read(buffer, to, buffer.length - to);
    if (n <= 0) {
      ended = n < 0;
      return false;
    }
    to += n;
    return true;
  }

  /** The bytes of the lines; valid until the next call. */
  byte[] bytes() {
    return buffer;
  }

  int from() {
    return lineFrom;
  }

  int to() {
    return lineTo;
  }

  /** Bytes of the line that were left out. */
  long cut() {
    return cut;
  }

  /** Whether a line feed ended the line. */
  boolean whole() {
    return whole;
  }

  /** Whether the stream said that it has no more. */
  boolean ended() {
    return ended;
  }

  /** Where the next line begins, in bytes since the begin of the stream. */
  long position() {
    return position;
  }
}
