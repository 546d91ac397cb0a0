package io.devopscopilot.classifier;

import java.io.IOException;

/**
 * How long each step of a service usually takes: the time between two consecutive lines of one
 * trace, the second of which is the service's; or what lines of one form say that it took. The 0.9
 * quantile of each step is followed by small steps up and down in the logarithm (Robbins and Monro
 * 1951), which outliers hardly move.
 */
final class StepGaps {
  private static final int PROBES = 8;
  private static final int LEARN = 12;
  private static final double QUANTILE = 0.9;

  /** Least rate of following, for each step, where no time is reckoned with. */
  private static final double RATE = 0.08;

  private static final float[] LOGS = new float[512];

  static {
    for (int i = 0; i < LOGS.length; i++) {
      LOGS[i] = (float) Math.log1p(i);
    }
  }

  private final int bits;

  /** The seconds in which it follows at {@link #RATE}; 0 = for each step. */
  private final int pace;

  /**
   * For each step its key and what is known of it, side by side in the memory: from above the
   * quantile's logarithm (a float), how often it was seen (16 bits), the second in which it was
   * seen last (16 bits, where time is reckoned with).
   */
  private final long[] cells;

  /** Remembers the steps of traces. */
  static StepGaps ofTraces() {
    return new StepGaps(7, 0);
  }

  /** Remembers what lines say: there may be many of them in a second. */
  static StepGaps ofLines() {
    return new StepGaps(5, 60);
  }

  private StepGaps(int bits, int pace) {
    this.bits = bits;
    this.pace = pace;
    cells = new long[2 << bits];
  }

  /**
   * Takes a step.
   *
   * @param millis how long it took
   * @param now when, in milliseconds; does not matter for traces
   * @return 1 = far slower than usual, 0 = not, -1 = not known yet
   */
  int add(long step, long millis, long now) {
    int start = (int) (step * 0x9E3779B97F4A7C15L >>> 64 - bits);
    int at = 2 * start;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < PROBES; i++) {
      int cell = 2 * (start + i) & cells.length - 1;
      if (cells[cell] == step) {
        at = cell;
        break;
      }
      int worth = cells[cell] == 0 ? -1 : seen(cell);
      if (worth < least) {
        least = worth;
        at = cell;
      }
    }
    float log = millis < LOGS.length ? LOGS[(int) millis] : (float) Math.log1p(millis);
    int second = pace == 0 ? 0 : (int) Math.floorDiv(now, 1_000L) & 0xffff;
    if (cells[at] != step) {
      cells[at] = step;
      set(at, log, 1, second);
      return -1;
    }
    int seen = seen(at);
    float high = high(at);
    int verdict = -1;
    if (seen >= LEARN) {
      verdict = millis > 20 && millis > 3 * Math.expm1(high) + 20 ? 1 : 0;
    }
    double moved = pace == 0 ? 1 : Math.min(1, (second - second(at) & 0xffff) / (double) pace);
    double rate = Math.max(RATE * moved, 1.5 / (1 + seen));
    double up = log > high ? QUANTILE : QUANTILE - 1;
    set(at, (float) Math.max(0, high + rate * up), Math.min(Short.MAX_VALUE, seen + 1), second);
    return verdict;
  }

  private float high(int at) {
    return Float.intBitsToFloat((int) (cells[at + 1] >>> 32));
  }

  private int seen(int at) {
    return (int) (cells[at + 1] >>> 16) & 0xffff;
  }

  private int second(int at) {
    return (int) cells[at + 1] & 0xffff;
  }

  private void set(int at, float high, int seen, int second) {
    cells[at + 1] = (long) Float.floatToRawIntBits(high) << 32 | (long) seen << 16 | second;
  }

  void write(DetectorState.Writer to) throws IOException {
    for (int i = 0; i < cells.length; i += 2) {
      to.count(seen(i));
      if (seen(i) > 0) {
        to.out.writeLong(cells[i]);
        to.out.writeFloat(high(i));
        if (pace > 0) {
          to.out.writeShort(second(i));
        }
      }
    }
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int i = 0; i < cells.length; i += 2) {
      int seen = from.count();
      if (seen > 0) {
        cells[i] = from.in.readLong();
        set(i, from.in.readFloat(), seen, pace > 0 ? from.in.readUnsignedShort() : 0);
      }
    }
  }
}
