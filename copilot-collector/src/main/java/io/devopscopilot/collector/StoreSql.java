package io.devopscopilot.collector;

import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore.Stored;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** A WHERE clause with its parameters; values never become part of the SQL text. */
final class StoreSql {
  /** A query that takes longer is stopped. */
  static final int QUERY_SECONDS = 30;

  static final int COLUMNS = 13;
  static final String SELECT =
      "SELECT r.id, epoch_us(r.ts), r.nanos, r.origin, r.kind, r.severity, r.severity_mille,"
          + " r.category, r.category_mille, r.fingerprint, r.flags, r.message, r.attributes FROM"
          + " records r";

  private final List<String> conditions = new ArrayList<>();
  private final List<Object> values = new ArrayList<>();

  private StoreSql() {}

  private void add(String condition, Object... parameters) {
    conditions.add(condition);
    values.addAll(List.of(parameters));
  }

  static StoreSql id(long id) {
    StoreSql sql = new StoreSql();
    sql.add("r.id = ?", id);
    return sql;
  }

  /** Records of the same origin that stand before (sign "less than") or behind one. */
  static StoreSql neighbours(long id, String side) {
    StoreSql sql = new StoreSql();
    sql.add("r.origin = (SELECT origin FROM records WHERE id = ?)", id);
    sql.cursor(id, side);
    return sql;
  }

  private void cursor(long id, String side) {
    String ts = "(SELECT ts FROM records WHERE id = ?)";
    add(
        "(r.ts " + side + " " + ts + " OR (r.ts = " + ts + " AND r.id " + side + " ?))",
        id,
        id,
        id);
  }

  /**
   * @param origin the number of the only origin that the query's names fit; empty = several, or
   *     none
   */
  static StoreSql where(LogQuery q, OptionalInt origin) {
    StoreSql sql = new StoreSql();
    q.from().ifPresent(t -> sql.add("r.ts >= make_timestamp(?)", StoreText.micros(t)));
    q.to().ifPresent(t -> sql.add("r.ts < make_timestamp(?)", StoreText.micros(t)));
    sql.origin(q, origin);
    if (!q.severities().isEmpty()) {
      sql.add(
          q.severities().stream()
              .map(s -> String.valueOf(s.ordinal()))
              .collect(Collectors.joining(", ", "r.severity IN (", ")")));
    }
    if (!q.categories().isEmpty()) {
      sql.add(
          q.categories().stream()
              .map(c -> "?")
              .collect(
                  Collectors.joining(
                      ", ", "r.category IN (SELECT id FROM categories WHERE name IN (", "))")),
          q.categories().toArray());
    }
    q.kind().ifPresent(k -> sql.add("r.kind = ?", k.ordinal()));
    q.fingerprint().ifPresent(f -> sql.add("r.fingerprint = ?", f));
    if (!q.text().isEmpty()) {
      sql.add("contains(lower(r.message), lower(?))", StoreText.stored(q.text()));
    }
    q.afterId().ifPresent(id -> sql.add("r.id > ?", id));
    q.beforeId().ifPresent(id -> sql.cursor(id, q.oldestFirst() ? ">" : "<"));
    return sql;
  }

  private void origin(LogQuery q, OptionalInt only) {
    if (only.isPresent()) { // a number takes a quarter less time than a join
      add("r.origin = ?", only.getAsInt());
      return;
    }
    List<String> origin = new ArrayList<>();
    List<Object> names = new ArrayList<>();
    for (String[] field :
        new String[][] {{"namespace", q.namespace()}, {"service", q.service()}, {"pod", q.pod()}}) {
      if (!field[1].isEmpty()) {
        origin.add(field[0] + " = ?");
        names.add(StoreText.stored(field[1]));
      }
    }
    if (!origin.isEmpty()) {
      add(
          "r.origin IN (SELECT id FROM origins WHERE " + String.join(" AND ", origin) + ")",
          names.toArray());
    }
  }

  /** Only records of this time, in microseconds, and later ones. */
  StoreSql since(long micros) {
    add("r.ts >= make_timestamp(?)", micros);
    return this;
  }

  /** Whether the counts by minute answer a query, in buckets of so many seconds. */
  static boolean byMinute(LogQuery q, long seconds) {
    return seconds % 60 == 0
        && q.text().isEmpty()
        && q.kind().isEmpty()
        && q.afterId().isEmpty()
        && q.beforeId().isEmpty()
        && q.from().map(t -> t.getEpochSecond() % 60 == 0 && t.getNano() == 0).orElse(true)
        && q.to().map(t -> t.getEpochSecond() % 60 == 0 && t.getNano() == 0).orElse(true);
  }

  String sql() {
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  /** Sets the values, and the longest time that the query may take. */
  void bind(PreparedStatement statement) throws SQLException {
    statement.setQueryTimeout(QUERY_SECONDS);
    for (int i = 0; i < values.size(); i++) {
      statement.setObject(i + 1, values.get(i));
    }
  }

  static Stored stored(ResultSet rows, StoreDictionary dictionary, Connection connection)
      throws SQLException {
    LogRecord record =
        new LogRecord(
            StoreText.instant(rows.getLong(2), rows.getShort(3)),
            rows.getString(12),
            rows.getByte(5) == 0 ? LogRecord.Kind.LOG : LogRecord.Kind.EVENT,
            dictionary.origins.of(rows.getInt(4), connection),
            LogRecord.Position.NONE,
            StoreText.decode(rows.getString(13)),
            StoreText.flags(rows.getByte(11)));
    return new Stored(
        rows.getLong(1),
        record,
        StoreText.severity(rows.getByte(6)),
        rows.getShort(7) / 1000.0,
        dictionary.category(rows.getShort(8)),
        rows.getShort(9) / 1000.0,
        rows.getLong(10));
  }
}
