package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.FeatureVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
            extractor, SampleLines.make(3000, 1), l -> l.category().orElse(""), Category.all());
    test =
        TrainingRows.of(
            extractor, SampleLines.make(MANY * 2, 2), l -> l.category().orElse(""), Category.all());
    use = new boolean[extractor.schema().size()];
    Arrays.fill(use, true);
  }

  @Test
  void boostedTreesAreBitEqualToXgboostOnManyLines() throws Exception {
    TribuoTrees tribuo = TribuoTrees.boosted(train, use, new TribuoTrees.Bounds(12, 6, 0.3, 1, 5));
    CompiledTrees compiled = tribuo.compile();
    CompiledTrees.Scratch scratch = compiled.scratch();
    FeatureVector vector = new FeatureVector(train.extractor.schema());
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
        compiled.sums(vector, scratch, compiled.trees());
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
    FeatureVector vector = new FeatureVector(train.extractor.schema());
    float[] own = new float[train.labels.size()];
    for (int from = 0; from < rows; from += 10_000) {
      List<Example<Label>> examples = new ArrayList<>();
      for (TrainingRows.Row row : test.rows.subList(from, from + 10_000)) {
        examples.add(TribuoTrees.example(row, use, row.label()));
      }
      List<Prediction<Label>> theirs = tribuo.model().predict(examples);
      for (int i = 0; i < 10_000; i++) {
        TrainingRows.fill(test.rows.get(from + i), vector);
        compiled.sums(vector, scratch, compiled.trees());
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
