package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Collects verdicts beside the truth and reckons the usual figures. */
final class ClassMetrics {
  private record Case(int truth, int said, double sure, boolean right, boolean third) {}

  private final List<String> classes;
  private final List<Case> cases = new ArrayList<>();

  /** For these classes; an answer outside them counts as wrong. */
  ClassMetrics(List<String> classes) {
    this.classes = List.copyOf(classes);
  }

  /** A verdict without probabilities. */
  void add(String truth, String said) {
    boolean right = truth.equals(said);
    cases.add(new Case(classes.indexOf(truth), classes.indexOf(said), 1, right, right));
  }

  /**
   * A verdict.
   *
   * @param sure the probability given to the answer
   * @param third whether the truth is among the three most probable
   */
  void add(String truth, String said, double sure, boolean third) {
    cases.add(
        new Case(classes.indexOf(truth), classes.indexOf(said), sure, truth.equals(said), third));
  }

  int size() {
    return cases.size();
  }

  double accuracy() {
    return share(cases.stream().filter(Case::right).count());
  }

  double topThree() {
    return share(cases.stream().filter(Case::third).count());
  }

  double unknown() {
    return share(cases.stream().filter(c -> c.said() < 0).count());
  }

  private double share(long n) {
    return cases.isEmpty() ? 0 : n / (double) cases.size();
  }

  private long truth(int c) {
    return cases.stream().filter(k -> k.truth() == c).count();
  }

  private long said(int c) {
    return cases.stream().filter(k -> k.said() == c).count();
  }

  private long both(int c) {
    return cases.stream().filter(k -> k.truth() == c && k.said() == c).count();
  }

  private double f1(int c) {
    return 2.0 * both(c) / Math.max(1, truth(c) + said(c));
  }

  /** How many classes occur in the truth. */
  int occurring() {
    return (int) IntStream.range(0, classes.size()).filter(c -> truth(c) > 0).count();
  }

  /** The mean F1 of the classes that occur. */
  double macroF1() {
    return IntStream.range(0, classes.size())
        .filter(c -> truth(c) > 0)
        .mapToDouble(this::f1)
        .average()
        .orElse(0);
  }

  /** Expected calibration error in ten bins (Naeini and others, AAAI 2015). */
  double calibrationError() {
    double[] gap = new double[10];
    for (Case c : cases) {
      gap[(int) Math.min(9, Math.max(0, c.sure() * 10))] += c.sure() - (c.right() ? 1 : 0);
    }
    return share(1) * Arrays.stream(gap).map(Math::abs).sum();
  }

  /** The share of right answers per bin of probability, to plot. */
  EvaluationReport.Series calibration(String name) {
    List<double[]> points = new ArrayList<>();
    for (int b = 0; b < 10; b++) {
      int bin = b;
      List<Case> in = cases.stream().filter(c -> (int) Math.min(9, c.sure() * 10) == bin).toList();
      if (!in.isEmpty()) {
        points.add(
            new double[] {
              in.stream().mapToDouble(Case::sure).average().orElse(0),
              in.stream().filter(Case::right).count() / (double) in.size()
            });
      }
    }
    return new EvaluationReport.Series(name, points);
  }

  /** The bins of {@link #calibration(String)}: how sure, how often right. */
  void calibration(ObjectNode into) {
    var array = into.putArray("calibration");
    for (double[] p : calibration("").points()) {
      array.addArray().add(p[0]).add(p[1]);
    }
  }

  /** How much is right when only the surest verdicts are taken, to plot. */
  EvaluationReport.Series coverage(String name) {
    List<Case> sorted = new ArrayList<>(cases);
    sorted.sort(Comparator.comparingDouble((Case c) -> -c.sure()));
    List<double[]> points = new ArrayList<>();
    int right = 0;
    for (int i = 0; i < sorted.size(); i++) {
      right += sorted.get(i).right() ? 1 : 0;
      if ((i + 1) % Math.max(1, sorted.size() / 100) == 0) {
        points.add(new double[] {(i + 1) / (double) sorted.size(), right / (double) (i + 1)});
      }
    }
    return new EvaluationReport.Series(name, points);
  }

  /** Per class: precision, recall, f1, support; classes that occur or were answered. */
  void classes(ObjectNode into) {
    ObjectNode node = into.putObject("classes");
    for (int c = 0; c < classes.size(); c++) {
      if (truth(c) + said(c) > 0) {
        node.putObject(classes.get(c))
            .put("precision", both(c) / (double) Math.max(1, said(c)))
            .put("recall", both(c) / (double) Math.max(1, truth(c)))
            .put("f1", f1(c))
            .put("support", truth(c));
      }
    }
  }

  /** The classes for people. */
  List<List<String>> classLines() {
    List<List<String>> out = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      if (truth(c) + said(c) > 0) {
        out.add(
            List.of(
                classes.get(c),
                three(both(c) / (double) Math.max(1, said(c))),
                three(both(c) / (double) Math.max(1, truth(c))),
                three(f1(c)),
                Long.toString(truth(c))));
      }
    }
    return out;
  }

  /** Rows the truth, columns the answer; answers outside the classes are left out. */
  long[][] confusion() {
    long[][] out = new long[classes.size()][classes.size()];
    for (Case c : cases) {
      if (c.truth() >= 0 && c.said() >= 0) {
        out[c.truth()][c.said()]++;
      }
    }
    return out;
  }

  static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
