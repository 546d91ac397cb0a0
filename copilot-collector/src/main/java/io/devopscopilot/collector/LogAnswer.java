package io.devopscopilot.collector;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;
import okhttp3.Call;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An answer to a request for a log, line by line. Used by one thread. */
final class LogAnswer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LogAnswer.class);
  private static final int MAX_LINE = FileLogSource.DEFAULT_MAX_LINE;

  /** How a follow ends if its container is removed between two looks of the kubelet. */
  private static final String REMOVED = "code = NotFound";

  /**
   * A line.
   *
   * @param checksum of time and text
   * @param cut bytes that were left out of a line too long
   */
  record Line(Instant time, String text, int checksum, long cut) {
    boolean is(Line other) {
      return checksum == other.checksum && time.equals(other.time);
    }
  }

  /** The kubelet, or the API server, says that there is no such log. */
  static final class NotServed extends IOException {
    private static final long serialVersionUID = 1;

    NotServed(String message) {
      super(message);
    }
  }

  private final Call call;
  private final Set<Call> calls;
  private final Response response;
  private final LineReader reader;
  private final Timestamps times;
  private final KubernetesCounters counters;
  private String said = "";
  private long lines;
  private long waited;
  private boolean over;
  private @Nullable Line rest;

  /**
   * Sends a request.
   *
   * @param calls where it is kept while it is open, so that another thread can cancel it
   */
  LogAnswer(Call call, Set<Call> calls, Timestamps times, KubernetesCounters counters)
      throws IOException {
    this.call = call;
    this.calls = calls;
    this.times = times;
    this.counters = counters;
    calls.add(call);
    try {
      this.response = call.execute();
    } catch (IOException | RuntimeException e) {
      calls.remove(call);
      throw e;
    }
    ResponseBody body = Objects.requireNonNull(response.body(), "body");
    this.reader = new LineReader(body.byteStream(), 0, MAX_LINE);
  }

  int status() {
    return response.code();
  }

  /** The next line, or null at the end. */
  @Nullable Line next() throws IOException {
    long asked = System.nanoTime();
    while (reader.next(false)) {
      Line line = line();
      if (line != null) {
        waited = System.nanoTime() - asked;
        return line;
      }
    }
    if (!over) {
      over = true;
      boolean none = lines == 0;
      // The kubelet's own text has no line feed.
      rest = reader.next(true) ? line() : null;
      if (none && rest == null && !said.isEmpty()) {
        throw new NotServed("the kubelet says: " + said);
      }
    }
    return null;
  }

  /** At the end, what stands behind the last line feed, or null; only once. */
  @Nullable Line rest() {
    Line line = rest;
    rest = null;
    return line;
  }

  /** Whether the end is one of a container that is no more: behind a line feed, without a fault. */
  boolean endedInOrder() {
    return over && rest == null && (said.isEmpty() || said.contains(REMOVED));
  }

  /** How long the last line had to be waited for, in ns. */
  long waited() {
    return waited;
  }

  private @Nullable Line line() {
    byte[] b = reader.bytes();
    int from = reader.from();
    int to = reader.to();
    Instant time = times.parse(b, from, to);
    if (time == null || times.end() - from < 20) {
      said = new String(b, from, Math.min(to - from, 200), StandardCharsets.UTF_8);
      if (counters.foreign(said)) {
        LOG.info("the kubelet says: {}; the like is only counted from now on", said);
      }
      return null;
    }
    lines++;
    CRC32 crc = new CRC32();
    crc.update(b, from, to - from);
    int start = Math.min(to, times.end() + 1);
    return new Line(
        time,
        new String(b, start, to - start, StandardCharsets.UTF_8),
        (int) crc.getValue(),
        reader.cut());
  }

  @Override
  public void close() {
    calls.remove(call);
    response.close();
  }
}
