package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.SwappableLogClassifier;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.Correction;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrainerTest {
  @TempDir private Path folder;

  @Test
  void whatPeopleSaidIsLearnedAndKeptOnlyWhereNothingGetsWorse() {
    Path file = folder.resolve("corrected.model");
    try (DuckDbLogStore store = DuckDbLogStore.open(folder.resolve("logs.duckdb"))) {
      TreeLogClassifier first = Retrainer.first(file);
      SwappableLogClassifier serving = new SwappableLogClassifier(first);
      Retrainer retrainer = new Retrainer(store, serving, first, file);
      assertThatThrownBy(retrainer::start)
          .isInstanceOf(CopilotException.class)
          .hasMessageContaining("must be 5 or more");
      for (int i = 0; i < 20; i++) {
        store.correct(
            new Correction(
                i,
                "flux capacitor of unit " + i + " wobbles, gigawatt intake misaligned",
                Optional.of(Severity.ERROR),
                Optional.of("app_error")));
      }
      assertThat(retrainer.start()).isTrue();
      assertThat(retrainer.start()).as("one at a time").isFalse();
      long end = System.nanoTime() + Duration.ofMinutes(10).toNanos();
      while (retrainer.state().startsWith("training")) {
        assertThat(System.nanoTime()).as("in time").isLessThan(end);
        LockSupport.parkNanos(20_000_000);
      }
      boolean swapped = retrainer.state().startsWith("the new model serves");
      assertThat(retrainer.state()).contains("corrections kept from the training");
      assertThat(Files.exists(file)).isEqualTo(swapped);
      Copilot copilot =
          Copilot.builder().features(new TextFeatureExtractor()).classifier(serving).build();
      if (swapped) {
        var said =
            copilot.classify("flux capacitor of unit 99 wobbles, gigawatt intake misaligned");
        assertThat(said.severity()).isEqualTo(Severity.ERROR);
        assertThat(said.model()).isEqualTo("corrected-20");
        assertThat(Retrainer.first(file).model().id()).isEqualTo("corrected-20");
      } else {
        assertThat(copilot.model().sha256())
            .isEqualTo(TreeLogClassifier.loadDefault().model().sha256());
      }
    }
  }

  @Test
  void aDamagedFileLeavesTheDefaultModelInService() throws Exception {
    Path file = Files.writeString(folder.resolve("corrected.model"), "no model at all");
    assertThat(Retrainer.first(file).model().sha256())
        .isEqualTo(TreeLogClassifier.loadDefault().model().sha256());
  }
}
