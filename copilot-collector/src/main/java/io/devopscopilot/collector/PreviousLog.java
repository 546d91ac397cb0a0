package io.devopscopilot.collector;

import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the log that the kubelet serves as the previous instance's tells about where a container was
 * read to.
 *
 * @param there whether there is a previous instance
 * @param lines lines of the answer, those since a second before the last one delivered
 * @param read how many of them were delivered, -1 if the last one delivered is not among them
 * @param first time of the first one
 * @param last time of the last one
 * @param checksum of the last one
 * @param current whether a line of the current log is among them: then both are the same instance
 */
record PreviousLog(
    boolean there,
    long lines,
    long read,
    Instant first,
    Instant last,
    int checksum,
    boolean current) {

  static final PreviousLog NONE = new PreviousLog(false, 0, -1, Instant.MIN, Instant.MIN, 0, false);

  /**
   * Reads an answer to its end.
   *
   * @param head the first line of the current log, or null
   */
  static PreviousLog of(LogAnswer answer, ResumePoint point, LogAnswer.@Nullable Line head)
      throws IOException {
    long lines = 0;
    long read = -1;
    Instant first = Instant.MIN;
    Instant last = Instant.MIN;
    int checksum = 0;
    boolean current = false;
    LogAnswer.Line line = answer.next();
    while (line != null) {
      lines++;
      if (lines == 1) {
        first = line.time();
      }
      last = line.time();
      checksum = line.checksum();
      current |= head != null && line.is(head);
      // Where equal lines stand in a row the number delivered tells which of them was the last.
      if (point.isLast(line.time(), line.checksum()) && (lines <= point.delivered() || read < 0)) {
        read = lines;
      }
      line = answer.next();
      line = line == null ? answer.rest() : line;
    }
    return new PreviousLog(true, lines, read, first, last, checksum, current);
  }

  /** Whether all of it was delivered. */
  boolean exhausted() {
    return read >= 0 && read == lines;
  }

  /** Whether it holds nothing newer than the last line delivered, as an older instance's log. */
  boolean isOlder(Instant delivered) {
    return lines == 0 || !last.isAfter(delivered);
  }

  boolean same(PreviousLog other) {
    return there == other.there && lines == other.lines && checksum == other.checksum;
  }
}
