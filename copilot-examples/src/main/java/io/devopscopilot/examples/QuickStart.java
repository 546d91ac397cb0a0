package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;

/** Classifies lines inside any Java program: no files, no threads, no network. */
public final class QuickStart {
  private QuickStart() {}

  /** Prints the verdict on one line. */
  public static void main(String[] args) {
    Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(TreeLogClassifier.loadDefault())
            .build();
    Classification verdict = copilot.classify("OOMKilled: container api exceeded memory limit");
    System.out.println(verdict.severity() + " " + verdict.category()); // ERROR oom
    copilot.close();
  }
}
