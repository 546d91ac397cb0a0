package io.devopscopilot.classifier;

import io.devopscopilot.classifier.IssueTrainer.Played;
import io.devopscopilot.classifier.IssueTrainer.Weighed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What models say about scenarios of kinds they were not trained on, and what follows: calibration
 * and threshold. Each scenario counts once, however many rows it has.
 */
final class IssueValidation {
  /** Issues told must be right so often ... */
  private static final double PRECISION = 0.95;

  /** ... and wrong at most so often per quiet hour. */
  private static final double FALSE_PER_HOUR = 0.1;

  /** How many scenarios a point of the calibration rests on at least, and how many it doubts. */
  private static final double POOL = 3;

  private static final double DOUBT = 0.05;

  private final List<Played> scenarios;

  IssueValidation(List<Played> scenarios) {
    this.scenarios = scenarios;
  }

  /** A model and how it did. */
  record Judged(
      String name,
      CompiledTrees trees,
      Isotonic curve,
      Isotonic beyondBars,
      List<double[]> either,
      double loss,
      double brier,
      double threshold,
      Told told,
      Told together) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s: log loss %.3f, Brier calibrated %.3f; from %.3f on: %s",
          name,
          loss,
          brier,
          threshold,
          told);
    }
  }

  /** What telling comes to, by scenario and service: the first row that is told counts. */
  record Told(int right, int wrong, int failing, int found, double falsePerHour) {
    double precision() {
      return right + wrong == 0 ? 1 : right / (double) (right + wrong);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "precision %.3f (%d of %d), found %d of %d, %.2f false per quiet hour",
          precision(),
          right,
          right + wrong,
          found,
          failing,
          falsePerHour);
    }
  }

  /** The same of the fixed bars. */
  Told byRules() {
    List<double[]> said =
        scenarios.stream()
            .map(p -> p.weighed.stream().mapToDouble(Weighed::rules).toArray())
            .toList();
    return told(said, Double.MIN_VALUE, p -> true);
  }

  Judged judge(String name, CompiledTrees trees) {
    List<double[]> said = said(trees);
    Isotonic curve = curve(said, w -> true);
    boolean any = scenarios.stream().anyMatch(p -> p.weighed.stream().anyMatch(Weighed::now));
    Isotonic beyondBars = any ? curve(said, Weighed::now) : curve;
    List<double[]> probable =
        said.stream().map(s -> Arrays.stream(s).map(curve::at).toArray()).toList();
    List<double[]> alone = new ArrayList<>();
    List<double[]> either = new ArrayList<>();
    for (int p = 0; p < scenarios.size(); p++) {
      double[] one = said.get(p).clone();
      double[] both = one.clone();
      for (int i = 0; i < one.length; i++) {
        Weighed w = scenarios.get(p).weighed.get(i);
        one[i] = w.alone() ? one[i] : 0;
        both[i] = w.now() ? 1 : one[i];
      }
      alone.add(one);
      either.add(both);
    }
    double threshold = threshold(alone);
    return new Judged(
        name,
        trees,
        curve,
        beyondBars,
        either,
        loss(said),
        brier(probable),
        threshold,
        told(alone, threshold, p -> true),
        told(either, threshold, p -> true));
  }

  /** As it is read from the file. */
  private Isotonic curve(List<double[]> said, Predicate<Weighed> which) {
    List<Isotonic.Row> rows = new ArrayList<>();
    for (int p = 0; p < scenarios.size(); p++) {
      List<Weighed> weighed = scenarios.get(p).weighed;
      double weight = 1.0 / weighed.stream().filter(which).count();
      for (int i = 0; i < weighed.size(); i++) {
        if (which.test(weighed.get(i))) {
          boolean so = weighed.get(i).row().label() == 1;
          rows.add(new Isotonic.Row(said.get(p)[i], so, weight));
        }
      }
    }
    return Isotonic.parse(Isotonic.fit(rows, POOL, DOUBT).text());
  }

  /** How telling went, kind by kind. */
  List<String> byKind(Judged model) {
    TreeMap<String, Told> kinds = new TreeMap<>();
    for (Played p : scenarios) {
      String kind = p.scenario.kind();
      kinds.computeIfAbsent(
          kind, k -> told(model.either(), model.threshold(), o -> o.scenario.kind().equals(k)));
    }
    List<String> lines = new ArrayList<>();
    kinds.forEach(
        (kind, t) ->
            lines.add(
                String.format(
                    Locale.ROOT,
                    "  %-22s found %d of %d, wrong %d",
                    kind,
                    t.found(),
                    t.failing(),
                    t.wrong())));
    return lines;
  }

  /** What trees say of each row of each scenario. */
  private List<double[]> said(CompiledTrees trees) {
    CompiledTrees.Scratch scratch = trees.scratch();
    IssueSignals signals = new IssueSignals();
    float[] out = new float[2];
    List<double[]> all = new ArrayList<>();
    for (Played p : scenarios) {
      double[] said = new double[p.weighed.size()];
      for (int i = 0; i < said.length; i++) {
        TrainingRows.fill(p.weighed.get(i).row(), signals.vector);
        trees.sums(signals.vector, scratch);
        trees.probabilities(scratch, 1, out);
        said[i] = out[1];
      }
      all.add(said);
    }
    return all;
  }

  /** Takes a row: what was said, whether it was so, how much it counts. */
  private interface Taker {
    void take(double said, boolean so, double weight);
  }

  private void each(List<double[]> said, Taker taker) {
    for (int p = 0; p < scenarios.size(); p++) {
      List<Weighed> weighed = scenarios.get(p).weighed;
      for (int i = 0; i < weighed.size(); i++) {
        taker.take(said.get(p)[i], weighed.get(i).row().label() == 1, 1.0 / weighed.size());
      }
    }
  }

  private double loss(List<double[]> said) {
    double[] sums = new double[2];
    each(
        said,
        (p, so, weight) -> {
          sums[0] -= weight * Math.log(Math.max(1e-3, so ? p : 1 - p));
          sums[1] += weight;
        });
    return sums[0] / sums[1];
  }

  private double brier(List<double[]> said) {
    double[] sums = new double[2];
    each(
        said,
        (p, so, weight) -> {
          double off = (so ? 1 : 0) - p;
          sums[0] += weight * off * off;
          sums[1] += weight;
        });
    return sums[0] / sums[1];
  }

  private Told told(List<double[]> said, double threshold, Predicate<Played> which) {
    int right = 0;
    int wrong = 0;
    int failing = 0;
    int found = 0;
    int quiet = 0;
    double hours = 0;
    for (int p = 0; p < scenarios.size(); p++) {
      Played one = scenarios.get(p);
      if (!which.test(one)) {
        continue;
      }
      boolean fails = one.scenario.failure().isPresent();
      Map<String, Boolean> first = new TreeMap<>();
      for (int i = 0; i < one.weighed.size(); i++) {
        if (said.get(p)[i] >= threshold) {
          Weighed w = one.weighed.get(i);
          first.putIfAbsent(w.service(), w.row().label() == 1);
        }
      }
      int mistaken = (int) first.values().stream().filter(r -> !r).count();
      right += first.size() - mistaken;
      wrong += mistaken;
      failing += fails ? 1 : 0;
      found += first.containsValue(true) ? 1 : 0;
      quiet += fails ? 0 : mistaken;
      hours += fails ? 0 : one.hours();
    }
    return new Told(right, wrong, failing, found, hours == 0 ? 0 : quiet / hours);
  }

  /** From what the trees say on issues are right often enough: precision comes first. */
  private double threshold(List<double[]> said) {
    for (int step = 200; step < 1000; step += 5) {
      Told told = told(said, step / 1000.0, p -> true);
      if (told.precision() >= PRECISION && told.falsePerHour() <= FALSE_PER_HOUR) {
        return step / 1000.0;
      }
    }
    return 1;
  }
}
