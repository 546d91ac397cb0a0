package io.devopscopilot.classifier;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Gives trees their places class by class and each leaf its bit: the default child of a node always
 * comes first. A tree of more than {@value #LEAVES} leaves becomes several, each with some of the
 * leaves and 0 in place of the others.
 */
final class LeafLayout {
  static final int LEAVES = 32;

  /** A node: the tree it is in, and the leaves that stay when it decides against its default. */
  record Node(float threshold, boolean defaultLeft, int tree, int set) {}

  /** Places of a class, the same number for each; a place without a tree says 0. */
  final int rounds;

  final int[] leafAt;
  final List<Float> leaves = new ArrayList<>(List.of(0f));

  /** The nodes that ask for a feature: none for most. */
  final List<List<Node>> asking;

  private final CompiledTrees trees;
  private final int[] under;
  private int place;

  /** Whether trees can be laid out: one value per leaf, at most one parent a node, not too deep. */
  static boolean fits(CompiledTrees trees) {
    int[] depth = new int[trees.feature.length];
    int[] parents = new int[trees.feature.length];
    boolean fits = trees.width == 1;
    for (int n = 0; n < depth.length; n++) {
      if (trees.feature[n] >= 0) {
        for (int child : new int[] {trees.left[n], trees.right[n]}) {
          depth[child] = depth[n] + 1;
          parents[child]++;
          fits &= depth[child] < LEAVES && parents[child] == 1;
        }
      }
    }
    return fits;
  }

  LeafLayout(CompiledTrees trees) {
    this.trees = trees;
    under = new int[trees.feature.length];
    for (int n = under.length - 1; n >= 0; n--) {
      under[n] = trees.feature[n] < 0 ? 1 : under[trees.left[n]] + under[trees.right[n]];
    }
    asking = new ArrayList<>(Collections.nCopies(trees.features, List.of()));
    int[] places = new int[trees.classes];
    for (int t = 0; t < trees.trees(); t++) {
      places[trees.treeClass[t]] += places(trees.treeStart[t], 0);
    }
    rounds = Arrays.stream(places).max().orElse(0);
    leafAt = new int[trees.classes * rounds];
    for (int c = 0; c < trees.classes; c++) {
      place = c * rounds;
      for (int t = 0; t < trees.trees(); t++) {
        if (trees.treeClass[t] == c) {
          split(new ArrayList<>(), trees.treeStart[t]);
        }
      }
    }
  }

  private boolean whole(int node, int depth) {
    return under[node] + depth <= LEAVES;
  }

  private int places(int node, int depth) {
    return whole(node, depth)
        ? 1
        : places(trees.left[node], depth + 1) + places(trees.right[node], depth + 1);
  }

  private void split(List<Integer> path, int node) {
    boolean whole = whole(node, path.size());
    path.add(node);
    if (whole) {
      leafAt[place] = leaves.size();
      lay(path, path.get(0), 0);
      place++;
    } else {
      split(path, trees.left[node]);
      split(path, trees.right[node]);
    }
    path.remove(path.size() - 1);
  }

  /** Lays the leaves below the end of the path; what is not on the way there becomes one 0. */
  private void lay(List<Integer> path, int node, int depth) {
    int feature = trees.feature[node];
    if (depth < path.size() && path.get(depth) != node) {
      leaves.add(0f);
    } else if (feature < 0) {
      leaves.add(trees.values[node]);
    } else {
      boolean left = trees.defaultLeft[node];
      int from = leaves.size() - leafAt[place];
      lay(path, left ? trees.left[node] : trees.right[node], depth + 1);
      int to = leaves.size() - leafAt[place];
      int set = ~(-1 >>> (LEAVES - (to - from)) << from);
      List<Node> nodes = asking.get(feature);
      if (nodes.isEmpty()) {
        nodes = new ArrayList<>();
        asking.set(feature, nodes);
      }
      nodes.add(new Node(trees.threshold[node], left, place, set));
      lay(path, left ? trees.right[node] : trees.left[node], depth + 1);
    }
  }
}
