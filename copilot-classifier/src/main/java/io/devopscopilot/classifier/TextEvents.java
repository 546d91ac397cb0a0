package io.devopscopilot.classifier;

import java.util.Set;

/**
 * Finds warning events of Kubernetes that come as lines of text, as {@code kubectl get events}, an
 * exporter or a program prints them: {@code Warning BackOff pod/cart-7c9f ...}, {@code type=Warning
 * reason=BackOff}, {@code {"reason":"BackOff", ... "type":"Warning"}}.
 */
final class TextEvents {
  private static final int NEAR = 200;
  private static final int GAP = 8;
  private static final String TYPE = "arning"; // Warning, warning
  private static final String KEY = "\"reason\":";

  /** Reasons of one capital; the others have several, as no word of a sentence has. */
  private static final Set<String> SHORT = Set.of("Failed", "Unhealthy", "Evicted", "Rebooted");

  private TextEvents() {}

  /** The reason of the warning event that a line holds, empty if none. */
  static String reason(String text) {
    int at = text.indexOf(TYPE);
    if (at < 1
        || (text.charAt(at - 1) | 0x20) != 'w'
        || at > 1 && Character.isLetter(text.charAt(at - 2))) {
      return "";
    }
    int key = text.indexOf(KEY);
    if (key < 0 && at > NEAR) {
      return "";
    }
    String word =
        key < 0 ? word(text, at + TYPE.length(), " ") : word(text, key + KEY.length(), " \"");
    if (word.equals("reason")) {
      word = word(text, text.indexOf("reason", at) + word.length(), " =:\"");
    }
    return SHORT.contains(word) || several(word) ? word : "";
  }

  /** The word behind some of these signs, of which there is one. */
  private static String word(String text, int from, String signs) {
    int start = from;
    while (start < text.length() && start < from + GAP && signs.indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    int end = start;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    return start == from ? "" : text.substring(start, end);
  }

  private static boolean several(String word) {
    return word.length() > 5
        && Character.isUpperCase(word.charAt(0))
        && Character.isLowerCase(word.charAt(1))
        && word.chars().filter(Character::isUpperCase).count() > 1;
  }
}
