package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import org.junit.jupiter.api.Test;

class CalmLinesTest {
  @Test
  void anInfoLineOfUnknownWordsIsHealthyAndNoTextIsUnknown() {
    try (Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(TreeLogClassifier.loadDefault())
            .build()) {
      assertThat(copilot.classify("2026-01-05 10:00:00 INFO zyx qwv brt").category())
          .isEqualTo(Category.NONE);
      assertThat(copilot.classify("").category()).isEqualTo(Category.UNKNOWN);
    }
  }
}
