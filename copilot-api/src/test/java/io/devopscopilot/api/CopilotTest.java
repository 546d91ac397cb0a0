package io.devopscopilot.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.testkit.ScriptedLogSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CopilotTest {
  private static final FeatureSchema SCHEMA = new FeatureSchema("words-1", 1, List.of("error"));

  /** One feature: whether the text says "error"; a text "bad" breaks it. */
  private static final class OneWord implements FeatureExtractor {
    @Override
    public FeatureSchema schema() {
      return SCHEMA;
    }

    @Override
    public void extract(LogRecord record, FeatureVector out) {
      out.clear();
      if (record.message().equals("bad")) {
        throw new IllegalStateException("cannot read this one");
      }
      if (record.message().contains("error")) {
        out.add(0, 1);
      }
    }
  }

  private static class OneRule implements LogClassifier {
    private final FeatureSchema schema;

    OneRule(FeatureSchema schema) {
      this.schema = schema;
    }

    @Override
    public FeatureSchema schema() {
      return schema;
    }

    @Override
    public List<String> categories() {
      return List.of(Category.APP_ERROR, Category.NONE);
    }

    @Override
    public Model model() {
      return new Model("one-rule", "", Map.of());
    }

    @Override
    public void classify(FeatureVector in, Verdict out) {
      boolean error = in.get(0) > 0;
      out.severityProbabilities()[Severity.ERROR.ordinal()] = error ? 1 : 0;
      out.severityProbabilities()[Severity.INFO.ordinal()] = error ? 0 : 1;
      out.categoryProbabilities()[0] = error ? 1 : 0;
      out.categoryProbabilities()[1] = error ? 0 : 1;
      out.decide(error ? Severity.ERROR.ordinal() : Severity.INFO.ordinal(), error ? 0 : 1);
    }
  }

  private static Copilot.Builder builder() {
    return Copilot.builder().features(new OneWord()).classifier(new OneRule(SCHEMA));
  }

  private static ScriptedLogSource script(String... messages) {
    return new ScriptedLogSource(
        "s", java.util.Arrays.stream(messages).map(LogRecord::of).toList());
  }

  @Test
  void classifiesWithoutAThread() {
    try (Copilot copilot = builder().build()) {
      Classification c = copilot.classify("error: no disk");
      assertThat(c.severity()).isEqualTo(Severity.ERROR);
      assertThat(c.category()).isEqualTo(Category.APP_ERROR);
      assertThat(c.model()).isEqualTo("one-rule");
      assertThat(copilot.classify("fine").category()).isEqualTo(Category.NONE);
    }
  }

  @Test
  void aVerdictNamesItsModelThoughTwoTookOverMeanwhile() {
    List<LogClassifier.Model> models =
        List.of(
            new LogClassifier.Model("first", "", Map.of()),
            new LogClassifier.Model("second", "", Map.of()),
            new LogClassifier.Model("third", "", Map.of()));
    LogClassifier swapped =
        new OneRule(SCHEMA) {
          private int now;

          @Override
          public Model model() {
            return models.get(now);
          }

          @Override
          public void classify(FeatureVector in, Verdict out) {
            now = Math.min(now + 1, 2); // between the two questions
            super.classify(in, out);
          }
        };
    try (Copilot copilot = Copilot.builder().features(new OneWord()).classifier(swapped).build()) {
      assertThat(copilot.classify("fine").model()).isEqualTo("third");
    }
  }

  @Test
  void refusesAnExtractorThatTheModelWasNotTrainedWith() {
    assertThatThrownBy(
            () ->
                Copilot.builder()
                    .features(new OneWord())
                    .classifier(new OneRule(new FeatureSchema("words-2", 1, List.of())))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("words-1")
        .hasMessageContaining("words-2");
  }

  @Test
  void handsEveryRecordToTheSinkAndCountsTheBadOne() throws Exception {
    List<String> got = new ArrayList<>();
    try (Copilot copilot =
        builder()
            .source(script("a", "bad", "error"))
            .sink((r, c) -> got.add(r.message() + " " + c.category()))
            .build()) {
      copilot.start();
      assertThat(copilot.await(Duration.ofSeconds(60))).isTrue();
      assertThat(got).containsExactly("a none", "bad unknown", "error app_error");
      assertThat(copilot.stats().records()).isEqualTo(3);
      assertThat(copilot.stats().failed()).isEqualTo(1);
      assertThat(copilot.stats().counters()).containsEntry("lines.read", 3L);
    }
  }

  @Test
  void triesASinkAgainThatIsBusyAndLosesNothing() throws Exception {
    List<String> got = new ArrayList<>();
    boolean[] refused = {false};
    try (Copilot copilot =
        builder()
            .source(script("a", "b", "c"))
            .sink(
                (r, c) -> {
                  if (r.message().equals("b") && !refused[0]) {
                    refused[0] = true;
                    throw new CopilotException("disk is full", new Exception("ENOSPC"), true);
                  }
                  got.add(r.message());
                })
            .build()) {
      copilot.start();
      assertThat(copilot.await(Duration.ofSeconds(60))).isTrue();
      assertThat(got).containsExactly("a", "b", "c");
      assertThat(copilot.stats().retries()).isEqualTo(1);
    }
  }

  @Test
  void sinksLearnWhichStreamsMayGoOnUnlessASourceCanNotTell() throws Exception {
    assertThat(kept(naming(Set.of("a", "b")), naming(Set.of("c"))))
        .containsExactly(Set.of("a", "b", "c"));
    assertThat(kept(naming(Set.of("a", "b")), script("x"))).isEmpty();
  }

  private static LogSource naming(Set<String> streams) {
    return new LogSource() {
      @Override
      public int poll(Consumer<? super LogRecord> sink, int limit) {
        return ENDED;
      }

      @Override
      public Optional<Set<String>> streams() {
        return Optional.of(streams);
      }
    };
  }

  private static List<Set<String>> kept(LogSource... sources) throws Exception {
    List<Set<String>> kept = new ArrayList<>();
    Copilot.Builder builder = builder();
    List.of(sources).forEach(builder::source);
    LogSink sink =
        new LogSink() {
          @Override
          public void accept(LogRecord record, Classification classification) {}

          @Override
          public void keep(Set<String> streams) {
            kept.add(streams);
            throw new CopilotException("another time");
          }
        };
    try (Copilot copilot = builder.sink(sink).build()) {
      copilot.start();
      assertThat(copilot.await(Duration.ofSeconds(60))).isTrue();
    }
    return kept;
  }

  @Test
  void saysWhyItStopped() throws Exception {
    try (Copilot copilot =
        builder()
            .source(script("a"))
            .sink(
                (r, c) -> {
                  throw new CopilotException("the file is of a newer version");
                })
            .build()) {
      copilot.start();
      assertThatThrownBy(() -> copilot.await(Duration.ofSeconds(60)))
          .isInstanceOf(CopilotException.class)
          .hasMessageContaining("the file is of a newer version");
      assertThat(copilot.stats().running()).isFalse();
    }
  }

  @Test
  void countsIssuesThatFindNoRoomInTheQueue() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    List<Issue> told = java.util.Collections.synchronizedList(new ArrayList<>());
    IssueDetector everyRecord = (r, c, out) -> out.accept(issue(r));
    Answerer slow =
        question -> {
          try {
            assertThat(release.await(60, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return Answerer.Answer.none(List.of());
        };
    try (Copilot copilot =
        builder()
            .source(script("1", "2", "3", "4", "5"))
            .detector(everyRecord)
            .answerer(slow)
            .answerQueue(1)
            .onIssue((issue, answer) -> told.add(issue))
            .build()) {
      copilot.start();
      assertThat(copilot.await(Duration.ofSeconds(60))).isTrue();
      assertThat(copilot.stats().unanswered()).isBetween(3L, 4L);
      release.countDown();
    }
    assertThat(told).hasSize(5);
  }

  @Test
  void answersTheNewestStateOfAnIssueOnceItsLinesAreDurable() throws Exception {
    List<String> durable = java.util.Collections.synchronizedList(new ArrayList<>());
    List<String> asked = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Boolean> told = java.util.Collections.synchronizedList(new ArrayList<>());
    List<String> taken = new ArrayList<>();
    LogSink store =
        new LogSink() {
          @Override
          public void accept(LogRecord record, Classification classification) {
            taken.add(record.message());
          }

          @Override
          public void flush() {
            durable.addAll(taken);
            taken.clear();
          }
        };
    IssueDetector one = (r, c, out) -> out.accept(issue(LogRecord.of("same")));
    try (Copilot copilot =
        builder()
            .source(script("1", "2", "3"))
            .sink(store)
            .detector(one)
            .flushInterval(Duration.ofMinutes(1))
            .answerer(
                question -> {
                  asked.add(String.join(",", durable));
                  return new Answerer.Answer(
                      "a sign", true, List.of(), List.of(), "none", List.of());
                })
            .onIssue((issue, answer) -> told.add(answer.answered()))
            .build()) {
      copilot.start();
      assertThat(copilot.await(Duration.ofSeconds(60))).isTrue();
    }
    assertThat(asked).containsExactly("1,2,3");
    assertThat(told).containsExactly(false, false, true);
  }

  @Test
  void mayBeClosedTwiceButStartedOnce() {
    Copilot copilot = builder().build();
    copilot.start();
    assertThatThrownBy(copilot::start).isInstanceOf(IllegalStateException.class);
    copilot.close();
    copilot.close();
  }

  private static Issue issue(LogRecord record) {
    return new Issue(
        record.message(),
        Issue.State.OPEN,
        Category.OTHER,
        1,
        Duration.ZERO,
        "",
        "shop",
        "a sign",
        Instant.EPOCH,
        Instant.EPOCH,
        Optional.empty(),
        List.of(record),
        Set.of());
  }
}
