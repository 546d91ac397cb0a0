package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Figures that {@code evaluate --json} wrote into a folder, for the page. */
final class Reports {
  /** Files that are read, and bytes of one, at most. */
  static final int MAX_FILES = 20;

  static final long MAX_BYTES = 1 << 20;

  private final Path folder;

  Reports(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /** The figures of each file by name; files that are no report are left out. */
  ArrayNode all() throws IOException {
    ArrayNode out = Views.JSON.createArrayNode();
    if (!Files.isDirectory(folder)) {
      return out;
    }
    List<Path> files;
    try (Stream<Path> list = Files.list(folder)) {
      files = list.filter(f -> f.toString().endsWith(".json")).sorted().limit(MAX_FILES).toList();
    }
    for (Path file : files) {
      if (Files.size(file) > MAX_BYTES) {
        continue;
      }
      try {
        var report = Views.JSON.readTree(Files.readAllBytes(file));
        if (report.has("model")) {
          out.addObject()
              .put("name", String.valueOf(file.getFileName()).replaceFirst("\\.json$", ""))
              .set("report", report);
        }
      } catch (com.fasterxml.jackson.core.JacksonException e) {
        out.addObject()
            .put("name", file.getFileName() + " (not valid JSON)")
            .putObject("report")
            .put("rows", 0);
      }
    }
    return out;
  }
}
