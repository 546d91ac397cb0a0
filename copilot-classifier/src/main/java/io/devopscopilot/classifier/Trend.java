package io.devopscopilot.classifier;

import io.devopscopilot.classifier.IssueSignals.Signal;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * The newest values of one figure, and where they lead: the slope is the median of the slopes of
 * all pairs (Theil 1950, Sen 1968), which single outliers don't move.
 */
final class Trend {
  static final int POINTS = 24;
  static final int PAIRS = POINTS * (POINTS - 1) / 2;
  private static final long MAX_AGE = 30 * 60_000L;

  private final long[] times = new long[POINTS];
  private final double[] values = new double[POINTS];
  private int size;
  private double slope;
  private double agreement;
  private double peak;

  void add(long millis, double value) {
    if (size > 0 && millis <= times[size - 1]) {
      return; // late, or the same moment
    }
    if (size > 0 && value < values[size - 1] * 0.7) {
      peak = Math.max(values[size - 1], peak * 0.9);
      size = 0; // a restart or a clean-up: the past says nothing any more
    }
    int drop = size == POINTS ? 1 : 0;
    while (drop < size && millis - times[drop] > MAX_AGE) {
      drop++;
    }
    System.arraycopy(times, drop, times, 0, size - drop);
    System.arraycopy(values, drop, values, 0, size - drop);
    size -= drop;
    times[size] = millis;
    values[size++] = value;
  }

  /**
   * Finds slope and agreement of the points: to be done before either is asked for.
   *
   * @param slopes {@link #PAIRS} numbers to reckon with
   */
  void fit(double[] slopes) {
    int n = 0;
    int up = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        double s = (values[j] - values[i]) / (times[j] - times[i]);
        up += s > 0 ? 1 : 0;
        slopes[n++] = s;
      }
    }
    Arrays.sort(slopes, 0, n);
    slope = n == 0 ? 0 : slopes[n / 2];
    agreement = n == 0 ? 0 : (double) up / n;
  }

  int size() {
    return size;
  }

  /** Whether the newest value is so old, or there is none. */
  boolean due(long millis, long gap) {
    return size == 0 || millis - times[size - 1] >= gap;
  }

  /** Whether the newest value is no lower than the two before. */
  boolean goesOn() {
    return size >= 3 && last() >= Math.max(values[size - 2], values[size - 3]);
  }

  double last() {
    return values[size - 1];
  }

  /** The highest value from which it fell by itself before, 0 if never. */
  double peak() {
    return peak;
  }

  /** By how much it rose over its span, at the median slope. */
  double risen() {
    return slope * span();
  }

  double first() {
    return values[0];
  }

  /** Milliseconds over which the values reach. */
  long span() {
    return times[size - 1] - times[0];
  }

  /** Share of the pairs that rise, 0 to 1. */
  double agreement() {
    return agreement;
  }

  /** Fills in what the points tell. */
  void signals(boolean bounded, IssueSignals to) {
    to.set(Signal.FIGURE, true);
    if (bounded) {
      to.set(Signal.USED, last());
      to.set(Signal.RISE, last() - first());
    } else {
      to.set(Signal.SIZE, Math.log1p(last()));
      to.set(Signal.GROWTH, Math.log(Math.max(1, last()) / Math.max(1, first())));
    }
    to.set(Signal.AGREEMENT, agreement);
    to.set(Signal.UNTIL, Math.min(1_000, until(bounded ? 1 : 2 * last()) / 60_000.0));
    to.set(Signal.SPAN, span() / 60_000.0);
    to.set(Signal.POINTS, size);
    to.set(Signal.PEAK, peak);
    int middle = size / 2;
    double early = (values[middle] - values[0]) / (times[middle] - times[0]);
    double late = (last() - values[middle]) / (times[size - 1] - times[middle]);
    to.set(Signal.BEND, early <= 0 ? 9 : Math.max(0, Math.min(9, late / early)));
    double off = 0;
    for (int i = 0; i < size; i++) {
      off += Math.abs(values[i] - values[middle] - slope * (times[i] - times[middle]));
    }
    to.set(Signal.ROUGHNESS, Math.min(9, off / size / Math.max(1e-9, last() - first())));
  }

  /** Milliseconds until a limit is reached at this slope; very many if never. */
  long until(double limit) {
    if (slope <= 0) {
      return Long.MAX_VALUE / 4;
    }
    return Math.max(0, (long) Math.min(Long.MAX_VALUE / 4.0, (limit - last()) / slope));
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(size);
    out.writeDouble(peak);
    for (int i = 0; i < size; i++) {
      out.writeLong(times[i]);
      out.writeDouble(values[i]);
    }
  }

  void read(DataInput in) throws IOException {
    size = Math.min(POINTS, in.readUnsignedByte());
    peak = in.readDouble();
    for (int i = 0; i < size; i++) {
      times[i] = in.readLong();
      values[i] = in.readDouble();
    }
  }
}
