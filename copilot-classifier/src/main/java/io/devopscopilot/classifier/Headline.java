package io.devopscopilot.classifier;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a line says, without when, where and how loudly it was logged: for titles of issues, which
 * people read and which must not change with the clock.
 */
final class Headline {
  /** Characters of a headline at most, but for the three dots of one that was cut. */
  static final int MAX = 120;

  /** Characters of a line that are looked at. */
  private static final int LOOKED_AT = 2_000;

  private static final String DAY_TIME = "\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?";

  private static final String LEVEL =
      "(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|PANIC)";

  /** What may stand before a message, in the order in which it is tried, again and again. */
  private static final List<Pattern> HEADERS =
      List.of(
          // a date with a time, with or without a zone
          Pattern.compile(
              "\\[?\\d{4}[-/]\\d\\d[-/]\\d\\d[T ]"
                  + DAY_TIME
                  + "(?:Z| ?[+-]\\d\\d:?\\d\\d)?\\]?\\s*"),
          // syslog with its host and program
          Pattern.compile(
              "[A-Z][a-z]{2} {1,2}\\d{1,2} " + DAY_TIME + " \\S+ (?:[\\w./-]+(?:\\[\\d+\\])?: )?"),
          Pattern.compile("\\[?" + DAY_TIME + "\\]?\\s+"),
          // klog
          Pattern.compile("[IWEF]\\d{4} " + DAY_TIME + "\\s+\\d+ [\\w.-]+:\\d+\\] "),
          // an access log: client, identity, user, time
          Pattern.compile("\\S{2,45} \\S+ \\S+ \\[[^\\]]{15,40}\\] "),
          Pattern.compile(
              "(?:"
                  + LEVEL
                  + "|\\[(?i:"
                  + LEVEL
                  + ")\\])(?:\\s*[:|])?\\s+|(?i:"
                  + LEVEL
                  + ")(?:: | \\| )"),
          // Spring Boot: process, thread, logger
          Pattern.compile(
              "\\d{1,7} --- \\[[^\\]]{1,60}\\]\\s+(?:\\[[^\\]]*\\]\\s+)?\\S{1,80}\\s*: "),
          Pattern.compile("\\[[\\w .:#/-]{1,60}\\]\\s+"),
          // a logger: a name with dots that is no exception
          Pattern.compile(
              "(?![\\w$.]*(?:Error|Exception|Throwable)\\b)[A-Za-z_$][\\w$]*(?:\\.[\\w$]+)+(?:\\[\\d+\\])?(?: - |: | : )"));

  private static final Pattern MESSAGE = field("msg|message");
  private static final Pattern CAUSE = field("err|error|exception|reason");
  private static final Pattern EXCEPTION =
      Pattern.compile("(?:Caused by: )?[A-Za-z_][\\w$]*(?:\\.[\\w$]+)*(?:Error|Exception)\\b.*");

  private Headline() {}

  /** One line of at most {@link #MAX} characters; the line itself where it is all header. */
  static String of(String text) {
    String strip = text.substring(0, Math.min(LOOKED_AT, text.length())).strip();
    List<String> lines = strip.lines().limit(2).toList();
    if (lines.isEmpty()) {
      return "";
    }
    String first = lines.get(0).strip();
    String said = structured(first);
    if (said.isEmpty()) {
      said = bare(first);
    }
    if (lines.size() > 1 && EXCEPTION.matcher(lines.get(1).strip()).matches()) {
      said += ": " + lines.get(1).strip();
    }
    return said.length() > MAX ? said.substring(0, MAX) + "..." : said;
  }

  /** The message and the cause of a line of JSON or of key=value, empty for any other. */
  private static String structured(String line) {
    Matcher message = MESSAGE.matcher(line);
    if (!message.find() || value(message).isBlank()) {
      return "";
    }
    Matcher cause = CAUSE.matcher(line);
    String why = cause.find() ? value(cause).strip() : "";
    String what = value(message).strip();
    return why.isEmpty() || what.contains(why) ? what : what + ": " + why;
  }

  private static String bare(String line) {
    String rest = line;
    for (int step = 0; step < 8; step++) {
      String before = rest;
      for (Pattern header : HEADERS) {
        Matcher m = header.matcher(rest);
        if (m.lookingAt() && m.end() < rest.length()) {
          rest = rest.substring(m.end());
          break;
        }
      }
      if (rest.equals(before)) {
        break;
      }
    }
    return rest.strip();
  }

  private static Pattern field(String names) {
    return Pattern.compile(
        "(?:\"(?:"
            + names
            + ")\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*+)\"|(?:^|\\s)(?:"
            + names
            + ")=(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|(\\S+)))");
  }

  private static String value(Matcher m) {
    String found = m.group(1) != null ? m.group(1) : m.group(2) != null ? m.group(2) : m.group(3);
    return found.replaceAll("\\\\[nrt]", " ").replaceAll("\\\\(.)", "$1");
  }
}
