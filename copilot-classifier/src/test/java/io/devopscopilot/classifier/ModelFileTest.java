package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.ObjectOutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFileTest {
  @TempDir static Path folder;
  private static Path good;
  private static byte[] bytes;

  @BeforeAll
  static void train() throws Exception {
    good = folder.resolve("good.model");
    trained().write(good);
    bytes = Files.readAllBytes(good);
  }

  private static ClassifierTrainer.Trained trained() {
    return new ClassifierTrainer(new HashingExtractor())
        .compare(false)
        .train("test", SampleLines.make(1500, 3), Map.of("data.generated", "3"));
  }

  private static void refused(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("bad.model"), content);
    assertThatThrownBy(() -> TreeLogClassifier.load(file))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("bad.model is refused")
        .satisfies(e -> assertThat(e.getMessage().lines().count()).isEqualTo(1));
  }

  @Test
  void readsWhatWasWritten() {
    TreeLogClassifier classifier = TreeLogClassifier.load(good);
    assertThat(classifier.model().id()).isEqualTo("test");
    assertThat(classifier.model().sha256()).hasSize(64);
    assertThat(classifier.schema()).isEqualTo(new HashingExtractor().schema());
    assertThat(said(classifier, "disk crashed w1")).isEqualTo("ERROR storage");
    assertThat(said(classifier, "queue served w9")).isEqualTo("INFO none");
  }

  @Test
  void saysOfItselfHowItDidOnSystemsItHadNotSeen() {
    Map<String, String> details = TreeLogClassifier.load(good).model().details();
    long[][] confusion =
        Arrays.stream(details.get("severity.validation.confusion").split(";"))
            .map(row -> Arrays.stream(row.split(",")).mapToLong(Long::parseLong).toArray())
            .toArray(long[][]::new);
    int labels = details.get("severity.labels").split(",").length;
    assertThat(confusion).hasDimensions(labels, labels);
    double right = 0;
    double rows = 0;
    for (int truth = 0; truth < labels; truth++) {
      right += confusion[truth][truth];
      rows += Arrays.stream(confusion[truth]).sum();
    }
    assertThat(rows).isEqualTo(Double.parseDouble(details.get("severity.rows")));
    assertThat(Double.parseDouble(details.get("severity.validation.accuracy")))
        .isCloseTo(right / rows, Assertions.within(0.0001));
    assertThat(
            Arrays.stream(details.get("category.validation.calibration").split(";"))
                .mapToDouble(bin -> Double.parseDouble(bin.split(",")[2]))
                .sum())
        .isEqualTo(Double.parseDouble(details.get("category.rows")));
  }

  private static String said(TreeLogClassifier classifier, String line) {
    HashingExtractor extractor = new HashingExtractor();
    FeatureVector vector = new FeatureVector(extractor.schema());
    Verdict verdict = new Verdict(classifier.categories());
    extractor.extract(LogRecord.of(line), vector);
    classifier.classify(vector, verdict);
    return verdict.severity() + " " + verdict.category();
  }

  @Test
  void isUnknownOnlyWhereNoCategoryIsLikelyWhateverThePolicyDecidesFor() {
    assertThat(saidWith(Map.of("category.unknownBelow", "0.5"))).isEqualTo("ERROR storage");
    // The policy decides for a category of which the trees think little, but not next to nothing.
    Map<String, String> weighed =
        Map.of("category.unknownBelow", "0.5", "category.weight.none", "1000000000");
    assertThat(saidWith(weighed)).isEqualTo("ERROR storage");
    Map<String, String> anyhow = new TreeMap<>(weighed);
    anyhow.put("category.weightFrom", "0");
    assertThat(saidWith(anyhow)).isEqualTo("ERROR none");
    assertThat(saidWith(Map.of("category.unknownBelow", "1.1"))).isEqualTo("ERROR unknown");
  }

  private static String saidWith(Map<String, String> settings) {
    ModelFile file = ModelFile.read(good);
    Map<String, String> manifest = new TreeMap<>(file.manifest());
    manifest.putAll(settings);
    return said(new TreeLogClassifier(new ModelFile(manifest, file.heads())), "disk crashed w1");
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws Exception {
    Path again = folder.resolve("again.model");
    trained().write(again);
    assertThat(Files.readAllBytes(again)).isEqualTo(bytes);
  }

  @Test
  void refusesTruncatedFiles() throws Exception {
    for (int length : new int[] {0, 1, 7, 8, 39, 40, 43, 44, 100, bytes.length - 1}) {
      refused(Arrays.copyOf(bytes, length));
    }
    refused(Arrays.copyOf(bytes, bytes.length + 1));
  }

  @Test
  void refusesFilesWithOneFlippedBit() throws Exception {
    Random random = new Random(4);
    for (int i = 0; i < 60; i++) {
      byte[] copy = bytes.clone();
      copy[i < 48 ? i : random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
      refused(copy);
    }
  }

  @Test
  void refusesSerializedObjects() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
      objects.writeObject(new ArrayList<>(List.of("model")));
    }
    refused(out.toByteArray());
  }

  @Test
  void refusesTreesThatDoNotFitTheManifest() throws Exception {
    ModelFile file = ModelFile.read(good);
    for (Map.Entry<String, String> wrong :
        Map.of("schema.size", "99", "category.labels", "oom,none", "severity.labels", "A,B")
            .entrySet()) {
      Map<String, String> manifest = new TreeMap<>(file.manifest());
      manifest.put(wrong.getKey(), wrong.getValue());
      refused(new ModelFile(manifest, file.heads()).toBytes());
    }
  }

  @Test
  void refusesHostileContentWithARightDigest() throws Exception {
    ModelFile file = ModelFile.read(good);
    Random random = new Random(5);
    int survived = 0;
    for (int i = 0; i < 400; i++) {
      byte[] copy = bytes.clone();
      int at = 44 + random.nextInt(copy.length - 44);
      copy[at] = (byte) random.nextInt(256);
      byte[] body = Arrays.copyOfRange(copy, 40, copy.length);
      byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(body);
      System.arraycopy(digest, 0, copy, 8, 32);
      Path bad = Files.write(folder.resolve("hostile.model"), copy);
      try {
        said(TreeLogClassifier.load(bad), "disk crashed w1");
        survived++;
      } catch (CopilotException e) {
        assertThat(e).hasMessageContaining("is refused");
      }
    }
    assertThat(survived).isLessThanOrEqualTo(400);
    assertThat(file.heads().get(0).trees()).isPositive();
  }

  @Test
  void predictsWithoutTribuoOnTheClassPath() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.matches(".*(tribuo|xgboost|protobuf|olcut|onnx).*")) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> loader.loadClass("org.tribuo.Model"))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> type = loader.loadClass(Outside.class.getName());
      var method = type.getDeclaredMethod("judge", Path.class, String.class);
      method.setAccessible(true);
      assertThat(method.invoke(null, good, "disk crashed w1")).isEqualTo("ERROR storage");
    }
  }

  /** Runs behind another class loader. */
  static final class Outside {
    private Outside() {}

    static String judge(Path model, String line) {
      return said(TreeLogClassifier.load(model), line);
    }
  }
}
