package io.devopscopilot.api;

import java.util.List;
import java.util.Map;

/** Decides on severity and category. Thread-safe; keeps nothing between records. */
public interface LogClassifier {
  /** The features it was trained on. */
  FeatureSchema schema();

  /** The category ids it can answer with, besides {@link Category#UNKNOWN}. */
  List<String> categories();

  /** Which model this is: the same object until another model takes over. */
  Model model();

  /**
   * Writes probabilities and decisions. Allocates nothing. A vector without any known feature gets
   * the category {@link Category#UNKNOWN}.
   *
   * @param in stays the caller's; must have been made with {@link #schema()}
   * @param out stays the caller's; must have been made with {@link #categories()}
   */
  void classify(FeatureVector in, Verdict out);

  /**
   * The features that moved the verdict most, strongest first, both heads; not for the hot path.
   * Empty for models that can't tell.
   *
   * @param limit at most so many per head, 1 or more
   */
  default List<Contribution> explain(FeatureVector in, int limit) {
    return List.of();
  }

  /**
   * What one feature did to one verdict.
   *
   * @param head {@code severity} or {@code category}
   * @param index position in the schema
   * @param weight how far it moved the score of the decided class; above 0 = towards it
   */
  record Contribution(String head, int index, double weight) {}

  /**
   * Which model decides.
   *
   * @param id short name for people, unique per training
   * @param sha256 digest of the model file in hex, empty for code without a file
   * @param details what else is known: training data, metrics, library versions
   */
  record Model(String id, String sha256, Map<String, String> details) {
    /** Copies the details. */
    public Model {
      details = Map.copyOf(details);
    }
  }
}
