package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.common.xgboost.XGBoostModel;

class CompiledTreesTest {
  private static final int MANY = 100_000;
  private static TrainingRows train;
  private static TrainingRows test;
  private static boolean[] use;

  @BeforeAll
  static void rows() {
    var extractor = new HashingExtractor();
    train =
        TrainingRows.of(
            extractor,
            SampleLines.make(3000, 1),
            l -> l.category().orElse(""),
            Category.all(),
            any -> true);
    test =
        TrainingRows.of(
            extractor,
            SampleLines.make(MANY * 2, 2),
            l -> l.category().orElse(""),
            Category.all(),
            any -> true);
    use = new boolean[extractor.schema().size()];
    Arrays.fill(use, true);
  }

  @Test
  void boostedTreesAreBitEqualToXgboostOnManyLines() throws Exception {
    TribuoTrees tribuo = TribuoTrees.boosted(train, use, new TribuoTrees.Bounds(12, 6, 0.3, 1, 5));
    CompiledTrees compiled = tribuo.compile();
    CompiledTrees.Scratch scratch = compiled.scratch();
    FeatureVector vector = new FeatureVector(train.schema);
    Booster booster = ((XGBoostModel<Label>) tribuo.model()).getInnerModels().get(0);
    int rows = Math.min(MANY, test.size());
    assertThat(rows).isEqualTo(MANY);
    int[] label = labels(tribuo.model());
    for (int from = 0; from < rows; from += 20_000) {
      int to = Math.min(rows, from + 20_000);
      DMatrix matrix = matrix(tribuo.model(), from, to);
      float[][] margins = booster.predict(matrix, true);
      matrix.dispose();
      for (int i = from; i < to; i++) {
        TrainingRows.fill(test.rows.get(i), vector);
        compiled.sums(vector, scratch);
        for (int c = 0; c < label.length; c++) {
          int own = Float.floatToIntBits(scratch.sums[label[c]]);
          if (own != Float.floatToIntBits(margins[i - from][c])) {
            assertThat(scratch.sums[label[c]]).isEqualTo(margins[i - from][c]);
          }
        }
      }
    }
  }

  @Test
  void probabilitiesEqualThoseOfTribuo() {
    var bounds = new TribuoTrees.Bounds(8, 6, 0.3, 1, 5);
    check(TribuoTrees.boosted(train, use, bounds), MANY);
    check(TribuoTrees.tree(train, use, new TribuoTrees.Bounds(1, 12, 0, 1, 5)), MANY);
    check(TribuoTrees.forest(train, use, new TribuoTrees.Bounds(6, 12, 0, 1, 5)), MANY);
  }

  /** Trees of every size up to 200 leaves, with both defaults and broken thresholds. */
  @Test
  void readyAnswersEqualAWalkBitByBit() {
    Random random = new Random(5);
    FeatureSchema schema = new FeatureSchema("random", 60, List.of());
    FeatureVector vector = new FeatureVector(schema);
    for (int model = 0; model < 40; model++) {
      CompiledTrees trees = new RandomTrees(random, 3 + model % 7, 60).make(30);
      assertThat(LeafMasks.of(trees)).isPresent();
      CompiledTrees.Scratch ready = trees.scratch();
      CompiledTrees.Scratch walk = trees.scratch();
      for (int row = 0; row < 500; row++) {
        vector.clear();
        for (int i = random.nextInt(40); i > 0; i--) {
          boolean whole = random.nextBoolean();
          vector.add(random.nextInt(60), whole ? 1 + random.nextInt(25) : random.nextFloat() * 9);
        }
        boolean known = trees.walked(vector, walk);
        assertThat(trees.sums(vector, ready) || !known).isTrue();
        assertThat(ready.sums).isEqualTo(walk.sums);
      }
    }
  }

  @Test
  void treesTooDeepForSetsAreWalked() {
    CompiledTrees trees = new RandomTrees(new Random(5), 2, 60).chain(40);
    assertThat(LeafMasks.of(trees)).isEmpty();
    FeatureVector vector = new FeatureVector(new FeatureSchema("random", 60, List.of()));
    for (int f = 0; f < 60; f++) {
      vector.add(f, 3);
    }
    CompiledTrees.Scratch scratch = trees.scratch();
    assertThat(trees.sums(vector, scratch)).isTrue();
    assertThat(scratch.sums[0]).isNotZero();
  }

  /** Makes trees node by node, children behind their parents. */
  private static final class RandomTrees {
    private final Random random;
    private final int classes;
    private final int features;
    private final List<Integer> start = new ArrayList<>(List.of(0));
    private final List<int[]> nodes = new ArrayList<>(); // feature, left, right

    RandomTrees(Random random, int classes, int features) {
      this.random = random;
      this.classes = classes;
      this.features = features;
    }

    CompiledTrees make(int trees) {
      for (int t = 0; t < trees; t++) {
        grow(1 + random.nextInt(200), false);
        start.add(nodes.size());
      }
      return build();
    }

    CompiledTrees chain(int leaves) {
      grow(leaves, true);
      start.add(nodes.size());
      return build();
    }

    private int grow(int leaves, boolean chain) {
      int node = nodes.size();
      nodes.add(new int[] {-1, 0, 0});
      if (leaves > 1) {
        int most = chain ? 1 : Math.max(1, leaves / 2);
        int less = Math.max(1, most - random.nextInt(1 + most / 2));
        int left = grow(less, chain);
        int right = grow(leaves - less, chain);
        nodes.set(node, new int[] {random.nextInt(features), left, right});
      }
      return node;
    }

    private CompiledTrees build() {
      int size = nodes.size();
      int trees = start.size() - 1;
      int[][] columns = new int[3][size];
      float[] threshold = new float[size];
      boolean[] defaultLeft = new boolean[size];
      float[] values = new float[size];
      for (int n = 0; n < size; n++) {
        for (int k = 0; k < 3; k++) {
          columns[k][n] = nodes.get(n)[k];
        }
        threshold[n] = random.nextBoolean() ? random.nextInt(20) : random.nextFloat() * 9;
        defaultLeft[n] = random.nextBoolean();
        values[n] = random.nextFloat() - 0.5f;
      }
      int[] treeClass = IntStream.range(0, trees).map(t -> random.nextInt(classes)).toArray();
      return new CompiledTrees(
          classes,
          features,
          CompiledTrees.Link.SOFTMAX,
          0.5f,
          1,
          start.stream().mapToInt(Integer::intValue).toArray(),
          treeClass,
          columns[0],
          threshold,
          columns[1],
          columns[2],
          defaultLeft,
          values);
    }
  }

  private static int[] labels(Model<Label> model) {
    int[] out = new int[model.getOutputIDInfo().size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Integer.parseInt(model.getOutputIDInfo().getOutput(i).getLabel().substring(1));
    }
    return out;
  }

  private static void check(TribuoTrees tribuo, int rows) {
    CompiledTrees compiled = tribuo.compile();
    CompiledTrees.Scratch scratch = compiled.scratch();
    FeatureVector vector = new FeatureVector(train.schema);
    float[] own = new float[train.labels.size()];
    for (int from = 0; from < rows; from += 10_000) {
      List<Example<Label>> examples = new ArrayList<>();
      for (TrainingRows.Row row : test.rows.subList(from, from + 10_000)) {
        examples.add(TribuoTrees.example(row, use, row.label()));
      }
      List<Prediction<Label>> theirs = tribuo.model().predict(examples);
      for (int i = 0; i < 10_000; i++) {
        TrainingRows.fill(test.rows.get(from + i), vector);
        compiled.sums(vector, scratch);
        compiled.probabilities(scratch, 1, own);
        for (int c = 0; c < own.length; c++) {
          Label label = theirs.get(i).getOutputScores().get(TribuoTrees.label(c));
          double score = label == null ? 0 : label.getScore();
          if (Math.abs(own[c] - score) > 1e-6) {
            assertThat((double) own[c]).isEqualTo(score);
          }
        }
      }
    }
  }

  private static DMatrix matrix(Model<Label> model, int from, int to) throws Exception {
    List<Float> values = new ArrayList<>();
    List<Integer> columns = new ArrayList<>();
    long[] starts = new long[to - from + 1];
    for (int i = from; i < to; i++) {
      TrainingRows.Row row = test.rows.get(i);
      for (int k = 0; k < row.index().length; k++) {
        int id = model.getFeatureIDMap().getID(TribuoTrees.name(row.index()[k]));
        if (id >= 0) {
          columns.add(id);
          values.add(row.value()[k]);
        }
      }
      starts[i - from + 1] = columns.size();
    }
    float[] data = new float[values.size()];
    for (int i = 0; i < data.length; i++) {
      data[i] = values.get(i);
    }
    return new DMatrix(
        starts,
        columns.stream().mapToInt(Integer::intValue).toArray(),
        data,
        DMatrix.SparseType.CSR,
        model.getFeatureIDMap().size());
  }
}
