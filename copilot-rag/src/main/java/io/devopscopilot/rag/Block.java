package io.devopscopilot.rag;

import java.util.List;

/**
 * A piece of a document that is not cut, if it can be helped: a paragraph, a list, a code block, a
 * table.
 *
 * @param trail headings above it, outermost first
 * @param first number of its first line, from 1
 * @param last number of its last line, included
 * @param text its text, word for word
 * @param solid whether cutting it would spoil it: code and tables
 */
record Block(List<String> trail, int first, int last, String text, boolean solid) {
  Block {
    trail = List.copyOf(trail);
  }

  /** Number of words. */
  int words() {
    return words(text);
  }

  static int words(String text) {
    int n = 0;
    boolean in = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = Character.isWhitespace(text.charAt(i));
      if (!space && !in) {
        n++;
      }
      in = !space;
    }
    return n;
  }
}
