package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.IssueTrainer;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.util.Map;
import java.util.function.Consumer;

/** Plays the kinds for training and validation, never those for reporting, and trains on them. */
final class TrainIssues {
  private TrainIssues() {}

  /**
   * Trains the issue model.
   *
   * @param repeats scenarios of each kind
   */
  static IssueTrainer.Trained train(long seed, int repeats, String id, Consumer<String> progress) {
    TreeLogClassifier classifier = TreeLogClassifier.loadDefault();
    Copilot copilot = LineModels.copilot(classifier);
    IssueTrainer trainer = new IssueTrainer().seed(seed).progress(progress);
    for (ScenarioKit.Kind kind : new ScenarioKit().kinds()) {
      boolean use = kind.varied() && kind.part() != ScenarioKit.Part.REPORT;
      for (int n = 1; use && n <= repeats; n++) {
        Scenario scenario = Scenario.of(kind, n, seed);
        IssueTrainer.Played played =
            trainer.play(
                new IssueTrainer.Scenario(
                    kind.name(),
                    kind.part() == ScenarioKit.Part.VALIDATION,
                    scenario.failure(),
                    scenario.service()));
        for (Scenario.Line line : scenario.lines()) {
          LogRecord record = line.record();
          Classification verdict = copilot.classify(record);
          played.observe(record, verdict);
        }
      }
    }
    return trainer.train(
        id,
        Map.of(
            "data.scenarios",
            "seed " + seed + ", " + repeats + " of each kind",
            "data.lines",
            classifier.model().sha256()));
  }
}
