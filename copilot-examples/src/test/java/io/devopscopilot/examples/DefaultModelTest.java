package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DefaultModelTest {
  private static final TreeLogClassifier CLASSIFIER = TreeLogClassifier.loadDefault();
  private static final Copilot COPILOT =
      Copilot.builder().features(new TextFeatureExtractor()).classifier(CLASSIFIER).build();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "OOMKilled: container api exceeded memory limit|ERROR|oom",
        "java.lang.OutOfMemoryError: Java heap space|ERROR|oom",
        "Failed to pull image \"shop/web:1.9\": manifest unknown|ERROR|image_pull",
        "error: failed to connect: dial tcp: lookup db.prod on 10.0.0.10:53: no such host|ERROR|network_dns",
        "GET /index.html 200 12ms|INFO|none"
      })
  void judgesPlainLines(String line, Severity severity, String category) {
    Classification verdict = COPILOT.classify(line);
    assertThat(verdict.severity()).isEqualTo(severity);
    assertThat(verdict.category()).isEqualTo(category);
  }

  @Test
  void saysUnknownWithoutAnyKnownFeature() {
    assertThat(COPILOT.classify("").category()).isEqualTo(Category.UNKNOWN);
  }

  @Test
  void probabilitiesAddUpToOne() {
    Classification verdict = COPILOT.classify("connection refused by 10.0.0.1:5432");
    assertThat(verdict.severityProbabilities().values().stream().mapToDouble(d -> d).sum())
        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
    assertThat(verdict.categoryProbabilities().values().stream().mapToDouble(d -> d).sum())
        .isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5));
  }

  @Test
  void saysTheSameWhateverItExplainedBefore() {
    LogRecord first = LogRecord.of("Failed to pull image: manifest unknown, out of memory");
    LogRecord second = LogRecord.of("out of memory: killed process 7, failed to start");
    List<Classification.Reason> reasons = COPILOT.explain(first, 5);
    assertThat(COPILOT.explain(second, 5)).isNotEmpty().isNotEqualTo(reasons);
    assertThat(COPILOT.explain(first, 5)).isNotEmpty().isEqualTo(reasons);
  }

  @Test
  void saysWhy() {
    LogRecord record = LogRecord.of("OOMKilled: container api exceeded memory limit");
    List<Classification.Reason> reasons = COPILOT.explain(record, 3);
    assertThat(reasons).isNotEmpty().allMatch(r -> r.weight() != 0);
    assertThat(reasons.stream().filter(r -> r.head().equals("category")).findFirst())
        .hasValueSatisfying(r -> assertThat(r.weight()).isPositive());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "User mallory is not in the sudoers file",
        "pods is forbidden: User mallory cannot list resource pods",
        "password authentication failed for user mallory"
      })
  void whatALineIsAboutMovesItsCategoryOnly(String line) {
    List<Classification.Reason> reasons = COPILOT.explain(LogRecord.of(line), 1000);
    assertThat(COPILOT.classify(line).category()).isEqualTo(Category.AUTH_SECURITY);
    assertThat(reasons)
        .filteredOn(r -> r.feature().startsWith("about_"))
        .isNotEmpty()
        .allMatch(r -> r.head().equals("category"));
  }

  @Test
  void keepsItsPoliciesOnSystemsItHadNotSeen() {
    Map<String, String> details = CLASSIFIER.model().details();
    List<String> labels = List.of(details.get("category.labels").split(","));
    long[][] said =
        Arrays.stream(details.get("category.validation.confusion").split(";"))
            .map(row -> Arrays.stream(row.split(",")).mapToLong(Long::parseLong).toArray())
            .toArray(long[][]::new);
    int security = labels.indexOf(Category.AUTH_SECURITY);
    double right = said[security][security];
    assertThat(right / Arrays.stream(said[security]).sum()).isGreaterThanOrEqualTo(0.95);
    assertThat(right / Arrays.stream(said).mapToLong(row -> row[security]).sum())
        .isGreaterThanOrEqualTo(0.5);
    assertThat(details.keySet().stream().filter(k -> k.startsWith("category.alertFrom.")))
        .hasSizeGreaterThanOrEqualTo(11);
  }

  @Test
  void isSmall() throws Exception {
    try (var in = TreeLogClassifier.class.getResourceAsStream("default.model")) {
      assertThat(in).isNotNull();
      assertThat(in.readAllBytes().length).isLessThan(5_000_000);
    }
  }

  @Test
  void allocatesNothingPerLine() {
    TextFeatureExtractor extractor = new TextFeatureExtractor();
    FeatureVector vector = new FeatureVector(extractor.schema());
    Verdict verdict = new Verdict(CLASSIFIER.categories());
    String line = "Failed to connect to orders.prod:5432 after 3 attempts: connection refused";
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int i = 0; i < 20_000; i++) {
      extractor.extract(line, vector);
      CLASSIFIER.classify(vector, verdict);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 50_000; i++) {
      extractor.extract(line, vector);
      CLASSIFIER.classify(vector, verdict);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    List<String> lines = new ArrayList<>();
    for (var l : TrainingCorpus.lines(7, 1)) {
      lines.add(l.text());
    }
    List<String> alone = lines.stream().map(l -> COPILOT.classify(l).toString()).toList();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      Callable<List<String>> all =
          () -> lines.stream().map(l -> COPILOT.classify(l).toString()).toList();
      for (var result : pool.invokeAll(List.of(all, all, all, all))) {
        assertThat(result.get()).isEqualTo(alone);
      }
    } finally {
      pool.shutdownNow();
    }
  }
}
