package io.devopscopilot.collector;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.Severity;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
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

  /** How long queries are waited for before lines are removed for the file's size. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  final StoreFile file;
  private final StoreWriter writer;
  private final Retention retention;
  private final Object lock = new Object();
  private StoreWriter.Batch coming = new StoreWriter.Batch();
  private final AtomicLong removed = new AtomicLong();
  private long retained;
  private volatile boolean closed;

  private DuckDbLogStore(StoreFile file, Retention retention) throws SQLException {
    this.file = file;
    this.retention = retention;
    this.writer = new StoreWriter(file);
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

  @Override
  public void accept(LogRecord record, Classification c) {
    if (closed) {
      throw new CopilotException("the store is closed");
    }
    synchronized (lock) {
      if (coming.size() >= MAX_BUFFERED) {
        flush();
      }
      coming.add(record, c);
    }
  }

  @Override
  public void flush() {
    synchronized (lock) {
      if (closed || coming.size() == 0) {
        return;
      }
      writer.write(coming);
      coming = new StoreWriter.Batch();
      if (!retention.equals(Retention.FOREVER)) {
        retain();
      }
    }
  }

  @Override
  public Map<String, String> positions() {
    return file.read(StorePositions::read);
  }

  /**
   * {@inheritDoc} A position is kept for {@value StorePositions#DAYS} days after it moved or was
   * named here last, if there are no more than {@value StorePositions#MAX} newer ones.
   */
  @Override
  public void keep(Set<String> streams) {
    synchronized (lock) {
      if (closed) {
        return;
      }
      file.needRoom(0);
      try {
        file.run("BEGIN TRANSACTION");
        StorePositions.keep(file.writer(), streams);
        file.run("COMMIT");
      } catch (SQLException e) {
        writer.doubt();
        throw file.writeFailure(e);
      }
    }
  }

  @Override
  public List<Stored> find(LogQuery query) {
    OptionalInt origin = origin(query);
    if (query.oldestFirst()) {
      return select(StoreSql.where(query, origin), " ORDER BY r.ts, r.id LIMIT " + query.limit());
    }
    String tail = " ORDER BY r.ts DESC, r.id DESC LIMIT " + query.limit();
    // The newest are most often near the end: full windows there are the answer.
    OptionalLong end = query.afterId().isPresent() ? OptionalLong.empty() : end(query);
    for (int i = 0; end.isPresent() && i < WINDOWS.length; i++) {
      long from = end.getAsLong() - WINDOWS[i] * 1_000_000;
      if (query.from().isPresent() && StoreText.micros(query.from().get()) >= from) {
        break;
      }
      List<Stored> found = select(StoreSql.where(query, origin).since(from), tail);
      if (found.size() == query.limit()) {
        return found;
      }
    }
    return select(StoreSql.where(query, origin), tail);
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
    return OptionalLong.of(Math.min(end, writer.newest()));
  }

  private StoreSql where(LogQuery query) {
    return StoreSql.where(query, origin(query));
  }

  private OptionalInt origin(LogQuery query) {
    return query.pod().isEmpty()
        ? OptionalInt.empty()
        : file.read(own -> StoreOrigins.only(query, own));
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
                out.add(stored(rows, connection));
              }
            }
          }
          return out;
        });
  }

  private Stored stored(ResultSet rows, Connection connection) throws SQLException {
    return StoreSql.stored(rows, writer.dictionary(), connection);
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
    StoreSql where = where(query);
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
                Stored sample = stored(rows, connection);
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
    StoreSql where = where(query);
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
                        writer.dictionary().category(rows.getShort(4)),
                        rows.getLong(5)));
              }
            }
          }
          return out;
        });
  }

  @Override
  public long count(LogQuery query) {
    StoreSql where = where(query);
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
    synchronized (lock) {
      flush();
      try {
        return remove(StoreText.micros(time));
      } catch (SQLException e) {
        writer.doubt();
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
      writer.dictionary().origins.removeUnused();
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
   * Removes the oldest records while the file holds more than so many bytes. While queries run one
   * after the other for a second, nothing: what one reads keeps its space.
   *
   * @param bytes 1 MiB or more
   * @return how many were removed
   */
  public long removeAbove(long bytes) {
    if (bytes < 1 << 20) {
      throw new IllegalArgumentException(
          "bytes is " + bytes + ", must be " + (1 << 20) + " or more");
    }
    synchronized (lock) {
      flush();
      long before = removed.get();
      try {
        if (!file.alone(PATIENCE, () -> shrink(bytes))) {
          LOG.info("no lines are removed for the file's size: queries are running");
        }
      } catch (SQLException e) {
        writer.doubt();
        throw file.writeFailure(e);
      }
      return removed.get() - before;
    }
  }

  private void shrink(long bytes) throws SQLException {
    // Each time the oldest tenth at least; blocks are freed only as a whole.
    for (int i = 0; i < 20; i++) {
      try (java.sql.Statement statement = file.writer().createStatement()) {
        statement.execute("CHECKPOINT");
      }
      long used = file.number("SELECT used_blocks * block_size FROM pragma_database_size()");
      if (used <= bytes || file.number("SELECT count(*) FROM records") == 0) {
        return;
      }
      double share = Math.min(1, Math.max(0.1, 1 - 0.9 * bytes / used));
      remove(file.number("SELECT epoch_us(quantile_disc(ts, " + share + ")) FROM records") + 1);
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
    synchronized (lock) {
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
        writer.doubt();
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
        writer.written(),
        "store.rows.removed",
        removed.get(),
        "store.retries",
        writer.retried(),
        "store.wal.damaged",
        file.damaged());
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      try {
        flush();
      } catch (CopilotException e) {
        LOG.error(
            "{} records could not be stored at the end and will be read again: {}",
            coming.size(),
            e.getMessage());
      }
      closed = true;
      file.close();
    }
  }
}
