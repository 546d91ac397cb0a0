package io.devopscopilot.collector;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;

/**
 * Answers queries over Parquet files that somebody else writes, the Flink job of {@code
 * docs/scale.md} for example: {@code FOLDER/lines/day=2026-01-05/namespace=shop/*.parquet}. Nothing
 * is written, and DuckDB can reach nothing outside of the folder.
 *
 * <p>Only files of the days and the namespace that a query asks for are opened. New files are seen
 * within {@link #REFRESH}; names that begin with anything but a letter or a digit are not finished
 * yet. Ids rise in the order in which files appear, and hold while this object lives. {@link
 * #context} looks at the day before, the day and the day after. Any thread may use it. Defaults:
 * 256 MB of memory, 2 threads.
 */
public final class ParquetLogStore implements LogStore {
  /** New files are looked for so often, where there are queries. */
  public static final Duration REFRESH = Duration.ofSeconds(2);

  /** Rows of one file at most. */
  private static final int ROW_BITS = 30;

  private static final String COLUMNS =
      "file_index, file_row_number, epoch_us(ts) AS us, nanos, service, pod, pod_uid, container,"
          + " node, owner, restarts, labels, kind, severity, severity_probability, category,"
          + " category_probability, fingerprint, flags, message, attributes";

  private static final int COLUMN_COUNT = 21;

  private record DataFile(long number, Path path, LocalDate day, String namespace) {}

  /** Files with conditions on their rows; values never become part of the SQL text. */
  private static final class Selection {
    final List<DataFile> files;
    private final List<String> conditions = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();

    Selection(List<DataFile> files) {
      this.files = files;
    }

    Selection with(String condition, Object... parameters) {
      conditions.add(condition);
      values.addAll(List.of(parameters));
      return this;
    }

    private static String quoted(Path path) {
      return "'" + path.toString().replace("'", "''") + "'";
    }

    String rows() {
      return " FROM read_parquet("
          + files.stream().map(f -> quoted(f.path())).collect(Collectors.joining(", ", "[", "]"))
          + ", hive_partitioning = false)"
          + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions));
    }

    /** The place of an id's file among these: its index, or where it would stand. */
    int index(long id) {
      int index = 0;
      while (index < files.size() && files.get(index).number() < id >> ROW_BITS) {
        index++;
      }
      return index;
    }
  }

  private interface Reading<T> {
    T on(ResultSet rows, Selection selection) throws SQLException;
  }

  private final Path folder;
  private final Duration refresh;
  private final DuckDBConnection connection;
  private final Map<Path, DataFile> files = new HashMap<>();
  private long nextNumber = 1;
  private long looked;
  private boolean everLooked;

  private ParquetLogStore(Path folder, Duration refresh, DuckDBConnection connection) {
    this.folder = folder;
    this.refresh = refresh;
    this.connection = connection;
  }

  /**
   * Opens a folder; {@code lines} may appear in it later.
   *
   * @throws CopilotException if it is no folder
   */
  public static ParquetLogStore open(Path folder) {
    return open(folder, REFRESH);
  }

  static ParquetLogStore open(Path folder, Duration refresh) {
    Properties settings = new Properties();
    settings.setProperty("memory_limit", "256MB");
    settings.setProperty("threads", "2");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    try {
      Path real = folder.toRealPath();
      if (!Files.isDirectory(real)) {
        throw new CopilotException(folder + " is no folder");
      }
      DuckDBConnection made =
          (DuckDBConnection) DriverManager.getConnection("jdbc:duckdb:", settings);
      try (Statement statement = made.createStatement()) {
        statement.execute("SET parquet_metadata_cache=true");
        statement.execute(
            "SET allowed_directories=['" + real.toString().replace("'", "''") + "/']");
        statement.execute("SET enable_external_access=false");
        statement.execute("SET lock_configuration=true");
      }
      return new ParquetLogStore(real, refresh, made);
    } catch (IOException e) {
      throw new CopilotException(folder + " is no folder that can be read", e);
    } catch (SQLException e) {
      throw new CopilotException("DuckDB can't be used: " + first(e), e);
    }
  }

  /** Files that fit, in the order in which they appeared. */
  private synchronized List<DataFile> files(Predicate<DataFile> wanted) {
    if (!everLooked || System.nanoTime() - looked >= refresh.toNanos()) {
      look();
    }
    return files.values().stream()
        .filter(wanted)
        .sorted(Comparator.comparingLong(DataFile::number))
        .toList();
  }

  private void look() {
    Path lines = folder.resolve("lines");
    Map<Path, FileTime> found = new TreeMap<>();
    SimpleFileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes is) {
            if (is.isRegularFile()
                && path.getNameCount() == lines.getNameCount() + 3
                && path.getFileName().toString().matches("[A-Za-z0-9].*\\.parquet")) {
              found.put(path, is.lastModifiedTime());
            }
            return FileVisitResult.CONTINUE;
          }

          // Whoever writes renames finished files and removes old ones meanwhile.
          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }
        };
    try {
      Files.walkFileTree(lines, Set.of(), 3, visitor);
    } catch (IOException e) {
      throw new CopilotException(lines + " can't be listed: " + e.getMessage(), e, true);
    }
    files.keySet().retainAll(found.keySet());
    found.keySet().removeAll(files.keySet());
    found.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(e -> file(e.getKey()).ifPresent(f -> files.put(f.path(), f)));
    everLooked = true;
    looked = System.nanoTime();
  }

  /** Day and namespace by the names of the folders; other folders are not ours. */
  private Optional<DataFile> file(Path path) {
    String namespace = path.getName(path.getNameCount() - 2).toString();
    String day = path.getName(path.getNameCount() - 3).toString();
    if (!namespace.startsWith("namespace=") || !day.startsWith("day=")) {
      return Optional.empty();
    }
    String name = namespace.substring("namespace=".length());
    try {
      return Optional.of(
          new DataFile(
              nextNumber++,
              path,
              LocalDate.parse(day.substring("day=".length())),
              name.equals("__HIVE_DEFAULT_PARTITION__") ? "" : name));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static LocalDate day(Instant time) {
    return time.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  private Selection where(LogQuery q) {
    long after = q.afterId().orElse(-1);
    Selection s =
        new Selection(
            files(
                f ->
                    (q.namespace().isEmpty() || f.namespace().equals(q.namespace()))
                        && (q.from().isEmpty() || !f.day().isBefore(day(q.from().get())))
                        && (q.to().isEmpty() || !f.day().isAfter(day(q.to().get())))
                        && (after < 0 || f.number() >= after >> ROW_BITS)));
    q.from().ifPresent(t -> s.with("ts >= make_timestamp(?)", StoreText.micros(t)));
    q.to().ifPresent(t -> s.with("ts < make_timestamp(?)", StoreText.micros(t)));
    if (!q.service().isEmpty()) {
      s.with("service = ?", q.service());
    }
    if (!q.pod().isEmpty()) {
      s.with("pod = ?", q.pod());
    }
    if (!q.severities().isEmpty()) {
      s.with("severity IN " + marks(q.severities().size()), names(q));
    }
    if (!q.categories().isEmpty()) {
      s.with("category IN " + marks(q.categories().size()), q.categories().toArray());
    }
    q.kind().ifPresent(k -> s.with("kind = ?", k.name()));
    q.fingerprint().ifPresent(f -> s.with("fingerprint = ?", f));
    if (!q.text().isEmpty()) {
      s.with("contains(lower(message), lower(?))", StoreText.stored(q.text()));
    }
    if (after >= 0) {
      s.with("(file_index, file_row_number) > (?, ?)", s.index(after), row(after));
    }
    if (q.beforeId().isPresent()) {
      cursor(s, q.beforeId().getAsLong(), q.oldestFirst() ? ">" : "<");
    }
    return s;
  }

  private static Object[] names(LogQuery q) {
    return q.severities().stream().map(Severity::name).toArray();
  }

  private static String marks(int n) {
    return "(" + String.join(", ", Collections.nCopies(n, "?")) + ")";
  }

  private static long row(long id) {
    return id & (1L << ROW_BITS) - 1;
  }

  /**
   * Rows that stand before or behind a record by time, then id; none where there is no such one.
   */
  private void cursor(Selection s, long id, String side) {
    Optional<Stored> at = get(id);
    if (at.isEmpty()) {
      s.with("false");
      return;
    }
    s.with(
        "(ts, file_index, file_row_number) " + side + " (make_timestamp(?), ?, ?)",
        StoreText.micros(at.get().record().timestamp()),
        s.index(id),
        row(id));
  }

  /** Runs a query; files that are gone since the last look are looked for once more. */
  private <T> T read(
      Supplier<Selection> selecting, T nothing, String begin, String tail, Reading<T> reading) {
    for (int i = 0; ; i++) {
      Selection selection = selecting.get();
      if (selection.files.isEmpty()) {
        return nothing;
      }
      try (Connection own = connection.duplicate();
          PreparedStatement select =
              own.prepareStatement(begin.replace("$ROWS", selection.rows()) + tail)) {
        select.setQueryTimeout(StoreSql.QUERY_SECONDS);
        for (int v = 0; v < selection.values.size(); v++) {
          select.setObject(v + 1, selection.values.get(v));
        }
        try (ResultSet rows = select.executeQuery()) {
          return reading.on(rows, selection);
        }
      } catch (SQLTimeoutException e) {
        throw StoreFile.tooLong(e);
      } catch (SQLException e) {
        if (i == 1) {
          throw new CopilotException(folder + " can't be read: " + first(e), e, true);
        }
        synchronized (this) {
          everLooked = false;
        }
      }
    }
  }

  private static String first(SQLException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  private List<Stored> select(Supplier<Selection> selecting, String tail) {
    return read(
        selecting,
        List.of(),
        "SELECT " + COLUMNS + "$ROWS",
        tail,
        (rows, selection) -> {
          List<Stored> out = new ArrayList<>();
          while (rows.next()) {
            out.add(stored(rows, selection));
          }
          return out;
        });
  }

  private static Stored stored(ResultSet rows, Selection selection) throws SQLException {
    DataFile file = selection.files.get(rows.getInt(1));
    Origin origin =
        new Origin(
            file.namespace(),
            rows.getString(5),
            rows.getString(6),
            rows.getString(7),
            rows.getString(8),
            rows.getString(9),
            rows.getString(10),
            rows.getInt(11),
            StoreText.decode(rows.getString(12)));
    LogRecord record =
        new LogRecord(
            StoreText.instant(rows.getLong(3), rows.getInt(4)),
            rows.getString(20),
            LogRecord.Kind.valueOf(rows.getString(13)),
            origin,
            LogRecord.Position.NONE,
            StoreText.decode(rows.getString(21)),
            StoreText.flags(rows.getInt(19)));
    return new Stored(
        file.number() << ROW_BITS | rows.getLong(2),
        record,
        Severity.valueOf(rows.getString(14)),
        Math.round(rows.getDouble(15) * 1000) / 1000.0,
        rows.getString(16),
        Math.round(rows.getDouble(17) * 1000) / 1000.0,
        rows.getLong(18));
  }

  @Override
  public List<Stored> find(LogQuery query) {
    String side = query.oldestFirst() ? "" : " DESC";
    return select(
        () -> where(query),
        " ORDER BY ts"
            + side
            + ", file_index"
            + side
            + ", file_row_number"
            + side
            + " LIMIT "
            + query.limit());
  }

  @Override
  public Optional<Stored> get(long id) {
    return select(
            () ->
                new Selection(files(f -> f.number() == id >> ROW_BITS))
                    .with("file_row_number = ?", row(id)),
            "")
        .stream()
        .findFirst();
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
          select(
              () -> neighbours(hit.get(), "<"),
              " ORDER BY ts DESC, file_index DESC, file_row_number DESC LIMIT " + before));
      Collections.reverse(out);
    }
    out.add(hit.get());
    if (after > 0) {
      out.addAll(
          select(
              () -> neighbours(hit.get(), ">"),
              " ORDER BY ts, file_index, file_row_number LIMIT " + after));
    }
    return out;
  }

  private Selection neighbours(Stored hit, String side) {
    Origin o = hit.record().origin();
    LocalDate day = day(hit.record().timestamp());
    Selection s =
        new Selection(
            files(
                f ->
                    f.namespace().equals(o.namespace())
                        && !f.day().isBefore(day.minusDays(1))
                        && !f.day().isAfter(day.plusDays(1))));
    s.with(
        "service = ? AND pod = ? AND pod_uid = ? AND container = ? AND node = ? AND restarts = ?",
        o.service(),
        o.pod(),
        o.podUid(),
        o.container(),
        o.node(),
        o.restartCount());
    cursor(s, hit.id(), side);
    return s;
  }

  @Override
  public List<Group> groups(LogQuery query) {
    return read(
        () -> where(query),
        List.of(),
        "WITH r AS (SELECT "
            + COLUMNS
            + "$ROWS) SELECT unnest(newest), n, first, last FROM (SELECT fingerprint AS f,"
            + " arg_max(r, (us, file_index, file_row_number)) AS newest, count(*) AS n,"
            + " min(us) AS first, max(us) AS last FROM r GROUP BY 1 ORDER BY n DESC, f LIMIT "
            + query.limit()
            + ") ORDER BY n DESC, f",
        "",
        (rows, selection) -> {
          List<Group> out = new ArrayList<>();
          while (rows.next()) {
            Stored sample = stored(rows, selection);
            out.add(
                new Group(
                    sample.fingerprint(),
                    rows.getLong(COLUMN_COUNT + 1),
                    StoreText.instant(rows.getLong(COLUMN_COUNT + 2), 0),
                    StoreText.instant(rows.getLong(COLUMN_COUNT + 3), 0),
                    sample));
          }
          return out;
        });
  }

  @Override
  public List<Count> counts(LogQuery query, Duration bucket) {
    long seconds = StoreText.seconds(bucket);
    return read(
        () -> where(query),
        List.of(),
        "SELECT CAST(floor(epoch_us(ts) / "
            + seconds * 1_000_000
            + ".0) AS BIGINT) AS b, service, severity, category, count(*)$ROWS",
        " GROUP BY ALL ORDER BY ALL",
        (rows, selection) -> {
          List<Count> out = new ArrayList<>();
          while (rows.next()) {
            out.add(
                new Count(
                    Instant.ofEpochSecond(rows.getLong(1) * seconds),
                    rows.getString(2),
                    Severity.valueOf(rows.getString(3)),
                    rows.getString(4),
                    rows.getLong(5)));
          }
          return out;
        });
  }

  @Override
  public long count(LogQuery query) {
    return read(
        () -> where(query),
        0L,
        "SELECT count(*)$ROWS",
        "",
        (rows, selection) -> {
          rows.next();
          return rows.getLong(1);
        });
  }

  /** Always fails: whoever writes the files takes records. */
  @Override
  public void accept(LogRecord record, Classification classification) {
    throw new CopilotException(folder + " is only read");
  }

  @Override
  public Map<String, String> positions() {
    return Map.of();
  }

  @Override
  public synchronized Map<String, Long> counters() {
    return Map.of("parquet.files", (long) files.size());
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new CopilotException("DuckDB can't be closed: " + first(e), e);
    }
  }
}
