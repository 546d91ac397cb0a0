package io.devopscopilot.flink;

import io.devopscopilot.api.Issue;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * The operators between sources and sinks.
 *
 * @param verdicts each line with its verdicts
 * @param issues each issue that is opened, updated or resolved
 * @param refused bytes that are no record
 */
record LogPipeline(
    DataStream<Judged> verdicts, DataStream<Issue> issues, DataStream<Line> refused) {

  /** A partition without lines holds the others' time back for so long. */
  private static final Duration IDLE = Duration.ofSeconds(15);

  /**
   * Record time, as {@code disorder} later than it may be; time of lines that are none is left out.
   *
   * @param ends whether each partition ends, and so never has to be taken for one without lines: a
   *     slow machine then decides nothing
   */
  static WatermarkStrategy<Line> watermarks(Duration disorder, boolean ends) {
    WatermarkStrategy<Line> strategy =
        WatermarkStrategy.<Line>forBoundedOutOfOrderness(disorder)
            .withTimestampAssigner(
                (line, kafka) -> line.good() ? line.record().timestamp().toEpochMilli() : 0L);
    return ends ? strategy : strategy.withIdleness(IDLE);
  }

  /**
   * Wires the operators.
   *
   * @param lines with watermarks
   * @param controls what the control topic says
   * @param perService one detector per service instead of one per namespace
   */
  static LogPipeline of(DataStream<Line> lines, DataStream<Control> controls, boolean perService) {
    BroadcastStream<Control> models = controls.broadcast(ClassifyFunction.MODELS);
    SingleOutputStreamOperator<Judged> judged =
        lines
            .connect(models)
            .process(new ClassifyFunction(), Types.JUDGED)
            .name("classify")
            .uid("classify");
    DataStream<Issue> issues =
        judged
            .filter(j -> !j.line().record().origin().service().isEmpty())
            .name("of a service")
            .uid("of-a-service")
            .keyBy(
                j ->
                    perService
                        ? j.line().record().origin().namespace()
                            + "/"
                            + j.line().record().origin().service()
                        : j.line().record().origin().namespace(),
                org.apache.flink.api.common.typeinfo.Types.STRING)
            .connect(controls.broadcast(DetectFunction.MUTED))
            .process(new DetectFunction(), Types.ISSUE)
            .name("detect")
            .uid("detect");
    return new LogPipeline(judged, issues, judged.getSideOutput(ClassifyFunction.REFUSED));
  }
}
