package io.devopscopilot.rag;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A folder of documents as a source of a knowledge base: Markdown, {@code .clinerules} (the file
 * and the folder form, also of checkouts below it), plain text, HTML and AsciiDoc.
 *
 * <p>A document's id is {@code name/path-below-the-folder}. Hidden folders other than {@code
 * .clinerules}, {@code node_modules}, {@code target} and {@code build} are not entered; links are
 * not followed; files above 4 MiB are left out and counted. Immutable.
 */
public final class DocumentFolder {
  /** Larger files are left out. */
  public static final long MAX_BYTES = 4L << 20;

  private static final Set<String> ENDINGS =
      Set.of(".md", ".markdown", ".mdx", ".txt", ".html", ".htm", ".adoc", ".asciidoc");
  private static final Set<String> SKIPPED = Set.of("node_modules", "target", "build");

  private final String name;
  private final Path folder;
  private final String glob;
  private final double weight;
  private final Consumer<Progress> progress;

  private DocumentFolder(
      String name, Path folder, String glob, double weight, Consumer<Progress> progress) {
    this.name = name;
    this.folder = folder;
    this.glob = glob;
    this.weight = weight;
    this.progress = progress;
  }

  /**
   * A folder, or a single file, with weight 1.
   *
   * @param name names the source; two sources of one knowledge base need different names
   */
  public static DocumentFolder of(String name, Path folder) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the name of " + folder + " is blank");
    }
    return new DocumentFolder(name, folder, "**", 1, p -> {});
  }

  /**
   * The same, but only files whose path below the folder matches, for example {@code **.md}.
   *
   * @param glob see {@link java.nio.file.FileSystem#getPathMatcher}
   */
  public DocumentFolder glob(String glob) {
    return new DocumentFolder(name, folder, glob, weight, progress);
  }

  /** The same with a weight above 0; own runbooks should weigh more than general documents. */
  public DocumentFolder weight(double weight) {
    if (!(weight > 0 && weight <= 10)) {
      throw new IllegalArgumentException("weight is " + weight + ", must be above 0, at most 10");
    }
    return new DocumentFolder(name, folder, glob, weight, progress);
  }

  /** The same, telling a listener after each document. */
  public DocumentFolder progress(Consumer<Progress> listener) {
    return new DocumentFolder(name, folder, glob, weight, listener);
  }

  /**
   * How far a synchronisation is.
   *
   * @param done documents looked at
   * @param total documents found
   * @param document the newest one
   */
  public record Progress(int done, int total, String document) {}

  /**
   * What a synchronisation did.
   *
   * @param documents documents that are there now
   * @param changed of these, new or changed
   * @param removed documents that are gone
   * @param skipped files that could not be read or are too large, with the reason
   */
  public record Result(int documents, int changed, int removed, List<String> skipped) {
    /** Copies the list. */
    public Result {
      skipped = List.copyOf(skipped);
    }
  }

  /**
   * Makes the knowledge base hold what the folder holds. Doing it again changes nothing.
   *
   * @throws CopilotException if the folder does not exist or can't be walked
   */
  public Result sync(KnowledgeBase knowledge) {
    if (!Files.exists(folder)) {
      throw new CopilotException("the document folder " + folder + " does not exist");
    }
    TreeMap<String, Path> files = new TreeMap<>();
    List<String> skipped = new ArrayList<>();
    walk(files, skipped);
    return sync(
        knowledge,
        name,
        files,
        file -> Files.readString(file, StandardCharsets.UTF_8),
        weight,
        progress,
        skipped);
  }

  /**
   * The same for documents that are no files, such as ConfigMaps: makes the knowledge base hold
   * these, and no others, of one source.
   *
   * @param name names the source
   * @param documents texts by name; the ending of a name tells its format, Markdown where there is
   *     none
   * @param weight above 0, at most 10
   */
  public static Result sync(
      KnowledgeBase knowledge, String name, Map<String, String> documents, double weight) {
    TreeMap<String, String> texts = new TreeMap<>();
    documents.forEach((document, text) -> texts.put(name + "/" + document, text));
    return sync(knowledge, name, texts, t -> t, weight, p -> {}, new ArrayList<>());
  }

  private interface Reader<T> {
    String read(T source) throws IOException;
  }

  private static <T> Result sync(
      KnowledgeBase knowledge,
      String name,
      TreeMap<String, T> files,
      Reader<T> reader,
      double weight,
      Consumer<Progress> progress,
      List<String> skipped) {
    Set<String> known = knowledge.documents();
    int changed = 0;
    int done = 0;
    int kept = 0;
    for (var entry : files.entrySet()) {
      String document = entry.getKey();
      List<Passage> passages = List.of();
      try {
        passages = passages(document, document, reader.read(entry.getValue()), weight);
      } catch (IOException e) {
        skipped.add(entry.getValue() + ": can't be read as UTF-8: " + e.getMessage());
      }
      if (!passages.isEmpty()) {
        kept++;
        boolean same = known.contains(document) && unchanged(knowledge, passages);
        knowledge.put(document, passages);
        changed += same ? 0 : 1;
      } else if (known.contains(document)) {
        knowledge.put(document, List.of());
      }
      progress.accept(new Progress(++done, files.size(), document));
    }
    int removed = 0;
    for (String document : known) {
      if (document.startsWith(name + "/") && !files.containsKey(document)) {
        knowledge.put(document, List.of());
        removed++;
      }
    }
    return new Result(kept, changed, removed, skipped);
  }

  /** Whether each passage is there word for word; put removes what a shortened document left. */
  private static boolean unchanged(KnowledgeBase knowledge, List<Passage> passages) {
    for (Passage p : passages) {
      if (!knowledge.passage(p.id()).equals(Optional.of(p))) {
        return false;
      }
    }
    return true;
  }

  /**
   * The passages of one document that is no file: a ConfigMap's entry, a confirmed resolution.
   *
   * @param document the document's id
   * @param name its name; the ending tells the format, Markdown where there is none
   * @param weight above 0
   */
  public static List<Passage> passages(String document, String name, String text, double weight) {
    return PassageSplitter.passages(document, name, text, weight);
  }

  private void walk(TreeMap<String, Path> files, List<String> skipped) {
    try {
      if (Files.isRegularFile(folder)) {
        files.put(name + "/" + folder.getFileName(), folder);
        return;
      }
      PathMatcher wanted = folder.getFileSystem().getPathMatcher("glob:" + glob);
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes a) {
              String file = dir.equals(folder) ? "" : String.valueOf(dir.getFileName());
              boolean hidden = file.startsWith(".") && !file.equals(".clinerules");
              return hidden || SKIPPED.contains(file)
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes a) {
              if (a.isRegularFile()
                  && isDocument(file)
                  && wanted.matches(folder.relativize(file))) {
                if (a.size() > MAX_BYTES) {
                  skipped.add(file + ": " + a.size() + " bytes, at most " + MAX_BYTES);
                } else {
                  String below = folder.relativize(file).toString().replace('\\', '/');
                  files.put(name + "/" + below, file);
                }
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              skipped.add(file + ": can't be read: " + e.getMessage());
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new CopilotException("the document folder " + folder + " can't be walked: " + e, e);
    }
  }

  private static boolean isDocument(Path file) {
    String lower = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return lower.equals(".clinerules") || ENDINGS.stream().anyMatch(lower::endsWith);
  }
}
