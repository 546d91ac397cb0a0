package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;

/** The DuckDB file: opening, schema, connections, and what its errors mean. */
final class StoreFile {
  /** Version of the tables below. */
  static final int SCHEMA = 2;

  private static final String CORRECTIONS =
      "CREATE TABLE corrections (record BIGINT, said TIMESTAMP, message VARCHAR, severity VARCHAR,"
          + " category VARCHAR)";

  /** What brings a file of layout n + 1 to layout n + 2. */
  private static final String[] MIGRATIONS = {CORRECTIONS};

  private static final String[] TABLES = {
    "CREATE TABLE schema_version (version INTEGER)",
    "CREATE TABLE origins (id INTEGER, namespace VARCHAR, service VARCHAR, pod VARCHAR, pod_uid"
        + " VARCHAR, container VARCHAR, node VARCHAR, owner VARCHAR, restarts INTEGER, labels"
        + " VARCHAR)",
    "CREATE TABLE categories (id SMALLINT, name VARCHAR)",
    "CREATE TABLE records (id BIGINT, ts TIMESTAMP, nanos SMALLINT, origin INTEGER, kind TINYINT,"
        + " severity TINYINT, severity_mille SMALLINT, category SMALLINT, category_mille SMALLINT,"
        + " fingerprint BIGINT, flags TINYINT, message VARCHAR, attributes VARCHAR)",
    "CREATE TABLE positions (stream VARCHAR, token VARCHAR)",
    CORRECTIONS,
    "INSERT INTO schema_version VALUES (" + SCHEMA + ")"
  };

  /** A query on a connection of its own. */
  interface Reading<T> {
    T on(Connection connection) throws SQLException;
  }

  private final Path path;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private Optional<DuckDBConnection> connection = Optional.empty();

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
    settings.setProperty("jdbc_stream_results", "false");
    lock.writeLock().lock();
    try {
      DuckDBConnection opened =
          (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:" + path, settings);
      connection = Optional.of(opened);
      schema(opened);
      try (Statement statement = opened.createStatement()) {
        statement.execute(
            "SET allowed_directories=['" + export().toString().replace("'", "''") + "/']");
        statement.execute("SET enable_external_access=false");
        statement.execute("SET lock_configuration=true");
      }
    } finally {
      lock.writeLock().unlock();
    }
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
        opened.setAutoCommit(false);
        for (long from = version; from < SCHEMA; from++) {
          statement.execute(MIGRATIONS[(int) from - 1]);
        }
        statement.execute("UPDATE schema_version SET version = " + SCHEMA);
        opened.commit();
        opened.setAutoCommit(true);
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
    } catch (SQLException e) {
      throw failure("could not be queried", e);
    } finally {
      lock.readLock().unlock();
    }
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
            statement.execute(
                "COPY (SELECT r.id, r.ts AS timestamp, CAST(r.ts AS DATE) AS day, o.namespace,"
                    + " o.service, o.pod, o.container, o.node, o.owner, o.restarts,"
                    + " CASE r.kind WHEN 0 THEN 'LOG' ELSE 'EVENT' END AS kind,"
                    + " ['DEBUG','INFO','WARN','ERROR','FATAL'][r.severity + 1] AS severity,"
                    + " r.severity_mille / 1000.0 AS severity_probability, c.name AS category,"
                    + " r.category_mille / 1000.0 AS category_probability, r.fingerprint, r.message"
                    + " FROM records r JOIN origins o ON o.id = r.origin JOIN categories c ON c.id ="
                    + " r.category) TO '"
                    + target.toString().replace("'", "''")
                    + "' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))");
          }
          return target;
        });
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

  CopilotException writeFailure(SQLException e) {
    return new CopilotException(
        path.getFileName() + " could not be written, the records are held: " + first(e), e, true);
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
    if (message.contains("WAL")) {
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
