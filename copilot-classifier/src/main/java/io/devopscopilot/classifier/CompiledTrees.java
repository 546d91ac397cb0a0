package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Decision trees as flat arrays, evaluated as {@link LeafMasks} where they have that form and
 * walked otherwise. Immutable; the caller owns the scratch memory.
 */
final class CompiledTrees {
  /** Most nodes a model may have: far above what training makes, far below what memory holds. */
  private static final int MAX_NODES = 8_000_000;

  /** How sums become probabilities. */
  enum Link {
    /** Exponentials that add up to one: boosted trees. */
    SOFTMAX,
    /** The sums themselves, divided by their total: a tree, a forest. */
    SHARE
  }

  final int classes;
  final int features;
  final Link link;
  final float base;

  /** Numbers per node: 1 for a tree that speaks for one class, else one per class. */
  final int width;

  final int[] treeStart;
  final int[] treeClass;
  final int[] feature;
  final float[] threshold;
  final int[] left;
  final int[] right;
  final boolean[] defaultLeft;
  final float[] values;

  private final @Nullable LeafMasks masks;

  CompiledTrees(
      int classes,
      int features,
      Link link,
      float base,
      int width,
      int[] treeStart,
      int[] treeClass,
      int[] feature,
      float[] threshold,
      int[] left,
      int[] right,
      boolean[] defaultLeft,
      float[] values) {
    this.classes = classes;
    this.features = features;
    this.link = link;
    this.base = base;
    this.width = width;
    this.treeStart = treeStart;
    this.treeClass = treeClass;
    this.feature = feature;
    this.threshold = threshold;
    this.left = left;
    this.right = right;
    this.defaultLeft = defaultLeft;
    this.values = values;
    check();
    masks = LeafMasks.of(this).orElse(null);
  }

  private void check() {
    int nodes = feature.length;
    for (int t = 0; t < treeClass.length; t++) {
      require(treeStart[t] < treeStart[t + 1], "a tree without nodes");
      require(treeClass[t] >= 0 && treeClass[t] < classes, "a tree of an unknown class");
      for (int n = treeStart[t]; n < treeStart[t + 1]; n++) {
        require(feature[n] < features, "a feature outside the schema");
        if (feature[n] >= 0) {
          require(left[n] > n && left[n] < treeStart[t + 1], "a wrong child");
          require(right[n] > n && right[n] < treeStart[t + 1], "a wrong child");
          require(left[n] != right[n] && !Float.isNaN(threshold[n]), "a wrong split");
        }
      }
    }
    require(treeStart[0] == 0 && treeStart[treeClass.length] == nodes, "nodes without a tree");
    require(values.length == nodes * width, "too few values");
    for (float v : values) {
      require(Float.isFinite(v), "a value that is no number");
    }
  }

  private static void require(boolean fine, String what) {
    if (!fine) {
      throw new IllegalArgumentException("the trees have " + what);
    }
  }

  int trees() {
    return treeClass.length;
  }

  /** Memory for one thread. */
  Scratch scratch() {
    return new Scratch(masks == null ? null : masks.scratch(), classes);
  }

  static final class Scratch {
    final LeafMasks.@Nullable Scratch masks;
    final float[] sums;

    Scratch(LeafMasks.@Nullable Scratch masks, int classes) {
      this.masks = masks;
      sums = new float[classes];
    }
  }

  /**
   * Adds the trees up into {@code scratch.sums}.
   *
   * @return whether any feature of the line is one that the trees ask for
   */
  boolean sums(FeatureVector in, Scratch scratch) {
    return masks != null && scratch.masks != null
        ? masks.sums(in, scratch.masks, scratch.sums)
        : walked(in, scratch);
  }

  /** The same by going through each tree. */
  boolean walked(FeatureVector in, Scratch scratch) {
    final float[] sums = scratch.sums;
    Arrays.fill(sums, base);
    boolean known = false;
    for (int t = 0; t < treeClass.length; t++) {
      int node = treeStart[t];
      while (feature[node] >= 0) {
        float x = in.get(feature[node]);
        known |= x != 0;
        node = next(node, x);
      }
      if (width == 1) {
        sums[treeClass[t]] += values[node];
      } else {
        for (int c = 0; c < classes; c++) {
          sums[c] += values[node * width + c];
        }
      }
    }
    return known;
  }

  private int next(int node, float x) {
    boolean goLeft = x == 0 ? defaultLeft[node] : x < threshold[node];
    return goLeft ? left[node] : right[node];
  }

  /** Turns {@code scratch.sums} into probabilities. */
  void probabilities(Scratch scratch, float temperature, float[] out) {
    final float[] sums = scratch.sums;
    double total = 0;
    if (link == Link.SOFTMAX) {
      float most = Float.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        most = Math.max(most, sums[c]);
      }
      for (int c = 0; c < classes; c++) {
        out[c] = (float) Math.exp((sums[c] - most) / temperature);
        total += out[c];
      }
    } else {
      for (int c = 0; c < classes; c++) {
        out[c] =
            temperature == 1f
                ? sums[c]
                : (float) Math.pow(Math.max(sums[c], 1e-4f), 1 / temperature);
        total += out[c];
      }
    }
    float scale = (float) (1 / total);
    for (int c = 0; c < classes; c++) {
      out[c] *= scale;
    }
  }

  /**
   * How far each feature moved the sum of one class: along each path, the change of the mean from a
   * node to its child belongs to the feature that was asked (Saabas, "Interpreting random forests",
   * 2014).
   *
   * @param out one number per feature, added to; nothing for a feature that the line has not
   */
  void contributions(FeatureVector in, int of, double[] out) {
    for (int t = 0; t < treeClass.length; t++) {
      if (width == 1 && treeClass[t] != of) {
        continue;
      }
      int at = width == 1 ? 0 : of;
      int node = treeStart[t];
      while (feature[node] >= 0) {
        float x = in.get(feature[node]);
        int child = next(node, x);
        if (x != 0) {
          out[feature[node]] += values[child * width + at] - values[node * width + at];
        }
        node = child;
      }
    }
  }

  /** The same trees without those behind the first {@code trees}. */
  CompiledTrees prefix(int trees) {
    int nodes = treeStart[trees];
    return new CompiledTrees(
        classes,
        features,
        link,
        base,
        width,
        Arrays.copyOf(treeStart, trees + 1),
        Arrays.copyOf(treeClass, trees),
        Arrays.copyOf(feature, nodes),
        Arrays.copyOf(threshold, nodes),
        Arrays.copyOf(left, nodes),
        Arrays.copyOf(right, nodes),
        Arrays.copyOf(defaultLeft, nodes),
        Arrays.copyOf(values, nodes * width));
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(classes);
    out.writeInt(features);
    out.writeByte(link.ordinal());
    out.writeFloat(base);
    out.writeInt(width);
    out.writeInt(treeClass.length);
    for (int t = 0; t < treeClass.length; t++) {
      out.writeInt(treeStart[t + 1]);
      out.writeShort(treeClass[t]);
    }
    for (int n = 0; n < feature.length; n++) {
      out.writeInt(feature[n]);
      if (feature[n] >= 0) {
        out.writeFloat(threshold[n]);
        out.writeInt(left[n]);
        out.writeInt(right[n]);
        out.writeBoolean(defaultLeft[n]);
      }
      for (int w = 0; w < width; w++) {
        out.writeFloat(values[n * width + w]);
      }
    }
  }

  /** Reads and checks. Anything wrong throws IllegalArgumentException or IOException. */
  static CompiledTrees read(DataInput in) throws IOException {
    int classes = bounded("classes", in.readInt(), 2, 1000);
    int features = bounded("features", in.readInt(), 1, 1 << 24);
    Link link = Link.values()[bounded("link", in.readByte(), 0, Link.values().length - 1)];
    float base = in.readFloat();
    int width = bounded("width", in.readInt(), 1, classes);
    require(width == 1 || width == classes, "a wrong width");
    int trees = bounded("trees", in.readInt(), 1, 100_000);
    int[] treeStart = new int[trees + 1];
    int[] treeClass = new int[trees];
    for (int t = 0; t < trees; t++) {
      treeStart[t + 1] = bounded("nodes", in.readInt(), treeStart[t] + 1, MAX_NODES);
      treeClass[t] = in.readShort();
    }
    int nodes = treeStart[trees];
    bounded("values", (int) Math.min((long) nodes * width, Integer.MAX_VALUE), 1, 4 * MAX_NODES);
    int[] feature = new int[nodes];
    float[] threshold = new float[nodes];
    int[] left = new int[nodes];
    int[] right = new int[nodes];
    boolean[] defaultLeft = new boolean[nodes];
    float[] values = new float[nodes * width];
    for (int n = 0; n < nodes; n++) {
      feature[n] = in.readInt();
      if (feature[n] >= 0) {
        threshold[n] = in.readFloat();
        left[n] = in.readInt();
        right[n] = in.readInt();
        defaultLeft[n] = in.readBoolean();
      }
      for (int w = 0; w < width; w++) {
        values[n * width + w] = in.readFloat();
      }
    }
    return new CompiledTrees(
        classes,
        features,
        link,
        base,
        width,
        treeStart,
        treeClass,
        feature,
        threshold,
        left,
        right,
        defaultLeft,
        values);
  }

  private static int bounded(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          what + " is " + value + ", must be " + least + " to " + most);
    }
    return value;
  }
}
