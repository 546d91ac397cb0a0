package io.devopscopilot.collector;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Writes batches of records into the file, each with the origins, categories and positions that
 * belong to it in one transaction. Used by one thread at a time; what it tells, by any.
 */
final class StoreWriter {
  /** A record and its verdict as they are stored. */
  private record Row(
      LogRecord record,
      int severity,
      short severityProbability,
      String category,
      short categoryProbability,
      long fingerprint) {}

  /** Records in the order they came, and the newest position of each of their streams. */
  static final class Batch {
    private final List<Row> rows = new ArrayList<>();
    private final Map<String, String> moved = new LinkedHashMap<>();

    void add(LogRecord record, Classification c) {
      rows.add(
          new Row(
              record,
              c.severity().ordinal(),
              mille(c.severityProbability()),
              c.category(),
              mille(c.categoryProbability()),
              c.fingerprint()));
      LogRecord.Position position = record.position();
      if (!position.stream().isEmpty()) {
        moved.put(position.stream(), position.token());
      }
    }

    private static short mille(double probability) {
      return (short) Math.round(probability * 1000);
    }

    int size() {
      return rows.size();
    }
  }

  private final StoreFile file;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private volatile StoreDictionary dictionary;
  private volatile long newest;
  private long nextId;
  private boolean unsure;

  StoreWriter(StoreFile file) throws SQLException {
    this.file = file;
    this.dictionary = new StoreDictionary(file);
    this.nextId = lastId() + 1;
    this.newest = file.number("SELECT coalesce(max(epoch_us(ts)), 0) FROM records");
  }

  private long lastId() throws SQLException {
    return file.number("SELECT coalesce(max(id), 0) FROM records");
  }

  /** The names behind the numbers of the records. */
  StoreDictionary dictionary() {
    return dictionary;
  }

  /** The latest time of a record, in microseconds. */
  long newest() {
    return newest;
  }

  long written() {
    return written.get();
  }

  long retried() {
    return retried.get();
  }

  /** After a failure elsewhere: the file is opened anew before the next write. */
  void doubt() {
    unsure = true;
  }

  /**
   * Writes a batch, durably; after a failure the same one may be written again, and is not doubled.
   *
   * @throws io.devopscopilot.api.CopilotException if that fails, retryable
   */
  void write(Batch batch) {
    file.needRoom(
        batch.rows.stream().mapToLong(r -> 100 + 3L * r.record().message().length()).sum());
    try {
      if (unsure && reopen(batch)) {
        return;
      }
      commit(batch);
      done(batch);
    } catch (SQLException e) {
      unsure = true;
      retried.incrementAndGet();
      throw file.writeFailure(e);
    }
  }

  private void done(Batch batch) {
    long latest = newest;
    for (Row row : batch.rows) {
      latest = Math.max(latest, StoreText.micros(row.record().timestamp()));
    }
    newest = latest;
    nextId += batch.size();
    written.addAndGet(batch.size());
    dictionary.committed();
  }

  /**
   * After a failure nothing in memory is trusted: what the file says counts.
   *
   * @return whether the batch is there
   */
  private boolean reopen(Batch batch) throws SQLException {
    file.close();
    file.open();
    boolean committed = lastId() >= nextId + batch.size() - 1;
    if (committed) {
      done(batch);
    }
    dictionary = dictionary.reloaded();
    unsure = false;
    return committed;
  }

  private void commit(Batch batch) throws SQLException {
    DuckDBConnection connection = file.writer();
    // Said in SQL: with autocommit off the driver begins at the first statement, and an appender
    // that comes before it commits on its own.
    file.run("BEGIN TRANSACTION");
    try {
      int[] origins = new int[batch.size()];
      short[] categories = new short[batch.size()];
      for (int i = 0; i < origins.length; i++) {
        origins[i] = dictionary.origins.id(batch.rows.get(i).record().origin());
        categories[i] = dictionary.category(batch.rows.get(i).category());
      }
      dictionary.write(connection);
      try (DuckDBAppender out = connection.createAppender("records")) {
        for (int i = 0; i < origins.length; i++) {
          append(out, nextId + i, origins[i], categories[i], batch.rows.get(i));
        }
      }
      minutes(connection, batch, origins, categories);
      StorePositions.write(connection, batch.moved);
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

  private static void append(DuckDBAppender out, long id, int origin, short category, Row row)
      throws SQLException {
    LogRecord r = row.record();
    out.beginRow();
    out.append(id);
    out.appendEpochMicros(StoreText.micros(r.timestamp()));
    out.append((short) (r.timestamp().getNano() % 1000));
    out.append(origin);
    out.append((byte) r.kind().ordinal());
    out.append((byte) row.severity());
    out.append(row.severityProbability());
    out.append(category);
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

  /** Counts of this batch; those of a minute are the sum of several rows. */
  private static void minutes(
      DuckDBConnection connection, Batch batch, int[] origins, short[] categories)
      throws SQLException {
    record Key(long minute, long fingerprint, int origin, byte severity, short category) {}
    Map<Key, Integer> counts = new HashMap<>();
    for (int i = 0; i < origins.length; i++) {
      Row row = batch.rows.get(i);
      counts.merge(
          new Key(
              Math.floorDiv(row.record().timestamp().getEpochSecond(), 60L),
              row.fingerprint(),
              origins[i],
              (byte) row.severity(),
              categories[i]),
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
}
