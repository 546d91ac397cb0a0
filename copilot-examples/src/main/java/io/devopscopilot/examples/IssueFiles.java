package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Issues that the Flink job of {@code docs/scale.md} writes, one JSON object a line, in {@code
 * FOLDER/issues/day=2026-01-05/*.jsonl}. New files are looked for every {@value #PERIOD_MILLIS} ms
 * on a thread of its own; of those that are there at first, the newest {@value #MAX_FILES} are
 * read.
 */
final class IssueFiles implements AutoCloseable {
  static final int PERIOD_MILLIS = 2_000;
  static final int MAX_FILES = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(IssueFiles.class);

  private final Path folder;
  private final Consumer<Issue> out;
  private final Set<Path> read = new HashSet<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          r -> {
            Thread thread = new Thread(r, "copilot-issue-files");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Reads what is there, then what comes.
   *
   * @param out takes each update of an issue, in the order of the files
   */
  IssueFiles(Path folder, Consumer<Issue> out) {
    this.folder = folder.resolve("issues");
    this.out = out;
    timer.scheduleWithFixedDelay(this::look, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    try {
      List<Path> found = found();
      int first = read.isEmpty() ? Math.max(0, found.size() - MAX_FILES) : 0;
      read.addAll(found.subList(0, first));
      for (Path file : found.subList(first, found.size())) {
        read(file);
        read.add(file);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the issues of {} can't be read, it is tried again: {}", folder, e.toString());
    }
  }

  /** Files not read yet, oldest first. */
  private List<Path> found() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Map<FileTime, List<Path>> byTime = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder, 2)) {
      for (Path file : all.sorted().toList()) {
        if (file.getFileName().toString().matches("[A-Za-z0-9].*\\.jsonl")
            && !read.contains(file)) {
          byTime.computeIfAbsent(Files.getLastModifiedTime(file), t -> new ArrayList<>()).add(file);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return byTime.values().stream().flatMap(List::stream).toList();
  }

  private void read(Path file) throws IOException {
    int skipped = 0;
    for (String line : Files.readAllLines(file)) {
      try {
        out.accept(issue(Views.JSON.readTree(line)));
      } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
        skipped++;
      }
    }
    if (skipped > 0) {
      LOG.warn("{}: {} lines are no issues", file, skipped);
    }
  }

  private static Issue issue(JsonNode node) {
    List<LogRecord> evidence = new ArrayList<>();
    node.path("evidence").forEach(r -> evidence.add(record(r)));
    Set<Long> fingerprints = new HashSet<>();
    node.path("fingerprints").forEach(f -> fingerprints.add(f.longValue()));
    return new Issue(
        required(node, "id"),
        Issue.State.valueOf(required(node, "state")),
        required(node, "category"),
        node.path("probability").doubleValue(),
        Duration.ofSeconds(node.path("horizonSeconds").longValue()),
        node.path("namespace").asText(""),
        node.path("service").asText(""),
        node.path("title").asText(""),
        Instant.parse(required(node, "opened")),
        Instant.parse(required(node, "updated")),
        node.has("resolved")
            ? Optional.of(Instant.parse(required(node, "resolved")))
            : Optional.empty(),
        evidence,
        fingerprints);
  }

  private static LogRecord record(JsonNode node) {
    Map<String, String> attributes = new LinkedHashMap<>();
    node.properties()
        .forEach(
            e -> {
              if (e.getKey().startsWith("attr.")) {
                attributes.put(e.getKey().substring(5), e.getValue().asText(""));
              }
            });
    return new LogRecord(
        Instant.parse(required(node, "time")),
        node.path("message").asText(""),
        LogRecord.Kind.valueOf(node.path("kind").asText("LOG")),
        Origin.builder()
            .namespace(node.path("namespace").asText(""))
            .service(node.path("service").asText(""))
            .pod(node.path("pod").asText(""))
            .container(node.path("container").asText(""))
            .node(node.path("node").asText(""))
            .build(),
        LogRecord.Position.NONE,
        attributes,
        Set.of());
  }

  private static String required(JsonNode node, String name) {
    if (!node.path(name).isTextual()) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return node.path(name).textValue();
  }

  @Override
  public void close() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(10, TimeUnit.SECONDS)) {
        LOG.warn("the reading of {} did not end", folder);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CopilotException("interrupted", e);
    }
  }
}
