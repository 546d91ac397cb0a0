package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads files, folders, globs and streams; follows files across rotation by renaming and by
 * truncating.
 *
 * <p>Plain text, CRI, Docker JSON, JSON lines, logfmt, klog, syslog and {@code kubectl logs} with
 * {@code --prefix} and {@code --timestamps} are told apart line by line; {@code .gz} is unpacked.
 * Files below {@code /var/log/pods} name namespace, pod, container and restart count by their path.
 *
 * <p>A file is known by its file key (device and inode) and its first bytes, not by its name, so
 * that a renamed file is read on and a new one of the same name from its begin. Positions are
 * bytes. Used by one thread, {@link #counters()} by any. Defaults: lines up to 1 MiB, a look for
 * new files each second, 256 open files at most; what is cut or lost is counted.
 */
public final class FileLogSource implements LogSource {
  /** Longer lines are cut; the rest is counted in {@code bytes.cut}. */
  public static final int DEFAULT_MAX_LINE = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(FileLogSource.class);

  /** So many positions of files that are not there are kept, the newest. */
  private static final int MAX_REMEMBERED = 100_000;

  private static final Pattern TOKEN = Pattern.compile("[0-9]{1,18}(\\+[0-9]{1,9})?");

  private final Builder settings;
  private final FileCounters counters = new FileCounters();
  private final FileFinder finder;
  private final Map<String, Tracked> files = new LinkedHashMap<>();
  private final Map<String, String> stored =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };
  private final RecordJoiner joiner = new RecordJoiner();
  private Optional<OpenFile> stream = Optional.empty();
  private long looked;
  private boolean began;
  private boolean closed;
  private int turn;

  /** A file that was found. */
  private static final class Tracked {
    FileFinder.Found found;
    Optional<OpenFile> open = Optional.empty();
    String token;
    boolean done;
    boolean present = true;
    boolean failed;

    Tracked(FileFinder.Found found, String token) {
      this.found = found;
      this.token = token;
    }
  }

  private FileLogSource(Builder settings) {
    this.settings = settings;
    this.finder = new FileFinder(settings.paths, settings.follow);
  }

  /** A builder; at least one path, glob or stream must be given. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void resume(Map<String, String> positions) {
    stored.putAll(positions);
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) throws IOException {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    if (closed) {
      return ENDED;
    }
    if (!began) {
      begin();
    }
    int n = 0;
    while (true) {
      LogRecord next = joiner.peek();
      while (next != null && n < limit) {
        sink.accept(next);
        joiner.remove();
        n++;
        next = joiner.peek();
      }
      if (n >= limit) {
        return n;
      }
      int moved = fill(limit - n);
      joiner.expire(System.nanoTime());
      if (moved == LogSource.ENDED) {
        joiner.flush();
        if (joiner.isEmpty()) {
          return n == 0 ? ENDED : n;
        }
      } else if (moved == 0 && joiner.peek() == null) {
        return n;
      }
    }
  }

  private void take(LogRecord record) {
    if (settings.join) {
      joiner.add(record, System.nanoTime());
    } else {
      joiner.pass(record);
    }
  }

  /** Reads at most so many lines; 0 = none now. */
  private int fill(int limit) throws IOException {
    int n = 0;
    if (stream.isPresent()) {
      n = stream.get().read(this::take, limit, true);
      if (n == 0 && stream.get().ended()) {
        stream.get().close();
        stream = Optional.empty();
      } else {
        return n;
      }
    }
    if (settings.follow && System.nanoTime() - looked > settings.interval * 1_000_000) {
      look();
    }
    List<Tracked> all = new ArrayList<>(files.values());
    for (int i = 0; i < all.size() && n < limit; i++) {
      Tracked file = all.get((turn + i) % all.size());
      if (!file.done) {
        n += read(file, this::take, limit - n);
      }
    }
    if (settings.follow && !all.isEmpty()) {
      turn = (turn + 1) % all.size();
    }
    return n == 0 && !settings.follow && all.stream().allMatch(f -> f.done) ? ENDED : n;
  }

  private void begin() throws IOException {
    began = true;
    if (settings.in.isPresent()) {
      Origin origin = Origin.ofService(settings.name);
      stream = Optional.of(OpenFile.of(settings.in.get(), origin, settings.maxLine, counters));
    }
    look();
    missing();
    boolean none = !settings.follow && files.isEmpty() && settings.in.isEmpty();
    if (none && finder.unmatched().size() == settings.paths.size()) {
      throw new CopilotException("no file matches " + String.join(", ", settings.paths));
    }
    if (none && counters.unreadable.get() > 0) {
      throw new CopilotException("can't read any file of " + String.join(", ", settings.paths));
    }
    for (String path : finder.unmatched()) {
      LOG.warn("no file matches {}{}", path, settings.follow ? " yet, waiting for one" : "");
    }
  }

  /**
   * Counts containers of which other files were read than are there now. The kubelet removes the
   * oldest first: without the newest one read, what was written behind it may be gone too.
   */
  private void missing() {
    Map<String, Boolean> found = new HashMap<>();
    for (Tracked file : files.values()) {
      file.found
          .container()
          .ifPresent(
              c -> found.merge(c, stored.containsKey(file.found.stream()), (a, b) -> a || b));
    }
    for (String stream : stored.keySet()) {
      String container = FileFinder.container(stream);
      if (Boolean.FALSE.equals(found.get(container))) {
        found.remove(container);
        counters.filesLost.incrementAndGet();
        LOG.warn("{}: lines may be lost, its files were removed while nobody read", container);
      }
    }
  }

  private void look() {
    looked = System.nanoTime();
    files.values().forEach(f -> f.present = false);
    for (FileFinder.Found found : finder.find(counters)) {
      Tracked known = files.get(found.stream());
      if (known == null) {
        files.put(found.stream(), new Tracked(found, token(found)));
      } else {
        known.present = true;
        known.found = found; // renamed or packed: to be opened by its new name
      }
    }
    files
        .values()
        .removeIf(
            f -> {
              boolean gone = !f.present && f.done;
              if (gone) {
                close(f);
                remember(f);
              }
              return gone;
            });
  }

  /** Keeps the end of a file that is gone: it may come back packed. */
  private void remember(Tracked file) {
    stored.remove(file.found.stream()); // to be the newest
    stored.put(file.found.stream(), file.token);
  }

  private String token(FileFinder.Found found) {
    String token = stored.getOrDefault(found.stream(), "0");
    if (!TOKEN.matcher(token).matches()) {
      throw new CopilotException(
          "the stored position '" + token + "' of " + found.path() + " is not a number of bytes");
    }
    return token;
  }

  private int read(Tracked file, Consumer<? super LogRecord> sink, int limit) {
    try {
      if (file.open.isEmpty()) {
        long size = Files.size(file.found.path());
        if (!file.found.packed() && size < OpenFile.bytes(file.token)) {
          if (settings.follow && finder.wasRenamed(file.found)) {
            throw rotated(file);
          }
          truncated(file);
          return 0;
        }
        makeRoom();
        file.open =
            Optional.of(
                OpenFile.of(
                    file.found.path(),
                    file.found.stream(),
                    file.token,
                    file.found.origin(),
                    settings.maxLine,
                    counters));
        if (settings.follow && !finder.stillNames(file.found)) {
          throw rotated(file);
        }
      }
      OpenFile open = file.open.get();
      boolean over = !settings.follow || file.found.packed() || !file.present;
      int n = open.read(sink, limit, over);
      file.token = open.token();
      if (n == 0) {
        long size = open.size();
        if (size >= 0 && size < open.position()) {
          truncated(file);
        } else if (over) {
          file.done = true;
          close(file);
        }
      }
      return n;
    } catch (NoSuchFileException e) {
      close(file);
      if (!file.present || !settings.follow) { // else it has another name by the next look
        file.done = true;
        counters.filesLost.incrementAndGet();
        LOG.warn("{}: lines may be lost, it was removed before it was read", file.found.path());
      }
      return 0;
    } catch (IOException e) {
      close(file);
      if (!file.failed) {
        file.failed = true;
        counters.unreadable.incrementAndGet();
        LOG.warn("{} can't be read: {}", file.found.path(), reason(e));
      }
      if (!settings.follow || !file.present || file.found.packed()) {
        file.done = true;
      }
      return 0;
    }
  }

  /** The next look finds the file by its new name. */
  private static NoSuchFileException rotated(Tracked file) {
    return new NoSuchFileException(file.found.path().toString(), null, "rotated meanwhile");
  }

  /** Forgets the file; the next look finds it as a new one, read from its begin. */
  private void truncated(Tracked file) {
    counters.rotations.incrementAndGet();
    LOG.info("{} was truncated, it is read from its begin", file.found.path());
    close(file);
    files.remove(file.found.stream());
    stored.remove(file.found.stream());
    finder.forget(file.found.path());
  }

  static String reason(IOException e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }

  /** Keeps the number of open files below the limit: one that waits is closed and opened later. */
  private void makeRoom() {
    List<Tracked> open = files.values().stream().filter(f -> f.open.isPresent()).toList();
    if (open.size() >= settings.maxOpen) {
      open.stream().filter(f -> f.present).findFirst().ifPresent(FileLogSource::close);
    }
  }

  private static void close(Tracked file) {
    try {
      if (file.open.isPresent()) {
        file.open.get().close();
      }
    } catch (IOException e) {
      LOG.debug("could not close {}", file.found.path(), e);
    }
    file.open = Optional.empty();
  }

  @Override
  public Optional<Set<String>> streams() {
    return Optional.of(Set.copyOf(files.keySet()));
  }

  @Override
  public Map<String, Long> counters() {
    return counters.all();
  }

  @Override
  public void close() {
    closed = true;
    files.values().forEach(FileLogSource::close);
    try {
      if (stream.isPresent()) {
        stream.get().close();
      }
    } catch (IOException e) {
      LOG.debug("could not close the stream", e);
    }
  }

  /** Builds a {@link FileLogSource}; not thread-safe. */
  public static final class Builder {
    private final List<String> paths = new ArrayList<>();
    private Optional<InputStream> in = Optional.empty();
    private String name = "stdin";
    private boolean follow;
    private int maxLine = DEFAULT_MAX_LINE;
    private int maxOpen = 256;
    private long interval = 1_000;
    private boolean join = true;

    private Builder() {}

    /** A file, or a folder whose log files are read, with those of the folders below it. */
    public Builder path(Path path) {
      paths.add(path.toString());
      return this;
    }

    /**
     * A file, a folder, or a glob such as {@code /var/log/app/*.log}; of folders, also those that a
     * glob matches, the logs within them at any depth.
     */
    public Builder glob(String glob) {
      paths.add(glob);
      return this;
    }

    /** A stream that is read to its end before the files; it can't resume. */
    public Builder stdin(InputStream in) {
      this.in = Optional.of(in);
      return this;
    }

    /** The service of the stream's lines that name none; default {@code stdin}. */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /** Whether to wait for more lines and more files; default false: end at the end. */
    public Builder follow(boolean follow) {
      this.follow = follow;
      return this;
    }

    /** Bytes of a line at most, 1,024 to 64 MiB, default {@link #DEFAULT_MAX_LINE}. */
    public Builder maxLine(int bytes) {
      if (bytes < 1024 || bytes > 64 << 20) {
        throw new IllegalArgumentException(
            "maxLine is " + bytes + ", must be 1024 to " + (64 << 20));
      }
      this.maxLine = bytes;
      return this;
    }

    /** Files that are open at the same time at most, 1 to 10,000, default 256. */
    public Builder maxOpenFiles(int files) {
      if (files < 1 || files > 10_000) {
        throw new IllegalArgumentException("maxOpenFiles is " + files + ", must be 1 to 10000");
      }
      this.maxOpen = files;
      return this;
    }

    /** Whether the lines of a stack trace become one record; default true. */
    public Builder joinTraces(boolean join) {
      this.join = join;
      return this;
    }

    /** How often to look for new and rotated files, 10 ms to 1 min, default 1 s. */
    public Builder interval(java.time.Duration interval) {
      if (interval.toMillis() < 10 || interval.toMillis() > 60_000) {
        throw new IllegalArgumentException("interval is " + interval + ", must be 10 ms to 1 min");
      }
      this.interval = interval.toMillis();
      return this;
    }

    /**
     * The source; nothing is opened before the first poll.
     *
     * @throws IllegalStateException if nothing to read was given
     */
    public FileLogSource build() {
      if (paths.isEmpty() && in.isEmpty()) {
        throw new IllegalStateException("nothing to read: call .path, .glob or .stdin first");
      }
      return new FileLogSource(this);
    }
  }
}
