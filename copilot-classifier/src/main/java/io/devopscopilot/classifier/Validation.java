package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What models said about the rows of systems they were not trained on, and what follows. */
final class Validation {
  private static final float PLAIN = 2;
  private static final float MOST_WEIGHT = 8;

  /** Tells how a step went. */
  interface Teller {
    void tell(String format, Object... args);
  }

  private final TrainingRows rows;
  private final int classes;
  private final float[][] said;
  private float[] weights;

  /** A class less probable has no weight. */
  private float least;

  Validation(TrainingRows rows) {
    this.rows = rows;
    this.classes = rows.labels.size();
    this.said = new float[rows.size()][classes];
    this.weights = new float[classes];
    Arrays.fill(weights, 1);
  }

  /** Fills in the probabilities, each row by the model of its fold. */
  void predict(List<CompiledTrees> models, Map<String, Integer> fold, int rounds) {
    FeatureVector vector = new FeatureVector(rows.schema);
    List<CompiledTrees> first =
        models.stream()
            .map(m -> m.prefix((int) Math.min((long) rounds * classes, m.trees())))
            .toList();
    List<CompiledTrees.Scratch> scratch = first.stream().map(CompiledTrees::scratch).toList();
    for (int i = 0; i < said.length; i++) {
      TrainingRows.Row row = rows.rows.get(i);
      int f = Objects.requireNonNull(fold.get(row.system()));
      CompiledTrees trees = first.get(f);
      TrainingRows.fill(row, vector);
      trees.sums(vector, scratch.get(f));
      trees.probabilities(scratch.get(f), 1, said[i]);
    }
  }

  /** Early stopping: the number of rounds with the least log loss on the other systems. */
  int rounds(List<CompiledTrees> models, Map<String, Integer> fold, int most, Teller teller) {
    int best = most;
    double least = Double.POSITIVE_INFINITY;
    StringBuilder curve = new StringBuilder();
    for (int r = 8; r <= most; r += 4) {
      predict(models, fold, r);
      double loss = loss(1);
      curve.append(String.format(Locale.ROOT, " %d:%.3f/%.3f", r, loss, macroF1()));
      // A little worse a log loss is worth no more trees: calibration comes afterwards.
      if (loss < least - 0.001) {
        least = loss;
        best = r;
      }
    }
    teller.tell("rounds:log loss/macro-F1%s; chosen %d", curve, best);
    return best;
  }

  private float[] tempered(int i, float temperature) {
    float[] out = new float[classes];
    double total = 0;
    for (int c = 0; c < classes; c++) {
      out[c] = (float) Math.pow(Math.max(said[i][c], 1e-7), 1 / temperature);
      total += out[c];
    }
    for (int c = 0; c < classes; c++) {
      out[c] /= (float) total;
    }
    return out;
  }

  private double loss(float temperature) {
    double sum = 0;
    for (int i = 0; i < said.length; i++) {
      sum -= Math.log(Math.max(tempered(i, temperature)[rows.rows.get(i).label()], 1e-7));
    }
    return sum / said.length;
  }

  /** Temperature scaling (Guo and others, "On calibration of modern neural networks", 2017). */
  float calibrate() {
    float best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (float t = 0.5f; t < 4; t *= 1.06f) {
      double loss = loss(t);
      if (loss < least) {
        least = loss;
        best = t;
      }
    }
    for (int i = 0; i < said.length; i++) {
      said[i] = tempered(i, best);
    }
    return best;
  }

  private int decide(int i, float[] weights) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (weighed(i, c, weights) > weighed(i, best, weights)) {
        best = c;
      }
    }
    return best;
  }

  private float weighed(int i, int c, float[] weights) {
    return said[i][c] < least ? said[i][c] : said[i][c] * weights[c];
  }

  private int[][] confusion(float[] weights) {
    int[][] out = new int[classes][classes];
    for (int i = 0; i < said.length; i++) {
      out[rows.rows.get(i).label()][decide(i, weights)]++;
    }
    return out;
  }

  double macroF1() {
    return macroF1(weights);
  }

  private double macroF1(float[] weights) {
    int[][] m = confusion(weights);
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += f1(m, c);
    }
    return sum / classes;
  }

  private double f1(int[][] m, int c) {
    int truth = Arrays.stream(m[c]).sum();
    int answered = answered(m, c);
    return truth + answered == 0 ? 0 : 2.0 * m[c][c] / (truth + answered);
  }

  private int answered(int[][] m, int c) {
    int answered = 0;
    for (int[] row : m) {
      answered += row[c];
    }
    return answered;
  }

  double accuracy() {
    int right = 0;
    for (int i = 0; i < said.length; i++) {
      right += decide(i, weights) == rows.rows.get(i).label() ? 1 : 0;
    }
    return right / (double) said.length;
  }

  /** Expected calibration error in ten bins. */
  double calibrationError() {
    double sum = 0;
    for (double[] bin : calibration()) {
      sum += Math.abs(bin[0] - bin[1]);
    }
    return sum / said.length;
  }

  /** For each tenth of probability the sum of probabilities, how many were right, how many rows. */
  private double[][] calibration() {
    double[][] bins = new double[10][3];
    for (int i = 0; i < said.length; i++) {
      int d = decide(i, weights);
      double[] bin = bins[(int) Math.min(9, said[i][d] * 10)];
      bin[0] += said[i][d];
      bin[1] += d == rows.rows.get(i).label() ? 1 : 0;
      bin[2]++;
    }
    return bins;
  }

  /**
   * What a model says of itself, for its manifest: {@code macroF1}, {@code accuracy}, {@code
   * calibrationError}; {@code confusion}, a row a label in the order of the labels, rows of the
   * truth ended by semicolons and their counts of answers by commas; {@code calibration}, triples
   * of mean probability, share that was right and rows, 0 to 1, ended by semicolons.
   */
  Map<String, String> figures() {
    StringBuilder confusion = new StringBuilder();
    for (int[] row : confusion(weights)) {
      confusion.append(Arrays.toString(row).replaceAll("[\\[\\] ]", "")).append(';');
    }
    StringBuilder calibration = new StringBuilder();
    for (double[] bin : calibration()) {
      if (bin[2] > 0) {
        calibration.append(
            String.format(
                Locale.ROOT, "%.3f,%.3f,%.0f;", bin[0] / bin[2], bin[1] / bin[2], bin[2]));
      }
    }
    return Map.of(
        "macroF1", String.format(Locale.ROOT, "%.4f", macroF1()),
        "accuracy", String.format(Locale.ROOT, "%.4f", accuracy()),
        "calibrationError", String.format(Locale.ROOT, "%.4f", calibrationError()),
        "confusion", confusion.toString(),
        "calibration", calibration.toString());
  }

  /**
   * Decision weights of severities: INFO and DEBUG count more, since they are rarer among the
   * training rows than in any real log; weights fitted to the rows did not hold on other systems.
   */
  float[] severityWeights() {
    for (int c = 0; c < classes; c++) {
      boolean plain = rows.labels.get(c).equals("INFO") || rows.labels.get(c).equals("DEBUG");
      weights[c] = plain ? PLAIN : 1;
    }
    return weights;
  }

  /** Decision weights that follow from the policies with a recall. */
  float[] weights(List<ClassPolicy> policies) {
    least = ClassPolicy.LEAST_PROBABILITY;
    for (ClassPolicy policy : policies) {
      int c = policy.recall() > 0 ? rows.labels.indexOf(policy.category()) : -1;
      for (float w = 1; c >= 0 && w <= MOST_WEIGHT; w *= 1.15f) {
        float[] tried = weights.clone();
        tried[c] = w;
        int[][] m = confusion(tried);
        double recall = m[c][c] / (double) Math.max(1, Arrays.stream(m[c]).sum());
        double precision = m[c][c] / (double) Math.max(1, answered(m, c));
        if (precision < policy.precision()) {
          break;
        }
        weights = tried;
        if (recall >= policy.recall()) {
          break;
        }
      }
    }
    return weights;
  }

  /** From which probability on verdicts keep a precision, and what they are worth then. */
  record Threshold(float probability, double precision, double recall, int verdicts) {}

  /** The least threshold that keeps the policy's precision; one without verdicts if none does. */
  Threshold threshold(ClassPolicy policy) {
    int c = rows.labels.indexOf(policy.category());
    List<float[]> verdicts = new ArrayList<>();
    int truth = 0;
    for (int i = 0; i < said.length && c >= 0; i++) {
      boolean is = rows.rows.get(i).label() == c;
      truth += is ? 1 : 0;
      if (decide(i, weights) == c) {
        verdicts.add(new float[] {said[i][c], is ? 1 : 0});
      }
    }
    verdicts.sort((a, b) -> Float.compare(b[0], a[0]));
    Threshold best = new Threshold(1, 0, 0, 0);
    int right = 0;
    for (int i = 0; i < verdicts.size(); i++) {
      right += (int) verdicts.get(i)[1];
      boolean last = i + 1 == verdicts.size() || verdicts.get(i + 1)[0] < verdicts.get(i)[0];
      double precision = right / (double) (i + 1);
      if (last && precision >= policy.precision()) {
        best = new Threshold(verdicts.get(i)[0], precision, right / (double) truth, i + 1);
      }
    }
    return best;
  }

  List<String> perClass() {
    int[][] m = confusion(weights);
    List<String> out = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      int truth = Arrays.stream(m[c]).sum();
      out.add(
          String.format(
              Locale.ROOT,
              "  %-14s rows %5d  precision %.3f  recall %.3f  F1 %.3f",
              rows.labels.get(c),
              truth,
              m[c][c] / (double) Math.max(1, answered(m, c)),
              m[c][c] / (double) Math.max(1, truth),
              f1(m, c)));
    }
    return out;
  }
}
