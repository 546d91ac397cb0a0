package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureVector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Trees evaluated without a branch per node: each node that a line's features decide against its
 * default clears the leaves it rules out from a set of bits per tree, and the lowest leaf left is
 * the answer (Lucchese and others, "QuickScorer: a fast algorithm to rank documents with additive
 * ensembles of regression trees", SIGIR 2015; here the default child of a node always comes first,
 * so that features a line does not have cost nothing).
 *
 * <p>Beyond the paper, all that a feature rules out is ready for each range of its values: as a row
 * of sets where it touches many trees, else as blocks of a fixed size, so that a processor has few
 * branches to guess. Sums are added in the order of the trees, so they equal those of a walk bit by
 * bit. Immutable; the caller owns the scratch memory.
 */
final class LeafMasks {
  private static final int BLOCK = 8;

  /** What touches more trees than so many blocks hold becomes a row. */
  private static final int MOST_BLOCKS = 4;

  /** Whole values below are looked up, others are compared. */
  private static final int SMALL = 16;

  /** So many sets are made at most: 64 MB. The default model needs some 200,000. */
  private static final long MOST_SETS = 1L << 24;

  private final float base;
  private final int classes;
  private final int rounds;
  private final int[] leafAt;
  private final float[] leaves;

  /** Where a feature's cuts and codes are; 0 where no node asks for it. */
  private final int[] place;

  private final int[] cutAt;
  private final float[] cuts;
  private final int[] codes;
  private final int[] smallCodes;
  private final int[][] rows;
  private final int[] blockTree;
  private final int[] blockSet;

  /** Memory of one thread. */
  static final class Scratch {
    private final int[] alive;
    private final int[] asked;
    private final float[] values;
    private final int[] rows;
    private final int[] blocks;

    private Scratch(int trees, int places) {
      alive = new int[trees];
      asked = new int[places + 1];
      values = new float[places + 1];
      rows = new int[places + MOST_BLOCKS];
      blocks = new int[(places + 1) * MOST_BLOCKS];
    }
  }

  /** This form of trees, where it fits into its bounds. */
  static Optional<LeafMasks> of(CompiledTrees trees) {
    if (!LeafLayout.fits(trees)) {
      return Optional.empty();
    }
    LeafLayout layout = new LeafLayout(trees);
    long sets = 0;
    for (List<LeafLayout.Node> nodes : layout.asking) {
      if (!nodes.isEmpty()) {
        long each = nodes.size() > BLOCK * MOST_BLOCKS ? layout.leafAt.length : nodes.size();
        sets += each * (thresholds(nodes).length + 1);
      }
    }
    return sets > MOST_SETS ? Optional.empty() : Optional.of(new LeafMasks(trees, layout));
  }

  private LeafMasks(CompiledTrees trees, LeafLayout layout) {
    base = trees.base;
    classes = trees.classes;
    rounds = layout.rounds;
    leafAt = layout.leafAt;
    leaves = floats(layout.leaves);
    place = new int[trees.features];
    Codes all = new Codes(leafAt.length);
    for (int f = 0; f < trees.features; f++) {
      if (!layout.asking.get(f).isEmpty()) {
        place[f] = all.add(layout.asking.get(f));
      }
    }
    all.cutAt.add(all.cuts.size());
    cutAt = all.cutAt.toArray();
    cuts = floats(all.cuts);
    codes = all.codes.toArray();
    smallCodes = all.smallCodes.toArray();
    rows = all.rows.toArray(new int[0][]);
    blockTree = all.blockTree.toArray();
    blockSet = all.blockSet.toArray();
  }

  private static float[] floats(List<Float> list) {
    float[] out = new float[list.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = list.get(i);
    }
    return out;
  }

  /** The different thresholds of nodes, lowest first. */
  private static float[] thresholds(List<LeafLayout.Node> nodes) {
    float[] all = new float[nodes.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = nodes.get(i).threshold();
    }
    Arrays.sort(all);
    int kept = 0;
    for (float threshold : all) {
      if (kept == 0 || threshold != all[kept - 1]) {
        all[kept++] = threshold;
      }
    }
    return Arrays.copyOf(all, kept);
  }

  /**
   * What each range of a feature's values rules out, as a code: 0 for nothing, the number of a row,
   * or the complement of {@value #MOST_BLOCKS} times the first block and how many follow it.
   */
  private static final class Codes {
    final int trees;
    final IntList cutAt = new IntList();
    final List<Float> cuts = new ArrayList<>();
    final IntList codes = new IntList();
    final IntList smallCodes = new IntList();
    final List<int[]> rows = new ArrayList<>();
    final IntList blockTree = new IntList();
    final IntList blockSet = new IntList();

    Codes(int trees) {
      this.trees = trees;
      rows.add(untouched());
      cutAt.add(0);
      codes.add(0);
      for (int i = 0; i < SMALL; i++) {
        smallCodes.add(0);
      }
    }

    /** Adds a feature; returns its place. */
    int add(List<LeafLayout.Node> nodes) {
      int first = codes.size;
      cutAt.add(cuts.size());
      codes.add(code(nodes, Float.NEGATIVE_INFINITY));
      float[] own = thresholds(nodes);
      for (float cut : own) {
        cuts.add(cut);
        codes.add(code(nodes, cut));
      }
      int range = 0;
      for (int value = 0; value < SMALL; value++) {
        while (range < own.length && value >= own[range]) {
          range++;
        }
        smallCodes.add(codes.items[first + range]);
      }
      return cutAt.size - 1;
    }

    private int[] untouched() {
      int[] sets = new int[trees];
      Arrays.fill(sets, -1);
      return sets;
    }

    /** The nodes of a tree stand together, so that each tree comes once. */
    private int code(List<LeafLayout.Node> nodes, float value) {
      int from = blockTree.size;
      for (LeafLayout.Node node : nodes) {
        if (value < node.threshold() != node.defaultLeft()) {
          int last = blockTree.size - 1;
          if (last >= from && blockTree.items[last] == node.tree()) {
            blockSet.items[last] &= node.set();
          } else {
            blockTree.add(node.tree());
            blockSet.add(node.set());
          }
        }
      }
      int touched = blockTree.size - from;
      return touched == 0 ? 0 : touched > BLOCK * MOST_BLOCKS ? row(from) : blocks(from);
    }

    private int row(int from) {
      int[] sets = untouched();
      for (int i = from; i < blockTree.size; i++) {
        sets[blockTree.items[i]] = blockSet.items[i];
      }
      blockTree.size = from;
      blockSet.size = from;
      rows.add(sets);
      return rows.size() - 1;
    }

    private int blocks(int from) {
      for (int t = 0; blockTree.size % BLOCK != 0; t++) {
        blockTree.add(t % trees); // Different trees, for one after the other would have to wait.
        blockSet.add(-1);
      }
      int first = from / BLOCK;
      return ~(first * MOST_BLOCKS + blockTree.size / BLOCK - first - 1);
    }
  }

  Scratch scratch() {
    return new Scratch(leafAt.length, cutAt.length - 2);
  }

  /** Adds the trees up; returns whether any feature of the line is one that the trees ask for. */
  boolean sums(FeatureVector in, Scratch own, float[] sums) {
    int known = asked(in, own);
    rule(known, own);
    for (int c = 0; c + 4 <= classes; c += 4) {
      add(own.alive, c, sums);
    }
    for (int c = classes & ~3; c < classes; c++) {
      float sum = base;
      for (int t = c * rounds, end = t + rounds; t < end; t++) {
        sum += leaf(own.alive, t);
      }
      sums[c] = sum;
    }
    return known > 0;
  }

  private int asked(FeatureVector in, Scratch own) {
    final int[] asked = own.asked;
    final float[] values = own.values;
    int known = 0;
    for (int i = 0, size = in.size(); i < size; i++) {
      int at = place[in.index(i)];
      asked[known] = at;
      values[known] = in.value(i);
      known += -at >>> 31;
    }
    return known;
  }

  private void rule(int known, Scratch own) {
    final int[] some = own.rows;
    final int[] blocks = own.blocks;
    int rowCount = 0;
    int blockCount = 0;
    for (int i = 0; i < known; i++) {
      int code = code(own.asked[i], own.values[i]);
      some[rowCount] = code;
      rowCount += -code >>> 31;
      int block = ~code / MOST_BLOCKS;
      blocks[blockCount] = block;
      blocks[blockCount + 1] = block + 1;
      blocks[blockCount + 2] = block + 2;
      blocks[blockCount + 3] = block + 3;
      blockCount += code >> 31 & (~code & MOST_BLOCKS - 1) + 1;
    }
    final int[] alive = own.alive;
    Arrays.fill(some, rowCount, rowCount + 4, 0);
    set(alive, rows[some[0]], rows[some[1]], rows[some[2]], rows[some[3]]);
    for (int n = 4; n < rowCount; n += 4) {
      and(alive, rows[some[n]], rows[some[n + 1]], rows[some[n + 2]], rows[some[n + 3]]);
    }
    for (int i = 0; i < blockCount; i++) {
      int at = blocks[i] * BLOCK;
      for (int k = at; k < at + BLOCK; k++) {
        alive[blockTree[k]] &= blockSet[k];
      }
    }
  }

  private int code(int at, float value) {
    int whole = (int) value;
    if (whole == value && (whole & -SMALL) == 0) {
      return smallCodes[at * SMALL + whole];
    }
    int cut = cutAt[at];
    int range = cut + at;
    for (int end = cutAt[at + 1]; cut < end && value >= cuts[cut]; cut++) {
      range++;
    }
    return codes[range];
  }

  private static void set(int[] out, int[] a, int[] b, int[] c, int[] d) {
    for (int i = 0; i < out.length; i++) {
      out[i] = a[i] & b[i] & c[i] & d[i];
    }
  }

  private static void and(int[] out, int[] a, int[] b, int[] c, int[] d) {
    for (int i = 0; i < out.length; i++) {
      out[i] &= a[i] & b[i] & c[i] & d[i];
    }
  }

  /** Four classes at a time, because each addition waits for the one before. */
  private void add(int[] alive, int c, float[] sums) {
    final int n = rounds;
    float s0 = base;
    float s1 = base;
    float s2 = base;
    float s3 = base;
    for (int t = c * n, end = t + n; t < end; t++) {
      s0 += leaf(alive, t);
      s1 += leaf(alive, t + n);
      s2 += leaf(alive, t + 2 * n);
      s3 += leaf(alive, t + 3 * n);
    }
    sums[c] = s0;
    sums[c + 1] = s1;
    sums[c + 2] = s2;
    sums[c + 3] = s3;
  }

  private float leaf(int[] alive, int t) {
    return leaves[leafAt[t] + Integer.numberOfTrailingZeros(alive[t])];
  }
}
