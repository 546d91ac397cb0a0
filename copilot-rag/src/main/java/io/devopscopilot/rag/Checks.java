package io.devopscopilot.rag;

import io.devopscopilot.api.Answerer.Citation;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The built-in checks of a category: what to look at, what to do. Passages that may be cited. */
final class Checks {
  /** Ids of these passages begin so. */
  static final String PREFIX = "checks/";

  private static final Map<String, Optional<Checks>> LOADED = load();

  private final Passage passage;
  private final String title;
  private final List<String> commands = new ArrayList<>();
  private final List<String> actions = new ArrayList<>();

  private Checks(String category, String text) {
    String name = PREFIX + category + ".md";
    int lines = (int) text.lines().count();
    this.passage = new Passage(name, name, "Built-in checks", text, 1, lines, 1);
    String found = category;
    boolean what = false;
    for (String line : text.lines().toList()) {
      if (line.startsWith("Category: ")) {
        found = line.substring("Category: ".length());
      } else if (line.startsWith("## ")) {
        what = true;
      } else if (line.startsWith("- ")) {
        (what ? actions : commands).add(line.substring(2));
      }
    }
    this.title = found;
  }

  private static Map<String, Optional<Checks>> load() {
    Map<String, Optional<Checks>> out = new HashMap<>();
    for (String category : Category.all()) {
      try (InputStream in = Checks.class.getResourceAsStream(PREFIX + category + ".md")) {
        if (in != null) {
          String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
          out.put(category, Optional.of(new Checks(category, text)));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return out;
  }

  static Optional<Checks> of(String category) {
    return LOADED.getOrDefault(category, Optional.empty());
  }

  static Optional<Passage> passage(String id) {
    return id.startsWith(PREFIX) && id.endsWith(".md")
        ? of(id.substring(PREFIX.length(), id.length() - 3)).map(c -> c.passage)
        : Optional.empty();
  }

  String title() {
    return title;
  }

  /** Lines {@code `command` explanation}. */
  List<String> commands() {
    return commands;
  }

  List<String> actions() {
    return actions;
  }

  Citation cite(String line) {
    return new Citation(
        passage.id(), Citation.PASSAGE, passage.document() + ", " + passage.heading(), line, 0.5);
  }
}
