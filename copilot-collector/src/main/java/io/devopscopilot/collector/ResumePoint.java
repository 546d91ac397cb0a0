package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import java.time.DateTimeException;
import java.time.Instant;

/**
 * How far the log of a container was delivered, exactly, and in which of its instances.
 *
 * <p>The API can only be asked for lines since a whole second, and lines of two outputs may stand
 * in the file a little out of order. So the point is: the second before that of the newest line,
 * how many lines of that second and of the newest were delivered, and time and checksum of the last
 * one. Asked again since that second, the API gives the same lines in the same order, unless the
 * file was rotated meanwhile, which the checksum tells. Text form: {@code
 * instance#second#lines-of-it#lines-of-the-next#time-of-last#checksum}.
 */
final class ResumePoint {
  private int instance;
  private long newest = Long.MIN_VALUE;
  private long before;
  private long current;
  private Instant last = Instant.MIN;
  private int checksum;

  private ResumePoint(int instance) {
    this.instance = instance;
  }

  /**
   * The begin of an instance's log.
   *
   * @param instance restarts of the container before it
   */
  static ResumePoint startOf(int instance) {
    return new ResumePoint(instance);
  }

  /** A point from its text. */
  static ResumePoint parse(String token) {
    try {
      String[] parts = token.split("#");
      ResumePoint point = new ResumePoint(Integer.parseInt(parts[0]));
      point.newest = Long.parseLong(parts[1]) + 1;
      point.before = Long.parseLong(parts[2]);
      point.current = Long.parseLong(parts[3]);
      point.last = Instant.parse(parts[4]);
      point.checksum = (int) Long.parseLong(parts[5], 16);
      return point;
    } catch (DateTimeException | IndexOutOfBoundsException | NumberFormatException e) {
      throw new CopilotException(
          "the stored position '" + token + "' is not one of this source", e);
    }
  }

  int instance() {
    return instance;
  }

  /** Corrects the number; the cluster told a later one for the same log. */
  void instance(int number) {
    instance = number;
  }

  boolean isStart() {
    return newest == Long.MIN_VALUE;
  }

  /** Since when the API is to be asked, a whole second. */
  Instant since() {
    return Instant.ofEpochSecond(newest - 1);
  }

  /** How many lines since then were delivered. */
  long delivered() {
    return before + current;
  }

  Instant last() {
    return last;
  }

  boolean isLast(Instant time, int sum) {
    return time.equals(last) && sum == checksum;
  }

  /** Counts a delivered line. */
  void add(Instant time, int sum) {
    long second = time.getEpochSecond();
    if (second > newest) {
      before = second - 1 == newest ? current : 0;
      current = 0;
      newest = second;
    }
    if (second == newest) {
      current++;
    } else if (second == newest - 1) {
      before++;
    }
    last = time;
    checksum = sum;
  }

  @Override
  public String toString() {
    return instance
        + "#"
        + (newest - 1)
        + "#"
        + before
        + "#"
        + current
        + "#"
        + last
        + "#"
        + Integer.toHexString(checksum);
  }
}
