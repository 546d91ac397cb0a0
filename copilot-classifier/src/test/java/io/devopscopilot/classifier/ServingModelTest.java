package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;

/** Models that are exchanged and remembered while they serve. */
class ServingModelTest {
  @TempDir private static Path folder;
  private static Path first;
  private static Path second;

  @BeforeAll
  static void train() {
    first = write("first", 3);
    second = write("second", 4);
  }

  private static Path write(String id, long seed) {
    Path file = folder.resolve(id + ".model");
    ClassifierTrainer.Trained trained =
        new ClassifierTrainer(new HashingExtractor())
            .compare(false)
            .train(id, SampleLines.make(1500, seed), Map.of("data.generated", "x"));
    trained.write(file);
    trained.writeSources(file);
    return file;
  }

  @Test
  void swapsUnderLoadAndEveryVerdictNamesItsModel() throws Exception {
    var serving = new SwappableLogClassifier(TreeLogClassifier.load(first));
    Copilot copilot =
        Copilot.builder().features(new HashingExtractor()).classifier(serving).build();
    Map<String, Double> expected = new ConcurrentHashMap<>();
    for (Path file : List.of(first, second)) {
      serving.load(file);
      Classification c = copilot.classify("disk crashed w1");
      expected.put(c.model(), c.severityProbability());
    }
    assertThat(expected).containsOnlyKeys("first", "second");
    AtomicBoolean end = new AtomicBoolean();
    AtomicBoolean mixed = new AtomicBoolean();
    Thread reader =
        new Thread(
            () -> {
              while (!end.get()) {
                Classification c = copilot.classify("disk crashed w1");
                if (expected.get(c.model()) != c.severityProbability()) {
                  mixed.set(true);
                }
              }
            });
    reader.start();
    for (int i = 0; i < 100; i++) {
      serving.load(i % 2 == 0 ? first : second);
    }
    end.set(true);
    reader.join();
    assertThat(mixed).isFalse();
  }

  @Test
  void aBadFileLeavesTheOldModelInService() throws Exception {
    var serving = new SwappableLogClassifier(TreeLogClassifier.load(first));
    byte[] bytes = Files.readAllBytes(second);
    bytes[bytes.length / 2] ^= 1;
    Path bad = Files.write(folder.resolve("bad.model"), bytes);
    assertThatThrownBy(() -> serving.load(bad))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("SHA-256");
    assertThatThrownBy(() -> serving.swap(TreeLogClassifier.loadDefault()))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("trained on the features");
    assertThat(serving.model().id()).isEqualTo("first");
  }

  @Test
  void rememberedVerdictsAreThoseOfTheClassifier() {
    TreeLogClassifier plain = TreeLogClassifier.load(first);
    var serving = new SwappableLogClassifier(plain);
    var cached = new CachedLogClassifier(serving);
    HashingExtractor extractor = new HashingExtractor();
    FeatureVector vector = new FeatureVector(extractor.schema());
    List<LabelledLine> lines = SampleLines.make(4000, 9);
    for (int round = 0; round < 3; round++) {
      TreeLogClassifier model = round < 2 ? plain : TreeLogClassifier.load(second);
      serving.swap(model);
      for (LabelledLine line : lines) {
        Verdict own = new Verdict(model.categories());
        Verdict remembered = new Verdict(model.categories());
        Arrays.fill(remembered.categoryProbabilities(), -1);
        extractor.extract(io.devopscopilot.api.LogRecord.of(line.text()), vector);
        model.classify(vector, own);
        cached.classify(vector, remembered);
        assertThat(remembered.severity()).isEqualTo(own.severity());
        assertThat(remembered.categoryIndex()).isEqualTo(own.categoryIndex());
        assertThat(remembered.categoryProbabilities()).isEqualTo(own.categoryProbabilities());
        assertThat(remembered.severityProbabilities()).isEqualTo(own.severityProbabilities());
      }
    }
    assertThat(cached.hits() + cached.misses()).isEqualTo(3L * lines.size());
    assertThat(cached.hits()).isGreaterThan(lines.size() / 2);
  }

  @Test
  void tribuosOwnModelsAndTheManifestStandBesideTheFile() throws Exception {
    Model<?> model = Model.deserializeFromFile(Path.of(first + ".severity.tribuo"));
    assertThat(model.getOutputIDInfo().size()).isPositive();
    assertThat(Path.of(first + ".category.tribuo")).isNotEmptyFile();
    assertThat(Files.readString(Path.of(first + ".manifest")))
        .contains("schema.id=")
        .contains("data.generated=x")
        .contains("libraries=tribuo")
        .contains("sha256=" + TreeLogClassifier.load(first).model().sha256());
  }
}
