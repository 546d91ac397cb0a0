package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.classifier.WindowIssueDetector;
import io.devopscopilot.collector.FileLogSource;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Plays a log file to the detector and prints each issue when it is first seen or predicted. */
public final class PredictFromFile {
  private PredictFromFile() {}

  /**
   * Predicts.
   *
   * @param args log files
   */
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      System.err.println("usage: PredictFromFile FILE...");
      return;
    }
    FileLogSource.Builder files = FileLogSource.builder();
    for (String file : args) {
      files.path(Path.of(file));
    }
    Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(TreeLogClassifier.loadDefault())
            .build();
    WindowIssueDetector detector = new WindowIssueDetector();
    Set<String> seen = new HashSet<>();
    try (LogSource source = files.build()) {
      int n = 0;
      while (n != LogSource.ENDED) {
        n =
            source.poll(
                record ->
                    detector.observe(record, copilot.classify(record), issue -> print(issue, seen)),
                1_000);
      }
    }
    copilot.close();
  }

  private static void print(Issue issue, Set<String> seen) {
    if (seen.add(issue.id() + issue.horizon().isZero())) {
      System.out.println(
          issue.updated()
              + (issue.horizon().isZero()
                  ? " happens: "
                  : " expected in " + issue.horizon().toSeconds() + " s: ")
              + issue.service()
              + " "
              + issue.category());
    }
  }
}
