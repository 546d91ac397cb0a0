package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.testkit.LogStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParquetLogStoreTest extends LogStoreContract {
  private static final Instant DAY = Instant.parse("2026-01-05T10:00:00Z");

  @TempDir Path folder;
  private final Map<String, String> positions = new HashMap<>();
  private int written;

  /** Writes each flush as the job does, a file by day and namespace, and reads what is there. */
  @Override
  protected LogStore open() {
    return new Written(ParquetLogStore.open(folder, Duration.ZERO));
  }

  private record Row(LogRecord record, Classification verdict) {}

  private final class Written implements LogStore {
    private final LogStore files;
    private final List<Row> buffer = new ArrayList<>();

    Written(LogStore files) {
      this.files = files;
    }

    @Override
    public void accept(LogRecord record, Classification verdict) {
      buffer.add(new Row(record, verdict));
      if (!record.position().stream().isEmpty()) {
        positions.put(record.position().stream(), record.position().token());
      }
    }

    @Override
    public void flush() {
      Map<String, List<Row>> byFolder = new TreeMap<>();
      for (Row row : buffer) {
        String name = row.record().origin().namespace();
        byFolder
            .computeIfAbsent(
                "day="
                    + row.record().timestamp().atOffset(ZoneOffset.UTC).toLocalDate()
                    + "/namespace="
                    + (name.isEmpty() ? "__HIVE_DEFAULT_PARTITION__" : name),
                k -> new ArrayList<>())
            .add(row);
      }
      buffer.clear();
      byFolder.forEach(ParquetLogStoreTest.this::write);
    }

    @Override
    public Map<String, String> positions() {
      return positions;
    }

    @Override
    public List<Stored> find(LogQuery query) {
      return files.find(query);
    }

    @Override
    public Optional<Stored> get(long id) {
      return files.get(id);
    }

    @Override
    public List<Stored> context(long id, int before, int after) {
      return files.context(id, before, after);
    }

    @Override
    public List<Group> groups(LogQuery query) {
      return files.groups(query);
    }

    @Override
    public List<Count> counts(LogQuery query, Duration bucket) {
      return files.counts(query, bucket);
    }

    @Override
    public long count(LogQuery query) {
      return files.count(query);
    }

    @Override
    public void close() {
      flush();
      files.close();
    }
  }

  private void write(String where, List<Row> rows) {
    Path target = folder.resolve("lines").resolve(where);
    Path unfinished = target.resolve(".unfinished.parquet");
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      Files.createDirectories(target);
      statement.execute(
          "CREATE TABLE t (id BIGINT, ts TIMESTAMP, nanos INTEGER, service VARCHAR, pod VARCHAR,"
              + " pod_uid VARCHAR, container VARCHAR, node VARCHAR, owner VARCHAR, restarts"
              + " INTEGER, labels VARCHAR, kind VARCHAR, severity VARCHAR, severity_probability"
              + " FLOAT, category VARCHAR, category_probability FLOAT, fingerprint BIGINT, message"
              + " VARCHAR, attributes VARCHAR, flags INTEGER, model VARCHAR)");
      try (PreparedStatement insert =
          duckdb.prepareStatement(
              "INSERT INTO t VALUES (?, make_timestamp(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                  + " ?, ?, ?, ?, ?, ?)")) {
        for (Row row : rows) {
          LogRecord r = row.record();
          Origin o = r.origin();
          Object[] values = {
            1L,
            StoreText.micros(r.timestamp()),
            r.timestamp().getNano() % 1000,
            o.service(),
            o.pod(),
            o.podUid(),
            o.container(),
            o.node(),
            o.owner(),
            o.restartCount(),
            o.labels().isEmpty() ? null : StoreText.encode(o.labels()),
            r.kind().name(),
            row.verdict().severity().name(),
            (float) row.verdict().severityProbability(),
            row.verdict().category(),
            (float) row.verdict().categoryProbability(),
            row.verdict().fingerprint(),
            StoreText.stored(r.message()),
            r.attributes().isEmpty() ? null : StoreText.encode(r.attributes()),
            StoreText.flags(r.flags()),
            "test-1"
          };
          for (int i = 0; i < values.length; i++) {
            insert.setObject(i + 1, values[i]);
          }
          insert.addBatch();
        }
        insert.executeBatch();
      }
      statement.execute("COPY t TO '" + unfinished + "' (FORMAT parquet)");
      Files.move(unfinished, target.resolve("lines-" + written++ + ".parquet"));
    } catch (SQLException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private void write(Instant time, String namespace, String message) {
    try (LogStore store = open()) {
      store.accept(
          LogRecord.of(
              time, message, Origin.builder().namespace(namespace).service("cart").build()),
          Classification.certain(Severity.INFO, Category.NONE, 1));
    }
  }

  private Path damaged(String where) throws IOException {
    Path file = folder.resolve("lines").resolve(where).resolve("damaged.parquet");
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "this is no Parquet file");
  }

  @Test
  void opensOnlyFilesOfTheDaysAndTheNamespaceAskedFor() throws IOException {
    write(DAY, "shop", "wanted");
    damaged("day=2026-01-04/namespace=shop");
    damaged("day=2026-01-06/namespace=shop");
    Path beside = damaged("day=2026-01-05/namespace=bank");
    try (ParquetLogStore store = ParquetLogStore.open(folder, Duration.ZERO)) {
      LogQuery.Builder query =
          LogQuery.builder().from(DAY.minusSeconds(60)).to(DAY.plusSeconds(60)).namespace("shop");
      assertThat(store.find(query.build())).hasSize(1);
      assertThat(store.count(query.build())).isEqualTo(1);
      assertThat(store.groups(query.build())).hasSize(1);
      assertThat(store.counts(query.build(), Duration.ofHours(1))).hasSize(1);
      LogQuery wide = query.namespace("").build();
      assertThatThrownBy(() -> store.find(wide))
          .isInstanceOf(CopilotException.class)
          .hasMessageContaining("damaged.parquet")
          .hasMessageNotContaining("\n");
      Files.delete(beside);
      assertThat(store.find(wide)).hasSize(1);
    }
  }

  @Test
  void seesNewFilesAndForgetsThoseThatAreGone() throws IOException {
    try (ParquetLogStore store = ParquetLogStore.open(folder, Duration.ZERO)) {
      LogQuery all = LogQuery.builder().build();
      assertThat(store.count(all)).isZero();
      assertThat(store.find(all)).isEmpty();
      write(DAY, "shop", "first");
      long first = store.find(all).get(0).id();
      write(DAY.minusSeconds(86_400), "bank", "older, but written later");
      assertThat(store.find(LogQuery.builder().afterId(first).build()))
          .extracting(s -> s.record().message())
          .containsExactly("older, but written later");
      assertThat(store.count(all)).isEqualTo(2);
      Files.delete(folder.resolve("lines/day=2026-01-05/namespace=shop/lines-0.parquet"));
      assertThat(store.count(all)).isEqualTo(1);
      assertThat(store.get(first)).isEmpty();
    }
  }

  @Test
  void looksAgainWhereAFileWentSinceTheLastLook() throws IOException {
    write(DAY, "shop", "stays");
    write(DAY, "bank", "goes");
    try (ParquetLogStore store = ParquetLogStore.open(folder, Duration.ofDays(1))) {
      assertThat(store.count(LogQuery.builder().build())).isEqualTo(2);
      Files.delete(folder.resolve("lines/day=2026-01-05/namespace=bank/lines-1.parquet"));
      assertThat(store.find(LogQuery.builder().build())).hasSize(1);
    }
  }

  @Test
  void leavesOutWhatIsNotFinishedOrNotOurs() throws IOException {
    write(DAY, "shop", "finished");
    Path day = folder.resolve("lines/day=2026-01-05/namespace=shop");
    Files.writeString(day.resolve(".lines-1.parquet.inprogress.7"), "half");
    Files.writeString(day.resolve("_lines-2.parquet"), "half");
    damaged("day=yesterday/namespace=shop");
    damaged("month=1/namespace=shop");
    try (ParquetLogStore store = ParquetLogStore.open(folder)) {
      assertThat(store.find(LogQuery.builder().build())).hasSize(1);
      assertThat(store.counters()).containsEntry("parquet.files", 1L);
    }
  }

  @Test
  void onlyReads() {
    try (ParquetLogStore store = ParquetLogStore.open(folder)) {
      assertThatThrownBy(
              () ->
                  store.accept(
                      LogRecord.of(DAY, "x", Origin.UNKNOWN),
                      Classification.certain(Severity.INFO, Category.NONE, 1)))
          .isInstanceOf(CopilotException.class)
          .hasMessageEndingWith("is only read");
    }
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> ParquetLogStore.open(missing))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("missing");
  }
}
