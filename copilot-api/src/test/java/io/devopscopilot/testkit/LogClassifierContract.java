package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.api.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What every {@link LogClassifier} must do; extend it and say how one is made. */
public abstract class LogClassifierContract {
  /** The classifier. */
  protected abstract LogClassifier newClassifier();

  /** The extractor whose features it was trained on. */
  protected abstract FeatureExtractor newExtractor();

  /** Vectors of random features, a few and very many, with ordinary and with extreme values. */
  private static List<FeatureVector> vectors(LogClassifier classifier) {
    SplittableRandom random = new SplittableRandom(7);
    List<FeatureVector> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      FeatureVector vector = new FeatureVector(classifier.schema());
      int features = i % 20 == 0 ? 900 : 1 + random.nextInt(30);
      for (int n = 0; n < features; n++) {
        float value = i % 10 == 9 ? Float.MAX_VALUE / 8 : random.nextInt(4);
        vector.add(random.nextInt(classifier.schema().size()), value);
      }
      all.add(vector);
    }
    return all;
  }

  private static Classification classify(LogClassifier classifier, FeatureVector vector) {
    Verdict verdict = new Verdict(classifier.categories());
    classifier.classify(vector, verdict);
    return verdict.snapshot(0, "contract");
  }

  @Test
  void fitsItsExtractor() {
    assertThat(newClassifier().schema()).isEqualTo(newExtractor().schema());
    assertThat(newClassifier().categories()).isNotEmpty().doesNotContain(Category.UNKNOWN);
    assertThat(newClassifier().model().id()).isNotBlank();
  }

  @Test
  void probabilitiesAreProbabilities() {
    LogClassifier classifier = newClassifier();
    for (FeatureVector vector : vectors(classifier)) {
      Classification c = classify(classifier, vector);
      assertThat(c.severityProbabilities().values()).allMatch(p -> p >= 0 && p <= 1);
      assertThat(c.categoryProbabilities().values()).allMatch(p -> p >= 0 && p <= 1);
      double sum = c.severityProbabilities().values().stream().mapToDouble(p -> p).sum();
      assertThat(sum).isCloseTo(1, offset(1e-4));
    }
  }

  @Test
  void keepsNothingBetweenVectors() {
    LogClassifier classifier = newClassifier();
    List<FeatureVector> vectors = vectors(classifier);
    List<String> forwards = new ArrayList<>();
    vectors.forEach(v -> forwards.add(0, classify(classifier, v).toString()));
    List<String> backwards = new ArrayList<>();
    for (int i = vectors.size() - 1; i >= 0; i--) {
      backwards.add(classify(classifier, vectors.get(i)).toString());
    }
    assertThat(backwards).isEqualTo(forwards);
  }

  @Test
  void saysUnknownWhenItKnowsNothing() {
    LogClassifier classifier = newClassifier();
    FeatureVector empty = new FeatureVector(classifier.schema());
    assertThat(classify(classifier, empty).category()).isEqualTo(Category.UNKNOWN);
  }

  @Test
  void explainsWithFeaturesThatAreThere() {
    LogClassifier classifier = newClassifier();
    for (FeatureVector vector : vectors(classifier).subList(1, 20)) {
      List<LogClassifier.Contribution> all = classifier.explain(vector, 3);
      assertThat(all).hasSizeLessThanOrEqualTo(6);
      assertThat(all).allMatch(c -> c.head().equals("severity") || c.head().equals("category"));
      assertThat(all).allMatch(c -> c.index() >= 0 && c.index() < vector.schema().size());
    }
  }

  @Test
  void threadsDoNotDisturbEachOther() throws InterruptedException {
    LogClassifier classifier = newClassifier();
    List<FeatureVector> vectors = vectors(classifier);
    List<String> expected = vectors.stream().map(v -> classify(classifier, v).toString()).toList();
    AtomicReference<String> odd = new AtomicReference<>();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      int first = t;
      threads[t] =
          new Thread(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  int n = (i + first * 50) % vectors.size();
                  String got = classify(classifier, vectors.get(n)).toString();
                  if (!got.equals(expected.get(n))) {
                    odd.set(got);
                  }
                }
              });
      threads[t].start();
    }
    for (Thread thread : threads) {
      thread.join(120_000);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(odd.get()).isNull();
  }
}
