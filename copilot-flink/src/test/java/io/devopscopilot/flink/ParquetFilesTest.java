package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetFilesTest {
  @TempDir Path folder;

  /** Files that readers look at; those that begin with a dot are not committed. */
  static List<Path> files(Path folder) throws Exception {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(p -> p.getFileName().toString().endsWith(".parquet"))
          .filter(p -> !p.getFileName().toString().startsWith("."))
          .toList();
    }
  }

  @Test
  void everyLineStandsOnceInTheFolderOfItsDayAndNamespace() throws Exception {
    List<Line> lines = Story.lines(3_000);
    StreamExecutionEnvironment environment = LogPipelineTest.environment();
    environment.enableCheckpointing(50);
    LogPipeline pipeline =
        LogPipeline.of(
            environment
                .fromData(lines, Types.LINE)
                .setParallelism(1)
                .assignTimestampsAndWatermarks(
                    LogPipeline.watermarks(Duration.ofSeconds(10), true)),
            environment.fromData(
                List.of(new Control(Control.Kind.UNMUTE, 0, new byte[0], "none")), Types.CONTROL),
            false);
    pipeline.verdicts().sinkTo(ParquetFiles.sink(folder.toString())).uid("files");
    environment.execute();
    assertThat(files(folder)).isNotEmpty();
    assertThat(files(folder).toString()).contains("day=2026-01-05/namespace=shop");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet rows =
            duckdb
                .createStatement()
                .executeQuery(
                    "SELECT count(*), count(DISTINCT id), count(DISTINCT namespace),"
                        + " min(ts)::VARCHAR, count(*) FILTER (severity = 'FATAL') FROM"
                        + " read_parquet('"
                        + folder
                        + "/lines/**/[a-z]*.parquet', hive_partitioning = true)")) {
      rows.next();
      assertThat(rows.getLong(1)).isEqualTo(3_000);
      assertThat(rows.getLong(2)).isEqualTo(3_000);
      assertThat(rows.getLong(3)).isEqualTo(2); // the third one is empty
      assertThat(rows.getString(4)).startsWith("2026-01-05 10:00:0");
      assertThat(rows.getLong(5)).isPositive();
    }
  }
}
