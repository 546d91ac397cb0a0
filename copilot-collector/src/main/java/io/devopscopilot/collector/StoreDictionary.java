package io.devopscopilot.collector;

import io.devopscopilot.api.Category;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.duckdb.DuckDBConnection;

/**
 * Origins and categories, each stored once and named by a number in the records. Numbers are given
 * by the writing thread; any thread looks them up.
 */
final class StoreDictionary {
  private final StoreFile file;
  final StoreOrigins origins;
  private final Map<String, Short> categoryIds = new ConcurrentHashMap<>();
  private final Map<Short, String> categories = new ConcurrentHashMap<>();
  private final List<Short> newCategories = new ArrayList<>();

  StoreDictionary(StoreFile file) throws SQLException {
    this.file = file;
    this.origins = new StoreOrigins(file);
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
    }
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
    origins.write(connection);
  }

  void committed() {
    newCategories.clear();
    origins.committed();
  }
}
