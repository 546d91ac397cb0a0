package io.devopscopilot.benchmarks;

import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.xgboost.XGBoostClassificationTrainer;
import org.tribuo.common.tree.TreeModel;
import org.tribuo.common.xgboost.XGBoostModel;
import org.tribuo.common.xgboost.XGBoostTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** What a line costs until both verdicts, beside Tribuo and XGBoost on one featurized line. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgs = {"-Xmx1g", "-XX:+UseParallelGC"})
public class ClassifyBenchmark {
  private static final int LINES = 1024;

  private final TextFeatureExtractor extractor = new TextFeatureExtractor();
  private final TreeLogClassifier classifier = TreeLogClassifier.loadDefault();
  private final List<ArrayExample<Label>> examples = new ArrayList<>();
  private byte[][] lines = new byte[0][];
  private FeatureVector[] vectors = new FeatureVector[0];
  private XGBoostModel<Label> xgboost;
  private TreeModel<Label> cart;
  private Booster booster;
  private int[][] columns = new int[0][];
  private float[][] values = new float[0][];

  /** What one thread owns. */
  @State(Scope.Thread)
  public static class Own {
    final FeatureVector vector = new FeatureVector(new TextFeatureExtractor().schema());
    final Verdict verdict = new Verdict(TreeLogClassifier.loadDefault().categories());
    int next;
  }

  /** Makes lines and trains the rivals on them. */
  @Setup
  public void prepare() throws XGBoostError {
    lines = LogLines.make(LINES, new Random(1));
    vectors = new FeatureVector[LINES];
    LabelFactory factory = new LabelFactory();
    var data = new MutableDataset<>(new SimpleDataSourceProvenance("generated", factory), factory);
    Verdict verdict = new Verdict(classifier.categories());
    for (int i = 0; i < LINES; i++) {
      vectors[i] = new FeatureVector(extractor.schema(), 256);
      extractor.extract(lines[i], 0, lines[i].length, vectors[i]);
      classifier.classify(vectors[i], verdict);
      ArrayExample<Label> example = new ArrayExample<>(new Label(verdict.category()));
      for (int k = 0; k < vectors[i].size(); k++) {
        example.add(String.format(Locale.ROOT, "f%06d", vectors[i].index(k)), vectors[i].value(k));
      }
      examples.add(example);
      data.add(example);
    }
    var trainer =
        new XGBoostClassificationTrainer(
            XGBoostTrainer.BoosterType.GBTREE,
            XGBoostTrainer.TreeMethod.HIST,
            Math.max(1, 300 / data.getOutputs().size()),
            0.3,
            0,
            6,
            1,
            1,
            1,
            1,
            0,
            1,
            XGBoostTrainer.LoggingVerbosity.SILENT,
            1);
    xgboost = trainer.train(data);
    cart = new CARTClassificationTrainer().train(data);
    booster = xgboost.getInnerModels().get(0);
    columns = new int[LINES][];
    values = new float[LINES][];
    for (int i = 0; i < LINES; i++) {
      columns[i] = new int[vectors[i].size()];
      values[i] = new float[columns[i].length];
      for (int k = 0; k < columns[i].length; k++) {
        columns[i][k] =
            xgboost
                .getFeatureIDMap()
                .getID(String.format(Locale.ROOT, "f%06d", vectors[i].index(k)));
        values[i][k] = vectors[i].value(k);
      }
    }
  }

  /** From bytes to severity and category. */
  @Benchmark
  public int lineToBothVerdicts(Own own) {
    byte[] line = lines[own.next++ & (LINES - 1)];
    extractor.extract(line, 0, line.length, own.vector);
    classifier.classify(own.vector, own.verdict);
    return own.verdict.categoryIndex();
  }

  /** Features only. */
  @Benchmark
  public int featurize(Own own) {
    byte[] line = lines[own.next++ & (LINES - 1)];
    extractor.extract(line, 0, line.length, own.vector);
    return own.vector.size();
  }

  /** Both heads of one featurized line. */
  @Benchmark
  public int classifyBothHeads(Own own) {
    classifier.classify(vectors[own.next++ & (LINES - 1)], own.verdict);
    return own.verdict.categoryIndex();
  }

  /** Tribuo's own prediction of one example with some 300 boosted trees. */
  @Benchmark
  public Object tribuoXgboost(Own own) {
    return xgboost.predict(examples.get(own.next++ & (LINES - 1)));
  }

  /** Tribuo's own prediction with one tree. */
  @Benchmark
  public Object tribuoTree(Own own) {
    return cart.predict(examples.get(own.next++ & (LINES - 1)));
  }

  /** The same boosted trees by xgboost4j, a matrix of one row. */
  @Benchmark
  public Object xgboostOneRow(Own own) throws XGBoostError {
    int i = own.next++ & (LINES - 1);
    DMatrix matrix =
        new DMatrix(
            new long[] {0, columns[i].length},
            columns[i],
            values[i],
            DMatrix.SparseType.CSR,
            xgboost.getFeatureIDMap().size());
    try {
      return booster.predict(matrix);
    } finally {
      matrix.dispose();
    }
  }

  /** Lines of about 137 bytes. */
  static final class LogLines {
    private static final String[] PARTS = {
      "connection to %s:5432 refused after %d attempts, giving up on request %s",
      "GET /api/orders/%2$d from %1$s answered 200 in 13 ms, request id %3$s, cached",
      "reconciled deployment %s in %d ms, revision %s is up to date with the desired state",
      "pod %s was OOMKilled: container used %d Mi, more than its limit, id %s",
      "slow query on %s took %d ms: select from orders where id = '%s' order by created",
      "failed to pull image registry.local/%s:%d: manifest unknown, digest %s",
      "user %s logged in, session %d, token %s, two factors",
      "java.lang.IllegalStateException: %s is closed, code %d, at Worker.run %s"
    };

    private LogLines() {}

    static byte[][] make(int n, Random random) {
      byte[][] out = new byte[n][];
      for (int i = 0; i < n; i++) {
        String host = "orders-" + Integer.toHexString(random.nextInt(1 << 20));
        String id = Long.toHexString(random.nextLong());
        String text =
            "2026-01-05 10:31:07.123 [worker-"
                + random.nextInt(20)
                + "] com.example.Shop - "
                + String.format(
                    PARTS[random.nextInt(PARTS.length)], host, random.nextInt(99_999), id);
        out[i] = text.getBytes(StandardCharsets.UTF_8);
      }
      return out;
    }
  }
}
