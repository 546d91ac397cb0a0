package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The rows of one head: features, label, system, weight. Lines alike but for numbers count once.
 */
final class TrainingRows {
  /** Features that say something about the writer's habits or the moment, not about the meaning. */
  private static final Set<String> NOT_LEARNED = Set.of("hour_of_day", "cut");

  record Row(int[] index, float[] value, int label, String system, float weight) {}

  final FeatureSchema schema;
  final List<String> labels;
  final List<Row> rows;

  TrainingRows(FeatureSchema schema, List<String> labels, List<Row> rows) {
    this.schema = schema;
    this.labels = labels;
    this.rows = rows;
  }

  /**
   * Reads the features of the lines that have a label.
   *
   * @param label the label of a line, empty for none
   * @param order all labels in their order; those without a row are left out
   * @param learned the named features to learn from; hashed words are learned in any case
   */
  static TrainingRows of(
      FeatureExtractor extractor,
      List<LabelledLine> lines,
      Function<LabelledLine, String> label,
      List<String> order,
      Predicate<String> learned) {
    Set<String> present = new HashSet<>();
    lines.forEach(l -> present.add(label.apply(l)));
    List<String> labels = order.stream().filter(present::contains).toList();
    boolean[] left = new boolean[extractor.schema().size()];
    for (int i = 0; i < extractor.schema().names().size(); i++) {
      String name = extractor.schema().names().get(i);
      left[i] = NOT_LEARNED.contains(name) || !learned.test(name);
    }
    FeatureVector vector = new FeatureVector(extractor.schema());
    Set<List<Object>> seen = new HashSet<>();
    List<Row> rows = new ArrayList<>();
    for (LabelledLine line : lines) {
      int y = labels.indexOf(label.apply(line));
      if (y < 0) {
        continue;
      }
      extractor.extract(LogRecord.of(Instant.EPOCH, line.text(), Origin.UNKNOWN), vector);
      if (seen.add(List.of(line.system(), vector.fingerprint(), y))) {
        rows.add(row(vector, left, y, line));
      }
    }
    return new TrainingRows(extractor.schema(), labels, rows);
  }

  private static Row row(FeatureVector vector, boolean[] left, int y, LabelledLine line) {
    TreeMap<Integer, Float> sorted = new TreeMap<>();
    for (int i = 0; i < vector.size(); i++) {
      if (!left[vector.index(i)] && vector.value(i) != 0) {
        sorted.put(vector.index(i), vector.value(i));
      }
    }
    int[] index = new int[sorted.size()];
    float[] value = new float[index.length];
    int n = 0;
    for (var e : sorted.entrySet()) {
      index[n] = e.getKey();
      value[n++] = e.getValue();
    }
    return new Row(index, value, y, line.system(), (float) line.weight());
  }

  /** The rows of some systems. */
  TrainingRows where(Predicate<String> system) {
    return new TrainingRows(
        schema, labels, rows.stream().filter(r -> system.test(r.system())).toList());
  }

  /** These rows, and for each label that none of them has the first row of {@code all}. */
  TrainingRows withAllLabels(TrainingRows all) {
    boolean[] has = new boolean[labels.size()];
    rows.forEach(r -> has[r.label()] = true);
    List<Row> more = new ArrayList<>(rows);
    for (Row row : all.rows) {
      if (!has[row.label()]) {
        has[row.label()] = true;
        more.add(row);
      }
    }
    return new TrainingRows(schema, labels, more);
  }

  int size() {
    return rows.size();
  }

  /** Puts a row into a vector. */
  static void fill(Row row, FeatureVector vector) {
    vector.clear();
    for (int i = 0; i < row.index().length; i++) {
      vector.add(row.index()[i], row.value()[i]);
    }
  }

  /**
   * Which fold each system belongs to: the largest first into the smallest fold, equal ones by
   * name.
   */
  TreeMap<String, Integer> folds(int folds) {
    TreeMap<String, Integer> count = new TreeMap<>();
    rows.forEach(r -> count.merge(r.system(), 1, Integer::sum));
    List<String> systems = new ArrayList<>(count.keySet());
    systems.sort(
        (a, b) -> {
          int order =
              Integer.compare(
                  Objects.requireNonNull(count.get(b)), Objects.requireNonNull(count.get(a)));
          return order != 0 ? order : a.compareTo(b);
        });
    TreeMap<String, Integer> out = new TreeMap<>();
    int[] size = new int[folds];
    for (String system : systems) {
      int least = 0;
      for (int f = 1; f < folds; f++) {
        least = size[f] < size[least] ? f : least;
      }
      out.put(system, least);
      size[least] += Objects.requireNonNull(count.get(system));
    }
    return out;
  }

  /**
   * The features to learn from: those that occur in enough rows of enough systems (what only a few
   * programs say teaches their names, not what lines mean), at most {@code most} of them, the ones
   * that tell most about the label (mutual information) first. Words of rows that count more than
   * an ordinary one, such as corrections, come before all: they are of one program by nature.
   */
  boolean[] select(int rowsAtLeast, int systemsAtLeast, int most) {
    int size = schema.size();
    int[][] with = new int[size][];
    int[] total = new int[labels.size()];
    List<Set<String>> systems = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      systems.add(new HashSet<>());
    }
    for (Row row : rows) {
      total[row.label()]++;
      for (int i : row.index()) {
        if (with[i] == null) {
          with[i] = new int[labels.size()];
        }
        with[i][row.label()]++;
        systems.get(i).add(row.system());
      }
    }
    double[] score = new double[size];
    boolean[] chosen = new boolean[size];
    rows.stream().filter(r -> r.weight() > 1).forEach(r -> mark(chosen, r.index()));
    Integer[] order = new Integer[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
      score[i] =
          chosen[i]
              ? Double.MAX_VALUE
              : with[i] == null || systems.get(i).size() < systemsAtLeast
                  ? -1
                  : information(with[i], total, rows.size(), rowsAtLeast);
    }
    Arrays.sort(
        order,
        (a, b) -> {
          int by = Double.compare(score[b], score[a]);
          return by != 0 ? by : Integer.compare(a, b);
        });
    boolean[] out = new boolean[size];
    for (int i = 0; i < most && i < size && score[order[i]] >= 0; i++) {
      out[order[i]] = true;
    }
    return out;
  }

  private static void mark(boolean[] out, int[] indices) {
    for (int i : indices) {
      out[i] = true;
    }
  }

  private static double information(int[] with, int[] total, int rows, int rowsAtLeast) {
    int n = Arrays.stream(with).sum();
    if (n < rowsAtLeast) {
      return -1;
    }
    double sum = 0;
    for (int c = 0; c < with.length; c++) {
      sum += part(with[c], n, total[c], rows);
      sum += part(total[c] - with[c], rows - n, total[c], rows);
    }
    return sum;
  }

  private static double part(double both, double a, double b, double rows) {
    return both == 0 ? 0 : both / rows * Math.log(both * rows / (a * b));
  }

  /**
   * The weights of the rows: rare classes and small systems count more, by the square root, so that
   * neither one large class nor one large system decides.
   */
  float[] weights() {
    double[] perClass = new double[labels.size()];
    TreeMap<String, Double> perSystem = new TreeMap<>();
    for (Row row : rows) {
      perClass[row.label()]++;
      perSystem.merge(row.system(), 1.0, Double::sum);
    }
    float[] out = new float[rows.size()];
    double sum = 0;
    for (int i = 0; i < out.length; i++) {
      Row row = rows.get(i);
      double system = Objects.requireNonNull(perSystem.get(row.system()));
      double weight = row.weight() / Math.sqrt(perClass[row.label()]) / Math.pow(system, 0.3);
      out[i] = (float) weight;
      sum += weight;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] *= (float) (out.length / sum);
    }
    return out;
  }
}
