package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How far the log of one container instance was delivered, exactly.
 *
 * <p>The API can only be asked for lines since a whole second, and lines of two streams may stand
 * in the file a little out of order. So the point is: the second before that of the newest line,
 * how many lines since then were delivered, and time and checksum of the last one. Asked again
 * since that second, the API gives the same lines in the same order, unless the file was rotated
 * meanwhile, which the checksum tells. Text form: {@code second#count#nanos-of-last#checksum}.
 */
final class ResumePoint {
  private static final long MARGIN = 1;

  private record Second(long second, long count) {}

  private final Deque<Second> seconds = new ArrayDeque<>();
  private long newest = Long.MIN_VALUE;
  private Instant last = Instant.MIN;
  private int checksum;
  private long base;
  private long baseCount;

  /** A point from its text. */
  static ResumePoint parse(String token) {
    ResumePoint point = new ResumePoint();
    if (token.isEmpty()) {
      return point;
    }
    try {
      String[] parts = token.split("#");
      point.base = Long.parseLong(parts[0]);
      point.baseCount = Long.parseLong(parts[1]);
      point.last = Instant.parse(parts[2]);
      point.checksum = (int) Long.parseLong(parts[3], 16);
      point.newest = point.base + MARGIN;
      return point;
    } catch (DateTimeException | IndexOutOfBoundsException | NumberFormatException e) {
      throw new CopilotException(
          "the stored position '" + token + "' is not one of this source", e);
    }
  }

  boolean isStart() {
    return newest == Long.MIN_VALUE;
  }

  /** Since when the API is to be asked, a whole second. */
  Instant since() {
    return Instant.ofEpochSecond(newest - MARGIN);
  }

  /** How many lines since then were delivered. */
  long delivered() {
    long since = newest - MARGIN;
    long count = base == since ? baseCount : 0;
    for (Second s : seconds) {
      count += s.second() >= since ? s.count() : 0;
    }
    return count;
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
      newest = second;
      while (!seconds.isEmpty() && seconds.peekFirst().second() < newest - MARGIN) {
        seconds.removeFirst();
      }
      if (base < newest - MARGIN) {
        baseCount = 0;
      }
    }
    if (second >= newest - MARGIN) {
      Second top = seconds.peekLast();
      if (top != null && top.second() == second) {
        seconds.removeLast();
        seconds.addLast(new Second(second, top.count() + 1));
      } else {
        seconds.addLast(new Second(second, 1));
      }
    }
    last = time;
    checksum = sum;
  }

  @Override
  public String toString() {
    return (newest - MARGIN) + "#" + delivered() + "#" + last + "#" + Integer.toHexString(checksum);
  }
}
