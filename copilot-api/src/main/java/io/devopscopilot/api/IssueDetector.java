package io.devopscopilot.api;

import java.time.Instant;
import java.util.function.Consumer;

/**
 * Finds and predicts issues from classified records. Reckons in record time, so that replaying the
 * same records gives the same issues, however they are cut into batches. Used by one thread.
 */
@FunctionalInterface
public interface IssueDetector {
  /**
   * Takes one record.
   *
   * @param out takes each issue that is opened, updated or resolved, on the calling thread
   */
  void observe(LogRecord record, Classification classification, Consumer<? super Issue> out);

  /**
   * Says that no record before {@code now} is to come, so that silence can be noticed.
   *
   * @param now record time; earlier than before = no effect
   * @param out takes each issue that is opened, updated or resolved, on the calling thread
   */
  default void advance(Instant now, Consumer<? super Issue> out) {}
}
