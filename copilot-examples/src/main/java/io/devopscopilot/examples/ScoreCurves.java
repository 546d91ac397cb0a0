package io.devopscopilot.examples;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What a score finds of the truth at each threshold; rows of one score are never parted. */
final class ScoreCurves {
  private record Scored(double score, boolean hit) {}

  /** A page needs no more points of a curve. */
  private static final int POINTS = 400;

  private final List<Scored> rows = new ArrayList<>();

  void add(double score, boolean hit) {
    rows.add(new Scored(score, hit));
  }

  boolean any() {
    return rows.stream().anyMatch(Scored::hit);
  }

  /** Rows that were found and rows that were taken, at each score from the highest on. */
  private List<long[]> taken() {
    List<Scored> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingDouble(Scored::score).reversed());
    List<long[]> out = new ArrayList<>();
    long hits = 0;
    for (int i = 0; i < sorted.size(); i++) {
      hits += sorted.get(i).hit() ? 1 : 0;
      if (i + 1 == sorted.size() || sorted.get(i + 1).score() < sorted.get(i).score()) {
        out.add(new long[] {hits, i + 1});
      }
    }
    return out;
  }

  private double hits() {
    return Math.max(1, rows.stream().filter(Scored::hit).count());
  }

  /** False positive rate and recall. */
  List<double[]> roc() {
    double hits = hits();
    double others = Math.max(1, rows.stream().filter(r -> !r.hit()).count());
    List<double[]> out = new ArrayList<>(List.of(new double[] {0, 0}));
    taken().forEach(n -> out.add(new double[] {(n[1] - n[0]) / others, n[0] / hits}));
    return out;
  }

  /** Recall and precision. */
  List<double[]> precisionRecall() {
    double hits = hits();
    return taken().stream().map(n -> new double[] {n[0] / hits, n[0] / (double) n[1]}).toList();
  }

  double averagePrecision() {
    double sum = 0;
    double before = 0;
    for (double[] p : precisionRecall()) {
      sum += (p[0] - before) * p[1];
      before = p[0];
    }
    return sum;
  }

  /** The same curve with few enough points for a page. */
  static List<double[]> forPage(List<double[]> curve) {
    int step = Math.max(1, curve.size() / POINTS);
    List<double[]> out = new ArrayList<>();
    for (int i = 0; i < curve.size(); i++) {
      if (i % step == 0 || i + 1 == curve.size()) {
        out.add(curve.get(i));
      }
    }
    return out;
  }
}
