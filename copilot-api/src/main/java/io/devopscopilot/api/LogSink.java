package io.devopscopilot.api;

import java.util.Map;
import java.util.Set;

/**
 * Takes classified records. All methods but {@link #counters()} are called by one thread at a time.
 */
@FunctionalInterface
public interface LogSink extends AutoCloseable {
  /**
   * Takes one record; may buffer it until {@link #flush()}.
   *
   * @throws CopilotException if it can't be taken; {@code retryable} = the same record may be
   *     offered again later, nothing of it was kept
   */
  void accept(LogRecord record, Classification classification);

  /**
   * Makes all that was accepted durable, together with the newest position of each stream. After a
   * retryable failure the accepted records are still held, and the call may be repeated.
   *
   * @throws CopilotException if that fails
   */
  default void flush() {}

  /**
   * The newest durable token by stream, for {@link LogSource#resume}; empty for sinks that keep
   * none.
   */
  default Map<String, String> positions() {
    return Map.of();
  }

  /**
   * Tells which streams the sources may go on with: their positions must be kept. Those of others
   * may be dropped once they are old or many.
   *
   * @throws CopilotException if that fails; it may be left to the next call
   */
  default void keep(Set<String> streams) {}

  /** What was written, refused or retried since the start, by name. Any thread may call it. */
  default Map<String, Long> counters() {
    return Map.of();
  }

  /** Flushes and ends the sink; calling it again does nothing. */
  @Override
  default void close() {}
}
