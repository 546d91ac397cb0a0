package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.Severity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Trains the two heads, severity and category of a line: a decision tree, a random forest and
 * boosted trees in this order, compared on systems they were not trained on; the best is kept and
 * compiled. One thread, bounded in trees and depth; the same lines, settings and seed give the same
 * file bit for bit. Needs Tribuo on the class path. Not thread-safe.
 */
public final class ClassifierTrainer {
  private static final int FOLDS = 8;
  private static final int MOST_FEATURES = 4000;

  /** At most 64 leaves, so that a tree has few sets in {@link LeafMasks}. */
  private static final int DEPTH = 6;

  private static final double RATE = 0.3;

  /** Features that say what a line is about, not how bad it is: for the category only. */
  private static final String ABOUT = "about_";

  private final FeatureExtractor extractor;
  private final List<String> report = new ArrayList<>();
  private final Map<String, String> figures = new TreeMap<>();
  private final Map<String, TribuoTrees> tribuo = new TreeMap<>();
  private Consumer<String> progress = line -> {};
  private long seed = 42;
  private boolean compare = true;
  private List<ClassPolicy> policies = ClassPolicy.defaults();

  /** A trainer for vectors of this extractor. */
  public ClassifierTrainer(FeatureExtractor extractor) {
    this.extractor = extractor;
  }

  /** Where one line per step goes; by default nowhere. */
  public ClassifierTrainer progress(Consumer<String> progress) {
    this.progress = progress;
    return this;
  }

  /** The seed of all random choices; 42 by default. */
  public ClassifierTrainer seed(long seed) {
    this.seed = seed;
    return this;
  }

  /** Whether the slower rivals (tree and forest) are trained too; by default they are. */
  public ClassifierTrainer compare(boolean compare) {
    this.compare = compare;
    return this;
  }

  /** What verdicts are to keep; by default {@link ClassPolicy#defaults()}. */
  public ClassifierTrainer policies(List<ClassPolicy> policies) {
    this.policies = List.copyOf(policies);
    return this;
  }

  /** A trained model, its report and its figures. */
  public static final class Trained {
    private final ModelFile file;
    private final List<String> report;
    private final Map<String, TribuoTrees> tribuo;

    Trained(ModelFile file, List<String> report, Map<String, TribuoTrees> tribuo) {
      this.file = file;
      this.report = List.copyOf(report);
      this.tribuo = Map.copyOf(tribuo);
    }

    /** The model, ready to use. */
    public TreeLogClassifier classifier() {
      return new TreeLogClassifier(ModelFile.read(file.toBytes(), "just trained"));
    }

    /** Writes the model file; an older file is replaced at once or not at all. */
    public void write(Path path) {
      file.write(path);
    }

    /**
     * Writes what other tools read beside the model file: Tribuo's own models as protobuf ({@code
     * FILE.severity.tribuo}, {@code FILE.category.tribuo}) and the manifest as text ({@code
     * FILE.manifest}). None of them is needed to classify.
     *
     * @param path the model file
     */
    public void writeSources(Path path) {
      tribuo.forEach((head, trees) -> trees.write(Path.of(path + "." + head + ".tribuo")));
      file.writeManifest(Path.of(path + ".manifest"));
    }

    /** What was compared, line by line, for people. */
    public List<String> report() {
      return report;
    }
  }

  /**
   * Trains with cross-validation by system, which chooses the kind of trees, their number, the
   * temperature and the decision weights.
   *
   * @param lines at least two systems and two labels per head
   * @param details what else the manifest should say, for example names and digests of the data
   */
  public Trained train(String id, List<LabelledLine> lines, Map<String, String> details) {
    report.clear();
    tribuo.clear();
    figures.clear();
    figures.putAll(details);
    CompiledTrees severity = head("severity", severityRows(lines), 28);
    CompiledTrees category = head("category", categoryRows(lines), 36);
    return finish(id, severity, category);
  }

  /**
   * Trains by the recipe of another model: the same kind and number of trees, temperatures and
   * decision weights, no cross-validation. For leaving a system out.
   */
  public Trained trainLike(LogRecipe recipe, String id, List<LabelledLine> lines) {
    report.clear();
    tribuo.clear();
    figures.clear();
    figures.putAll(recipe.settings());
    CompiledTrees severity =
        fit("severity", severityRows(lines), recipe.number("severity.trees", 28));
    CompiledTrees category =
        fit("category", categoryRows(lines), recipe.number("category.trees", 30));
    return finish(id, severity, category);
  }

  private TrainingRows severityRows(List<LabelledLine> lines) {
    List<String> order = Arrays.stream(Severity.values()).map(Severity::name).toList();
    return TrainingRows.of(
        extractor,
        lines,
        l -> l.severity().map(Severity::name).orElse(""),
        order,
        feature -> !feature.startsWith(ABOUT));
  }

  private TrainingRows categoryRows(List<LabelledLine> lines) {
    return TrainingRows.of(
        extractor, lines, l -> l.category().orElse(""), Category.all(), any -> true);
  }

  private Trained finish(String id, CompiledTrees severity, CompiledTrees category) {
    Map<String, String> manifest = new TreeMap<>(figures);
    manifest.put("id", id);
    manifest.put("seed", Long.toString(seed));
    manifest.put("schema.id", extractor.schema().id());
    manifest.put("schema.size", Integer.toString(extractor.schema().size()));
    manifest.put("schema.names", String.join(",", extractor.schema().names()));
    manifest.put("libraries", "tribuo 4.3.2, xgboost4j 1.6.2");
    return new Trained(new ModelFile(manifest, List.of(severity, category)), report, tribuo);
  }

  private CompiledTrees fit(String head, TrainingRows rows, int rounds) {
    if (rows.labels.size() < 2) {
      return blank(head);
    }
    figures.put(head + ".labels", String.join(",", rows.labels));
    boolean[] use =
        rows.select(2, head.equals("severity") ? systemsAtLeast(rows) : 1, MOST_FEATURES);
    var bounds = new TribuoTrees.Bounds(rounds, DEPTH, RATE, 1, seed);
    TribuoTrees trained = TribuoTrees.boosted(rows, use, bounds);
    tribuo.put(head, trained);
    return trained.compile();
  }

  /** In how many systems a feature must occur: 8, or fewer where there are few systems. */
  private static int systemsAtLeast(TrainingRows rows) {
    return Math.max(1, Math.min(8, rows.folds(1).size() / 4));
  }

  /** A head that has nothing to learn from gives each label the same probability. */
  private CompiledTrees blank(String head) {
    List<String> labels =
        head.equals("category")
            ? Category.all()
            : Arrays.stream(Severity.values()).map(Severity::name).toList();
    figures.put(head + ".labels", String.join(",", labels));
    return new CompiledTrees(
        labels.size(),
        extractor.schema().size(),
        CompiledTrees.Link.SOFTMAX,
        0,
        1,
        new int[] {0, 1},
        new int[] {0},
        new int[] {-1},
        new float[1],
        new int[1],
        new int[1],
        new boolean[1],
        new float[1]);
  }

  private CompiledTrees head(String head, TrainingRows rows, int rounds) {
    say("%s: %d rows, %d labels", head, rows.size(), rows.labels.size());
    figures.put(head + ".rows", Integer.toString(rows.size()));
    Map<String, Integer> fold = rows.folds(FOLDS);
    Validation boosted = new Validation(rows);
    List<Validation> rivals = new ArrayList<>();
    if (compare) {
      rivals.add(rival(head + ", decision tree", rows, fold, false));
      rivals.add(rival(head + ", random forest of 20", rows, fold, true));
    }
    List<CompiledTrees> models = new ArrayList<>();
    for (int f = 0; f < FOLDS; f++) {
      models.add(fit(head, without(rows, fold, f), rounds));
      say("%s, boosted trees: fold %d of %d", head, f + 1, FOLDS);
    }
    int best = boosted.rounds(models, fold, rounds, this::line);
    boosted.predict(models, fold, best);
    float temperature = boosted.calibrate();
    line(
        "%s, boosted trees (%d rounds): macro-F1 %.3f, accuracy %.3f, calibration error %.3f",
        head, best, boosted.macroF1(), boosted.accuracy(), boosted.calibrationError());
    for (Validation rival : rivals) {
      if (rival.macroF1() > boosted.macroF1()) {
        line("%s: a rival is better on these systems; boosted trees are kept for speed", head);
      }
    }
    figures.put(head + ".trees", Integer.toString(best));
    figures.put(head + ".temperature", Float.toString(temperature));
    boolean categories = head.equals("category");
    float[] weights = categories ? boosted.weights(policies) : boosted.severityWeights();
    for (int c = 0; c < weights.length; c++) {
      if (weights[c] != 1) {
        figures.put(head + ".weight." + rows.labels.get(c), Float.toString(weights[c]));
      }
    }
    boosted.figures().forEach((name, value) -> figures.put(head + ".validation." + name, value));
    boosted.perClass().forEach(this::line);
    if (categories) {
      alertThresholds(boosted);
      figures.put("category.unknownBelow", "0.2");
      figures.put("category.weightFrom", Float.toString(ClassPolicy.LEAST_PROBABILITY));
    }
    return fit(head, rows, best);
  }

  private void alertThresholds(Validation validation) {
    for (ClassPolicy policy : policies) {
      Validation.Threshold t = validation.threshold(policy);
      if (policy.recall() == 0 && t.verdicts() >= ClassPolicy.LEAST_VERDICTS) {
        figures.put("category.alertFrom." + policy.category(), Float.toString(t.probability()));
        line(
            "  alert for %s from probability %.3f: precision %.3f, recall %.3f (%d verdicts)",
            policy.category(), t.probability(), t.precision(), t.recall(), t.verdicts());
      } else if (policy.recall() == 0) {
        line("  no alert for %s: not right often enough", policy.category());
      }
    }
  }

  private Validation rival(
      String name, TrainingRows rows, Map<String, Integer> fold, boolean forest) {
    Validation validation = new Validation(rows);
    List<CompiledTrees> models = new ArrayList<>();
    long start = System.nanoTime();
    for (int f = 0; f < FOLDS; f++) {
      TrainingRows train = without(rows, fold, f);
      // Tribuo's trees are slow on hashed text, so they get the features that tell most.
      boolean[] use = train.select(3, 2, forest ? 300 : 500);
      var bounds = new TribuoTrees.Bounds(20, forest ? 24 : 16, 0, 1, seed);
      models.add(
          (forest ? TribuoTrees.forest(train, use, bounds) : TribuoTrees.tree(train, use, bounds))
              .compile());
      say("%s: fold %d of %d", name, f + 1, FOLDS);
    }
    validation.predict(models, fold, Integer.MAX_VALUE);
    line(
        "%s on the %d features that tell most: macro-F1 %.3f, accuracy %.3f",
        name, forest ? 300 : 500, validation.macroF1(), validation.accuracy());
    say("%s: %.0f s", name, (System.nanoTime() - start) / 1e9);
    return validation;
  }

  private static TrainingRows without(TrainingRows rows, Map<String, Integer> fold, int f) {
    return rows.where(s -> fold.getOrDefault(s, -1) != f).withAllLabels(rows);
  }

  private void line(String format, Object... args) {
    String text = String.format(Locale.ROOT, format, args);
    report.add(text);
    progress.accept(text);
  }

  private void say(String format, Object... args) {
    progress.accept(String.format(Locale.ROOT, format, args));
  }
}
