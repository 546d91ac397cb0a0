package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.api.Severity;
import io.devopscopilot.api.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides with trained trees in a flat form. Thread-safe; allocates nothing per record, and a few
 * KB once for each thread. Needs neither Tribuo nor XGBoost.
 *
 * <p>Where the text declares its severity, that is the verdict. The category is {@code unknown}
 * where the trees know none of the features or no category is probable enough; of a line that
 * declares itself INFO or DEBUG it is {@code none} then.
 */
public final class TreeLogClassifier implements LogClassifier {
  /** Probability given to a severity that the text declares: measured 0.999 and more. */
  static final float DECLARED = 0.996f;

  private static final String DEFAULT = "default.model";
  private static final Severity[] SEVERITIES = Severity.values();

  private final FeatureSchema schema;
  private final List<String> categories;
  private final Model model;
  private final Head severity;
  private final Head category;
  private final float unknownBelow;
  private final int none;
  private final ThreadLocal<Scratch> scratch;
  private final ThreadLocal<double[]> moved;

  private record Head(
      CompiledTrees trees, int[] labels, float temperature, float[] weights, float weightFrom) {
    static Head of(ModelFile file, String name, CompiledTrees trees, List<String> all) {
      List<String> own = file.list(name + ".labels");
      if (own.size() != trees.classes) {
        throw new IllegalArgumentException(
            name + " has " + own.size() + " labels for " + trees.classes + " classes");
      }
      int[] labels = new int[own.size()];
      float[] weights = new float[own.size()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = all.indexOf(own.get(i));
        if (labels[i] < 0) {
          throw new IllegalArgumentException("unknown " + name + " '" + own.get(i) + "'");
        }
        weights[i] = file.number(name + ".weight." + own.get(i), 1);
      }
      return new Head(
          trees,
          labels,
          file.number(name + ".temperature", 1),
          weights,
          file.number(name + ".weightFrom", 0));
    }

    /** Writes probabilities in the order of the labels; returns the decided label's place. */
    int decide(CompiledTrees.Scratch scratch, float[] own, float[] out) {
      trees.probabilities(scratch, temperature, own);
      int best = 0;
      float most = -1;
      for (int i = 0; i < labels.length; i++) {
        out[labels[i]] = own[i];
        float weighed = own[i] < weightFrom ? own[i] : own[i] * weights[i];
        if (weighed > most) {
          most = weighed;
          best = labels[i];
        }
      }
      return best;
    }
  }

  private record Scratch(
      CompiledTrees.Scratch severity, CompiledTrees.Scratch category, float[] s, float[] c) {}

  TreeLogClassifier(ModelFile file) {
    this.schema = file.schema();
    this.categories = file.list("category.labels");
    this.none = categories.indexOf(Category.NONE);
    List<CompiledTrees> heads = file.heads();
    if (heads.size() != 2) {
      throw new IllegalArgumentException("it has " + heads.size() + " heads, must have 2");
    }
    this.severity = Head.of(file, "severity", heads.get(0), severityNames());
    this.category = Head.of(file, "category", heads.get(1), categories);
    this.unknownBelow = file.number("category.unknownBelow", 0);
    if (heads.get(0).features != schema.size() || heads.get(1).features != schema.size()) {
      throw new IllegalArgumentException(
          "trees for "
              + heads.get(0).features
              + " and "
              + heads.get(1).features
              + " features, but the schema has "
              + schema.size());
    }
    Map<String, String> details = new TreeMap<>(file.manifest());
    details.remove("schema.names");
    this.model = new Model(file.text("id", "unnamed"), file.text("sha256", ""), details);
    this.moved = ThreadLocal.withInitial(() -> new double[schema.size()]);
    this.scratch =
        ThreadLocal.withInitial(
            () ->
                new Scratch(
                    severity.trees.scratch(),
                    category.trees.scratch(),
                    new float[severity.labels.length],
                    new float[category.labels.length]));
  }

  private static List<String> severityNames() {
    List<String> names = new ArrayList<>();
    for (Severity s : SEVERITIES) {
      names.add(s.name());
    }
    return names;
  }

  /** The model that comes with this library. */
  public static TreeLogClassifier loadDefault() {
    try (InputStream in = TreeLogClassifier.class.getResourceAsStream(DEFAULT)) {
      if (in == null) {
        throw new CopilotException("this build has no default model: train one and load its file");
      }
      return of(ModelFile.read(in.readAllBytes(), DEFAULT), DEFAULT);
    } catch (IOException e) {
      throw new CopilotException("the default model can't be read: " + e, e);
    }
  }

  /**
   * Reads a trained model.
   *
   * @throws CopilotException in one line, where the file is missing, truncated, changed, a
   *     serialized Java object, or not a model of this version
   */
  public static TreeLogClassifier load(Path file) {
    return of(ModelFile.read(file), file.toString());
  }

  /**
   * Reads a trained model from the bytes of its file; for those who get it over a network.
   *
   * @param name what to call it in an error
   * @throws CopilotException as {@link #load(Path)}
   */
  public static TreeLogClassifier load(byte[] file, String name) {
    return of(ModelFile.read(file, name), name);
  }

  private static TreeLogClassifier of(ModelFile file, String name) {
    try {
      return new TreeLogClassifier(file);
    } catch (IllegalArgumentException e) {
      throw ModelFile.refused(name, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public FeatureSchema schema() {
    return schema;
  }

  @Override
  public List<String> categories() {
    return categories;
  }

  @Override
  public Model model() {
    return model;
  }

  @Override
  public void classify(FeatureVector in, Verdict out) {
    Scratch own = scratch.get();
    float[] probabilities = out.severityProbabilities();
    int decided = in.declaredOrdinal();
    if (decided >= 0) {
      for (int i = 0; i < probabilities.length; i++) {
        probabilities[i] = (1 - DECLARED) / (probabilities.length - 1);
      }
      probabilities[decided] = DECLARED;
    } else {
      severity.trees.sums(in, own.severity);
      decided = severity.decide(own.severity, own.s, probabilities);
    }
    boolean known = category.trees.sums(in, own.category);
    probabilities = out.categoryProbabilities();
    int what = category.decide(own.category, own.c, probabilities);
    boolean sure = known && most(probabilities) >= unknownBelow;
    boolean calm = in.declaredOrdinal() >= 0 && in.declaredOrdinal() <= Severity.INFO.ordinal();
    out.decide(decided, sure ? what : calm ? none : -1);
  }

  private static float most(float[] probabilities) {
    float most = 0;
    for (float p : probabilities) {
      most = Math.max(most, p);
    }
    return most;
  }

  @Override
  public List<Contribution> explain(FeatureVector in, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    Verdict verdict = new Verdict(categories);
    classify(in, verdict);
    List<Contribution> out = new ArrayList<>();
    if (in.declaredOrdinal() < 0) {
      explain(in, "severity", severity, verdict.severity().ordinal(), limit, out);
    }
    if (verdict.categoryIndex() >= 0) {
      explain(in, "category", category, verdict.categoryIndex(), limit, out);
    }
    return out;
  }

  private void explain(
      FeatureVector in, String name, Head head, int label, int limit, List<Contribution> out) {
    int of = 0;
    while (head.labels[of] != label) {
      of++;
    }
    double[] sums = moved.get();
    head.trees.contributions(in, of, sums);
    List<Contribution> all = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      int index = in.index(i);
      if (sums[index] != 0) {
        all.add(new Contribution(name, index, sums[index]));
        sums[index] = 0; // for the next one: only what the line has was added to
      }
    }
    all.sort(
        Comparator.comparingDouble((Contribution c) -> -Math.abs(c.weight()))
            .thenComparingInt(Contribution::index));
    out.addAll(all.subList(0, Math.min(limit, all.size())));
  }
}
