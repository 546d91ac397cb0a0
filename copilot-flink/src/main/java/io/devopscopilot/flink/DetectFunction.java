package io.devopscopilot.flink;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.WindowIssueDetector;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * One detector per key, kept in Flink's keyed state. Record time drives it: watermarks say that
 * silence has passed. A key without a line for {@link #FORGET} is forgotten.
 */
final class DetectFunction extends KeyedBroadcastProcessFunction<String, Judged, Control, Issue> {
  static final MapStateDescriptor<Long, Boolean> MUTED =
      new MapStateDescriptor<>(
          "muted",
          org.apache.flink.api.common.typeinfo.Types.LONG,
          org.apache.flink.api.common.typeinfo.Types.BOOLEAN);

  /** State of a key without lines is dropped after so long. */
  static final Duration FORGET = Duration.ofDays(7);

  private static final long serialVersionUID = 1L;
  private static final long STEP = 10_000;

  private transient @Nullable ValueState<KeptDetector> detectors;
  private transient Map<String, Verdict> verdicts = new HashMap<>();
  private transient Counter late = new SimpleCounter();
  private transient Counter muted = new SimpleCounter();
  private transient String timerKey = "";
  private transient long timer;

  @Override
  public void open(OpenContext context) {
    ValueStateDescriptor<KeptDetector> descriptor =
        new ValueStateDescriptor<>("detector", Types.DETECTOR);
    descriptor.enableTimeToLive(StateTtlConfig.newBuilder(FORGET).build());
    detectors = getRuntimeContext().getState(descriptor);
    verdicts = new HashMap<>();
    late = getRuntimeContext().getMetricGroup().counter("lateLines");
    muted = getRuntimeContext().getMetricGroup().counter("mutedLines");
    timerKey = "";
  }

  private ValueState<KeptDetector> detectors() {
    ValueState<KeptDetector> state = detectors;
    if (state == null) {
      throw new IllegalStateException("not opened");
    }
    return state;
  }

  @Override
  public void processElement(Judged judged, ReadOnlyContext context, Collector<Issue> out)
      throws Exception {
    long millis = judged.line().record().timestamp().toEpochMilli();
    if (millis < context.timerService().currentWatermark()) {
      late.inc();
    }
    if (context.getBroadcastState(MUTED).contains(judged.fingerprint())) {
      muted.inc();
      return;
    }
    ValueState<KeptDetector> state = detectors();
    KeptDetector detector = state.value();
    if (detector == null) {
      detector = new KeptDetector();
    }
    detector.use().observe(judged.line().record(), classification(judged), out::collect);
    state.update(detector);
    // Looked at once more when its last sign is old enough to count as silence.
    long due = Math.floorDiv(millis, STEP) * STEP + 2 * STEP + WindowIssueDetector.QUIET.toMillis();
    if (due != timer || !timerKey.equals(context.getCurrentKey())) {
      timer = due;
      timerKey = context.getCurrentKey();
      context.timerService().registerEventTimeTimer(due);
    }
  }

  private Classification classification(Judged j) {
    Verdict verdict = verdicts.get(j.category());
    if (verdict == null) {
      if (verdicts.size() > 1_000) {
        verdicts.clear();
      }
      verdict = new Verdict(List.of(j.category()));
      verdicts.put(j.category(), verdict);
    }
    java.util.Arrays.fill(verdict.severityProbabilities(), 0);
    verdict.severityProbabilities()[j.severity().ordinal()] = j.severityProbability();
    verdict.categoryProbabilities()[0] = j.categoryProbability();
    verdict.decide(j.severity().ordinal(), 0);
    return verdict.snapshot(j.fingerprint(), j.model());
  }

  @Override
  public void onTimer(long time, OnTimerContext context, Collector<Issue> out) throws Exception {
    KeptDetector detector = detectors().value();
    if (detector != null) {
      detector.use().advance(Instant.ofEpochMilli(time), out::collect);
    }
  }

  @Override
  public void processBroadcastElement(Control control, Context context, Collector<Issue> out)
      throws Exception {
    if (control.kind() == Control.Kind.MUTE) {
      context.getBroadcastState(MUTED).put(control.fingerprint(), true);
    } else if (control.kind() == Control.Kind.UNMUTE) {
      context.getBroadcastState(MUTED).remove(control.fingerprint());
    }
  }
}
