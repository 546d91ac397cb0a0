package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the files of paths and globs, and tells which is which after a rotation. */
final class FileFinder {
  private static final Logger LOG = LoggerFactory.getLogger(FileFinder.class);

  /** Files that a source reads of one path or glob at most; those beyond are counted. */
  static final int MAX_FILES = 100_000;

  private static final int HEAD = 256;
  private static final Pattern LOG_NAME =
      Pattern.compile(
          ".*\\.(log|txt|out|err|json|jsonl|ndjson)([.-].*)?|.*\\.gz|syslog.*|messages.*");
  private static final Pattern PODS =
      Pattern.compile(".*/([^/_]+)_([^/_]+)_([^/_]+)/([^/]+)/(\\d+)\\.log(\\..*)?");
  private static final Pattern UNFINISHED = Pattern.compile(".*\\.tmp");

  /**
   * A file.
   *
   * @param stream what it is known by: file key and first bytes
   */
  record Found(Path path, String stream, Origin origin, boolean packed) {
    /** What the files of the same container instance have in common; empty for other files. */
    Optional<String> container() {
      return origin.podUid().isEmpty()
          ? Optional.empty()
          : Optional.of(FileFinder.container(stream));
    }
  }

  private record Head(long size, String key, String stream) {}

  private final List<String> paths;
  private final boolean follow;
  private final Map<Path, Head> heads = new HashMap<>();
  private final Map<Path, Boolean> refused = new HashMap<>();
  private final List<String> unmatched = new ArrayList<>();
  private final int maxFiles;

  /** What the look that goes on could not list, and how many files were too many. */
  private final Map<Path, IOException> failed = new LinkedHashMap<>();

  private long beyond;

  FileFinder(List<String> paths, boolean follow) {
    this(paths, follow, MAX_FILES);
  }

  FileFinder(List<String> paths, boolean follow, int maxFiles) {
    this.paths = List.copyOf(paths);
    this.follow = follow;
    this.maxFiles = maxFiles;
  }

  List<Found> find(FileCounters counters) {
    Map<String, Found> found = new LinkedHashMap<>();
    Set<Path> there = new HashSet<>();
    unmatched.clear();
    failed.clear();
    beyond = 0;
    for (String path : paths) {
      List<Path> matching = matching(path);
      if (matching.isEmpty()) {
        unmatched.add(path);
      }
      for (Path file : matching) {
        there.add(file);
        try {
          BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
          if (attributes.isRegularFile()
              && attributes.size() > 0
              && !UNFINISHED.matcher(file.toString()).matches()) {
            String stream = stream(file, attributes);
            if (stream.isEmpty()) {
              continue;
            }
            found.putIfAbsent(
                stream, new Found(file, stream, origin(file), file.toString().endsWith(".gz")));
          }
        } catch (IOException e) {
          failed.put(file, e);
        }
      }
    }
    failed.forEach(
        (path, e) -> {
          there.add(path);
          if (refused.put(path, true) == null) {
            counters.unreadable.incrementAndGet();
            LOG.warn("{} can't be read: {}", path, FileLogSource.reason(e));
          }
        });
    if (counters.beyond.getAndSet(beyond) == 0 && beyond > 0) {
      LOG.warn(
          "{} files are not read: a path may name {} at most, give narrower ones",
          beyond,
          maxFiles);
    }
    heads.keySet().retainAll(there);
    refused.keySet().retainAll(there);
    return new ArrayList<>(found.values());
  }

  /** Of how many files more than their name is kept. */
  int known() {
    return heads.size() + refused.size();
  }

  /** The paths and globs that named no file, not even an empty one, at the last look. */
  List<String> unmatched() {
    return unmatched;
  }

  private List<Path> matching(String path) {
    int star = -1;
    for (int i = 0; i < path.length() && star < 0; i++) {
      star = "*?{[".indexOf(path.charAt(i)) >= 0 ? i : -1;
    }
    List<Path> files = new ArrayList<>();
    if (star < 0 || Files.exists(Path.of(path))) {
      Path plain = Path.of(path).toAbsolutePath().normalize();
      if (Files.isDirectory(plain)) {
        walk(plain, p -> LOG_NAME.matcher(p.getFileName().toString()).matches(), files);
      } else if (Files.exists(plain)) {
        files.add(plain);
      }
      return files;
    }
    int slash = path.lastIndexOf('/', star);
    Path root = Path.of(slash < 0 ? "." : slash == 0 ? "/" : path.substring(0, slash));
    root = root.toAbsolutePath().normalize();
    PathMatcher matcher =
        FileSystems.getDefault().getPathMatcher("glob:" + root + "/" + path.substring(slash + 1));
    if (Files.isDirectory(root)) {
      walk(root, p -> matcher.matches(p) || isLogWithin(p, matcher), files);
    }
    return files;
  }

  /** Whether a file is a log in a folder that matches, at any depth. */
  private static boolean isLogWithin(Path file, PathMatcher matcher) {
    if (!LOG_NAME.matcher(file.getFileName().toString()).matches()) {
      return false;
    }
    Path up = file.getParent();
    while (up != null && !matcher.matches(up)) {
      up = up.getParent();
    }
    return up != null;
  }

  private void walk(Path root, PathMatcher wanted, List<Path> files) {
    try {
      Files.walkFileTree(
          root,
          java.util.EnumSet.of(java.nio.file.FileVisitOption.FOLLOW_LINKS),
          12,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (wanted.matches(file)) {
                if (files.size() < maxFiles) {
                  files.add(file);
                } else {
                  beyond++;
                }
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              // Gone since it was listed, or a link to where it came from.
              if (!(e instanceof NoSuchFileException || e instanceof FileSystemLoopException)) {
                failed.put(file, e);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new CopilotException(root + " can't be listed: " + e.getMessage(), e, true);
    }
    files.sort(null);
  }

  /** A stream without the part that tells the files of one container apart. */
  static String container(String stream) {
    return stream.substring(0, Math.max(0, stream.lastIndexOf(':')));
  }

  void forget(Path file) {
    heads.remove(file);
  }

  /** Whether another file has the name by now, not the same one with another content. */
  boolean wasRenamed(Found found) throws IOException {
    if (found.container().isPresent()) {
      return !stillNames(found); // the kubelet never cuts a file
    }
    Object key = Files.readAttributes(found.path(), BasicFileAttributes.class).fileKey();
    return !container(found.stream()).equals("file:" + key);
  }

  /**
   * Whether a path, looked at anew, still names the file that was found there. What was opened by
   * it a moment before is that file then: a rotation never brings one back to its name.
   */
  boolean stillNames(Found found) throws IOException {
    forget(found.path());
    return found.stream()
        .equals(
            stream(found.path(), Files.readAttributes(found.path(), BasicFileAttributes.class)));
  }

  /**
   * File key and checksum of the first line, at most {@value #HEAD} bytes of it. Empty for a file
   * that is followed and whose first line is still being written: it is found again later.
   */
  private String stream(Path file, BasicFileAttributes attributes) throws IOException {
    Head known = heads.get(file);
    String key = String.valueOf(attributes.fileKey());
    if (known != null && known.key().equals(key) && attributes.size() >= known.size()) {
      heads.put(file, new Head(attributes.size(), key, known.stream()));
      return known.stream();
    }
    // The kubelet's files keep their name through renaming and packing: their first line names
    // them.
    Matcher pods = PODS.matcher(file.toString().replace('\\', '/'));
    boolean ofPod = pods.matches();
    boolean packed = file.toString().endsWith(".gz");
    CRC32 crc = new CRC32();
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = ofPod && packed ? new GZIPInputStream(raw) : raw) {
      byte[] head = in.readNBytes(HEAD);
      int end = 0;
      while (end < head.length && head[end] != '\n') {
        end++;
      }
      if (follow && end == head.length && end < HEAD) {
        return "";
      }
      crc.update(head, 0, end);
    }
    String name =
        ofPod ? pods.group(3) + "/" + pods.group(4) + "/" + pods.group(5) : String.valueOf(key);
    String stream = "file:" + name + ":" + Long.toHexString(crc.getValue());
    heads.put(file, new Head(attributes.size(), key, stream));
    return stream;
  }

  private static Origin origin(Path file) {
    Matcher pods = PODS.matcher(file.toString().replace('\\', '/'));
    if (pods.matches()) {
      return Origin.builder()
          .namespace(pods.group(1))
          .pod(pods.group(2))
          .podUid(pods.group(3))
          .service(Workloads.ofPod(pods.group(2)))
          .container(pods.group(4))
          .restartCount(Integer.parseInt(pods.group(5)))
          .build();
    }
    String name = file.getFileName().toString();
    return Origin.ofService(
        name.replaceFirst("\\.(log|txt|out|json|jsonl|ndjson)?(\\..*|-[0-9].*)?$", ""));
  }
}
