package io.devopscopilot.collector;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * How far each stream was stored, and on which day that was last of use: when it moved, or when a
 * source could go on with it. Others go after {@link #DAYS}, and before if there are more than
 * {@link #MAX}.
 */
final class StorePositions {
  /** Days that a position is kept which no source can go on with. */
  static final int DAYS = 30;

  /** So many are kept, the newest, and all of the day on which the last of them was of use. */
  static final int MAX = 50_000;

  /** Streams of one statement. */
  private static final int STREAMS = 500;

  private StorePositions() {}

  static Map<String, String> read(Connection connection) throws SQLException {
    Map<String, String> out = new HashMap<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT stream, token FROM positions");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        out.put(rows.getString(1), rows.getString(2));
      }
    }
    return out;
  }

  /** Writes those that moved, within the transaction of their records. */
  static void write(DuckDBConnection connection, Map<String, String> moved) throws SQLException {
    of(connection, "DELETE FROM positions WHERE", moved.keySet());
    int today = today();
    try (DuckDBAppender out = connection.createAppender("positions")) {
      for (Map.Entry<String, String> p : moved.entrySet()) {
        out.beginRow();
        out.append(StoreText.stored(p.getKey()));
        out.append(StoreText.stored(p.getValue()));
        out.append(today);
        out.endRow();
      }
    }
  }

  /** Drops those that are old or too many, but none of these streams, within a transaction. */
  static void keep(DuckDBConnection connection, Collection<String> streams) throws SQLException {
    int today = today();
    of(
        connection,
        "UPDATE positions SET seen = " + today + " WHERE seen < " + today + " AND",
        streams);
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM positions WHERE seen < greatest(?, (SELECT min(seen) FROM (SELECT seen"
                + " FROM positions ORDER BY seen DESC LIMIT "
                + MAX
                + ")))")) {
      delete.setInt(1, today - DAYS);
      delete.executeUpdate();
    }
  }

  /** A statement for many streams: one each took longer than the records of a flush. */
  private static void of(Connection connection, String sql, Collection<String> streams)
      throws SQLException {
    List<String> all = List.copyOf(streams);
    for (int from = 0; from < all.size(); from += STREAMS) {
      List<String> some = all.subList(from, Math.min(from + STREAMS, all.size()));
      try (PreparedStatement statement =
          connection.prepareStatement(
              sql + " stream IN (?" + ", ?".repeat(some.size() - 1) + ")")) {
        for (int i = 0; i < some.size(); i++) {
          statement.setString(i + 1, StoreText.stored(some.get(i)));
        }
        statement.executeUpdate();
      }
    }
  }

  private static int today() {
    return (int) LocalDate.now(ZoneOffset.UTC).toEpochDay();
  }
}
