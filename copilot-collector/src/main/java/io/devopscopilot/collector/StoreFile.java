package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The DuckDB file: opening, schema, connections, and what its errors mean. */
final class StoreFile {
  /** Version of the tables below. */
  static final int SCHEMA = 4;

  private static final String CORRECTIONS =
      "CREATE TABLE corrections (record BIGINT, said TIMESTAMP, message VARCHAR, severity VARCHAR,"
          + " category VARCHAR)";

  private static final String MINUTES =
      "CREATE TABLE minutes (minute BIGINT, fingerprint BIGINT, origin INTEGER, severity TINYINT,"
          + " category SMALLINT, n BIGINT)";

  /** What brings a file of layout i + 1 to layout i + 2. */
  private static final String[][] MIGRATIONS = {
    {CORRECTIONS},
    {
      MINUTES,
      "INSERT INTO minutes SELECT CAST(floor(epoch_us(ts) / 60000000.0) AS BIGINT), fingerprint,"
          + " origin, severity, category, count(*) FROM records GROUP BY ALL"
    },
    {
      "ALTER TABLE positions ADD COLUMN seen INTEGER",
      "UPDATE positions SET seen = CAST(current_localtimestamp() AS DATE) - DATE '1970-01-01'"
    }
  };

  private static final String[] TABLES = {
    MINUTES,
    "CREATE TABLE schema_version (version INTEGER)",
    "CREATE TABLE origins (id INTEGER, namespace VARCHAR, service VARCHAR, pod VARCHAR, pod_uid"
        + " VARCHAR, container VARCHAR, node VARCHAR, owner VARCHAR, restarts INTEGER, labels"
        + " VARCHAR)",
    "CREATE TABLE categories (id SMALLINT, name VARCHAR)",
    "CREATE TABLE records (id BIGINT, ts TIMESTAMP, nanos SMALLINT, origin INTEGER, kind TINYINT,"
        + " severity TINYINT, severity_mille SMALLINT, category SMALLINT, category_mille SMALLINT,"
        + " fingerprint BIGINT, flags TINYINT, message VARCHAR, attributes VARCHAR)",
    "CREATE TABLE positions (stream VARCHAR, token VARCHAR, seen INTEGER)",
    CORRECTIONS,
    "INSERT INTO schema_version VALUES (" + SCHEMA + ")"
  };

  /** A query on a connection of its own. */
  interface Reading<T> {
    T on(Connection connection) throws SQLException;
  }

  /** A change of the file. */
  interface Change {
    void run() throws SQLException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(StoreFile.class);

  private static final long RESERVE = 2 << 20;
  private static final long DAY_MICROS = 86_400_000_000L;

  /** Rows of a Parquet row group, where they have 16 MB at most. */
  private static final int EXPORT_ROWS = 20_480;

  private final Path path;
  private volatile long damaged;
  private boolean opened;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private Optional<DuckDBConnection> connection = Optional.empty();
  private @Nullable FileStore disk;

  StoreFile(Path path) {
    this.path = path.toAbsolutePath().normalize();
  }

  private Path export() {
    return path.resolveSibling(path.getFileName() + ".export");
  }

  void open() throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", "256MB");
    settings.setProperty("threads", "2");
    settings.setProperty("max_temp_directory_size", "2GB");
    settings.setProperty("temp_directory", path + ".tmp");
    settings.setProperty("checkpoint_threshold", "64MB");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    // Every query says its order; an export that need not keep one needs less memory.
    settings.setProperty("preserve_insertion_order", "false");
    settings.setProperty("jdbc_stream_results", "false");
    lock.writeLock().lock();
    try {
      DuckDBConnection made = connect(settings);
      connection = Optional.of(made);
      schema(made);
      try (Statement statement = made.createStatement()) {
        statement.execute(
            "SET allowed_directories=['" + export().toString().replace("'", "''") + "/']");
        statement.execute("SET enable_external_access=false");
        statement.execute("SET lock_configuration=true");
      }
      opened = true;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private DuckDBConnection connect(Properties settings) throws SQLException {
    String url = "jdbc:duckdb:" + path;
    try {
      return (DuckDBConnection) DriverManager.getConnection(url, settings);
    } catch (SQLException e) {
      Path log = path.resolveSibling(path.getFileName() + ".wal");
      // Only when a process begins: while one runs, a full disk can keep a sound log from being
      // read.
      if (opened || !damage(unnamed(String.valueOf(e.getMessage()))) || !Files.exists(log)) {
        throw e;
      }
      // Sources read again what it held; it is kept for whoever wants to look.
      Path aside =
          path.resolveSibling(path.getFileName() + ".wal.damaged-" + System.currentTimeMillis());
      try {
        Files.move(log, aside);
      } catch (IOException second) {
        e.addSuppressed(second);
        throw e;
      }
      damaged++;
      LOG.error(
          "{} has a damaged write-ahead log: the records of its last moments are missing until"
              + " their sources are read again; it was moved to {}: {}",
          path.getFileName(),
          aside.getFileName(),
          first(e));
      return (DuckDBConnection) DriverManager.getConnection(url, settings);
    }
  }

  private static boolean damage(String message) {
    String text = message.toLowerCase(java.util.Locale.ROOT);
    return text.contains("wal")
        && !text.contains("no space")
        && !text.contains("could not write")
        && !text.contains("out of memory")
        && !text.contains("permission")
        && !text.contains("lock on file");
  }

  /** A message without the name of the file, whatever stands in that. */
  private String unnamed(String message) {
    return message.replace(path.toString(), "").replace(path.getFileName().toString(), "");
  }

  /** How many damaged write-ahead logs were put aside since the start. */
  long damaged() {
    return damaged;
  }

  private void schema(DuckDBConnection opened) throws SQLException {
    try (Statement statement = opened.createStatement()) {
      long tables =
          one(
              statement,
              "SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_version'");
      if (tables == 0) {
        opened.setAutoCommit(false);
        for (String sql : TABLES) {
          statement.execute(sql);
        }
        opened.commit();
        opened.setAutoCommit(true);
      } else {
        long version = one(statement, "SELECT max(version) FROM schema_version");
        if (version > SCHEMA) {
          throw new CopilotException(
              path.getFileName()
                  + " has the table layout "
                  + version
                  + ", this version knows "
                  + SCHEMA
                  + " at most: use the newer version, or another file");
        }
        for (; version < SCHEMA; version++) {
          opened.setAutoCommit(false);
          for (String sql : MIGRATIONS[(int) version - 1]) {
            statement.execute(sql);
          }
          statement.execute("UPDATE schema_version SET version = " + (version + 1));
          opened.commit();
          opened.setAutoCommit(true);
          // A change of the layout must not wait in the log: replaying it has failed before.
          statement.execute("CHECKPOINT");
          LOG.info("{} was brought to table layout {}", path.getFileName(), version + 1);
        }
      }
    }
  }

  private static long one(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  long number(String sql) throws SQLException {
    try (Statement statement = writer().createStatement()) {
      return one(statement, sql);
    }
  }

  void run(String sql) throws SQLException {
    try (Statement statement = writer().createStatement()) {
      statement.execute(sql);
    }
  }

  DuckDBConnection writer() throws SQLException {
    return connection.orElseThrow(() -> new SQLException("the store is closed"));
  }

  /** Runs a query on a connection of its own, while the file stays open. */
  <T> T read(Reading<T> reading) {
    lock.readLock().lock();
    try {
      if (connection.isEmpty()) {
        throw new CopilotException("the store is closed or being opened anew", null, true);
      }
      try (Connection own = connection.get().duplicate()) {
        return reading.on(own);
      }
    } catch (SQLTimeoutException e) {
      throw tooLong(e);
    } catch (SQLException e) {
      throw failure("could not be queried", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Runs while no query does, for what one reads is not freed before its end.
   *
   * @return false = not run: queries lasted longer than that
   */
  boolean alone(Duration limit, Change change) throws SQLException {
    boolean got = false;
    try {
      got = lock.writeLock().tryLock(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (got) {
      try {
        change.run();
      } finally {
        lock.writeLock().unlock();
      }
    }
    return got;
  }

  Path exportParquet() {
    Path target = export().resolve("parquet");
    try {
      if (Files.exists(target)) {
        try (Stream<Path> old = Files.walk(target)) {
          for (Path p : old.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(p);
          }
        }
      }
      Files.createDirectories(target);
    } catch (IOException e) {
      throw new CopilotException(target + " can't be emptied: " + e.getMessage(), e);
    }
    return read(
        own -> {
          try (Statement statement = own.createStatement()) {
            // One state of the file for all days.
            statement.execute("BEGIN TRANSACTION READ ONLY");
            for (long day : days(statement)) {
              copy(statement, day, target);
            }
            statement.execute("COMMIT");
          }
          return target;
        });
  }

  private static List<Long> days(Statement statement) throws SQLException {
    List<Long> days = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT DISTINCT CAST(ts AS DATE) - DATE '1970-01-01' FROM records ORDER BY 1")) {
      while (rows.next()) {
        days.add(rows.getLong(1));
      }
    }
    return days;
  }

  /**
   * Writes one day as one file. A day at a time and small row groups: all days at once held more
   * than the memory limit.
   */
  private static void copy(Statement statement, long day, Path target) throws SQLException {
    Path folder = target.resolve("day=" + LocalDate.ofEpochDay(day));
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CopilotException(folder + " can't be made: " + e.getMessage(), e);
    }
    long from = day * DAY_MICROS;
    statement.execute(
        "COPY (SELECT r.id, r.ts AS timestamp, o.namespace, o.service, o.pod, o.container, o.node,"
            + " o.owner, o.restarts, CASE r.kind WHEN 0 THEN 'LOG' ELSE 'EVENT' END AS kind,"
            + " ['DEBUG','INFO','WARN','ERROR','FATAL'][r.severity + 1] AS severity,"
            + " r.severity_mille / 1000.0 AS severity_probability, c.name AS category,"
            + " r.category_mille / 1000.0 AS category_probability, r.fingerprint, r.message"
            + " FROM records r JOIN origins o ON o.id = r.origin JOIN categories c ON c.id ="
            + " r.category WHERE r.ts >= make_timestamp("
            + from
            + ") AND r.ts < make_timestamp("
            + (from + DAY_MICROS)
            + ")) TO '"
            + folder.resolve("data_0.parquet").toString().replace("'", "''")
            + "' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE "
            + EXPORT_ROWS
            + ", ROW_GROUP_SIZE_BYTES '16MB')");
  }

  /** Closes all connections; waits for running queries. */
  void close() {
    lock.writeLock().lock();
    try {
      if (connection.isPresent()) {
        connection.get().close();
      }
    } catch (SQLException e) {
      throw new UncheckedIOException(new IOException("could not close " + path, e));
    } finally {
      connection = Optional.empty();
      lock.writeLock().unlock();
    }
  }

  /**
   * Refuses to write where the disk may not take it: a full disk was seen to drop transactions that
   * DuckDB had acknowledged.
   */
  void needRoom(long bytes) {
    long free = Long.MAX_VALUE;
    try {
      if (disk == null) { // looked up once: that reads the table of all mounts
        disk = Files.getFileStore(path);
      }
      free = disk.getUsableSpace();
    } catch (IOException e) {
      LOG.debug("the free space of {} is not known", path, e);
    }
    if (free < bytes + RESERVE) {
      throw new CopilotException(
          path.getFileName()
              + " can't grow, the records are held: "
              + free
              + " bytes are free on its disk, "
              + (bytes + RESERVE)
              + " are needed",
          null,
          true);
    }
  }

  CopilotException writeFailure(SQLException e) {
    return new CopilotException(
        path.getFileName() + " could not be written, the records are held: " + first(e), e, true);
  }

  static CopilotException tooLong(SQLTimeoutException e) {
    return new CopilotException(
        "the query took more than "
            + StoreSql.QUERY_SECONDS
            + " s and was stopped: narrow it by time, service or severity",
        e,
        true);
  }

  CopilotException failure(String what, SQLException e) {
    String message = first(e);
    String name = path.toString();
    if (message.contains("lock on file") || message.contains("being used by another process")) {
      return new CopilotException(
          name + " is open in another process: end that one, or choose another data folder",
          e,
          true);
    }
    if (unnamed(message).contains("WAL")) {
      return new CopilotException(
          name
              + " has a damaged write-ahead log; to go on without the records of its last moments,"
              + " move "
              + path.getFileName()
              + ".wal away: "
              + message,
          e);
    }
    if (message.contains("newer version") || message.contains("storage version")) {
      return new CopilotException(name + " was written by a newer DuckDB: " + message, e);
    }
    if (message.contains("not a valid DuckDB database file")) {
      return new CopilotException(name + " is not a DuckDB file", e);
    }
    return new CopilotException(name + " " + what + ": " + message, e);
  }

  private static String first(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }
}
