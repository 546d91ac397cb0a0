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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * request threads parse, through a queue of {@value #QUEUE} chunks of {@value #CHUNK} records; as a
 * sink behind the store it counts the verdicts of each upload and learns when all of it is durable.
 */
final class Uploads implements LogSource, LogSink {
  /** Records that are handed over together, fewer of long ones. */
  static final int CHUNK = 256;

  /** Chunks that wait for the pipeline at most; a full queue holds the request thread back. */
  static final int QUEUE = 16;

  /** A chunk of so many characters takes no further step of so many records. */
  private static final long CHUNK_CHARS = 1 << 20;

  private static final int STEP = 8;

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
    final long[] severities = new long[Severity.values().length];
    final Map<String, long[]> categories = new HashMap<>();
    long accepted;
    long durable;

    void count(Classification c) {
      accepted++;
      severities[c.severity().ordinal()]++;
      categories.computeIfAbsent(c.category(), k -> new long[1])[0]++;
    }

    Map<Severity, Long> severities() {
      Map<Severity, Long> counts = new EnumMap<>(Severity.class);
      for (Severity s : Severity.values()) {
        if (severities[s.ordinal()] > 0) {
          counts.put(s, severities[s.ordinal()]);
        }
      }
      return counts;
    }

    Map<String, Long> categories() {
      Map<String, Long> counts = new TreeMap<>();
      categories.forEach((category, count) -> counts.put(category, count[0]));
      return counts;
    }
  }

  /** At most {@link #MAX_BYTES} an upload. */
  Uploads() {
    this(MAX_BYTES);
  }

  Uploads(long most) {
    this.most = most;
  }

  private record Chunk(Upload upload, List<LogRecord> records) {
    /** Returns whether the source has ended. */
    boolean fill(LogSource source) throws Exception {
      long[] chars = new long[1];
      int n = 0;
      while (n != LogSource.ENDED && records.size() < CHUNK && chars[0] < CHUNK_CHARS) {
        n =
            source.poll(
                r -> {
                  records.add(r);
                  chars[0] += r.message().length();
                },
                STEP);
      }
      return n == LogSource.ENDED;
    }
  }

  private final BlockingQueue<Chunk> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Set<Upload> active = new HashSet<>();
  private final AtomicLong total = new AtomicLong();
  private final long most;
  private volatile boolean closed;
  private @Nullable Chunk pending;
  private int taken;
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
        for (boolean ended = false; !ended && in.failure == null; ) {
          Chunk chunk = new Chunk(upload, new ArrayList<>(CHUNK));
          try {
            ended = chunk.fill(source);
          } finally {
            offer(chunk); // also what came before damaged bytes
          }
          lines += chunk.records().size();
        }
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
        name, lines, in.count, seconds, upload.severities(), upload.categories(), counters);
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

  private void offer(Chunk chunk) throws InterruptedException {
    if (closed || !queue.offer(chunk, WAIT_SECONDS, TimeUnit.SECONDS)) {
      throw new CopilotException("the pipeline takes no lines at the moment", null, true);
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
    while (n < limit) {
      Chunk chunk = pending != null ? pending : queue.poll();
      if (chunk == null) {
        break;
      }
      pending = chunk;
      current = chunk.upload();
      try {
        while (n < limit && taken < chunk.records().size()) {
          sink.accept(chunk.records().get(taken));
          taken++; // only now: what could not be accepted is handed over again
          n++;
        }
      } finally {
        current = null;
      }
      if (taken == chunk.records().size()) {
        pending = null;
        taken = 0;
      }
    }
    return n;
  }

  @Override
  public void accept(LogRecord record, Classification c) {
    Upload upload = current;
    if (upload != null) {
      upload.count(c);
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
  public Optional<Set<String>> streams() {
    return Optional.of(Set.of());
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
