package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSink;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Severity;
import io.devopscopilot.collector.FileLogSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Lines that people upload, on their way into the running pipeline. As a source it hands over what
 * request threads parse, through a queue of {@value #QUEUE} records; as a sink behind the store it
 * counts the verdicts of each upload and learns when all of it is durable.
 */
final class Uploads implements LogSource, LogSink {
  /** Records that wait for the pipeline at most; a full queue holds the request thread back. */
  static final int QUEUE = 8192;

  /** Bytes of one upload after decompression at most. */
  static final long MAX_BYTES = 4L << 30;

  private static final long WAIT_SECONDS = 60;

  /** What became of an upload. */
  record Summary(
      String name,
      long lines,
      long bytes,
      double seconds,
      Map<Severity, Long> severities,
      Map<String, Long> categories,
      Map<String, Long> counters) {}

  /** The upload is larger than allowed. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException(String message) {
      super(message);
    }
  }

  private static final class Upload {
    final Map<Severity, Long> severities = new EnumMap<>(Severity.class);
    final Map<String, Long> categories = new TreeMap<>();
    long accepted;
    long durable;
  }

  /** At most {@link #MAX_BYTES} an upload. */
  Uploads() {
    this(MAX_BYTES);
  }

  Uploads(long most) {
    this.most = most;
  }

  private record Item(Upload upload, LogRecord record) {}

  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Set<Upload> active = new HashSet<>();
  private final AtomicLong total = new AtomicLong();
  private final long most;
  private volatile boolean closed;
  private @Nullable Item pending;
  private @Nullable Upload current;

  /**
   * Reads, classifies and stores one upload; returns when all of it is durable. Gzip is detected.
   *
   * @param name file name; becomes the service of lines that name none
   * @throws TooLargeException if it is larger than {@link #MAX_BYTES} uncompressed
   */
  Summary store(String name, InputStream body) throws IOException, InterruptedException {
    Upload upload = new Upload();
    synchronized (active) {
      active.add(upload); // before its first line, so that no flush is missed
    }
    try {
      return store(upload, name, body);
    } finally {
      synchronized (active) {
        active.remove(upload);
      }
    }
  }

  private Summary store(Upload upload, String name, InputStream body)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Counted in = new Counted(decompressed(body), most);
    long lines = 0;
    Map<String, Long> counters;
    try (FileLogSource source = FileLogSource.builder().stdin(in).name(name).build()) {
      try {
        long[] count = new long[1];
        while (source.poll(r -> offer(upload, r, count), 1024) != LogSource.ENDED) {
          if (in.failure != null) {
            throw in.failure;
          }
        }
        lines = count[0];
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e.getMessage(), e);
      }
      counters = source.counters();
    }
    if (in.failure != null) {
      throw in.failure;
    }
    await(upload, lines);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Summary(
        name, lines, in.count, seconds, upload.severities, upload.categories, counters);
  }

  private void await(Upload upload, long lines) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    synchronized (active) {
      while (upload.durable < lines) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          throw new CopilotException(
              "the lines were read but not stored within " + WAIT_SECONDS + " s", null, true);
        }
        active.wait(left);
      }
    }
  }

  private void offer(Upload upload, LogRecord record, long[] count) {
    try {
      if (closed || !queue.offer(new Item(upload, record), WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new CopilotException("the pipeline takes no lines at the moment", null, true);
      }
      count[0]++;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CopilotException("interrupted while reading an upload", e);
    }
  }

  private static InputStream decompressed(InputStream body) throws IOException {
    BufferedInputStream in = new BufferedInputStream(body, 1 << 16);
    in.mark(2);
    int first = in.read();
    int second = in.read();
    in.reset();
    return first == 0x1f && second == 0x8b ? new GZIPInputStream(in, 1 << 16) : in;
  }

  @Override
  public int poll(java.util.function.Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    int n = 0;
    for (; n < limit; n++) {
      Item item = pending != null ? pending : queue.poll();
      if (item == null) {
        break;
      }
      pending = item;
      current = item.upload();
      try {
        sink.accept(item.record());
      } finally {
        current = null;
      }
      pending = null;
    }
    return n;
  }

  @Override
  public void accept(LogRecord record, Classification c) {
    Upload upload = current;
    if (upload != null) {
      upload.accepted++;
      upload.severities.merge(c.severity(), 1L, Long::sum);
      upload.categories.merge(c.category(), 1L, Long::sum);
      total.incrementAndGet();
    }
  }

  @Override
  public void flush() {
    synchronized (active) {
      active.forEach(upload -> upload.durable = upload.accepted);
      active.notifyAll();
    }
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("uploads.lines", total.get());
  }

  @Override
  public void close() {
    closed = true;
  }

  /** Counts bytes and refuses to go beyond the limit, also for sources that swallow exceptions. */
  private static final class Counted extends InputStream {
    private final InputStream in;
    private final long most;
    volatile @Nullable IOException failure;
    long count;

    Counted(InputStream in, long most) {
      this.in = in;
      this.most = most;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      try {
        int n = in.read(buffer, from, length);
        count += Math.max(0, n);
        if (count > most) {
          throw new TooLargeException("the upload is larger than " + most + " bytes uncompressed");
        }
        return n;
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
