package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssueModelTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final int MINUTES = 30;

  @TempDir static Path folder;
  private static IssueTrainer.Trained trained;
  private static Path good;
  private static byte[] bytes;

  @BeforeAll
  static void train() throws Exception {
    trained = trained();
    good = folder.resolve("good.model");
    trained.write(good);
    bytes = Files.readAllBytes(good);
  }

  /** Memory that leaks or settles, errors that go on or were a moment's: of two kinds each. */
  private static IssueTrainer.Trained trained() {
    IssueTrainer trainer = new IssueTrainer();
    for (int i = 0; i < 15; i++) {
      for (String kind : List.of("leak", "settles", "errors", "moment")) {
        boolean validation = i % 3 == 0;
        boolean fails = kind.equals("leak") || kind.equals("errors");
        play(
            trainer.play(
                new IssueTrainer.Scenario(
                    kind + (validation ? " for validation" : ""),
                    validation,
                    fails ? Optional.of(START.plusSeconds(MINUTES * 60)) : Optional.empty(),
                    "cart")),
            kind,
            new Random(i));
      }
    }
    return trainer.train("test", Map.of("data.generated", "15"));
  }

  private static void play(IssueTrainer.Played to, String kind, Random random) {
    double from = 0.2 + random.nextDouble() * 0.2;
    int moment = 900 + random.nextInt(300);
    for (int second = 0; second < MINUTES * 60; second += 2) {
      double p = second / (MINUTES * 60.0);
      double used = kind.equals("leak") ? from + (1 - from) * p : 0.6 - 0.4 * Math.exp(-9 * p);
      boolean bad =
          kind.equals("errors") && second > moment
              || kind.equals("moment") && second > moment && second < moment + 9;
      boolean figure = second % 30 == 0 && (kind.equals("leak") || kind.equals("settles"));
      String text =
          bad
              ? "lookup of db failed"
              : figure
                  ? String.format(Locale.ROOT, "memory used %.0f MiB of 1000 MiB", used * 1000)
                  : "order stored";
      to.observe(line(second, text), verdict(bad));
    }
  }

  private static LogRecord line(int second, String text) {
    return LogRecord.of(START.plusSeconds(second), text, Origin.ofService("cart"));
  }

  private static Classification verdict(boolean bad) {
    return Classification.certain(
        bad ? Severity.ERROR : Severity.INFO,
        bad ? Category.NETWORK_DNS : Category.NONE,
        bad ? 1 : 2);
  }

  @Test
  void theSameScenariosAndSeedGiveTheSameBytes() throws Exception {
    Path again = folder.resolve("again.model");
    trained().write(again);
    assertThat(Files.readAllBytes(again)).isEqualTo(bytes);
  }

  @Test
  void tellsALeakAndNotWhatSettles() {
    IssueModel model = IssueModel.load(good);
    assertThat(model.model().id()).isEqualTo("test");
    assertThat(model.model().sha256()).hasSize(64);
    assertThat(trained.report()).anyMatch(l -> l.startsWith("decision tree"));
    List<Issue> leak = issues(model, "leak");
    assertThat(leak).isNotEmpty();
    assertThat(leak.get(0).category()).isEqualTo(Category.OOM);
    assertThat(leak.get(0).horizon()).isPositive();
    assertThat(leak.get(0).probability()).isGreaterThan(0.5);
    assertThat(issues(model, "settles")).isEmpty();
    List<Issue> errors = issues(model, "errors");
    assertThat(errors).isNotEmpty();
    assertThat(errors.get(0).horizon()).isEqualTo(Duration.ZERO);
    assertThat(errors.get(0).probability()).isGreaterThan(0.5);
  }

  private static List<Issue> issues(IssueModel model, String kind) {
    List<Issue> issues = new ArrayList<>();
    WindowIssueDetector detector = new WindowIssueDetector(model);
    Random random = new Random(99);
    double from = 0.2 + random.nextDouble() * 0.2;
    for (int second = 0; second < MINUTES * 60; second += 2) {
      double p = second / (MINUTES * 60.0);
      double used = kind.equals("leak") ? from + (1 - from) * p : 0.6 - 0.4 * Math.exp(-9 * p);
      boolean bad = kind.equals("errors") && second > 1_000;
      String figure = String.format(Locale.ROOT, "memory used %.0f MiB of 1000 MiB", used * 1000);
      boolean shown = second % 30 == 0 && !kind.equals("errors");
      String text = bad ? "lookup of db failed" : shown ? figure : "order stored";
      detector.observe(line(second, text), verdict(bad), issues::add);
    }
    return issues;
  }

  @Test
  void whatWasSaidOfAScenarioCanBeCompared() {
    IssueTrainer.Played played =
        new IssueTrainer()
            .play(
                new IssueTrainer.Scenario(
                    "other", true, Optional.of(START.plusSeconds(MINUTES * 60)), "cart"));
    play(played, "leak", new Random(5));
    List<IssueTrainer.Weighing> all = played.weighings(Optional.of(trained.model()));
    assertThat(all).isNotEmpty().allMatch(w -> w.probability() >= 0 && w.probability() <= 1);
    // More than twenty minutes before the failure it does not count as one.
    assertThat(all.get(0).fails()).isFalse();
    assertThat(all.get(all.size() - 1).fails()).isTrue();
    assertThat(all.get(all.size() - 1).probability()).isGreaterThan(all.get(0).probability());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 39, 60, 500})
  void truncatedFilesAreRefused(int length) throws Exception {
    refused(Arrays.copyOf(bytes, length));
  }

  @Test
  void changedFilesAreRefused() throws Exception {
    for (int at = 0; at < bytes.length; at += bytes.length / 50) {
      byte[] changed = bytes.clone();
      changed[at] ^= 1;
      refused(changed);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "schema.id=other",
        "failure.threshold=0",
        "failure.threshold=1.5",
        "failure.calibration=",
        "failure.calibration=0.1:0.5,0.2:0.4",
        "failure.calibration=0.1:7",
        "failure.calibration.beyondBars=x",
      })
  void illFittingFilesAreRefused(String wrong) throws Exception {
    ModelFile file = ModelFile.read(good);
    Map<String, String> manifest = new java.util.TreeMap<>(file.manifest());
    int at = wrong.indexOf('=');
    manifest.put(wrong.substring(0, at), wrong.substring(at + 1));
    refused(new ModelFile(manifest, file.heads()).toBytes());
  }

  private static void refused(byte[] content) throws Exception {
    Path file = Files.write(folder.resolve("bad.model"), content);
    assertThatThrownBy(() -> IssueModel.load(file))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("bad.model is refused")
        .satisfies(e -> assertThat(e.getMessage().lines().count()).isEqualTo(1));
  }

  @Test
  void modelsOfLinesAndOfIssuesAreNotMixedUp() {
    assertThatThrownBy(() -> TreeLogClassifier.load(good))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("is refused");
  }

  @Test
  void kindsOfBothPartsAndOneOutcomeAreRefused() {
    IssueTrainer both = new IssueTrainer();
    for (boolean validation : new boolean[] {true, false}) {
      play(
          both.play(new IssueTrainer.Scenario("leak", validation, Optional.empty(), "cart")),
          "leak",
          new Random(1));
    }
    assertThatThrownBy(() -> both.train("x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("kind leak is in both parts");
    assertThatThrownBy(() -> new IssueTrainer().train("x", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("training has only one outcome among 0 rows");
  }

  @Test
  void theCurveRisesAndFollowsWhatHappened() {
    List<Isotonic.Row> rows = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      double said = random.nextDouble();
      rows.add(new Isotonic.Row(said, random.nextDouble() < said * said, 1));
    }
    Isotonic curve = Isotonic.fit(rows, 3, 0.05);
    Isotonic read = Isotonic.parse(curve.text());
    double before = 0;
    for (double said = 0; said <= 1; said += 0.05) {
      assertThat(read.at(said)).isBetween(said * said - 0.06, said * said + 0.06);
      assertThat(read.at(said)).isGreaterThanOrEqualTo(before);
      before = read.at(said);
    }
  }
}
