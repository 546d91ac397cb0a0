package io.devopscopilot.examples;

import io.devopscopilot.api.Severity;

/** Text for terminals: log text can't move the cursor or change colours. */
final class Terminal {
  private Terminal() {}

  /** Control characters other than line feed and tab become U+00B7. */
  static String plain(String text) {
    return text.replaceAll("[\\p{Cc}&&[^\\n\\t]]", "\u00b7");
  }

  static String severity(Severity severity, boolean colours) {
    String text = String.format("%-5s", severity);
    if (!colours) {
      return text;
    }
    String code =
        switch (severity) {
          case DEBUG -> "2";
          case INFO -> "32";
          case WARN -> "33";
          case ERROR -> "31";
          case FATAL -> "1;31";
        };
    return "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
