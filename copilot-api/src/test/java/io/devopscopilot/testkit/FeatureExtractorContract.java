package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What every {@link FeatureExtractor} must do; extend it and say how one is made. */
public abstract class FeatureExtractorContract {
  private static final Instant TIME = Instant.parse("2026-01-05T10:00:00Z");

  /** A new extractor. */
  protected abstract FeatureExtractor newExtractor();

  /** Texts that break careless readers. */
  private static List<String> hostile() {
    StringBuilder controls = new StringBuilder();
    for (char c = 0; c < 0xa0; c++) {
      controls.append(c);
    }
    return List.of(
        "",
        " ",
        "\n\n\n",
        controls.toString(),
        "\ud800 lone \udc00",
        "\ufeff\u202eabc",
        "[".repeat(5_000),
        "\"".repeat(5_000),
        "{\"level\":",
        "<999999>",
        "E".repeat(300),
        "1".repeat(70) + "." + "2".repeat(70),
        "a1".repeat(100_000),
        "word ".repeat(100_000),
        "x".repeat(10 << 20));
  }

  private static String features(FeatureExtractor extractor, String message, FeatureVector out) {
    extractor.extract(LogRecord.of(TIME, message, Origin.UNKNOWN), out);
    return out.toString() + out.declaredSeverity() + out.dropped();
  }

  @Test
  void survivesAnyTextWithinItsSchema() {
    FeatureExtractor extractor = newExtractor();
    FeatureVector out = new FeatureVector(extractor.schema());
    for (String text : hostile()) {
      features(extractor, text, out);
      for (int n = 0; n < out.size(); n++) {
        assertThat(out.index(n)).isBetween(0, extractor.schema().size() - 1);
        assertThat(out.value(n)).isFinite();
      }
    }
  }

  @Test
  void keepsNothingBetweenRecords() {
    FeatureExtractor extractor = newExtractor();
    FeatureVector used = new FeatureVector(extractor.schema());
    for (String text : hostile()) {
      features(extractor, text, used);
      String again = features(extractor, "WARN disk 91% full on node-7", used);
      String fresh =
          features(
              newExtractor(),
              "WARN disk 91% full on node-7",
              new FeatureVector(extractor.schema()));
      assertThat(again).isEqualTo(fresh);
    }
  }

  @Test
  void countsWhatFindsNoRoom() {
    FeatureExtractor extractor = newExtractor();
    FeatureVector small = new FeatureVector(extractor.schema(), 2);
    features(extractor, "connection to database refused after three attempts", small);
    assertThat(small.size()).isEqualTo(2);
    assertThat(small.dropped()).isPositive();
  }

  @Test
  void manyThreadsGetTheSame() throws InterruptedException {
    FeatureExtractor extractor = newExtractor();
    String line = "2026-01-05 10:00:00 ERROR [main] o.a.Shop - order 17 failed: timeout";
    String expected = features(extractor, line, new FeatureVector(extractor.schema()));
    AtomicReference<String> odd = new AtomicReference<>();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      threads[t] =
          new Thread(
              () -> {
                FeatureVector own = new FeatureVector(extractor.schema());
                for (int i = 0; i < 2_000; i++) {
                  features(extractor, "noise " + i, own);
                  String got = features(extractor, line, own);
                  if (!got.equals(expected)) {
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

  @Test
  void describesEveryFeatureItFinds() {
    FeatureExtractor extractor = newExtractor();
    FeatureVector out = new FeatureVector(extractor.schema());
    LogRecord record = LogRecord.of("ERROR could not resolve host payments.shop.svc: NXDOMAIN");
    extractor.extract(record, out);
    for (int n = 0; n < out.size(); n++) {
      assertThat(extractor.describe(record, out.index(n))).isNotBlank();
    }
  }
}
