package io.devopscopilot.flink;

import io.devopscopilot.api.Issue;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.Encoder;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.DateTimeBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

/**
 * The pipeline of {@link io.devopscopilot.api.Copilot} as a Flink job: lines from Kafka get their
 * verdicts and raise issues, by the same extractor, classifier and detector. Verdicts, issues and
 * refused bytes go to topics, each exactly once for those who read committed records, and on demand
 * to files. Options are those of {@code docs/scale.md}; a wrong one ends with one line.
 */
public final class LogPipelineJob {
  /** The broker aborts a transaction that is open for longer; its own limit is 15 min. */
  private static final long TRANSACTION_MILLIS = Duration.ofMinutes(10).toMillis();

  private static final int MAX_MODEL_BYTES = 64 << 20;

  private static final Control NO_CONTROL =
      new Control(Control.Kind.UNMUTE, 0, new byte[0], "none");

  private LogPipelineJob() {}

  /** Builds the job and hands it to the cluster. */
  public static void main(String[] args) throws Exception {
    JobOptions options;
    try {
      options = JobOptions.of(args);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("copilot: " + e.getMessage());
    }
    Configuration settings = new Configuration();
    settings.set(PipelineOptions.OBJECT_REUSE, true);
    settings.set(PipelineOptions.GENERIC_TYPES, false);
    settings.set(ExecutionOptions.SNAPSHOT_COMPRESSION, true); // detectors keep much alike text
    settings.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(settings);
    if (options.checkpoint() > 0) {
      environment.enableCheckpointing(options.checkpoint() * 1_000L);
    } else if (!environment.getCheckpointConfig().isCheckpointingEnabled()) {
      environment.enableCheckpointing(10_000);
    }
    build(environment, options);
    environment.execute(options.name());
  }

  static void build(StreamExecutionEnvironment environment, JobOptions options) {
    DataStream<Line> lines =
        environment
            .fromSource(
                source(options),
                LogPipeline.watermarks(options.disorder(), options.stop()),
                "lines")
            .uid("lines");
    DataStream<Control> controls =
        options.control().equals(JobOptions.NONE)
            ? environment.fromData(List.of(NO_CONTROL), Types.CONTROL).uid("no-control")
            : environment
                .fromSource(control(options), silent(), "control", Types.CONTROL)
                .uid("control")
                .setParallelism(1);
    LogPipeline pipeline = LogPipeline.of(lines, controls, options.perService());
    if (!options.verdicts().equals(JobOptions.NONE)) {
      sink(pipeline.verdicts(), options, "verdicts", new Records.Verdicts(options.verdicts()));
    }
    sink(pipeline.issues(), options, "issues", new Records.Issues(options.issues()));
    sink(pipeline.refused(), options, "refused", new Records.Refused(options.refused()));
    if (!options.files().equals(JobOptions.NONE)) {
      pipeline
          .verdicts()
          .sinkTo(ParquetFiles.sink(options.files()))
          .name("verdict files")
          .uid("verdict-files");
      pipeline
          .issues()
          .sinkTo(issueFiles(options.files()))
          .name("issue files")
          .uid("issue-files")
          .setParallelism(1);
    }
  }

  /** The control topic says nothing about time: it never holds the lines' time back. */
  private static WatermarkStrategy<Control> silent() {
    return WatermarkStrategy.forGenerator(context -> new Timeless());
  }

  private static final class Timeless implements WatermarkGenerator<Control> {
    @Override
    public void onEvent(Control event, long timestamp, WatermarkOutput output) {}

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
      output.emitWatermark(new Watermark(Long.MAX_VALUE - 1));
    }
  }

  private static KafkaSource<Line> source(JobOptions options) {
    KafkaSourceBuilder<Line> builder =
        KafkaSource.<Line>builder()
            .setBootstrapServers(options.brokers())
            .setTopics(options.lines())
            .setGroupId(options.name())
            .setClientIdPrefix(options.name() + "-lines")
            .setStartingOffsets(
                options.fromLatest() ? OffsetsInitializer.latest() : OffsetsInitializer.earliest())
            .setProperty("isolation.level", "read_committed")
            .setProperty("partition.discovery.interval.ms", "60000")
            .setProperty("max.poll.records", "5000")
            .setProperty("fetch.min.bytes", "65536")
            .setProperty("fetch.max.wait.ms", "100")
            .setDeserializer(new KafkaLines(options.format()));
    if (options.stop()) {
      builder.setBounded(OffsetsInitializer.latest());
    }
    return builder.build();
  }

  private static KafkaSource<Control> control(JobOptions options) {
    KafkaSourceBuilder<Control> builder =
        KafkaSource.<Control>builder()
            .setBootstrapServers(options.brokers())
            .setTopics(options.control())
            .setGroupId(options.name() + "-control")
            .setClientIdPrefix(options.name() + "-control")
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setProperty("isolation.level", "read_committed")
            .setProperty("max.partition.fetch.bytes", String.valueOf(MAX_MODEL_BYTES))
            .setDeserializer(new KafkaControls());
    if (options.stop()) {
      builder.setBounded(OffsetsInitializer.latest());
    }
    return builder.build();
  }

  private static <T> void sink(
      DataStream<T> stream,
      JobOptions options,
      String name,
      KafkaRecordSerializationSchema<T> records) {
    Properties producer = new Properties();
    producer.setProperty("transaction.timeout.ms", String.valueOf(TRANSACTION_MILLIS));
    // Native also within a job; lz4 is plain Java there and takes three times as long.
    producer.setProperty("compression.type", "zstd");
    producer.setProperty("compression.zstd.level", "1");
    producer.setProperty("linger.ms", "100");
    producer.setProperty("batch.size", String.valueOf(256 << 10));
    stream
        .sinkTo(
            KafkaSink.<T>builder()
                .setBootstrapServers(options.brokers())
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(options.name() + "-" + name)
                .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
                .setKafkaProducerConfig(producer)
                .setRecordSerializer(records)
                .build())
        .name(name)
        .uid(name);
  }

  /** One JSON line per issue update, in folders by day of writing. */
  private static FileSink<Issue> issueFiles(String folder) {
    return FileSink.forRowFormat(new Path(folder, "issues"), new IssueLines())
        .withBucketAssigner(new DateTimeBucketAssigner<>("'day='yyyy-MM-dd"))
        .withRollingPolicy(OnCheckpointRollingPolicy.build())
        .withOutputFileConfig(
            OutputFileConfig.builder().withPartPrefix("issues").withPartSuffix(".jsonl").build())
        .build();
  }

  private static final class IssueLines implements Encoder<Issue> {
    private static final long serialVersionUID = 1L;

    @Override
    public void encode(Issue issue, OutputStream out) throws IOException {
      out.write(Records.issue(issue));
      out.write('\n');
    }
  }
}
