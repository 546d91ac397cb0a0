package io.devopscopilot.rag;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What messages of Kubernetes, of runtimes and of common libraries mean, read from {@code
 * symptoms.tsv}. Every repetition in a pattern is bounded and lines are cut, so that the faster
 * engine of the JDK is safe here. Messages are those of the Kubernetes sources and of the
 * libraries' own documents.
 */
final class SymptomRules {
  private static final int MAX_LINE = 4000;

  /**
   * A rule.
   *
   * @param pattern what the line holds
   * @param meaning what that means; $1 to $3 are groups of the pattern, {s} the object asked about
   */
  private record Rule(String category, double weight, Pattern pattern, String meaning) {}

  /** A line understood. */
  record Match(String category, double weight, String meaning) {}

  private static final List<Rule> RULES = read();

  private SymptomRules() {}

  private static List<Rule> read() {
    try (InputStream in = SymptomRules.class.getResourceAsStream("symptoms.tsv")) {
      if (in == null) {
        throw new IllegalStateException("symptoms.tsv is missing in this jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(l -> !l.startsWith("#"))
          .map(l -> l.split("\t", 4))
          .map(c -> new Rule(c[0], Double.parseDouble(c[1]), pattern(c[2]), c[3]))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("symptoms.tsv can't be read", e);
    }
  }

  private static Pattern pattern(String text) {
    return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  /** The first rule that knows the line. */
  static Optional<Match> match(String line, String subject) {
    String bounded = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
    for (Rule rule : RULES) {
      Matcher m = rule.pattern().matcher(bounded);
      if (m.find()) {
        String meaning = rule.meaning().replace("{s}", subject);
        for (int i = 1; i <= m.groupCount() && i <= 3; i++) {
          String group = m.group(i) == null ? "" : m.group(i).strip();
          meaning = meaning.replace("$" + i, group);
        }
        return Optional.of(new Match(rule.category(), rule.weight(), meaning.replace(" (``)", "")));
      }
    }
    return Optional.empty();
  }
}
