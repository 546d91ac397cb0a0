package io.devopscopilot.classifier;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.api.Verdict;
import java.nio.file.Path;
import java.util.List;

/**
 * A classifier whose model can be exchanged while it is in use. Thread-safe: a call is answered by
 * the old model or by the new one, never by a mixture; a model that can't be used is refused and
 * the old one stays.
 */
public final class SwappableLogClassifier implements LogClassifier {
  private volatile LogClassifier current;

  /** Starts with a model. */
  public SwappableLogClassifier(LogClassifier first) {
    this.current = first;
  }

  /**
   * Exchanges the model.
   *
   * @throws CopilotException if it was trained on other features or answers with other categories:
   *     whoever uses the classifier has made vectors and verdicts for the present ones
   */
  public void swap(LogClassifier next) {
    LogClassifier old = current;
    if (!next.schema().equals(old.schema())) {
      throw ModelFile.refused(
          next.model().id(),
          "it was trained on the features "
              + next.schema().id()
              + ", in use are "
              + old.schema().id());
    }
    if (!next.categories().equals(old.categories())) {
      throw ModelFile.refused(
          next.model().id(),
          "it knows the categories "
              + next.categories()
              + ", in use are "
              + old.categories()
              + ": start anew with it");
    }
    current = next;
  }

  /**
   * Reads a model file and exchanges the model.
   *
   * @throws CopilotException if the file is refused; the old model stays in service
   */
  public void load(Path file) {
    swap(TreeLogClassifier.load(file));
  }

  @Override
  public FeatureSchema schema() {
    return current.schema();
  }

  @Override
  public List<String> categories() {
    return current.categories();
  }

  @Override
  public Model model() {
    return current.model();
  }

  @Override
  public void classify(FeatureVector in, Verdict out) {
    current.classify(in, out);
  }

  @Override
  public List<Contribution> explain(FeatureVector in, int limit) {
    return current.explain(in, limit);
  }
}
