package io.devopscopilot.classifier;

/**
 * A finer form of a line than the fingerprint, which may mask what stands in brackets: a hash of
 * its first {@value #WORDS} words that hold no digit. Allocates nothing.
 */
final class LineForm {
  private static final int WORDS = 9;
  private static final int MAX = 160;

  private LineForm() {}

  static long of(String text) {
    long hash = 0xcbf29ce484222325L;
    int words = 0;
    int length = Math.min(MAX, text.length());
    int i = 0;
    while (i < length && words < WORDS) {
      if (!word(text.charAt(i))) {
        i++;
        continue;
      }
      long own = 17;
      boolean digits = false;
      int start = i;
      while (i < length && word(text.charAt(i))) {
        char c = text.charAt(i++);
        digits |= c >= '0' && c <= '9';
        own = own * 31 + c;
      }
      if (!digits && i - start > 1) {
        hash = (hash ^ own) * 0x100000001b3L;
        words++;
      }
    }
    return hash == 0 ? 1 : hash;
  }

  private static boolean word(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
  }
}
