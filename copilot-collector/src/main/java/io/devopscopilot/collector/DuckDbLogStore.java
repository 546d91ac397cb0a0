package io.devopscopilot.collector;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.Severity;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps records, verdicts and positions in one DuckDB file.
 *
 * <p>Each {@link #flush()} is one transaction over records, new origins, new categories and
 * positions; a process that dies at any moment leaves all of a flush or nothing. When a commit's
 * outcome is unknown (full disk, I/O error), the file is opened anew and asked whether the batch is
 * there, before anything is written again.
 *
 * <p>One process at a time may open a file. {@link #accept} and {@link #flush()} belong to one
 * thread; queries may come from any. Defaults: 256 MB of buffers, 2 threads, 2 GB for temporary
 * files, {@value #MAX_BUFFERED} records between two flushes. SQL of the store can't reach files or
 * the network, and its settings are locked.
 */
public final class DuckDbLogStore implements LogStore {
  /** So many records are held between two flushes; one more flushes by itself. */
  public static final int MAX_BUFFERED = 65_536;

  private static final Logger LOG = LoggerFactory.getLogger(DuckDbLogStore.class);

  /** So many seconds before the end are looked through for the newest records, then all. */
  private static final long[] WINDOWS = {300, 14_400, 259_200};

  /** Streams whose old positions one statement removes. */
  private static final int STREAMS = 500;

  private record Row(
      LogRecord record,
      int severity,
      short severityProbability,
      short category,
      short categoryProbability,
      long fingerprint) {}

  private final StoreFile file;
  private final Object writing = new Object();
  private final List<Row> buffer = new ArrayList<>();
  private final Map<String, String> moved = new LinkedHashMap<>();
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private final AtomicLong removed = new AtomicLong();
  private final Retention retention;
  private long retained;
  private StoreDictionary dictionary;
  private long nextId;
  private volatile long newest;
  private boolean unsure;
  private volatile boolean closed;

  private DuckDbLogStore(StoreFile file, Retention retention) throws SQLException {
    this.file = file;
    this.retention = retention;
    this.dictionary = new StoreDictionary(file);
    this.nextId = lastId() + 1;
    this.newest = file.number("SELECT coalesce(max(epoch_us(ts)), 0) FROM records");
  }

  /**
   * Opens a file, or makes it.
   *
   * @param path the file; its folder must exist
   * @throws CopilotException if another process has it open (retryable), a newer version wrote it,
   *     or it is damaged; the message says how to go on
   */
  public static DuckDbLogStore open(Path path) {
    return open(path, Retention.FOREVER);
  }

  /**
   * Opens a file, or makes it, and keeps only so much in it.
   *
   * @throws CopilotException as {@link #open(Path)} does
   */
  public static DuckDbLogStore open(Path path, Retention retention) {
    StoreFile file = new StoreFile(path);
    try {
      file.open();
      return new DuckDbLogStore(file, retention);
    } catch (SQLException e) {
      file.close();
      throw file.failure("can't be opened", e);
    }
  }

  private long lastId() throws SQLException {
    return file.number("SELECT coalesce(max(id), 0) FROM records");
  }

  @Override
  public void accept(LogRecord record, Classification c) {
    if (closed) {
      throw new CopilotException("the store is closed");
    }
    synchronized (writing) {
      if (buffer.size() >= MAX_BUFFERED) {
        flush();
      }
      buffer.add(
          new Row(
              record,
              c.severity().ordinal(),
              mille(c.severityProbability()),
              dictionary.category(c.category()),
              mille(c.categoryProbability()),
              c.fingerprint()));
      LogRecord.Position position = record.position();
      if (!position.stream().isEmpty()) {
        moved.put(position.stream(), position.token());
      }
    }
  }

  private static short mille(double probability) {
    return (short) Math.round(probability * 1000);
  }

  @Override
  public void flush() {
    synchronized (writing) {
      if (buffer.isEmpty() || closed) {
        return;
      }
      file.needRoom(buffer.stream().mapToLong(r -> 100 + 3L * r.record().message().length()).sum());
      try {
        if (unsure) {
          reopen();
          if (buffer.isEmpty()) {
            return;
          }
        }
        write();
        done();
        if (retention != Retention.FOREVER) {
          retain();
        }
      } catch (SQLException e) {
        unsure = true;
        retried.incrementAndGet();
        throw file.writeFailure(e);
      }
    }
  }

  private void done() {
    long latest = newest;
    for (Row row : buffer) {
      latest = Math.max(latest, StoreText.micros(row.record().timestamp()));
    }
    newest = latest;
    nextId += buffer.size();
    written.addAndGet(buffer.size());
    buffer.clear();
    moved.clear();
    unsure = false;
    dictionary.committed();
  }

  /** After a failure nothing in memory is trusted: what the file says counts. */
  private void reopen() throws SQLException {
    file.close();
    file.open();
    boolean committed = lastId() >= nextId + buffer.size() - 1;
    if (committed) {
      done();
    }
    dictionary = dictionary.reloaded();
    unsure = false;
  }

  private void write() throws SQLException {
    DuckDBConnection connection = file.writer();
    // Said in SQL: with autocommit off the driver begins at the first statement, and an appender
    // that comes before it commits on its own.
    file.run("BEGIN TRANSACTION");
    try {
      int[] origins = new int[buffer.size()];
      for (int i = 0; i < origins.length; i++) {
        origins[i] = dictionary.origin(buffer.get(i).record().origin());
      }
      dictionary.write(connection);
      try (DuckDBAppender out = connection.createAppender("records")) {
        long id = nextId;
        for (int i = 0; i < origins.length; i++) {
          append(out, id++, origins[i], buffer.get(i));
        }
      }
      minutes(connection, origins);
      positions(connection);
      file.run("COMMIT");
    } catch (SQLException e) {
      try {
        file.run("ROLLBACK");
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private static void append(DuckDBAppender out, long id, int origin, Row row) throws SQLException {
    LogRecord r = row.record();
    out.beginRow();
    out.append(id);
    out.appendEpochMicros(StoreText.micros(r.timestamp()));
    out.append((short) (r.timestamp().getNano() % 1000));
    out.append(origin);
    out.append((byte) r.kind().ordinal());
    out.append((byte) row.severity());
    out.append(row.severityProbability());
    out.append(row.category());
    out.append(row.categoryProbability());
    out.append(row.fingerprint());
    out.append((byte) StoreText.flags(r.flags()));
    out.append(StoreText.stored(r.message()));
    if (r.attributes().isEmpty()) {
      out.appendNull();
    } else {
      out.append(StoreText.encode(r.attributes()));
    }
    out.endRow();
  }

  /** Counts of this flush; those of a minute are the sum of several rows. */
  private void minutes(DuckDBConnection connection, int[] origins) throws SQLException {
    record Key(long minute, long fingerprint, int origin, byte severity, short category) {}
    Map<Key, Integer> counts = new HashMap<>();
    for (int i = 0; i < origins.length; i++) {
      Row row = buffer.get(i);
      counts.merge(
          new Key(
              Math.floorDiv(row.record().timestamp().getEpochSecond(), 60L),
              row.fingerprint(),
              origins[i],
              (byte) row.severity(),
              row.category()),
          1,
          Integer::sum);
    }
    try (DuckDBAppender out = connection.createAppender("minutes")) {
      for (Map.Entry<Key, Integer> e : counts.entrySet()) {
        Key key = e.getKey();
        out.beginRow();
        out.append(key.minute());
        out.append(key.fingerprint());
        out.append(key.origin());
        out.append(key.severity());
        out.append(key.category());
        out.append((long) e.getValue());
        out.endRow();
      }
    }
  }

  /** A statement for many streams: one each took longer than the records of the flush. */
  private void positions(DuckDBConnection connection) throws SQLException {
    List<String> streams = List.copyOf(moved.keySet());
    for (int from = 0; from < streams.size(); from += STREAMS) {
      List<String> some = streams.subList(from, Math.min(from + STREAMS, streams.size()));
      try (PreparedStatement delete =
          connection.prepareStatement(
              "DELETE FROM positions WHERE stream IN (?" + ", ?".repeat(some.size() - 1) + ")")) {
        for (int i = 0; i < some.size(); i++) {
          delete.setString(i + 1, StoreText.stored(some.get(i)));
        }
        delete.executeUpdate();
      }
    }
    try (DuckDBAppender out = connection.createAppender("positions")) {
      for (Map.Entry<String, String> p : moved.entrySet()) {
        out.beginRow();
        out.append(StoreText.stored(p.getKey()));
        out.append(StoreText.stored(p.getValue()));
        out.endRow();
      }
    }
  }

  @Override
  public Map<String, String> positions() {
    return file.read(
        connection -> {
          Map<String, String> out = new HashMap<>();
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT stream, token FROM positions");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              out.put(rows.getString(1), rows.getString(2));
            }
          }
          return out;
        });
  }

  @Override
  public List<Stored> find(LogQuery query) {
    if (query.oldestFirst()) {
      return select(StoreSql.where(query), " ORDER BY r.ts, r.id LIMIT " + query.limit());
    }
    String tail = " ORDER BY r.ts DESC, r.id DESC LIMIT " + query.limit();
    // The newest are most often near the end: full windows there are the answer.
    OptionalLong end = query.afterId().isPresent() ? OptionalLong.empty() : end(query);
    for (int i = 0; end.isPresent() && i < WINDOWS.length; i++) {
      long from = end.getAsLong() - WINDOWS[i] * 1_000_000;
      if (query.from().isPresent() && StoreText.micros(query.from().get()) >= from) {
        break;
      }
      List<Stored> found = select(StoreSql.where(query).since(from), tail);
      if (found.size() == query.limit()) {
        return found;
      }
    }
    return select(StoreSql.where(query), tail);
  }

  /** No result is later than this, in microseconds; empty = not known. */
  private OptionalLong end(LogQuery query) {
    long end = query.to().map(StoreText::micros).orElse(Long.MAX_VALUE);
    if (query.beforeId().isPresent()) {
      Optional<Stored> before = get(query.beforeId().getAsLong());
      if (before.isEmpty()) {
        return OptionalLong.empty();
      }
      end = Math.min(end, StoreText.micros(before.get().record().timestamp()));
    }
    return OptionalLong.of(Math.min(end, newest));
  }

  private List<Stored> select(StoreSql where, String tail) {
    return file.read(
        connection -> {
          List<Stored> out = new ArrayList<>();
          try (PreparedStatement select =
              connection.prepareStatement(StoreSql.SELECT + where.sql() + tail)) {
            where.bind(select);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                out.add(stored(rows));
              }
            }
          }
          return out;
        });
  }

  private Stored stored(ResultSet rows) throws SQLException {
    return StoreSql.stored(rows, dictionary);
  }

  @Override
  public Optional<Stored> get(long id) {
    return select(StoreSql.id(id), "").stream().findFirst();
  }

  @Override
  public List<Stored> context(long id, int before, int after) {
    if (before < 0 || after < 0) {
      throw new IllegalArgumentException(
          "before and after are " + before + " and " + after + ", must be 0 or more");
    }
    Optional<Stored> hit = get(id);
    if (hit.isEmpty()) {
      return List.of();
    }
    List<Stored> out = new ArrayList<>();
    if (before > 0) {
      out.addAll(
          select(StoreSql.neighbours(id, "<"), " ORDER BY r.ts DESC, r.id DESC LIMIT " + before));
      Collections.reverse(out);
    }
    out.add(hit.get());
    if (after > 0) {
      out.addAll(select(StoreSql.neighbours(id, ">"), " ORDER BY r.ts, r.id LIMIT " + after));
    }
    return out;
  }

  @Override
  public List<Group> groups(LogQuery query) {
    StoreSql where = StoreSql.where(query);
    String sql =
        "WITH g AS (SELECT r.fingerprint AS f, count(*) AS n, min(r.ts) AS first, max(r.ts) AS last,"
            + " arg_max(r.id, (r.ts, r.id)) AS newest FROM records r"
            + where.sql()
            + " GROUP BY 1 ORDER BY n DESC, f LIMIT "
            + query.limit()
            + ") "
            + StoreSql.SELECT.replace(
                " FROM ", ", g.n, epoch_us(g.first), epoch_us(g.last) FROM g JOIN ")
            + " ON r.id = g.newest ORDER BY g.n DESC, g.f";
    return file.read(
        connection -> {
          List<Group> out = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            where.bind(select);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                Stored sample = stored(rows);
                int at = StoreSql.COLUMNS;
                out.add(
                    new Group(
                        sample.fingerprint(),
                        rows.getLong(at + 1),
                        StoreText.instant(rows.getLong(at + 2), 0),
                        StoreText.instant(rows.getLong(at + 3), 0),
                        sample));
              }
            }
          }
          return out;
        });
  }

  @Override
  public List<Count> counts(LogQuery query, Duration bucket) {
    long seconds = StoreText.seconds(bucket);
    StoreSql where = StoreSql.where(query);
    String sql =
        "SELECT b, o.service, severity, category, sum(n) FROM ("
            + "SELECT epoch_us(r.ts) // "
            + seconds * 1_000_000
            + " - CASE WHEN epoch_us(r.ts) < 0 AND epoch_us(r.ts) % "
            + seconds * 1_000_000
            + " <> 0 THEN 1 ELSE 0 END AS b, r.origin, r.severity, r.category, "
            + (StoreSql.byMinute(query, seconds)
                ? "sum(n) AS n FROM (SELECT make_timestamp(minute * 60000000) AS ts, * FROM"
                    + " minutes) r"
                : "count(*) AS n FROM records r")
            + where.sql()
            + " GROUP BY ALL) x JOIN origins o ON o.id = x.origin GROUP BY ALL ORDER BY ALL";
    return file.read(
        connection -> {
          List<Count> out = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(sql)) {
            where.bind(select);
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                out.add(
                    new Count(
                        Instant.ofEpochSecond(rows.getLong(1) * seconds),
                        rows.getString(2),
                        StoreText.severity(rows.getInt(3)),
                        dictionary.category(rows.getShort(4)),
                        rows.getLong(5)));
              }
            }
          }
          return out;
        });
  }

  @Override
  public long count(LogQuery query) {
    StoreSql where = StoreSql.where(query);
    return file.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT count(*) FROM records r" + where.sql())) {
            where.bind(select);
            try (ResultSet rows = select.executeQuery()) {
              rows.next();
              return rows.getLong(1);
            }
          }
        });
  }

  /**
   * Removes records older than a time, and their counts by minute; the space is used again.
   *
   * @return how many were removed
   */
  public long removeBefore(Instant time) {
    synchronized (writing) {
      flush();
      try {
        return remove(StoreText.micros(time));
      } catch (SQLException e) {
        unsure = true;
        throw file.writeFailure(e);
      }
    }
  }

  private long remove(long micros) throws SQLException {
    DuckDBConnection connection = file.writer();
    file.run("BEGIN TRANSACTION");
    long removed;
    try (PreparedStatement records =
            connection.prepareStatement("DELETE FROM records WHERE ts < make_timestamp(?)");
        PreparedStatement minutes =
            connection.prepareStatement("DELETE FROM minutes WHERE minute < ?")) {
      records.setLong(1, micros);
      removed = records.executeLargeUpdate();
      minutes.setLong(1, Math.floorDiv(micros, 60_000_000L));
      minutes.executeUpdate();
      file.run("COMMIT");
    } catch (SQLException e) {
      file.run("ROLLBACK");
      throw e;
    }
    try (java.sql.Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT"); // only now is the space free
    }
    this.removed.addAndGet(removed);
    return removed;
  }

  /**
   * Removes the oldest records while the file holds more than so many bytes.
   *
   * @param bytes 1 MiB or more
   * @return how many were removed
   */
  public long removeAbove(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException(
          "bytes is " + bytes + ", must be " + (1 << 20) + " or more");
    }
    synchronized (writing) {
      flush();
      try {
        long all = 0;
        // Each time the oldest tenth at least; blocks are freed only as a whole.
        for (int i = 0; i < 20; i++) {
          try (java.sql.Statement statement = file.writer().createStatement()) {
            statement.execute("CHECKPOINT");
          }
          long used = file.number("SELECT used_blocks * block_size FROM pragma_database_size()");
          if (used <= bytes || file.number("SELECT count(*) FROM records") == 0) {
            return all;
          }
          double share = Math.min(1, Math.max(0.1, 1 - 0.9 * bytes / used));
          all +=
              remove(
                  file.number("SELECT epoch_us(quantile_disc(ts, " + share + ")) FROM records")
                      + 1);
        }
        return all;
      } catch (SQLException e) {
        unsure = true;
        throw file.writeFailure(e);
      }
    }
  }

  /** Keeps what {@link Retention} allows; looked at once a minute, after a flush. */
  private void retain() {
    long now = System.nanoTime();
    if (retained != 0 && now - retained < 60_000_000_000L) {
      return;
    }
    retained = now;
    if (!retention.age().isZero()) {
      removeBefore(Instant.now().minus(retention.age()));
    }
    if (retention.bytes() > 0) {
      removeAbove(retention.bytes());
    }
  }

  /**
   * How much is kept.
   *
   * @param age records older than this by their own time are removed; zero = none
   * @param bytes the oldest records are removed while the file holds more, 1 MiB or more; 0 = none
   */
  public record Retention(Duration age, long bytes) {
    /** Everything is kept. */
    public static final Retention FOREVER = new Retention(Duration.ZERO, 0);

    /** Checks the ranges. */
    public Retention {
      if (age.isNegative() || bytes < 0 || bytes > 0 && bytes < 1 << 20) {
        throw new IllegalArgumentException(
            "retention is "
                + age
                + ", "
                + bytes
                + " bytes: must be 0 or more, bytes 1 MiB or more");
      }
    }
  }

  /** Keeps a correction; a later one of the same record takes its place. Durable on return. */
  public void correct(Correction correction) {
    synchronized (writing) {
      flush();
      try (PreparedStatement delete =
              file.writer().prepareStatement("DELETE FROM corrections WHERE record = ?");
          PreparedStatement insert =
              file.writer()
                  .prepareStatement(
                      "INSERT INTO corrections VALUES (?, current_localtimestamp(), ?, ?, ?)")) {
        file.run("BEGIN TRANSACTION");
        delete.setLong(1, correction.record());
        delete.executeUpdate();
        insert.setLong(1, correction.record());
        insert.setString(2, StoreText.stored(correction.message()));
        insert.setString(3, correction.severity().map(Severity::name).orElse(""));
        insert.setString(4, correction.category().orElse(""));
        insert.executeUpdate();
        file.run("COMMIT");
      } catch (SQLException e) {
        unsure = true;
        throw file.writeFailure(e);
      }
    }
  }

  /** All corrections, oldest first. */
  public List<Correction> corrections() {
    return file.read(
        connection -> {
          List<Correction> out = new ArrayList<>();
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT record, message, severity, category FROM corrections ORDER BY said, record");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              String severity = rows.getString(3);
              String category = rows.getString(4);
              out.add(
                  new Correction(
                      rows.getLong(1),
                      rows.getString(2),
                      severity.isEmpty()
                          ? Optional.empty()
                          : Optional.of(Severity.valueOf(severity)),
                      category.isEmpty() ? Optional.empty() : Optional.of(category)));
            }
          }
          return out;
        });
  }

  /**
   * Writes all stored records as Parquet files, one folder per day of record time, beneath {@code
   * <file>.export/parquet}, which is emptied first. All are of one state of the file; memory does
   * not grow with their number.
   *
   * @return that folder
   */
  public Path exportParquet() {
    flush();
    return file.exportParquet();
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of(
        "store.rows.written",
        written.get(),
        "store.rows.removed",
        removed.get(),
        "store.retries",
        retried.get(),
        "store.wal.damaged",
        file.damaged());
  }

  @Override
  public void close() {
    synchronized (writing) {
      if (closed) {
        return;
      }
      try {
        flush();
      } catch (CopilotException e) {
        LOG.error(
            "{} records could not be stored at the end and will be read again: {}",
            buffer.size(),
            e.getMessage());
      }
      closed = true;
      file.close();
    }
  }
}
