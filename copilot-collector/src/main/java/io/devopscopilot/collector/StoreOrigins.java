package io.devopscopilot.collector;

import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.Origin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Origins, each stored once and named by a number in the records. A cluster makes new pods for
 * ever, so that only those in use are kept in memory; the file has them all. Numbers are given by
 * the writing thread; any thread reads them.
 */
final class StoreOrigins {
  /** So long after its last record an origin is looked up in the file again. */
  private static final long KEEP_NANOS = 10 * 60 * 1_000_000_000L;

  /** So many are kept for those who read. */
  private static final int MAX_READ = 10_000;

  /** Neighbours are wanted together. */
  private static final int BLOCK = 256;

  private static final String NAMES =
      "namespace, service, pod, pod_uid, container, node, owner, restarts, labels";

  private static final class Known {
    final int id;
    long used;

    Known(int id, long used) {
      this.id = id;
      this.used = used;
    }
  }

  private final StoreFile file;
  private final LinkedHashMap<Origin, Known> inUse = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Integer, Origin> fresh = new LinkedHashMap<>();
  private final LinkedHashMap<Integer, Origin> read =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Origin> eldest) {
          return size() > MAX_READ;
        }
      };
  private int stored;
  private Origin last = Origin.UNKNOWN;
  private int lastId = -1;

  StoreOrigins(StoreFile file) throws SQLException {
    this.file = file;
    this.stored = (int) file.number("SELECT coalesce(max(id) + 1, 0) FROM origins");
  }

  /** The number of an origin; the writing thread. */
  int id(Origin origin) throws SQLException {
    if (origin == last && lastId >= 0) {
      return lastId;
    }
    Known known = inUse.get(origin);
    long now = System.nanoTime();
    if (known == null) {
      known = new Known(find(origin), now);
      inUse.put(origin, known);
      for (var eldest = inUse.values().iterator(); now - eldest.next().used > KEEP_NANOS; ) {
        eldest.remove();
      }
    }
    known.used = now;
    last = origin;
    lastId = known.id;
    return lastId;
  }

  private int find(Origin origin) throws SQLException {
    if (stored > 0) {
      try (PreparedStatement select =
          file.writer()
              .prepareStatement(
                  "SELECT id FROM origins WHERE "
                      + NAMES.replace(", ", " = ? AND ")
                      + " = ? LIMIT 1")) {
        List<Object> values = values(origin);
        for (int i = 0; i < values.size(); i++) {
          select.setObject(i + 1, values.get(i));
        }
        try (ResultSet rows = select.executeQuery()) {
          if (rows.next()) {
            return rows.getInt(1);
          }
        }
      }
    }
    int id = stored + fresh.size();
    fresh.put(id, origin);
    return id;
  }

  private static List<Object> values(Origin o) {
    List<Object> out = new ArrayList<>();
    for (String text :
        List.of(
            o.namespace(), o.service(), o.pod(), o.podUid(), o.container(), o.node(), o.owner())) {
      out.add(StoreText.stored(text));
    }
    out.add(o.restartCount());
    out.add(StoreText.encode(o.labels()));
    return out;
  }

  /** Writes what is new, within the transaction of the records that name it. */
  void write(DuckDBConnection connection) throws SQLException {
    if (fresh.isEmpty()) {
      return;
    }
    try (DuckDBAppender out = connection.createAppender("origins")) {
      for (Map.Entry<Integer, Origin> origin : fresh.entrySet()) {
        out.beginRow();
        out.append(origin.getKey());
        for (Object value : values(origin.getValue())) {
          if (value instanceof Integer number) {
            out.append(number);
          } else {
            out.append((String) value);
          }
        }
        out.endRow();
      }
    }
  }

  void committed() {
    stored += fresh.size();
    fresh.clear();
  }

  /** Removes those that no record names any more, within the transaction of their removal. */
  void removeUnused() throws SQLException {
    file.run(
        "DELETE FROM origins WHERE id NOT IN (SELECT origin FROM records UNION SELECT origin FROM"
            + " minutes)");
    inUse.clear();
    lastId = -1;
  }

  /**
   * The origin behind a number; any thread.
   *
   * @param connection on which it may be looked up
   */
  Origin of(int id, Connection connection) throws SQLException {
    synchronized (read) {
      Origin origin = read.get(id);
      if (origin == null) {
        load(id / BLOCK * BLOCK, connection);
        origin = read.getOrDefault(id, Origin.UNKNOWN);
      }
      return origin;
    }
  }

  /**
   * The number of the origin that a query's names, with that of a pod, fit, if there is but one.
   */
  static OptionalInt only(LogQuery query, Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT min(id) FROM origins WHERE pod = ? AND ? IN ('', namespace) AND ? IN ('',"
                + " service) HAVING count(*) = 1")) {
      select.setString(1, StoreText.stored(query.pod()));
      select.setString(2, StoreText.stored(query.namespace()));
      select.setString(3, StoreText.stored(query.service()));
      try (ResultSet rows = select.executeQuery()) {
        return rows.next() ? OptionalInt.of(rows.getInt(1)) : OptionalInt.empty();
      }
    }
  }

  private void load(int from, Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, " + NAMES + " FROM origins WHERE id >= ? AND id < ?")) {
      select.setInt(1, from);
      select.setInt(2, from + BLOCK);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          read.put(
              rows.getInt(1),
              new Origin(
                  rows.getString(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getString(6),
                  rows.getString(7),
                  rows.getString(8),
                  rows.getInt(9),
                  StoreText.decode(rows.getString(10))));
        }
      }
    }
  }
}
