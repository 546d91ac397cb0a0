package io.devopscopilot.examples;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Severity;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds the line that says why, among the last lines of a container that ended. */
final class RootCause {
  private static final Pattern CAUSED =
      Pattern.compile("^\\s*(Caused by: |panic: |\\[?FATAL\\b)", Pattern.CASE_INSENSITIVE);
  private static final Pattern EXCEPTION =
      Pattern.compile("(^|[\\s\"'])[\\w.$]{1,200}(Exception|Error)\\b(?!\\()");
  private static final Pattern FRAME = Pattern.compile("^\\s+(at |\\.{3} \\d|File \")");

  private final Copilot copilot;

  RootCause(Copilot copilot) {
    this.copilot = copilot;
  }

  /** A line, and the category that the classifier gives it where it names one. */
  record Cause(String line, Optional<String> category) {}

  /** The line that says why; the last one where none stands out; empty where there is none. */
  Optional<Cause> of(List<String> lines) {
    String best = "";
    Classification verdict = copilot.classify("");
    int most = -1;
    for (String line : lines) {
      if (FRAME.matcher(line).find()) {
        continue;
      }
      String head = line.length() > 2_000 ? line.substring(0, 2_000) : line;
      Classification said = copilot.classify(head);
      int score =
          CAUSED.matcher(head).find()
              ? 4
              : EXCEPTION.matcher(head).find()
                  ? 3
                  : said.severity().compareTo(Severity.ERROR) >= 0
                      ? 2
                      : said.severity() == Severity.WARN ? 1 : 0;
      if (score >= most) {
        most = score;
        best = head;
        verdict = said;
      }
    }
    if (best.isEmpty()) {
      return Optional.empty();
    }
    String category = verdict.category();
    boolean named =
        most > 0
            && !List.of(Category.UNKNOWN, Category.NONE, Category.OTHER).contains(category)
            && verdict.categoryProbability() > 0.5;
    return Optional.of(
        new Cause(Terminal.plain(best.strip()), named ? Optional.of(category) : Optional.empty()));
  }
}
