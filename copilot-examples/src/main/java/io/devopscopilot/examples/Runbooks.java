package io.devopscopilot.examples;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Passage;
import io.devopscopilot.rag.DocumentFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** The runbooks bundled with the app, named in {@code runbooks/index.txt}. */
final class Runbooks {
  private Runbooks() {}

  /** Puts those that are new or changed. */
  static void sync(KnowledgeBase knowledge) {
    for (String name : read("index.txt").split("\\R")) {
      if (!name.isBlank()) {
        String document = "runbooks/" + name;
        List<Passage> passages = DocumentFolder.passages(document, name, read(name), 1);
        if (!passages.stream().allMatch(p -> knowledge.passage(p.id()).equals(Optional.of(p)))) {
          knowledge.put(document, passages);
        }
      }
    }
  }

  private static String read(String name) {
    try (InputStream in = Runbooks.class.getResourceAsStream("/runbooks/" + name)) {
      if (in == null) {
        throw new CopilotException("the bundled runbook " + name + " is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CopilotException("the bundled runbook " + name + " can't be read", e);
    }
  }
}
