package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.ClassifierTrainer;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trains a model on one's own labels, writes it, loads it and uses it. */
public final class TrainClassifier {
  private TrainClassifier() {}

  /**
   * Trains.
   *
   * @param args file of lines SYSTEM, tab, SEVERITY, tab, CATEGORY, tab, text; model file to write
   */
  public static void main(String[] args) throws Exception {
    if (args.length != 2) {
      System.err.println("usage: TrainClassifier LINES MODEL");
      return;
    }
    List<LabelledLine> lines = new ArrayList<>();
    for (String row : Files.readAllLines(Path.of(args[0]))) {
      String[] cells = row.split("\t", 4);
      lines.add(
          new LabelledLine(
              cells[0],
              cells[3],
              Optional.of(Severity.valueOf(cells[1])),
              Optional.of(cells[2]),
              1));
    }
    ClassifierTrainer.Trained trained =
        new ClassifierTrainer(new TextFeatureExtractor())
            .compare(false)
            .train("mine", lines, Map.of("data", args[0]));
    trained.write(Path.of(args[1]));
    Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(TreeLogClassifier.load(Path.of(args[1])))
            .build();
    System.out.println(copilot.classify("ERROR disk quota exceeded on /data"));
    copilot.close();
  }
}
