package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * One file that is being read. A record's position is the byte behind its line; of a joined line,
 * the byte behind its last part. Where parts of another line are still open, it is the byte before
 * the first of them and how many records followed it, {@code byte+records}.
 */
final class OpenFile implements AutoCloseable {
  /**
   * Parts of a line wait so long for the next one. The kubelet's file ends with one where the last
   * line of a container has no end, and nothing ever follows.
   */
  private static final long OPEN_NANOS = 5_000_000_000L;

  private final String stream;
  private final InputStream in;
  private final @Nullable FileChannel channel;
  private final LineReader lines;
  private final LineFormat format;
  private final FileCounters counters;
  private final ArrayDeque<LogRecord> waiting = new ArrayDeque<>();
  private long fed;
  private long safe;
  private long since;
  private long skip;
  private String token;

  private OpenFile(
      String stream,
      InputStream in,
      @Nullable FileChannel channel,
      String token,
      Origin origin,
      int limit,
      FileCounters counters) {
    this.stream = stream;
    this.token = token;
    this.safe = bytes(token);
    this.skip = records(token);
    this.in = in;
    this.channel = channel;
    this.lines = new LineReader(in, safe, limit);
    this.format = new LineFormat(origin, limit, counters);
    this.counters = counters;
  }

  /** The bytes of a position. */
  static long bytes(String token) {
    int plus = token.indexOf('+');
    return Long.parseLong(plus < 0 ? token : token.substring(0, plus));
  }

  private static long records(String token) {
    int plus = token.indexOf('+');
    return plus < 0 ? 0 : Long.parseLong(token.substring(plus + 1));
  }

  /** Opens a file at a position; gzip is unpacked. */
  static OpenFile of(
      Path path, String stream, String token, Origin origin, int limit, FileCounters counters)
      throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      if (path.toString().endsWith(".gz")) {
        InputStream in = new GZIPInputStream(Channels.newInputStream(channel), 1 << 16);
        in.skipNBytes(bytes(token));
        return new OpenFile(stream, in, null, token, origin, limit, counters);
      }
      channel.position(bytes(token));
      return new OpenFile(
          stream, Channels.newInputStream(channel), channel, token, origin, limit, counters);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Reads a stream from its begin; gzip is unpacked. */
  static OpenFile of(InputStream in, Origin origin, int limit, FileCounters counters)
      throws IOException {
    BufferedInputStream first = new BufferedInputStream(in, 1 << 16);
    first.mark(2);
    boolean packed = first.read() == 0x1f && first.read() == 0x8b;
    first.reset();
    InputStream text = packed ? new GZIPInputStream(first, 1 << 16) : first;
    return new OpenFile("", text, null, "0", origin, limit, counters);
  }

  /** Where reading would resume exactly. */
  String token() {
    return token;
  }

  /** Where reading goes on. */
  long position() {
    return lines.position();
  }

  /** Size of the open file, also when it has another name by now; -1 = unknown. */
  long size() throws IOException {
    return channel == null ? -1 : channel.size();
  }

  boolean ended() {
    return lines.ended();
  }

  /**
   * Hands over at most {@code limit} records.
   *
   * @param last whether a line without a line feed at the end is a line
   * @return how many; less than the limit = no more now
   */
  int read(Consumer<? super LogRecord> sink, int limit, boolean last) throws IOException {
    int n = 0;
    while (n < limit) {
      LogRecord next = waiting.peek();
      if (next == null) {
        if (!lines.next(last)) {
          if (last && format.pending() || format.parts() && System.nanoTime() - fed > OPEN_NANOS) {
            format.finish(this::wait);
            mark();
            continue;
          }
          break;
        }
        counters.bytes.addAndGet(lines.to() - lines.from());
        counters.cut.addAndGet(lines.cut());
        format.read(lines.bytes(), lines.from(), lines.to(), lines.cut() > 0, this::wait);
        mark();
        continue;
      }
      sink.accept(next);
      waiting.remove();
      counters.lines.incrementAndGet();
      n++;
    }
    return n;
  }

  private void wait(LogRecord record) {
    if (skip > 0) {
      skip--;
      since++;
      return;
    }
    if (format.pending()) {
      since++;
      token = safe + "+" + since;
    } else {
      token = Long.toString(lines.position());
    }
    waiting.add(stream.isEmpty() ? record : record.at(new LogRecord.Position(stream, token)));
  }

  /** Between two lines nothing may be open for the place to be one to resume at. */
  private void mark() {
    if (format.pending()) {
      fed = System.nanoTime();
    } else {
      safe = lines.position();
      since = 0;
      skip = 0;
      token = Long.toString(safe);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
