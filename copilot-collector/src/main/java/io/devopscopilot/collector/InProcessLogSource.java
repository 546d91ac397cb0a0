package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Origin;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.SimpleFormatter;

/**
 * The log of the service this runs in, without a file in between.
 *
 * <p>{@link #handler()} goes to {@code java.util.logging}, {@link LogbackSource} to Logback; other
 * frameworks call {@link #offer}. A thread that logs never waits and never sees an exception: what
 * finds the queue full is dropped and counted in {@code inprocess.lines.dropped}, what can't be
 * formatted in {@code inprocess.lines.malformed}. The pipeline's own threads and loggers are left
 * out, so that nothing feeds itself. Nothing can be resumed: a line that was not yet stored when
 * the process ended is lost. {@link #offer} may be called by any thread.
 */
public final class InProcessLogSource implements LogSource {
  /** Lines that wait for the pipeline at most, unless said otherwise. */
  public static final int DEFAULT_CAPACITY = 8_192;

  private final Origin origin;
  private final BlockingQueue<LogRecord> queue;
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong malformed = new AtomicLong();
  private volatile boolean closed;

  /** A source of lines of this service, with the default capacity. */
  public InProcessLogSource(Origin origin) {
    this(origin, DEFAULT_CAPACITY);
  }

  /**
   * A source of lines of this service.
   *
   * @param capacity lines that wait at most, 1 to 1,000,000
   */
  public InProcessLogSource(Origin origin, int capacity) {
    if (capacity < 1 || capacity > 1_000_000) {
      throw new IllegalArgumentException("capacity is " + capacity + ", must be 1 to 1000000");
    }
    this.origin = origin;
    this.queue = new ArrayBlockingQueue<>(capacity);
  }

  /**
   * Takes a line if there is room; never waits.
   *
   * @return whether it was taken
   */
  public boolean offer(LogRecord record) {
    if (closed) {
      return false;
    }
    boolean room = queue.offer(record);
    (room ? taken : dropped).incrementAndGet();
    return room;
  }

  /** Whether a line comes from the pipeline itself. */
  static boolean own(String logger) {
    return logger.startsWith("io.devopscopilot.")
        || Thread.currentThread().getName().startsWith("copilot-");
  }

  Origin origin() {
    return origin;
  }

  void failed() {
    malformed.incrementAndGet();
  }

  /** A handler for {@code java.util.logging}; add it to the root logger. */
  public Handler handler() {
    return new JulHandler(this);
  }

  private static final class JulHandler extends Handler {
    private final InProcessLogSource source;
    private final SimpleFormatter formatter = new SimpleFormatter();

    JulHandler(InProcessLogSource source) {
      this.source = source;
    }

    @Override
    public void publish(java.util.logging.LogRecord record) {
      try {
        String logger = String.valueOf(record.getLoggerName());
        if (!isLoggable(record) || own(logger)) {
          return;
        }
        StringBuilder text = new StringBuilder(word(record.getLevel())).append(' ').append(logger);
        text.append(": ").append(formatter.formatMessage(record));
        Traces.append(text, record.getThrown());
        source.offer(LogRecord.of(record.getInstant(), text.toString(), source.origin));
      } catch (RuntimeException | StackOverflowError e) {
        source.failed(); // the host's own arguments may throw while they are written
      }
    }

    private static String word(Level level) {
      int value = level.intValue();
      return value >= 1000 ? "ERROR" : value >= 900 ? "WARN" : value >= 800 ? "INFO" : "DEBUG";
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    int n = 0;
    for (; n < limit; n++) {
      LogRecord record = queue.peek();
      if (record == null) {
        return n == 0 && closed ? ENDED : n;
      }
      sink.accept(record);
      queue.remove();
    }
    return n;
  }

  @Override
  public Optional<Set<String>> streams() {
    return Optional.of(Set.of());
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of(
        "inprocess.lines.read",
        taken.get(),
        "inprocess.lines.dropped",
        dropped.get(),
        "inprocess.lines.malformed",
        malformed.get());
  }

  /** Takes no more lines; those that wait are still handed over. */
  @Override
  public void close() {
    closed = true;
  }
}
