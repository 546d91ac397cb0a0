package io.devopscopilot.classifier;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A rising curve from what trees say to what happened, fitted by pooling neighbours that fall (Ayer
 * and others, "An empirical distribution function for sampling with incomplete information", 1955),
 * straight between its points. Immutable.
 */
final class Isotonic {
  private final double[] x;
  private final double[] y;

  private Isotonic(double[] x, double[] y) {
    this.x = x;
    this.y = y;
  }

  /** One row: what was said, whether it was so, how much it counts. */
  record Row(double said, boolean so, double weight) {}

  /** Rows pooled into one. */
  private static final class Pool {
    double weight;
    double said;
    double so;

    double rate() {
      return so / weight;
    }

    void take(Pool other) {
      weight += other.weight;
      said += other.said;
      so += other.so;
    }
  }

  /**
   * Fits.
   *
   * @param rows one or more, weights above 0
   * @param least the least weight of a pool, so that none rests on a few rows
   * @param doubt how much weight of both outcomes is added to each pool, so that none is certain
   */
  static Isotonic fit(List<Row> rows, double least, double doubt) {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.replaceAll(r -> new Row(Math.round(r.said() * 1_000) / 1e3, r.so(), r.weight()));
    sorted.sort((a, b) -> Double.compare(a.said(), b.said()));
    List<Pool> pools = new ArrayList<>();
    double before = Double.NaN;
    for (Row row : sorted) {
      Pool pool = new Pool();
      pool.weight = row.weight();
      pool.said = row.said() * row.weight();
      pool.so = row.so() ? row.weight() : 0;
      boolean small = !pools.isEmpty() && pools.get(pools.size() - 1).weight < least;
      if (small || row.said() == before) {
        pools.get(pools.size() - 1).take(pool);
      } else {
        pools.add(pool);
      }
      before = row.said();
      while (pools.size() > 1
          && pools.get(pools.size() - 2).rate() >= pools.get(pools.size() - 1).rate()) {
        Pool last = pools.remove(pools.size() - 1);
        pools.get(pools.size() - 1).take(last);
      }
    }
    if (pools.size() > 1 && pools.get(pools.size() - 1).weight < least) {
      Pool last = pools.remove(pools.size() - 1);
      pools.get(pools.size() - 1).take(last);
    }
    double[] x = new double[pools.size()];
    double[] y = new double[pools.size()];
    for (int i = 0; i < x.length; i++) {
      Pool pool = pools.get(i);
      x[i] = pool.said / pool.weight;
      double rate = (pool.so + doubt) / (pool.weight + 2 * doubt);
      y[i] = i > 0 ? Math.max(y[i - 1], rate) : rate;
    }
    return new Isotonic(x, y);
  }

  double at(double said) {
    int i = 0;
    while (i < x.length && x[i] < said) {
      i++;
    }
    if (i == 0 || i == x.length) {
      return y[Math.min(i, x.length - 1)];
    }
    double share = (said - x[i - 1]) / (x[i] - x[i - 1]);
    return y[i - 1] + share * (y[i] - y[i - 1]);
  }

  /** Pairs {@code x:y} with commas, as {@link #parse} reads them. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < x.length; i++) {
      text.append(i == 0 ? "" : ",").append(String.format(Locale.ROOT, "%.5f:%.5f", x[i], y[i]));
    }
    return text.toString();
  }

  /**
   * Reads a curve.
   *
   * @throws IllegalArgumentException if it is none, or does not rise from 0 to 1
   */
  static Isotonic parse(String text) {
    String[] points = text.split(",", -1);
    double[] x = new double[points.length];
    double[] y = new double[points.length];
    for (int i = 0; i < points.length; i++) {
      String[] pair = points[i].split(":", -1);
      if (pair.length != 2) {
        throw new IllegalArgumentException("the calibration has the point '" + points[i] + "'");
      }
      x[i] = Double.parseDouble(pair[0]);
      y[i] = Double.parseDouble(pair[1]);
      boolean rises = i == 0 || x[i] > x[i - 1] && y[i] >= y[i - 1];
      if (!rises || !(y[i] >= 0 && y[i] <= 1) || Double.isNaN(x[i])) {
        throw new IllegalArgumentException("the calibration does not rise from 0 to 1");
      }
    }
    return new Isotonic(x, y);
  }
}
