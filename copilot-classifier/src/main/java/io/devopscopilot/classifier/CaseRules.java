package io.devopscopilot.classifier;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What single lines speak for, read from {@code case-rules.tsv}: causes weigh much, symptoms that
 * many causes share weigh little. Every repetition in a pattern is bounded or of one class, and
 * lines are cut, so that matching ends soon. Thread-safe.
 */
final class CaseRules {
  /** The longest part of a line that is looked at, in chars. */
  static final int MAX_LINE = 600;

  private static final Pattern HARMLESS =
      Pattern.compile(
          "(?i)\\b(?:0|no|without|zero) (?:errors?|failures?|failed|issues|warnings?)\\b"
              + "|(?:errors?|failed|failures?|timeouts?)\"?[=: ]{1,3}(?:0|nil|null|none|false)\\b"
              + "|error_log\\b|<none>|previous terminated container"
              + "|node\\.kubernetes\\.io/[a-z-]+:NoE\\w+ op=Exists"
              + "|^\\s*(?:Normal|--)\\s+(?!BackOff|Killing)\\w+");
  private static final Pattern CALM =
      Pattern.compile(
          "^.{0,60}?\\b(?:INFO|DEBUG|NOTICE|TRACE|Info|Debug)\\b"
              + "|(?i)\\b(?:level|severity|lvl)\"?\\s{0,3}[=:]\\s{0,3}\"?(?:info|debug|trace|notice)\\b");

  /**
   * A rule.
   *
   * @param votes weight by category
   * @param scope a any line, l lines of logs, c lines of the cluster
   */
  record Rule(Map<String, Double> votes, char scope, Pattern pattern) {}

  private static final List<Rule> RULES = read();

  private CaseRules() {}

  private static List<Rule> read() {
    try (InputStream in = CaseRules.class.getResourceAsStream("case-rules.tsv")) {
      if (in == null) {
        throw new IllegalStateException("case-rules.tsv is missing in this jar");
      }
      List<Rule> rules = new ArrayList<>();
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        if (!line.isBlank() && !line.startsWith("#")) {
          String[] cells = line.split("\t", 3);
          Map<String, Double> votes = new LinkedHashMap<>();
          for (String vote : cells[0].split(" ")) {
            int colon = vote.indexOf(':');
            votes.put(vote.substring(0, colon), Double.valueOf(vote.substring(colon + 1)));
          }
          rules.add(
              new Rule(
                  votes, cells[1].charAt(0), Pattern.compile(cells[2], Pattern.CASE_INSENSITIVE)));
        }
      }
      return List.copyOf(rules);
    } catch (IOException e) {
      throw new UncheckedIOException("case-rules.tsv can't be read", e);
    }
  }

  /** The first rule that a line fits. */
  static Optional<Rule> match(String line, boolean logs) {
    if (line.isBlank() || HARMLESS.matcher(line).find()) {
      return Optional.empty();
    }
    char other = logs ? 'c' : 'l';
    return RULES.stream()
        .filter(r -> r.scope() != other && r.pattern().matcher(line).find())
        .findFirst();
  }

  /** Whether a line of a log declares that nothing is wrong. */
  static boolean calm(String line) {
    return CALM.matcher(line).find();
  }
}
