package io.devopscopilot.classifier;

import io.devopscopilot.api.Origin;
import java.io.IOException;

/**
 * How often the containers of one service restarted in a row, as the origins of their lines count
 * it. Only containers that restarted are remembered, the {@value #CONTAINERS} with the newest
 * restarts; what a container had when it was first seen is not news.
 */
final class Restarts {
  private static final int CONTAINERS = 8;

  /** Restarts farther apart are not of one trouble: the kubelet waits 5 minutes at most. */
  private static final long APART = 600_000;

  private final long[] containers = new long[CONTAINERS];
  private final int[] counts = new int[CONTAINERS];
  private final long[] times = new long[CONTAINERS];

  /** How many in a row were seen. */
  private final int[] rows = new int[CONTAINERS];

  /** Until when the next restart of a row may come. */
  private long due = Long.MIN_VALUE;

  /** Until when the next restart of a row may come; long ago where none was in a row. */
  long due() {
    return due;
  }

  /**
   * Takes the origin of a line of an instance that was restarted.
   *
   * @return how many restarts in a row were seen, where this line shows a new one; 0 otherwise
   */
  int add(Origin origin, long millis) {
    String pod = origin.podUid().isEmpty() ? origin.pod() : origin.podUid();
    long container = (long) pod.hashCode() << 32 | origin.container().hashCode() & 0xffffffffL;
    int count = origin.restartCount();
    int at = 0;
    for (int i = 0; i < CONTAINERS; i++) {
      if (counts[i] > 0 && containers[i] == container) {
        return count > counts[i] ? restarted(i, count, millis) : 0;
      }
      at = counts[i] == 0 || counts[at] > 0 && times[i] < times[at] ? i : at;
    }
    containers[at] = container;
    counts[at] = count;
    times[at] = millis;
    rows[at] = 0;
    return 0;
  }

  private int restarted(int at, int count, long millis) {
    long pause = millis - times[at];
    rows[at] = pause <= APART ? rows[at] + 1 : 1;
    if (rows[at] > 1) { // the kubelet's pauses double, the container's own time hardly changes
      due = Math.max(due, millis + Math.min(APART, 2 * pause));
    }
    counts[at] = count;
    times[at] = millis;
    return rows[at];
  }

  void write(DetectorState.Writer to) throws IOException {
    to.out.writeLong(due);
    for (int i = 0; i < CONTAINERS; i++) {
      to.count(counts[i]);
      if (counts[i] > 0) {
        to.out.writeLong(containers[i]);
        to.out.writeLong(times[i]);
        to.count(rows[i]);
      }
    }
  }

  void read(DetectorState.Reader from) throws IOException {
    due = from.in.readLong();
    for (int i = 0; i < CONTAINERS; i++) {
      counts[i] = from.count();
      if (counts[i] > 0) {
        containers[i] = from.in.readLong();
        times[i] = from.in.readLong();
        rows[i] = from.count();
      }
    }
  }
}
