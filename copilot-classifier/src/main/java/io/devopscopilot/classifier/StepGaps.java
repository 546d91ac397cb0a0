package io.devopscopilot.classifier;

import java.io.IOException;

/**
 * How long each step of a service usually takes: the time between two consecutive lines of one
 * trace, the second of which is the service's. The 0.9 quantile of each step is followed by small
 * steps up and down in the logarithm (Robbins and Monro 1951), which outliers hardly move.
 */
final class StepGaps {
  private static final int SIZE = 128;
  private static final int PROBES = 8;
  private static final int LEARN = 12;
  private static final double QUANTILE = 0.9;

  private static final float[] LOGS = new float[512];

  static {
    for (int i = 0; i < LOGS.length; i++) {
      LOGS[i] = (float) Math.log1p(i);
    }
  }

  private final long[] keys = new long[SIZE];
  private final float[] high = new float[SIZE];
  private final short[] seen = new short[SIZE];

  /**
   * Takes a step.
   *
   * @return 1 = far slower than usual, 0 = not, -1 = not known yet
   */
  int add(long step, long millis) {
    int start = (int) (step * 0x9E3779B97F4A7C15L >>> 57);
    int at = start;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < PROBES; i++) {
      int slot = start + i & SIZE - 1;
      if (keys[slot] == step) {
        at = slot;
        least = -1;
        break;
      }
      int worth = keys[slot] == 0 ? -1 : seen[slot];
      if (worth < least) {
        least = worth;
        at = slot;
      }
    }
    float log = millis < LOGS.length ? LOGS[(int) millis] : (float) Math.log1p(millis);
    if (keys[at] != step) {
      keys[at] = step;
      high[at] = log;
      seen[at] = 1;
      return -1;
    }
    int verdict = -1;
    if (seen[at] >= LEARN) {
      verdict = millis > 20 && millis > 3 * Math.expm1(high[at]) + 20 ? 1 : 0;
    }
    double rate = Math.max(0.08, 1.5 / (1 + seen[at]));
    double up = log > high[at] ? QUANTILE : QUANTILE - 1;
    high[at] = (float) Math.max(0, high[at] + rate * up);
    seen[at] = (short) Math.min(Short.MAX_VALUE, seen[at] + 1);
    return verdict;
  }

  void write(DetectorState.Writer to) throws IOException {
    for (int i = 0; i < SIZE; i++) {
      to.count(seen[i]);
      if (seen[i] > 0) {
        to.out.writeLong(keys[i]);
        to.out.writeFloat(high[i]);
      }
    }
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int i = 0; i < SIZE; i++) {
      seen[i] = (short) from.count();
      if (seen[i] > 0) {
        keys[i] = from.in.readLong();
        high[i] = from.in.readFloat();
      }
    }
  }
}
