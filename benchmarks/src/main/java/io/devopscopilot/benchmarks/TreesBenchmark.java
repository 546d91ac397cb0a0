package io.devopscopilot.benchmarks;

import biz.k11i.xgboost.Predictor;
import biz.k11i.xgboost.util.FVec;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Severity;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.ClassifierTrainer;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.classifier.LogRecipe;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.tribuo.Model;
import org.tribuo.common.xgboost.XGBoostModel;

/**
 * The same 300 boosted trees (three classes, depth 6) of one featurized line: compiled by this
 * library, by h2o's predictor in Java, by xgboost4j. The lines are made of 400 words, and what they
 * are labelled follows from many of these, so that the trees are as large as trees of real lines.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx1g", "-XX:+UseParallelGC"})
public class TreesBenchmark {
  private static final int LINES = 1024;
  private static final int TRAINING = 4000;
  private static final String[] LABELS = {"none", "storage", "app_error"};

  private final FeatureVector[] vectors = new FeatureVector[LINES];
  private final FVec[] dense = new FVec[LINES];
  private final int[][] columns = new int[LINES][];
  private final float[][] values = new float[LINES][];
  private TreeLogClassifier classifier;
  private Booster booster;
  private Predictor predictor;
  private int size;

  /** What one thread owns. */
  @State(Scope.Thread)
  public static class Own {
    Verdict verdict;
    int next;

    /** Makes the verdict. */
    @Setup
    public void prepare(TreesBenchmark of) {
      verdict = new Verdict(of.classifier.categories());
    }
  }

  /** Trains and gives the trees to all. */
  @Setup
  public void prepare() throws IOException, XGBoostError {
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    Random random = new Random(1);
    List<LabelledLine> lines = lines(TRAINING, random);
    ClassifierTrainer.Trained trained =
        new ClassifierTrainer(extractor)
            .trainLike(new LogRecipe(Map.of("category.trees", "100")), "three", lines);
    classifier = trained.classifier();
    Path folder = Files.createTempDirectory("trees");
    trained.writeSources(folder.resolve("m"));
    Path file = folder.resolve("m.category.tribuo");
    XGBoostModel<?> model = (XGBoostModel<?>) Model.deserializeFromFile(file);
    Files.delete(file);
    Files.delete(folder.resolve("m.manifest"));
    Files.delete(folder);
    booster = model.getInnerModels().get(0);
    predictor = new Predictor(new ByteArrayInputStream(booster.toByteArray("deprecated")));
    size = model.getFeatureIDMap().size();
    for (int i = 0; i < LINES; i++) {
      vectors[i] = new FeatureVector(extractor.schema(), 256);
      extractor.extract(lines.get(i).text(), vectors[i]);
      vectors[i].declare(Severity.INFO); // so that one head only is asked
      known(i, model);
    }
    agree();
  }

  /** The columns of a line that the trees know. */
  private void known(int i, XGBoostModel<?> model) {
    int n = 0;
    columns[i] = new int[vectors[i].size()];
    values[i] = new float[columns[i].length];
    float[] all = new float[size];
    Arrays.fill(all, Float.NaN);
    for (int k = 0; k < vectors[i].size(); k++) {
      int column =
          model.getFeatureIDMap().getID(String.format(Locale.ROOT, "f%06d", vectors[i].index(k)));
      if (column >= 0) {
        columns[i][n] = column;
        values[i][n++] = vectors[i].value(k);
        all[column] = vectors[i].value(k);
      }
    }
    columns[i] = Arrays.copyOf(columns[i], n);
    values[i] = Arrays.copyOf(values[i], n);
    dense[i] = column -> all[column];
  }

  /** Nobody is measured who says something else. */
  private void agree() throws XGBoostError {
    Verdict verdict = new Verdict(classifier.categories());
    for (int i = 0; i < LINES; i++) {
      classifier.classify(vectors[i], verdict);
      float[] ours = verdict.categoryProbabilities().clone();
      Arrays.sort(ours);
      for (float[] other : List.of(predictor.predict(dense[i]), row(i)[0])) {
        float[] theirs = other.clone();
        Arrays.sort(theirs);
        for (int c = 0; c < theirs.length; c++) {
          if (Math.abs(ours[c] - theirs[c]) > 1e-5) {
            throw new IllegalStateException(
                "line " + i + ": " + Arrays.toString(ours) + " and " + Arrays.toString(theirs));
          }
        }
      }
    }
  }

  /** This library's own form, with the decision. */
  @Benchmark
  public int compiled(Own own) {
    classifier.classify(vectors[own.next++ & (LINES - 1)], own.verdict);
    return own.verdict.categoryIndex();
  }

  /** h2o's predictor; the vector is ready as an array of all columns. */
  @Benchmark
  public float[] h2o(Own own) {
    return predictor.predict(dense[own.next++ & (LINES - 1)]);
  }

  /** xgboost4j, a matrix of one row. */
  @Benchmark
  public float[][] xgboostOneRow(Own own) throws XGBoostError {
    return row(own.next++ & (LINES - 1));
  }

  private float[][] row(int i) throws XGBoostError {
    DMatrix matrix =
        new DMatrix(
            new long[] {0, columns[i].length}, columns[i], values[i], DMatrix.SparseType.CSR, size);
    try {
      return booster.predict(matrix);
    } finally {
      matrix.dispose();
    }
  }

  private static List<LabelledLine> lines(int n, Random random) {
    String[] words = new String[400];
    double[][] votes = new double[words.length][LABELS.length];
    for (int w = 0; w < words.length; w++) {
      StringBuilder word = new StringBuilder();
      for (int k = 3 + random.nextInt(7); k > 0; k--) {
        word.append((char) ('a' + random.nextInt(26)));
      }
      words[w] = word.toString();
      for (int c = 0; c < LABELS.length; c++) {
        votes[w][c] = random.nextGaussian();
      }
    }
    List<LabelledLine> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      StringBuilder text = new StringBuilder();
      double[] sum = new double[LABELS.length];
      for (int k = 0; k < 23; k++) {
        int w = (int) (words.length * random.nextDouble() * random.nextDouble());
        text.append(k == 0 ? "" : " ").append(words[w]);
        for (int c = 0; c < LABELS.length; c++) {
          sum[c] += votes[w][c];
        }
      }
      int best = sum[1] > sum[0] ? 1 : 0;
      String label = LABELS[sum[2] > sum[best] ? 2 : best];
      out.add(
          new LabelledLine("s" + i % 8, text.toString(), Optional.empty(), Optional.of(label), 1));
    }
    return out;
  }
}
