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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckDbLogStoreTest extends LogStoreContract {
  private static final Classification INFO =
      Classification.certain(Severity.INFO, Category.NONE, 1);

  @TempDir Path folder;

  @Override
  protected LogStore open() {
    return DuckDbLogStore.open(folder.resolve("logs.duckdb"));
  }

  @Test
  void whatIsMoreThanIsHeldIsWrittenBeforeTheFlush() {
    int rows = 3 * DuckDbLogStore.MAX_BUFFERED / 2 + 10;
    Path file = folder.resolve("many.duckdb");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      for (int i = 0; i < rows; i++) {
        StoreProcess.put(store, i);
      }
      store.flush();
      assertThat(store.count(LogQuery.builder().build())).isEqualTo(rows);
      assertThat(store.get(1).orElseThrow().record().message()).isEqualTo("line 0");
      assertThat(store.get(rows).orElseThrow().record().message()).isEqualTo("line " + (rows - 1));
      assertThat(store.positions()).containsEntry("numbers", Integer.toString(rows - 1));
      assertThat(store.counters()).containsEntry("store.rows.written", (long) rows);
    }
  }

  @Test
  void linesOfAPodAreFoundWhetherItHasOneOriginOrMore() {
    Origin.Builder pod = Origin.builder().namespace("a").service("web").pod("web-1");
    Origin other = Origin.builder().namespace("a").service("db").pod("db-1").build();
    LogQuery.Builder query = LogQuery.builder().pod("web-1");
    Path file = folder.resolve("pods.duckdb");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      store.accept(LogRecord.of(Instant.EPOCH, "no pod", Origin.UNKNOWN), INFO);
      store.accept(LogRecord.of(Instant.EPOCH, "other", other), INFO);
      store.accept(LogRecord.of(Instant.EPOCH, "one", pod.build()), INFO);
      store.flush();
      assertThat(found(store, query)).containsExactly("one");
      assertThat(found(store, query.namespace("a").service("web"))).containsExactly("one");
      assertThat(found(store, query.service("db"))).isEmpty();
      assertThat(found(store, query.service("web").namespace("b"))).isEmpty();
      assertThat(found(store, LogQuery.builder().pod("none"))).isEmpty();
      assertThat(found(store, LogQuery.builder().namespace("a"))).hasSize(2);
      store.accept(
          LogRecord.of(Instant.EPOCH, "two", pod.namespace("b").container("proxy").build()), INFO);
      store.flush();
      assertThat(found(store, query)).containsExactly("two");
      assertThat(found(store, query.namespace("").service(""))).containsExactly("two", "one");
    }
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      assertThat(found(store, query)).containsExactly("two", "one");
      assertThat(found(store, LogQuery.builder().pod("db-1"))).containsExactly("other");
    }
  }

  private static List<String> found(DuckDbLogStore store, LogQuery.Builder query) {
    return store.find(query.build()).stream().map(s -> s.record().message()).toList();
  }

  @Test
  void refusesAFileThatIsNoStore() throws IOException {
    Path file = Files.writeString(folder.resolve("notes.txt"), "not a database".repeat(1000));
    assertThatThrownBy(() -> DuckDbLogStore.open(file))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("notes.txt")
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesAMissingFolder() {
    assertThatThrownBy(() -> DuckDbLogStore.open(folder.resolve("no/such/logs.duckdb")))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("logs.duckdb");
  }

  @Test
  void aQueryThatTakesTooLongIsStopped() throws SQLException {
    StoreFile file = new StoreFile(folder.resolve("slow.duckdb"));
    file.open();
    try {
      assertThatThrownBy(
              () ->
                  file.read(
                      own -> {
                        String slow =
                            "SELECT count(*) FROM range(100000000) a, range(100000) b WHERE"
                                + " a.range * b.range % 7 = 3";
                        try (PreparedStatement statement = own.prepareStatement(slow)) {
                          StoreSql.where(LogQuery.builder().build(), OptionalInt.empty())
                              .bind(statement);
                          assertThat(statement.getQueryTimeout()).isEqualTo(StoreSql.QUERY_SECONDS);
                          statement.setQueryTimeout(1);
                          statement.executeQuery();
                        }
                        return "";
                      }))
          .isInstanceOf(CopilotException.class)
          .hasMessageContaining("more than 30 s and was stopped: narrow it");
    } finally {
      file.close();
    }
  }

  @Test
  void removesOldRecordsAndExportsTheRest() throws Exception {
    try (DuckDbLogStore store = DuckDbLogStore.open(folder.resolve("own.duckdb"))) {
      for (int i = 0; i < 10; i++) {
        store.accept(
            LogRecord.of(Instant.ofEpochSecond(i * 86_400L), "line " + i, Origin.UNKNOWN),
            Classification.certain(Severity.INFO, Category.NONE, i));
      }
      assertThat(store.removeBefore(Instant.ofEpochSecond(7 * 86_400L))).isEqualTo(7);
      assertThat(store.count(LogQuery.builder().build())).isEqualTo(3);
      Path export = store.exportParquet();
      try (Stream<Path> files = Files.walk(export)) {
        assertThat(files.filter(f -> f.toString().endsWith(".parquet"))).hasSize(3);
      }
      assertThat(store.exportParquet()).isEqualTo(export);
      try (Connection reader = DriverManager.getConnection("jdbc:duckdb:");
          Statement sql = reader.createStatement();
          ResultSet rows =
              sql.executeQuery(
                  "SELECT string_agg(day || ' ' || severity || ' ' || category || ' ' || message, '; '"
                      + " ORDER BY id) FROM read_parquet('"
                      + export
                      + "/*/*.parquet', hive_partitioning = true)")) {
        rows.next();
        assertThat(rows.getString(1))
            .isEqualTo(
                "1970-01-08 INFO none line 7; 1970-01-09 INFO none line 8;"
                    + " 1970-01-10 INFO none line 9");
      }
    }
  }

  @Test
  void exportsADayThatIsLargerThanTheMemoryLimit() throws Exception {
    String filler = " all work and no play".repeat(400);
    int lines = 36_000; // 300 MB of text, the memory limit is 256 MB
    try (DuckDbLogStore store = DuckDbLogStore.open(folder.resolve("own.duckdb"))) {
      for (int i = 0; i < lines; i++) {
        store.accept(
            LogRecord.of(Instant.ofEpochSecond(i), i + filler, Origin.UNKNOWN),
            Classification.certain(Severity.INFO, Category.NONE, i));
        if (i % 5_000 == 0) {
          store.flush();
        }
      }
      Path export = store.exportParquet();
      try (Connection reader = DriverManager.getConnection("jdbc:duckdb:");
          Statement sql = reader.createStatement();
          ResultSet rows =
              sql.executeQuery(
                  "SELECT count(DISTINCT message) FROM read_parquet('"
                      + export
                      + "/*/*.parquet')")) {
        rows.next();
        assertThat(rows.getLong(1)).isEqualTo(lines);
      }
    }
  }

  @Test
  void anOriginIsStoredOnceAndGoesWithItsLastLine() throws Exception {
    Path file = folder.resolve("own.duckdb");
    Instant begin = Instant.ofEpochSecond(86_400);
    for (int life = 0; life < 2; life++) {
      try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
        for (int i = 0; i < 600; i++) {
          store.accept(
              LogRecord.of(begin.plusSeconds(60L * i), "line " + i, pod(i % 300)),
              Classification.certain(Severity.INFO, Category.NONE, i));
        }
        store.flush();
        assertThat(store.find(LogQuery.builder().limit(2_000).oldestFirst().build()))
            .hasSize(600 * (life + 1))
            .allSatisfy(
                found -> {
                  int i = Integer.parseInt(found.record().message().substring(5));
                  assertThat(found.record().origin()).isEqualTo(pod(i % 300));
                });
        if (life == 1) {
          store.removeBefore(begin.plusSeconds(60L * 590)); // of both lives the last ten
          assertThat(store.find(LogQuery.builder().pod("pod-295").build())).hasSize(2);
          store.accept(
              LogRecord.of(begin.plusSeconds(60L * 600), "line 600", pod(0)),
              Classification.certain(Severity.INFO, Category.NONE, 1));
          store.flush();
          assertThat(store.find(LogQuery.builder().pod("pod-0").build()))
              .singleElement()
              .satisfies(found -> assertThat(found.record().origin()).isEqualTo(pod(0)));
        }
      }
      assertThat(rows(file, "origins")).isEqualTo(life == 0 ? 300 : 11);
    }
  }

  private static Origin pod(int i) {
    return Origin.builder()
        .service("shop")
        .pod("pod-" + i)
        .podUid("uid-" + i)
        .labels(Map.of("app", "shop", "no", Integer.toString(i)))
        .build();
  }

  private static long rows(Path file, String table) throws SQLException {
    try (Connection reader = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement sql = reader.createStatement();
        ResultSet rows = sql.executeQuery("SELECT count(*) FROM " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  @Test
  void keepsOnePositionForEachOfManyStreams() throws Exception {
    Path file = folder.resolve("own.duckdb");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      for (int i = 0; i < 2_402; i++) {
        store.accept(
            LogRecord.of("x").at(new LogRecord.Position("s" + i % 1_201, "t" + i)),
            Classification.certain(Severity.INFO, Category.NONE, 1));
        if (i == 1_200) {
          store.flush();
        }
      }
    }
    try (Connection reader = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement sql = reader.createStatement();
        ResultSet rows =
            sql.executeQuery("SELECT count(*), count(DISTINCT stream) FROM positions")) {
      rows.next();
      assertThat(rows.getLong(1)).isEqualTo(1_201);
      assertThat(rows.getLong(2)).isEqualTo(1_201);
    }
  }

  @Test
  void positionsThatNoSourceNamesGoWithTheirAgeOrNumber() throws Exception {
    Path file = folder.resolve("own.duckdb");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      for (String stream : List.of("silent", "gone", "gone lately", "moved")) {
        store.accept(LogRecord.of("x").at(new LogRecord.Position(stream, "1")), INFO);
      }
    }
    sql(
        file,
        "UPDATE positions SET seen = seen - CASE stream WHEN 'gone lately' THEN 30 ELSE 31 END");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      store.accept(LogRecord.of("x").at(new LogRecord.Position("moved", "2")), INFO);
      store.flush();
      assertThat(store.positions()).hasSize(4);
      store.keep(Set.of("silent", "never stored"));
      assertThat(store.positions())
          .isEqualTo(Map.of("silent", "1", "gone lately", "1", "moved", "2"));
      store.keep(Set.of());
      assertThat(store.positions()).hasSize(3); // those of today stay, named or not
    }
    sql(
        file,
        "UPDATE positions SET seen = seen - 5 WHERE stream = 'silent'",
        "INSERT INTO positions SELECT 's' || range, '1', seen - 2 FROM range(50000), positions WHERE"
            + " stream = 'moved'");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      store.keep(Set.of("silent"));
      assertThat(store.positions())
          .as("the newest 50,000, and all of the day of the last of them")
          .hasSize(50_002)
          .containsKeys("silent", "moved")
          .doesNotContainKey("gone lately");
    }
  }

  private static void sql(Path file, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement sql = connection.createStatement()) {
      for (String statement : statements) {
        sql.execute(statement);
      }
    }
  }

  @Test
  void keepsTheNewestCorrectionOfARecord() {
    Path file = folder.resolve("own.duckdb");
    Correction wrong = new Correction(7, "it broke", Optional.of(Severity.WARN), Optional.empty());
    Correction right =
        new Correction(7, "it broke", Optional.of(Severity.ERROR), Optional.of(Category.STORAGE));
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      store.correct(wrong);
      store.correct(right);
    }
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      assertThat(store.corrections()).containsExactly(right);
    }
  }

  @Test
  void bringsAFileOfAnOlderLayoutUpToDate() throws Exception {
    Path file = folder.resolve("old.duckdb");
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      store.accept(LogRecord.of("kept"), Classification.certain(Severity.INFO, Category.NONE, 1));
    }
    try (Connection old = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement sql = old.createStatement()) {
      sql.execute("DROP TABLE corrections");
      sql.execute("DROP TABLE minutes");
      sql.execute("ALTER TABLE positions DROP COLUMN seen");
      sql.execute("UPDATE schema_version SET version = 1");
    }
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      assertThat(store.corrections()).isEmpty();
      assertThat(store.count(LogQuery.builder().build())).isEqualTo(1);
    }
    try (Connection newer = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement sql = newer.createStatement()) {
      sql.execute("UPDATE schema_version SET version = 99");
    }
    assertThatThrownBy(() -> DuckDbLogStore.open(file))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("table layout 99");
  }
}
