package io.devopscopilot.api;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where records come from. Pulled, so that back-pressure is simply not polling.
 *
 * <p>All methods but {@link #counters()} are called by one thread at a time. A lambda will do for a
 * source that neither resumes nor holds resources. {@code LogSourceContract} in the contract kit
 * proves an implementation.
 */
@FunctionalInterface
public interface LogSource extends AutoCloseable {
  /** What {@link #poll} returns when nothing will ever come again. */
  int ENDED = -1;

  /**
   * Hands over at most {@code limit} records, without waiting longer than about 100 ms for them.
   *
   * <p>Records of one stream come in the order of their positions. When the sink throws, the
   * exception is passed on unchanged, and the record it was thrown for was not delivered: it comes
   * again at the next call. A record that can't be read is skipped and counted, its neighbours are
   * not lost.
   *
   * @param sink takes each record on the calling thread; it may keep it
   * @param limit at least 1
   * @return how many were handed over; 0 = nothing now; {@link #ENDED} = nothing ever again
   * @throws IllegalArgumentException if limit is below 1
   * @throws Exception if nothing can be read; a {@link CopilotException} says whether trying again
   *     may help
   */
  int poll(Consumer<? super LogRecord> sink, int limit) throws Exception;

  /**
   * Tells the source, before the first {@link #poll}, how far each stream was stored, so that it
   * goes on with the record after that. Unknown streams are ignored; sources that can't resume
   * ignore the call.
   *
   * @param positions newest stored token by stream
   * @throws Exception if the tokens can't be used
   */
  default void resume(Map<String, String> positions) throws Exception {}

  /**
   * The streams that may go on, for {@link LogSink#keep}; asked after a minute, each hour and at
   * the end. Empty = not known, then no position of any source is dropped; of a source without
   * positions, a set without elements.
   */
  default Optional<Set<String>> streams() {
    return Optional.empty();
  }

  /**
   * What was read, skipped, cut or lost since the start, by name, for example {@code lines.read} or
   * {@code lines.lost}. Any thread may call it.
   */
  default Map<String, Long> counters() {
    return Map.of();
  }

  /** Ends the source; calling it again does nothing. */
  @Override
  default void close() {}
}
