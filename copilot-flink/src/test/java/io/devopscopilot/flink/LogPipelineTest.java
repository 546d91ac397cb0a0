package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.functions.Partitioner;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.RpcOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;

class LogPipelineTest {
  private static final Control NOTHING = new Control(Control.Kind.UNMUTE, 0, new byte[0], "none");

  private record Result(List<Judged> verdicts, List<Issue> issues, List<Line> refused) {}

  static StreamExecutionEnvironment environment() {
    Configuration settings = new Configuration();
    settings.set(PipelineOptions.OBJECT_REUSE, true);
    settings.set(PipelineOptions.GENERIC_TYPES, false);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
    settings.set(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT, Duration.ofMinutes(5));
    settings.set(RpcOptions.ASK_TIMEOUT_DURATION, Duration.ofMinutes(5));
    return StreamExecutionEnvironment.createLocalEnvironment(2, settings);
  }

  private static Result run(
      StreamExecutionEnvironment environment, DataStream<Line> lines, boolean perService)
      throws Exception {
    // As from Kafka: the lines of a namespace stand in one partition, in their order.
    DataStream<Line> partitions =
        lines.partitionCustom(
            (Partitioner<String>) (key, n) -> Math.floorMod(key.hashCode(), n),
            line -> line.record().origin().namespace());
    LogPipeline pipeline =
        LogPipeline.of(
            partitions
                .assignTimestampsAndWatermarks(LogPipeline.watermarks(Duration.ofSeconds(10), true))
                .setParallelism(2), // else it takes the source's
            environment.fromData(List.of(NOTHING), Types.CONTROL),
            perService);
    CloseableIterator<Judged> verdicts = pipeline.verdicts().collectAsync();
    CloseableIterator<Issue> issues = pipeline.issues().collectAsync();
    CloseableIterator<Line> refused = pipeline.refused().collectAsync();
    environment.executeAsync("test");
    Result result = new Result(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (verdicts;
        issues;
        refused) {
      verdicts.forEachRemaining(result.verdicts()::add);
      issues.forEachRemaining(result.issues()::add);
      refused.forEachRemaining(result.refused()::add);
    }
    return result;
  }

  /** Updates of each issue in their order, first what tells them apart at a glance. */
  static void assertSameIssues(List<Issue> actual, List<Issue> expected) {
    assertThat(shown(actual)).isEqualTo(shown(expected));
    assertThat(byId(actual)).isEqualTo(byId(expected));
  }

  private static Map<String, List<Issue>> byId(List<Issue> issues) {
    Map<String, List<Issue>> map = new TreeMap<>();
    issues.forEach(i -> map.computeIfAbsent(i.namespace() + i.id(), k -> new ArrayList<>()).add(i));
    return map;
  }

  private static String shown(List<Issue> issues) {
    StringBuilder text = new StringBuilder();
    for (List<Issue> updates : byId(issues).values()) {
      for (Issue i : updates) {
        text.append(i.id()).append(' ').append(i.namespace()).append('/').append(i.service());
        text.append(' ').append(i.state()).append(' ').append(i.category()).append(' ');
        text.append(i.updated()).append(' ').append(i.resolved()).append('\n');
      }
    }
    return text.toString();
  }

  private static void assertSameVerdicts(List<Line> lines, List<Judged> verdicts) {
    assertThat(verdicts).hasSameSizeAs(lines);
    Map<Long, Judged> byLine = new HashMap<>();
    verdicts.forEach(v -> byLine.put(v.line().id(), v));
    try (Copilot copilot = Story.copilot()) {
      for (Line line : lines) {
        Judged actual = byLine.get(line.id());
        Classification c = copilot.classify(line.record());
        assertThat(actual)
            .isEqualTo(
                new Judged(
                    actual.line(),
                    c.severity(),
                    (float) c.severityProbability(),
                    c.category(),
                    (float) c.categoryProbability(),
                    c.fingerprint(),
                    c.model()));
        assertThat(actual.line().record()).isEqualTo(line.record());
      }
    }
  }

  @Test
  void saysWhatTheSingleProcessSays() throws Exception {
    List<Line> lines = Story.lines(12_000);
    StreamExecutionEnvironment environment = environment();
    Result result =
        run(environment, environment.fromData(lines, Types.LINE).setParallelism(1), false);
    assertSameVerdicts(lines, result.verdicts());
    List<Issue> expected = Story.issues(lines);
    assertThat(expected).extracting(Issue::state).contains(Issue.State.OPEN, Issue.State.RESOLVED);
    assertSameIssues(result.issues(), expected);
  }

  /** Fails once, in the midst of the lines and behind a checkpoint. */
  private static final class FailsOnce implements MapFunction<Line, Line> {
    private static final long serialVersionUID = 1L;
    private static final AtomicInteger SEEN = new AtomicInteger();
    private static final AtomicInteger FAILURES = new AtomicInteger();

    @Override
    public Line map(Line line) throws Exception {
      if (SEEN.incrementAndGet() > 9_000 && FAILURES.compareAndSet(0, 1)) {
        throw new IllegalStateException("a worker dies");
      }
      if (SEEN.get() % 100 == 0) {
        java.util.concurrent.locks.LockSupport.parkNanos(1_000_000); // room for checkpoints
      }
      return line;
    }
  }

  @Test
  void saysItOnceWhenAWorkerDies() throws Exception {
    List<Line> lines = Story.lines(12_000);
    StreamExecutionEnvironment environment = environment();
    environment.enableCheckpointing(20);
    DataStream<Line> source =
        environment
            .fromData(lines, Types.LINE)
            .map(new FailsOnce())
            .returns(Types.LINE)
            .setParallelism(1);
    Result result = run(environment, source, false);
    assertThat(FailsOnce.FAILURES).hasValue(1);
    assertSameVerdicts(lines, result.verdicts());
    assertSameIssues(result.issues(), Story.issues(lines));
  }

  @Test
  void oneDetectorPerServiceSeesNoOtherService() throws Exception {
    List<Line> lines = Story.lines(6_000);
    StreamExecutionEnvironment environment = environment();
    Result result =
        run(environment, environment.fromData(lines, Types.LINE).setParallelism(1), true);
    assertThat(result.issues())
        .isNotEmpty()
        .allMatch(
            i -> i.evidence().stream().allMatch(r -> r.origin().service().equals(i.service())));
  }

  @Test
  void bytesThatAreNoRecordGoTheirOwnWay() throws Exception {
    List<Line> lines = new ArrayList<>(Story.lines(50));
    Line poison = Line.refused("logs", 0, 999, new byte[] {1, 2, 3}, "it is no JSON");
    lines.add(20, poison);
    StreamExecutionEnvironment environment = environment();
    Result result =
        run(environment, environment.fromData(lines, Types.LINE).setParallelism(1), false);
    assertThat(result.verdicts()).hasSize(50);
    assertThat(result.refused()).hasSize(1);
    assertThat(result.refused().get(0).refused()).isEqualTo("it is no JSON");
    assertThat(result.refused().get(0).raw()).isEqualTo(poison.raw());
  }

  @Test
  void eachVerdictNamesItsModel() throws Exception {
    StreamExecutionEnvironment environment = environment();
    Result result =
        run(
            environment,
            environment.fromData(Story.lines(20), Types.LINE).setParallelism(1),
            false);
    assertThat(result.verdicts())
        .extracting(Judged::model)
        .containsOnly(TreeLogClassifier.loadDefault().model().id());
  }
}
