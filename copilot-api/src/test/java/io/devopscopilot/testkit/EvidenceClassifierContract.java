package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.EvidenceClassifier;
import io.devopscopilot.api.EvidenceClassifier.Diagnosis;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What every {@link EvidenceClassifier} must do. */
public abstract class EvidenceClassifierContract {
  /** The classifier under test. */
  protected abstract EvidenceClassifier newClassifier() throws Exception;

  /** Evidence that the classifier knows the category of. */
  protected abstract List<Evidence> known();

  /** The category of {@link #known()}. */
  protected abstract String category();

  @Test
  @DisplayName("no pieces, and pieces without a line, are unknown")
  void nothingIsUnknown() throws Exception {
    assertThat(newClassifier().classify(List.of()).category()).isEqualTo(Category.UNKNOWN);
    assertThat(newClassifier().classify(List.of(new Evidence("logs", " \n"))).category())
        .isEqualTo(Category.UNKNOWN);
  }

  @Test
  @DisplayName("gives a distribution whose greatest part is the answer, and lines that exist")
  void distribution() throws Exception {
    List<Evidence> evidence = known();
    Diagnosis said = newClassifier().classify(evidence);
    assertThat(said.category()).isEqualTo(category());
    assertThat(said.probabilities().values()).allMatch(p -> p >= 0 && p <= 1);
    assertThat(said.probabilities().values().stream().mapToDouble(p -> p).sum())
        .isCloseTo(1, within(1e-6));
    assertThat(said.probability()).isEqualTo(said.probabilities().get(said.category()));
    assertThat(said.findings())
        .isNotEmpty()
        .allSatisfy(
            f -> {
              assertThat(evidence.get(f.piece()).text()).contains(f.line());
              assertThat(f.weight()).isPositive();
            })
        .isSortedAccordingTo((a, b) -> Double.compare(b.weight(), a.weight()));
  }

  @Test
  @DisplayName("endures a megabyte on one line, control characters and kinds it never heard of")
  void endures() throws Exception {
    EvidenceClassifier classifier = newClassifier();
    for (String text :
        List.of("x".repeat(1 << 20), "\u0000\uD800\r\t\u001b[31m", "a: b\n".repeat(50_000))) {
      Diagnosis said = classifier.classify(List.of(new Evidence("?", text)));
      assertThat(said.probability()).isBetween(0.0, 1.0);
    }
  }

  @Test
  @DisplayName("says the same on many threads at once")
  void threads() throws Exception {
    EvidenceClassifier classifier = newClassifier();
    Diagnosis alone = classifier.classify(known());
    assertThat(
            IntStream.range(0, 64).parallel().mapToObj(i -> classifier.classify(known())).toList())
        .allMatch(alone::equals);
  }
}
