package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.classifier.ClassifierTrainer;
import io.devopscopilot.classifier.IssueModel;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.classifier.LogRecipe;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.classifier.WindowIssueDetector;
import io.devopscopilot.features.TextFeatureExtractor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Loads line models and trains them anew for leaving groups out. */
final class LineModels {
  private LineModels() {}

  static TreeLogClassifier load(EvaluationOptions options) {
    return options.model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault);
  }

  /** A detector, by default with fixed bars. */
  static WindowIssueDetector detector(Optional<IssueModel> model) {
    return model.map(WindowIssueDetector::new).orElseGet(WindowIssueDetector::new);
  }

  static Copilot copilot(TreeLogClassifier classifier) {
    return Copilot.builder().features(new TextFeatureExtractor()).classifier(classifier).build();
  }

  /**
   * Trains one head on the corpus and these lines by the recipe of another model; the other head is
   * left blank.
   */
  static TreeLogClassifier trainLike(
      TreeLogClassifier recipe, String without, List<LabelledLine> lines, boolean severity) {
    List<LabelledLine> all = new ArrayList<>();
    for (LabelledLine line : TrainingCorpus.linesWithout(without, 42, TrainCommand.VARIANTS)) {
      all.add(half(line, severity));
    }
    for (LabelledLine line : lines) {
      all.add(half(line, severity));
    }
    return new ClassifierTrainer(new TextFeatureExtractor())
        .trainLike(LogRecipe.of(recipe), "left-out", all)
        .classifier();
  }

  private static LabelledLine half(LabelledLine line, boolean severity) {
    return new LabelledLine(
        line.system(),
        line.text(),
        severity ? line.severity() : Optional.empty(),
        severity ? Optional.empty() : line.category(),
        line.weight());
  }
}
