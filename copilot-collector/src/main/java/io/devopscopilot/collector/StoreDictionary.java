package io.devopscopilot.collector;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.Origin;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;

/**
 * Origins and categories, each stored once and named by a number in the records. Numbers are given
 * by the writing thread; any thread looks them up.
 */
final class StoreDictionary {
  private static final int SEVERAL = -1;

  private final StoreFile file;
  private final Map<Origin, Integer> originIds = new HashMap<>();
  private final Map<Integer, Origin> origins = new ConcurrentHashMap<>();

  /** The number of the origin of each pod that has no other; {@link #SEVERAL} for the others. */
  private final Map<String, Integer> pods = new ConcurrentHashMap<>();

  private final Map<String, Short> categoryIds = new ConcurrentHashMap<>();
  private final Map<Short, String> categories = new ConcurrentHashMap<>();
  private final List<Integer> newOrigins = new ArrayList<>();
  private final List<Short> newCategories = new ArrayList<>();
  private Origin lastOrigin = Origin.UNKNOWN;
  private int lastId = -1;

  StoreDictionary(StoreFile file) throws SQLException {
    this.file = file;
    load();
  }

  private void load() throws SQLException {
    try (Statement statement = file.writer().createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT id, name FROM categories")) {
        while (rows.next()) {
          categories.put(rows.getShort(1), rows.getString(2));
          categoryIds.put(rows.getString(2), rows.getShort(1));
        }
      }
      try (ResultSet rows =
          statement.executeQuery(
              "SELECT id, namespace, service, pod, pod_uid, container, node, owner, restarts,"
                  + " labels FROM origins")) {
        while (rows.next()) {
          Origin origin =
              new Origin(
                  rows.getString(2),
                  rows.getString(3),
                  rows.getString(4),
                  rows.getString(5),
                  rows.getString(6),
                  rows.getString(7),
                  rows.getString(8),
                  rows.getInt(9),
                  StoreText.decode(rows.getString(10)));
          put(rows.getInt(1), origin);
        }
      }
    }
  }

  private void put(int id, Origin origin) {
    originIds.put(origin, id);
    origins.put(id, origin);
    pods.merge(StoreText.stored(origin.pod()), id, (one, other) -> SEVERAL);
  }

  /**
   * The dictionary as the file has it, with what this one knows and the file does not; after a
   * failure.
   */
  StoreDictionary reloaded() throws SQLException {
    StoreDictionary fresh = new StoreDictionary(file);
    for (Map.Entry<Short, String> c : categories.entrySet()) {
      if (fresh.categories.putIfAbsent(c.getKey(), c.getValue()) == null) {
        fresh.categoryIds.put(c.getValue(), c.getKey());
        fresh.newCategories.add(c.getKey());
      }
    }
    return fresh;
  }

  short category(String name) {
    Short known = categoryIds.get(name);
    if (known != null) {
      return known;
    }
    short id = (short) categoryIds.size();
    categoryIds.put(name, id);
    categories.put(id, name);
    newCategories.add(id);
    return id;
  }

  String category(short id) {
    return categories.getOrDefault(id, Category.UNKNOWN);
  }

  int origin(Origin origin) {
    if (origin == lastOrigin && lastId >= 0) {
      return lastId;
    }
    Integer known = originIds.get(origin);
    if (known == null) {
      known = originIds.size();
      put(known, origin);
      newOrigins.add(known);
    }
    lastOrigin = origin;
    lastId = known;
    return known;
  }

  Origin origin(int id) {
    return origins.getOrDefault(id, Origin.UNKNOWN);
  }

  /** The number of the origin that a query's names fit, if its pod has but one. */
  OptionalInt only(LogQuery query) {
    int id = pods.getOrDefault(StoreText.stored(query.pod()), SEVERAL);
    Origin of = origin(id);
    return id != SEVERAL
            && !query.pod().isEmpty()
            && (query.namespace().isEmpty() || query.namespace().equals(of.namespace()))
            && (query.service().isEmpty() || query.service().equals(of.service()))
        ? OptionalInt.of(id)
        : OptionalInt.empty();
  }

  /** Writes what is new, within the transaction of the records that name it. */
  void write(DuckDBConnection connection) throws SQLException {
    if (!newCategories.isEmpty()) {
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO categories VALUES (?, ?)")) {
        for (short id : newCategories) {
          insert.setShort(1, id);
          insert.setString(2, category(id));
          insert.executeUpdate();
        }
      }
    }
    if (!newOrigins.isEmpty()) {
      try (DuckDBAppender out = connection.createAppender("origins")) {
        for (int id : newOrigins) {
          Origin o = origin(id);
          out.beginRow();
          out.append(id);
          for (String text :
              List.of(
                  o.namespace(),
                  o.service(),
                  o.pod(),
                  o.podUid(),
                  o.container(),
                  o.node(),
                  o.owner())) {
            out.append(StoreText.stored(text));
          }
          out.append(o.restartCount());
          out.append(StoreText.encode(o.labels()));
          out.endRow();
        }
      }
    }
  }

  void committed() {
    newCategories.clear();
    newOrigins.clear();
  }
}
