package io.devopscopilot.classifier;

import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import ml.dmlc.xgboost4j.java.XGBoostError;
import org.tribuo.Example;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.dtree.impurity.GiniIndex;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.xgboost.XGBoostClassificationTrainer;
import org.tribuo.common.tree.LeafNode;
import org.tribuo.common.tree.Node;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.common.tree.SplitNode;
import org.tribuo.common.tree.TreeModel;
import org.tribuo.common.xgboost.XGBoostModel;
import org.tribuo.common.xgboost.XGBoostTrainer;
import org.tribuo.ensemble.WeightedEnsembleModel;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Trains with Tribuo and takes the trees over into the flat form. The only user of Tribuo. */
final class TribuoTrees {
  private static final Pattern SPLIT =
      Pattern.compile("(\\d+):\\[f(\\d+)<([^]]+)] yes=(\\d+),no=(\\d+),missing=(\\d+).*");
  private static final Pattern LEAF = Pattern.compile("(\\d+):leaf=([^,]+),cover=(.+)");
  private static final Pattern COVER = Pattern.compile("cover=([-+.eE0-9]+)");

  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  static {
    // Tribuo tells each tree of a forest at level INFO.
    TRIBUO.setLevel(Level.WARNING);
  }

  /** Bounds of the training. */
  record Bounds(int trees, int depth, double rate, int threads, long seed) {}

  private final Model<Label> model;
  private final List<String> labels;
  private final int features;

  private TribuoTrees(Model<Label> model, List<String> labels, int features) {
    this.model = model;
    this.labels = labels;
    this.features = features;
  }

  static TribuoTrees tree(TrainingRows rows, boolean[] use, Bounds bounds) {
    var trainer =
        new CARTClassificationTrainer(
            bounds.depth(), 1f, 0f, 1f, false, new GiniIndex(), bounds.seed());
    return new TribuoTrees(trainer.train(dataset(rows, use)), rows.labels, use.length);
  }

  static TribuoTrees forest(TrainingRows rows, boolean[] use, Bounds bounds) {
    int used = 0;
    for (boolean u : use) {
      used += u ? 1 : 0;
    }
    float fraction = (float) Math.min(1, 2 * Math.sqrt(used) / Math.max(1, used));
    var cart =
        new CARTClassificationTrainer(
            bounds.depth(), 1f, 0f, fraction, false, new GiniIndex(), bounds.seed());
    var trainer =
        new RandomForestTrainer<>(cart, new VotingCombiner(), bounds.trees(), bounds.seed());
    return new TribuoTrees(trainer.train(dataset(rows, use)), rows.labels, use.length);
  }

  static TribuoTrees boosted(TrainingRows rows, boolean[] use, Bounds bounds) {
    var trainer =
        new XGBoostClassificationTrainer(
            XGBoostTrainer.BoosterType.GBTREE,
            XGBoostTrainer.TreeMethod.HIST,
            bounds.trees(),
            bounds.rate(),
            0.0,
            bounds.depth(),
            1.0,
            0.8,
            0.4,
            1.5,
            0.0,
            bounds.threads(),
            XGBoostTrainer.LoggingVerbosity.SILENT,
            bounds.seed());
    return new TribuoTrees(trainer.train(dataset(rows, use)), rows.labels, use.length);
  }

  /** Tribuo's own model. */
  Model<Label> model() {
    return model;
  }

  /** Writes Tribuo's own model as protobuf. */
  void write(Path file) {
    try {
      model.serializeToFile(file);
    } catch (IOException e) {
      throw new CopilotException("Tribuo's model can't be written to " + file + ": " + e, e);
    }
  }

  static String name(int feature) {
    return String.format(Locale.ROOT, "f%06d", feature);
  }

  static String label(int label) {
    return String.format(Locale.ROOT, "c%03d", label);
  }

  private static MutableDataset<Label> dataset(TrainingRows rows, boolean[] use) {
    LabelFactory factory = new LabelFactory();
    var data =
        new MutableDataset<>(
            new SimpleDataSourceProvenance("labelled log lines", factory), factory);
    float[] weights = rows.weights();
    for (int i = 0; i < rows.size(); i++) {
      TrainingRows.Row row = rows.rows.get(i);
      Example<Label> example = example(row, use, row.label());
      example.setWeight(weights[i]);
      if (example.size() > 0) {
        data.add(example);
      }
    }
    return data;
  }

  static ArrayExample<Label> example(TrainingRows.Row row, boolean[] use, int label) {
    String[] names = new String[row.index().length];
    double[] values = new double[names.length];
    int n = 0;
    for (int k = 0; k < names.length; k++) {
      if (use[row.index()[k]]) {
        names[n] = name(row.index()[k]);
        values[n++] = row.value()[k];
      }
    }
    return new ArrayExample<>(
        new Label(label(label)), Arrays.copyOf(names, n), Arrays.copyOf(values, n));
  }

  /** The flat form. */
  CompiledTrees compile() {
    ImmutableFeatureMap map = model.getFeatureIDMap();
    int[] feature = new int[map.size()];
    for (int i = 0; i < feature.length; i++) {
      feature[i] = Integer.parseInt(map.get(i).getName().substring(1));
    }
    ImmutableOutputInfo<Label> outputs = model.getOutputIDInfo();
    int[] label = new int[outputs.size()];
    for (int i = 0; i < label.length; i++) {
      label[i] = Integer.parseInt(outputs.getOutput(i).getLabel().substring(1));
    }
    if (label.length != labels.size()) {
      throw new IllegalArgumentException(
          "the training rows have " + label.length + " of " + labels.size() + " classes");
    }
    if (model instanceof XGBoostModel) {
      return boosted((XGBoostModel<Label>) model, feature, label);
    }
    List<TreeModel<Label>> trees = new ArrayList<>();
    boolean votes = model instanceof WeightedEnsembleModel;
    if (votes) {
      for (Model<Label> m : ((WeightedEnsembleModel<Label>) model).getModels()) {
        trees.add((TreeModel<Label>) m);
      }
    } else {
      trees.add((TreeModel<Label>) model);
    }
    Flat flat = new Flat(labels.size(), labels.size());
    for (TreeModel<Label> tree : trees) {
      flat.begin(0);
      cart(flat, tree.getRoot(), feature, votes ? 1f / trees.size() : 1f, votes);
    }
    return flat.build(features, CompiledTrees.Link.SHARE, 0);
  }

  /** Adds a node and those below it; returns its number. */
  private static int cart(Flat flat, Node<Label> node, int[] feature, float weight, boolean votes) {
    int at = flat.node();
    if (node instanceof SplitNode) {
      SplitNode<Label> split = (SplitNode<Label>) node;
      // Left where x <= value, that is where x is below the next float.
      float floor = (float) split.splitValue();
      if (floor > split.splitValue()) {
        floor = Math.nextDown(floor);
      }
      int left = cart(flat, split.getLessThanOrEqual(), feature, weight, votes);
      int right = cart(flat, split.getGreaterThan(), feature, weight, votes);
      flat.split(at, feature[split.getFeatureID()], Math.nextUp(floor), left, right);
      flat.defaultLeft.set(at, 0 <= split.splitValue());
      for (int c = 0; c < flat.width; c++) {
        flat.value(at, c, (flat.value(left, c) + flat.value(right, c)) / 2);
      }
    } else {
      LeafNode<Label> leaf = (LeafNode<Label>) node;
      if (votes) {
        flat.value(at, Integer.parseInt(leaf.getOutput().getLabel().substring(1)), weight);
      } else {
        for (Map.Entry<String, Label> e : leaf.getDistribution().entrySet()) {
          int c = Integer.parseInt(e.getKey().substring(1));
          flat.value(at, c, weight * (float) e.getValue().getScore());
        }
      }
    }
    return at;
  }

  private CompiledTrees boosted(XGBoostModel<Label> boosted, int[] feature, int[] label) {
    String[] dump;
    try {
      dump = boosted.getInnerModels().get(0).getModelDump((String) null, true);
    } catch (XGBoostError e) {
      throw new CopilotException("XGBoost can't say what its trees are: " + e.getMessage(), e);
    }
    Flat flat = new Flat(labels.size(), 1);
    for (int t = 0; t < dump.length; t++) {
      flat.begin(label[t % label.length]);
      String[] lines = dump[t].strip().split("\\s*\n\\s*");
      String[] byId = new String[lines.length * 2 + 2];
      for (String line : lines) {
        int id = Integer.parseInt(line.substring(0, line.indexOf(':')));
        if (id >= byId.length) {
          byId = Arrays.copyOf(byId, id * 2);
        }
        byId[id] = line;
      }
      xgboost(flat, byId, 0, feature);
    }
    return flat.build(features, CompiledTrees.Link.SOFTMAX, 0.5f);
  }

  private static int xgboost(Flat flat, String[] lines, int id, int[] feature) {
    int at = flat.node();
    Matcher leaf = LEAF.matcher(lines[id]);
    if (leaf.matches()) {
      flat.value(at, 0, Float.parseFloat(leaf.group(2)));
      return at;
    }
    Matcher split = SPLIT.matcher(lines[id]);
    if (!split.matches()) {
      throw new IllegalStateException("not a line of an XGBoost tree: " + lines[id]);
    }
    int yes = Integer.parseInt(split.group(4));
    int no = Integer.parseInt(split.group(5));
    int left = xgboost(flat, lines, yes, feature);
    int right = xgboost(flat, lines, no, feature);
    flat.split(
        at,
        feature[Integer.parseInt(split.group(2))],
        Float.parseFloat(split.group(3)),
        left,
        right);
    flat.defaultLeft.set(at, Integer.parseInt(split.group(6)) == yes);
    double a = cover(lines[yes]);
    double b = cover(lines[no]);
    double mean = (flat.value(left, 0) * a + flat.value(right, 0) * b) / Math.max(a + b, 1e-9);
    flat.value(at, 0, (float) mean);
    return at;
  }

  private static double cover(String line) {
    Matcher cover = COVER.matcher(line);
    return cover.find() ? Double.parseDouble(cover.group(1)) : 1;
  }

  /** Collects nodes. */
  private static final class Flat {
    final int classes;
    final int width;
    final List<Integer> treeStart = new ArrayList<>();
    final List<Integer> treeClass = new ArrayList<>();
    final List<Integer> feature = new ArrayList<>();
    final List<Float> threshold = new ArrayList<>();
    final List<Integer> left = new ArrayList<>();
    final List<Integer> right = new ArrayList<>();
    final List<Boolean> defaultLeft = new ArrayList<>();
    final List<float[]> values = new ArrayList<>();

    Flat(int classes, int width) {
      this.classes = classes;
      this.width = width;
    }

    void begin(int of) {
      treeStart.add(feature.size());
      treeClass.add(of);
    }

    int node() {
      feature.add(-1);
      threshold.add(0f);
      left.add(0);
      right.add(0);
      defaultLeft.add(false);
      values.add(new float[width]);
      return feature.size() - 1;
    }

    void split(int at, int by, float below, int l, int r) {
      feature.set(at, by);
      threshold.set(at, below);
      left.set(at, l);
      right.set(at, r);
    }

    float value(int at, int c) {
      return values.get(at)[c];
    }

    void value(int at, int c, float value) {
      values.get(at)[c] = value;
    }

    CompiledTrees build(int features, CompiledTrees.Link link, float base) {
      treeStart.add(feature.size());
      boolean[] defaults = new boolean[feature.size()];
      float[] thresholds = new float[defaults.length];
      float[] all = new float[defaults.length * width];
      for (int n = 0; n < defaults.length; n++) {
        defaults[n] = defaultLeft.get(n);
        thresholds[n] = threshold.get(n);
        System.arraycopy(values.get(n), 0, all, n * width, width);
      }
      return new CompiledTrees(
          classes,
          features,
          link,
          base,
          width,
          ints(treeStart),
          ints(treeClass),
          ints(feature),
          thresholds,
          ints(left),
          ints(right),
          defaults,
          all);
    }

    private static int[] ints(List<Integer> list) {
      return list.stream().mapToInt(Integer::intValue).toArray();
    }
  }
}
