package io.devopscopilot.classifier;

import java.io.IOException;

/** How often each form of error came in the last minute, and before; the rarest makes room. */
final class ErrorForms {
  private static final int SIZE = 64;
  private static final int PROBES = 8;

  private final long[] keys = new long[SIZE];
  private final float[] before = new float[SIZE];
  private final short[] now = new short[SIZE * ServiceWindow.BUCKETS];

  /** Counts one error and says where it is kept. */
  int add(long form, int bucket) {
    int start = (int) (form * 0x9E3779B97F4A7C15L >>> 58);
    int best = start;
    float least = Float.MAX_VALUE;
    for (int i = 0; i < PROBES; i++) {
      int at = start + i & SIZE - 1;
      if (keys[at] == form) {
        best = at;
        least = -1;
        break;
      }
      float worth = keys[at] == 0 ? -0.5f : before[at] + 5 * count(at);
      if (worth < least) {
        least = worth;
        best = at;
      }
    }
    if (keys[best] != form) {
      keys[best] = form;
      before[best] = 0;
      for (int b = 0; b < ServiceWindow.BUCKETS; b++) {
        now[b * SIZE + best] = 0;
      }
    }
    int cell = bucket * SIZE + best;
    now[cell] = (short) Math.min(Short.MAX_VALUE, now[cell] + 1);
    return best;
  }

  int count(int at) {
    int sum = 0;
    for (int b = 0; b < ServiceWindow.BUCKETS; b++) {
      sum += now[b * SIZE + at];
    }
    return sum;
  }

  float before(int at) {
    return before[at];
  }

  /** A bucket belongs to the past from now on. */
  void pass(int bucket) {
    for (int i = 0; i < SIZE; i++) {
      before[i] += now[bucket * SIZE + i];
      now[bucket * SIZE + i] = 0;
    }
  }

  void halve() {
    for (int i = 0; i < SIZE; i++) {
      before[i] /= 2;
    }
  }

  /** Only the places that are in use: most services have few forms of errors, many have none. */
  void write(DetectorState.Writer to) throws IOException {
    for (int i = 0; i < SIZE; i++) {
      if (used(i)) {
        to.count(i + 1);
        to.out.writeLong(keys[i]);
        to.out.writeFloat(before[i]);
        for (int b = 0; b < ServiceWindow.BUCKETS; b++) {
          to.count(now[b * SIZE + i]);
        }
      }
    }
    to.count(0);
  }

  private boolean used(int at) {
    return keys[at] != 0 || before[at] != 0 || count(at) > 0;
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int place = from.count(); place > 0; place = from.count()) {
      int i = place - 1 & SIZE - 1;
      keys[i] = from.in.readLong();
      before[i] = from.in.readFloat();
      for (int b = 0; b < ServiceWindow.BUCKETS; b++) {
        now[b * SIZE + i] = (short) from.count();
      }
    }
  }
}
