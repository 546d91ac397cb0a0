package io.devopscopilot.flink;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.jspecify.annotations.Nullable;

/**
 * Verdicts as Parquet files {@code lines/day=2026-01-05/namespace=shop/*.parquet}. A file is seen
 * once its checkpoint is complete: each worker writes one per checkpoint and folder.
 */
@SuppressWarnings("deprecation") // parquet-hadoop has no other way past its Hadoop types yet
final class ParquetFiles {
  /** Columns; {@code serve --parquet} reads them. */
  static final MessageType SCHEMA =
      MessageTypeParser.parseMessageType(
          """
          message line {
            required int64 id;
            required int64 ts (TIMESTAMP(MICROS,false));
            required int32 nanos;
            required binary service (STRING);
            required binary pod (STRING);
            required binary pod_uid (STRING);
            required binary container (STRING);
            required binary node (STRING);
            required binary owner (STRING);
            required int32 restarts;
            optional binary labels (STRING);
            required binary kind (STRING);
            required binary severity (STRING);
            required float severity_probability;
            required binary category (STRING);
            required float category_probability;
            required int64 fingerprint;
            required binary message (STRING);
            optional binary attributes (STRING);
            required int32 flags;
            required binary model (STRING);
          }
          """);

  private static final int ROW_GROUP = 16 << 20;
  private static final int PAGE = 256 << 10;

  private ParquetFiles() {}

  /** A sink that makes {@code lines} in a folder. */
  static FileSink<Judged> sink(String folder) {
    return FileSink.forBulkFormat(
            new Path(folder, "lines"), new ParquetWriterFactory<>(Builder::open))
        .withBucketAssigner(new DayAndNamespace())
        .withOutputFileConfig(
            OutputFileConfig.builder().withPartPrefix("lines").withPartSuffix(".parquet").build())
        .build();
  }

  /** Folder names as Hive and DuckDB read them. */
  static final class DayAndNamespace implements BucketAssigner<Judged, String> {
    private static final long serialVersionUID = 1L;
    private transient String lastNamespace = "";
    private transient String lastBucket = "";
    private transient long lastDay = Long.MIN_VALUE;

    @Override
    public String getBucketId(Judged j, Context context) {
      LogRecord r = j.line().record();
      long day = Math.floorDiv(r.timestamp().getEpochSecond(), 86_400L);
      String namespace = r.origin().namespace();
      if (day != lastDay || !namespace.equals(lastNamespace)) {
        lastDay = day;
        lastNamespace = namespace;
        lastBucket = bucket(r.timestamp(), namespace);
      }
      return lastBucket;
    }

    static String bucket(Instant time, String namespace) {
      return "day="
          + time.atOffset(ZoneOffset.UTC).toLocalDate()
          + "/namespace="
          + (namespace.isEmpty() ? "__HIVE_DEFAULT_PARTITION__" : namespace);
    }

    @Override
    public SimpleVersionedSerializer<String> getSerializer() {
      return SimpleVersionedStringSerializer.INSTANCE;
    }
  }

  private static final class Builder extends ParquetWriter.Builder<Judged, Builder> {
    private Builder(OutputFile file) {
      super(file);
    }

    static ParquetWriter<Judged> open(OutputFile file) throws IOException {
      return new Builder(file)
          .withCompressionCodec(CompressionCodecName.ZSTD)
          .withConf(new PlainParquetConfiguration())
          .withRowGroupSize((long) ROW_GROUP)
          .withPageSize(PAGE)
          .build();
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    protected WriteSupport<Judged> getWriteSupport(org.apache.hadoop.conf.Configuration conf) {
      return new Support();
    }

    @Override
    protected WriteSupport<Judged> getWriteSupport(ParquetConfiguration conf) {
      return new Support();
    }
  }

  private static final class Support extends WriteSupport<Judged> {
    private @Nullable RecordConsumer consumer;
    private int field;

    @Override
    public WriteContext init(org.apache.hadoop.conf.Configuration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      this.consumer = consumer;
    }

    @Override
    public void write(Judged j) {
      LogRecord r = j.line().record();
      Origin o = r.origin();
      Instant t = r.timestamp();
      int flags = 0;
      for (LogRecord.Flag flag : r.flags()) {
        flags |= 1 << flag.ordinal();
      }
      field = 0;
      out().startMessage();
      number(j.line().id());
      number(t.getEpochSecond() * 1_000_000 + t.getNano() / 1_000);
      small(t.getNano() % 1_000);
      text(o.service());
      text(o.pod());
      text(o.podUid());
      text(o.container());
      text(o.node());
      text(o.owner());
      small(o.restartCount());
      pairs(o.labels());
      text(r.kind().name());
      text(j.severity().name());
      share(j.severityProbability());
      text(j.category());
      share(j.categoryProbability());
      number(j.fingerprint());
      text(r.message());
      pairs(r.attributes());
      small(flags);
      text(j.model());
      out().endMessage();
    }

    /** Keys and values, each followed by a line feed; backslash escapes it and itself. */
    private void pairs(Map<String, String> map) {
      if (map.isEmpty()) {
        field++;
        return;
      }
      StringBuilder text = new StringBuilder();
      new TreeMap<>(map)
          .forEach(
              (k, v) ->
                  text.append(k.replace("\\", "\\\\").replace("\n", "\\n"))
                      .append('\n')
                      .append(v.replace("\\", "\\\\").replace("\n", "\\n"))
                      .append('\n'));
      text(text.toString());
    }

    private RecordConsumer out() {
      return Objects.requireNonNull(consumer);
    }

    private void begin() {
      out().startField(SCHEMA.getFieldName(field), field);
    }

    private void end() {
      out().endField(SCHEMA.getFieldName(field), field);
      field++;
    }

    private void text(String value) {
      begin();
      out().addBinary(Binary.fromConstantByteArray(value.getBytes(StandardCharsets.UTF_8)));
      end();
    }

    private void number(long value) {
      begin();
      out().addLong(value);
      end();
    }

    private void small(int value) {
      begin();
      out().addInteger(value);
      end();
    }

    private void share(float value) {
      begin();
      out().addFloat(value);
      end();
    }
  }
}
