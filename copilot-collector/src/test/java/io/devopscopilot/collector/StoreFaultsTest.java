package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the store does when processes die, disks fill and files break; with real processes. */
class StoreFaultsTest {
  private static final LogQuery ALL = LogQuery.builder().build();

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("logs.duckdb");
  }

  private static void until(java.util.concurrent.Callable<Boolean> reached) throws Exception {
    long deadline = System.nanoTime() + 600_000_000_000L;
    while (!reached.call()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void fill(int lines) {
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      for (int i = 0; i < lines; i++) {
        StoreProcess.put(store, i);
      }
    }
  }

  private void sql(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Many records a flush: some of them are written before it. */
  @ParameterizedTest
  @ValueSource(ints = {500, 100_000})
  void killedAtRandomPointsNothingIsMissingAndNothingDoubled(int perFlush) throws Exception {
    Path acknowledged = folder.resolve("acknowledged");
    Random random = new Random(5);
    int kills = Integer.getInteger("copilot.kills", 3);
    for (int kill = 0; kill < kills; kill++) {
      Files.deleteIfExists(acknowledged);
      Process process =
          StoreProcess.start(
              folder.resolve("out"),
              "write",
              file.toString(),
              acknowledged.toString(),
              Integer.toString(perFlush));
      until(() -> Files.exists(acknowledged) || !process.isAlive());
      process.waitFor(random.nextInt(300), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      assertThat(Files.readString(folder.resolve("out"))).doesNotContain("refused");
      String last = Files.readString(acknowledged);
      try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
        long newest = Long.parseLong(store.positions().get("numbers"));
        assertThat(newest).isGreaterThanOrEqualTo(last.isEmpty() ? 0 : Long.parseLong(last));
        assertThat(store.count(ALL)).as("after kill %s, %s", kill, last).isEqualTo(newest + 1);
        assertThat(sum(store.counts(ALL, Duration.ofMinutes(1)))).isEqualTo(newest + 1);
      }
    }
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Statement statement = connection.createStatement();
        java.sql.ResultSet rows =
            statement.executeQuery("SELECT count(*), count(DISTINCT message) FROM records")) {
      rows.next();
      assertThat(rows.getLong(1)).isEqualTo(rows.getLong(2));
    }
  }

  private static long sum(List<LogStore.Count> counts) {
    return counts.stream().mapToLong(LogStore.Count::count).sum();
  }

  @Test
  void aSecondProcessIsRefusedInOneLine() throws Exception {
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      StoreProcess.put(store, 0);
      Path output = folder.resolve("out");
      assertThat(StoreProcess.start(output, "open", file.toString()).waitFor()).isEqualTo(3);
      assertThat(Files.readAllLines(output).stream().filter(l -> l.startsWith("refused")))
          .singleElement()
          .asString()
          .contains("logs.duckdb is open in another process");
    }
  }

  @Test
  void aNewerLayoutIsRefused() throws Exception {
    fill(3);
    sql("UPDATE schema_version SET version = 99");
    assertThatThrownBy(() -> DuckDbLogStore.open(file))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("layout 99")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileOfANewerDuckDbIsRefused() throws Exception {
    fill(3);
    byte[] bytes = Files.readAllBytes(file);
    bytes[12] = (byte) 200; // the storage version, behind a checksum and "DUCK"
    Files.write(file, bytes);
    assertThatThrownBy(() -> DuckDbLogStore.open(file))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("logs.duckdb")
        .hasMessageNotContaining("\n");
  }

  @Test
  void aNameThatLooksLikeALogIsNoDamage() throws Exception {
    for (String name : List.of("firewall.duckdb", "WAL.duckdb")) {
      Path none = Files.writeString(folder.resolve(name), "not a database".repeat(1_000));
      Path log = Files.writeString(folder.resolve(name + ".wal"), "sound");
      assertThatThrownBy(() -> DuckDbLogStore.open(none)).hasMessageContaining("not a DuckDB file");
      assertThat(log).exists();
    }
  }

  @Test
  void anOlderLayoutIsBroughtUpAndSurvivesACrashRightAfter() throws Exception {
    fill(500);
    sql(
        "DROP TABLE minutes",
        "DROP TABLE corrections",
        "ALTER TABLE positions DROP COLUMN seen",
        "UPDATE schema_version SET version = 1",
        "CHECKPOINT");
    Path output = folder.resolve("out");
    assertThat(StoreProcess.start(output, "open", file.toString()).waitFor()).isZero();
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      assertThat(store.count(ALL)).isEqualTo(500);
      assertThat(store.positions()).containsEntry("numbers", "499");
      store.keep(Set.of());
      assertThat(store.positions()).containsEntry("numbers", "499");
      assertThat(sum(store.counts(ALL, Duration.ofMinutes(1)))).isEqualTo(500);
      assertThat(store.counters()).containsEntry("store.wal.damaged", 0L);
    }
  }

  @Test
  void aDamagedLogIsPutAsideAndTheRestGoesOn() throws Exception {
    fill(100);
    Path acknowledged = folder.resolve("acknowledged");
    Process process =
        StoreProcess.start(
            folder.resolve("out"), "write", file.toString(), acknowledged.toString(), "500", "3");
    assertThat(process.waitFor()).isZero();
    Path log = folder.resolve("logs.duckdb.wal");
    byte[] bytes = Files.readAllBytes(log);
    for (int i = bytes.length / 3; i < bytes.length / 2; i += 7) {
      bytes[i] ^= 0x55;
    }
    Files.write(log, bytes);
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      assertThat(store.count(ALL)).isGreaterThanOrEqualTo(100);
      long newest = Long.parseLong(store.positions().get("numbers"));
      assertThat(store.count(ALL)).isEqualTo(newest + 1);
      assertThat(store.counters()).containsEntry("store.wal.damaged", 1L);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(n -> n.startsWith("logs.duckdb.wal.damaged-"));
    }
  }

  @Test
  void aFullDiskHoldsTheLinesAndWritesThemOnceThereIsRoom() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("disk"));
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/bin/mount"))
            && run("mount", "-t", "tmpfs", "-o", "size=24m", "none", disk.toString()) == 0,
        "not run: mounting a small disk needs root");
    try {
      Path filler = disk.resolve("filler");
      try (DuckDbLogStore store = DuckDbLogStore.open(disk.resolve("logs.duckdb"))) {
        Files.write(filler, new byte[20 << 20]);
        int failures = 0;
        int number = 0;
        Random random = new Random(1);
        while (failures < 3) {
          for (int i = 0; i < 1_000 && failures == 0; i++) {
            StoreProcess.put(store, number++);
          }
          if (failures == 0) {
            byte[] noise = new byte[100_000];
            random.nextBytes(noise);
            store.accept(
                io.devopscopilot.api.LogRecord.of(
                    java.util.Base64.getEncoder().encodeToString(noise)),
                io.devopscopilot.api.Classification.certain(
                    io.devopscopilot.api.Severity.INFO, "none", 1));
            number++;
          }
          try {
            store.flush();
          } catch (CopilotException e) {
            assertThat(e.retryable()).isTrue();
            failures++;
          }
          assertThat(number).isLessThan(10_000_000);
        }
        Files.delete(filler);
        store.flush();
        assertThat(store.count(ALL)).isEqualTo(number);
      }
    } finally {
      run("umount", "-l", disk.toString());
    }
  }

  @Test
  void moreThanIsHeldIsRefusedUntilThereIsRoom() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("disk"));
    Assumptions.assumeTrue(
        Files.isExecutable(Path.of("/bin/mount"))
            && run("mount", "-t", "tmpfs", "-o", "size=64m", "none", disk.toString()) == 0,
        "not run: mounting a small disk needs root");
    try {
      Path filler = disk.resolve("filler");
      try (DuckDbLogStore store = DuckDbLogStore.open(disk.resolve("logs.duckdb"))) {
        Files.write(filler, new byte[61 << 20]);
        int number = 0;
        boolean refused = false;
        while (!refused) {
          assertThat(number).as("held").isLessThanOrEqualTo(DuckDbLogStore.MAX_BUFFERED);
          try {
            StoreProcess.put(store, number);
            number++;
          } catch (CopilotException e) {
            assertThat(e.retryable()).isTrue();
            refused = true;
          }
        }
        assertThat(number).isEqualTo(DuckDbLogStore.MAX_BUFFERED);
        assertThat(store.count(ALL)).isZero();
        Files.delete(filler);
        StoreProcess.put(store, number++);
        store.flush();
        assertThat(store.count(ALL)).isEqualTo(number);
        assertThat(store.positions()).containsEntry("numbers", Integer.toString(number - 1));
      }
    } finally {
      run("umount", "-l", disk.toString());
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor();
  }

  @Test
  void keepsWhatAgeAndSizeAllow() throws Exception {
    DuckDbLogStore.Retention week = new DuckDbLogStore.Retention(Duration.ofDays(7), 0);
    try (DuckDbLogStore store = DuckDbLogStore.open(file, week)) {
      StoreProcess.put(store, Instant.now().minus(Duration.ofDays(8)).getEpochSecond());
      StoreProcess.put(store, Instant.now().getEpochSecond());
      store.flush();
      assertThat(store.count(ALL)).isEqualTo(1);
      assertThat(sum(store.counts(ALL, Duration.ofMinutes(1)))).isEqualTo(1);
      assertThat(store.counters()).containsEntry("store.rows.removed", 1L);
    }
    try (DuckDbLogStore store = DuckDbLogStore.open(folder.resolve("big.duckdb"))) {
      for (int i = 0; i < 300_000; i++) {
        store.accept(
            io.devopscopilot.api.LogRecord.of(
                Instant.ofEpochSecond(i),
                "line " + i + " " + Long.toHexString(i * 0x9E3779B97F4A7C15L),
                io.devopscopilot.api.Origin.UNKNOWN),
            io.devopscopilot.api.Classification.certain(
                io.devopscopilot.api.Severity.INFO, "none", i % 50));
      }
      CountDownLatch reading = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      Thread query =
          new Thread(
              () ->
                  store.file.read(
                      own -> {
                        try (Statement sql = own.createStatement()) {
                          sql.execute("BEGIN TRANSACTION READ ONLY");
                          sql.executeQuery("SELECT count(*) FROM records").close();
                          reading.countDown();
                          return end.await(60, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                          throw new SQLException(e);
                        }
                      }));
      store.flush();
      query.start();
      assertThat(reading.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(store.removeAbove(4 << 20)).as("what a query reads is not freed").isZero();
      end.countDown();
      query.join();
      long removed = store.removeAbove(4 << 20);
      assertThat(removed).isBetween(1_000L, 299_999L);
      assertThat(store.count(ALL)).isEqualTo(300_000 - removed);
      assertThat(store.find(LogQuery.builder().limit(1).build()).get(0).record().timestamp())
          .isEqualTo(Instant.ofEpochSecond(299_999)); // the newest stay
    }
  }

  @Test
  void itsSqlReachesNoOtherFile() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret.csv"), "a\n1\n");
    StoreFile opened = new StoreFile(file);
    opened.open();
    try {
      for (String sql :
          List.of(
              "SELECT * FROM read_csv('" + secret + "')",
              "SET enable_external_access=true",
              "SET memory_limit='8GB'",
              "ATTACH '" + folder.resolve("other.duckdb") + "'")) {
        assertThatThrownBy(
                () -> opened.read(connection -> connection.createStatement().execute(sql)))
            .as(sql)
            .isInstanceOf(CopilotException.class);
      }
    } finally {
      opened.close();
    }
  }
}
