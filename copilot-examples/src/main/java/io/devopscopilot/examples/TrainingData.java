package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.LabelledLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads labelled lines: severity tables (TSV with a header) and Kubernetes events (JSON lines). */
final class TrainingData {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A person looked at it: counts as so many ordinary rows. */
  private static final double CORRECTION_WEIGHT = 5;

  private TrainingData() {}

  /** One row of a severity table. */
  record SeverityRow(String system, String rawLine, String content, Severity level) {}

  /** One Kubernetes event. */
  record EventRow(
      String family, String type, String reason, String message, String object, String category) {
    /** As people see it in a listing; the reason may be hidden. */
    String text(boolean hideReason) {
      return (type + " " + (hideReason ? "" : reason + " ") + message).strip();
    }
  }

  /** Reads a severity table; rows that can't be used go to {@code skip} with the reason. */
  static List<SeverityRow> severity(Path file, Consumer<String> skip) throws IOException {
    List<String> lines = EvaluationFiles.lines(file);
    if (lines.isEmpty()) {
      throw new Main.UsageException(file + " is empty, it must have a header line");
    }
    List<String> header = Arrays.asList(lines.get(0).split("\t", -1));
    int system = column(file, header, "system");
    int raw = column(file, header, "raw_line");
    int content = column(file, header, "content");
    int level = column(file, header, "level");
    List<SeverityRow> out = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split("\t", -1);
      if (cells.length < header.size()) {
        skip.accept("too few columns");
        continue;
      }
      Optional<Severity> known = level(cells[level]);
      if (known.isEmpty()) {
        skip.accept("level is not DEBUG, INFO, WARN, ERROR or FATAL");
      } else {
        out.add(
            new SeverityRow(
                cells[system],
                cells[raw].replace("\\n", "\n"),
                cells[content].replace("\\n", "\n"),
                known.get()));
      }
    }
    return out;
  }

  static Optional<Severity> level(String text) {
    return Arrays.stream(Severity.values())
        .filter(s -> s.name().equals(text.toUpperCase(Locale.ROOT)))
        .findFirst();
  }

  static int column(Path file, List<String> header, String name) {
    int at = header.indexOf(name);
    if (at < 0) {
      throw new Main.UsageException(
          file + " has no column '" + name + "', its columns are " + header);
    }
    return at;
  }

  /** The event in a JSON row, empty where it has no category or message. */
  static Optional<EventRow> event(JsonNode row) {
    String category = row.path("category").asText("");
    String message = row.path("message").asText("");
    if (category.isEmpty() || (message.isBlank() && row.path("reason").asText("").isEmpty())) {
      return Optional.empty();
    }
    String family = row.path("family").asText("");
    return Optional.of(
        new EventRow(
            family.isEmpty() ? row.path("case").asText("?") : family,
            row.path("type").asText(""),
            row.path("reason").asText(""),
            message,
            row.path("object").asText(""),
            category));
  }

  /** The lines to learn from in a severity row: the content, and for plain ones its category. */
  static LabelledLine labelled(SeverityRow row) {
    boolean plain = row.level().compareTo(Severity.INFO) <= 0;
    return new LabelledLine(
        row.system(),
        row.content(),
        Optional.of(row.level()),
        plain ? Optional.of("none") : Optional.empty(),
        1);
  }

  /** The lines to learn from in an event: with and without its reason. */
  static List<LabelledLine> labelled(EventRow row) {
    List<LabelledLine> out = new ArrayList<>();
    for (boolean hide : new boolean[] {false, true}) {
      out.add(
          new LabelledLine(
              row.family(), row.text(hide), Optional.empty(), Optional.of(row.category()), 1));
    }
    return out;
  }

  /** What people said about a wrong verdict, as older versions kept it in corrections.jsonl. */
  static Optional<LabelledLine> correction(JsonNode row) {
    Optional<Severity> severity = level(row.path("rightSeverity").asText(""));
    Optional<String> category =
        Optional.of(row.path("rightCategory").asText("")).filter(c -> !c.isEmpty());
    if (severity.isEmpty() && category.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new LabelledLine(
            "corrections", row.path("message").asText(""), severity, category, CORRECTION_WEIGHT));
  }

  /** All lines of a file of either kind; adds name and digest to the manifest. */
  static List<LabelledLine> read(Path file, Map<String, String> manifest, Consumer<String> skip)
      throws IOException {
    List<LabelledLine> out = new ArrayList<>();
    if (file.toString().contains(".tsv")) {
      severity(file, skip).forEach(r -> out.add(labelled(r)));
    } else {
      for (String line : EvaluationFiles.lines(file)) {
        JsonNode node;
        try {
          node = line.isBlank() ? JSON.createObjectNode() : JSON.readTree(line);
        } catch (JsonProcessingException e) {
          skip.accept("line is not JSON");
          continue;
        }
        Optional<LabelledLine> correction = correction(node);
        if (correction.isPresent()) {
          out.add(correction.get());
          continue;
        }
        Optional<EventRow> row = event(node);
        if (row.isEmpty()) {
          skip.accept("no event with a category");
        } else {
          out.addAll(labelled(row.get()));
        }
      }
    }
    if (out.isEmpty()) {
      throw new Main.UsageException(
          file + " has no labelled row, must be JSON lines or, named .tsv, a severity table");
    }
    Path name = Optional.ofNullable(file.getFileName()).orElse(file);
    manifest.put("data." + name, sha256(Files.readAllBytes(file)));
    return out;
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
