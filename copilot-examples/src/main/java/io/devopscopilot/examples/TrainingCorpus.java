package io.devopscopilot.examples;

import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.LabelledLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * Makes labelled log lines from templates of our own: {@code severity<TAB>category<TAB>template},
 * grouped by system ({@code # name}). In a template {@code {slot}} becomes a fitting value and
 * {@code (a|b|c)} one of the choices; a choice in which a space touches a bracket stays as it is.
 * The same seed gives the same lines.
 */
final class TrainingCorpus {
  private static final List<String> FILES =
      List.of(
          "kubernetes",
          "events",
          "apps",
          "data",
          "systems",
          "machines",
          "security",
          "access",
          "reach",
          "placement");
  private static final String EVENTS = "events";

  private final Random random;
  private final TrainingSlots slots;

  TrainingCorpus(long seed) {
    this.random = new Random(seed);
    this.slots = new TrainingSlots(random);
  }

  /**
   * Makes the lines.
   *
   * @param variants how many of each template, 1 or more
   */
  static List<LabelledLine> lines(long seed, int variants) {
    TrainingCorpus corpus = new TrainingCorpus(seed);
    List<LabelledLine> out = new ArrayList<>();
    for (String file : FILES) {
      corpus.read(file, variants, out);
    }
    return out;
  }

  /**
   * Makes the lines without those that imitate a system: the groups whose name is part of the
   * system's name.
   */
  static List<LabelledLine> linesWithout(String system, long seed, int variants) {
    String name = plain(system);
    return lines(seed, variants).stream().filter(l -> !name.contains(plain(l.system()))).toList();
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
  }

  private void read(String file, int variants, List<LabelledLine> out) {
    String system = file;
    for (String line : resource(file)) {
      if (line.startsWith("# ")) {
        system = line.substring(2).strip();
      } else if (!line.isBlank()) {
        String[] parts = line.split("\t", 3);
        int times = system.equals(EVENTS) ? 2 * variants : variants;
        for (int v = 0; v < times; v++) {
          String text = make(parts[2]);
          add(system, text, severity(parts[0]), parts[1], v, out);
        }
      }
    }
  }

  /** Some lines say what they are about, not how bad it is: {@code -}. */
  private static Optional<Severity> severity(String text) {
    return text.equals("-") ? Optional.empty() : Optional.of(Severity.valueOf(text));
  }

  private static void add(
      String system,
      String text,
      Optional<Severity> severity,
      String category,
      int variant,
      List<LabelledLine> out) {
    boolean event = system.equals(EVENTS);
    String shown = text;
    String group = system;
    if (event) {
      // Events are seen with their reason, without it, and without their type.
      String[] words = text.split(" ", 3);
      shown = variant % 3 == 0 ? text : variant % 3 == 1 ? words[0] + " " + words[2] : words[2];
      group = system + "_" + Math.floorMod(Objects.hash(category, words[1]), 4);
    }
    out.add(
        new LabelledLine(
            group, shown, event ? Optional.empty() : severity, Optional.of(category), 1));
  }

  /** Fills in slots and choices. */
  String make(String template) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < template.length()) {
      char c = template.charAt(at);
      int close = c == '{' ? template.indexOf('}', at) : -1;
      if (close > at && TrainingSlots.known(template.substring(at + 1, close))) {
        out.append(slots.value(template.substring(at + 1, close)));
        at = close + 1;
        continue;
      }
      int end = c == '(' ? template.indexOf(')', at) : -1;
      if (end > at && template.substring(at, end).contains("|")) {
        String[] choices = template.substring(at + 1, end).split("\\|", -1);
        out.append(make(choices[random.nextInt(choices.length)]));
        at = end + 1;
        continue;
      }
      if (c == '\\' && at + 1 < template.length() && template.charAt(at + 1) == 'n') {
        out.append('\n');
        at += 2;
        continue;
      }
      if (c == '\\' && at + 1 < template.length() && template.charAt(at + 1) == 't') {
        out.append('\t');
        at += 2;
        continue;
      }
      out.append(c);
      at++;
    }
    return out.toString();
  }

  private static List<String> resource(String name) {
    String path = "/training/" + name + ".tsv";
    try (InputStream in =
            Objects.requireNonNull(TrainingCorpus.class.getResourceAsStream(path), path);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The digest that names the templates in a model's manifest. */
  static String digest() {
    StringBuilder all = new StringBuilder();
    for (String file : FILES) {
      resource(file).forEach(l -> all.append(l).append('\n'));
    }
    return String.format(
        Locale.ROOT, "%s", TrainingData.sha256(all.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
