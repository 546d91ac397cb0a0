package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogStore.Stored;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** What people said about wrong verdicts, one JSON line each, in a file beside the store. */
final class Corrections {
  private final Path file;

  Corrections(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  synchronized void add(Stored stored, Optional<Severity> severity, String category) {
    ObjectNode line = Views.stored(stored);
    line.put("at", Instant.now().toString());
    severity.ifPresent(s -> line.put("rightSeverity", s.name()));
    if (!category.isEmpty()) {
      line.put("rightCategory", category);
    }
    try {
      Files.writeString(
          file,
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new CopilotException("the correction can't be kept in " + file.getFileName(), e);
    }
  }

  synchronized long count() {
    if (!Files.exists(file)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    } catch (IOException e) {
      throw new CopilotException("corrections can't be read from " + file.getFileName(), e);
    }
  }
}
