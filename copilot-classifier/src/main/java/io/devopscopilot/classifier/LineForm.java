package io.devopscopilot.classifier;

/**
 * A finer form of a line than the fingerprint, which may mask what stands in brackets: a hash of
 * its first {@value #WORDS} words that hold no digit, and of the line of source they come from
 * ({@code c.s.OrderService#37}, {@code OrderService.java:37}, {@code order.go:37}). Allocates
 * nothing.
 */
final class LineForm {
  private static final int WORDS = 9;
  private static final int MAX = 160;

  /** A source has fewer lines; what is longer is a port or an id. */
  private static final int SOURCE_DIGITS = 4;

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
      } else if (digits && isSource(text, start, i)) {
        hash = (hash ^ own) * 0x100000001b3L;
      }
    }
    return hash == 0 ? 1 : hash;
  }

  /** Whether it is a number behind a mark behind a word behind a dot: {@code .java:37}. */
  private static boolean isSource(String text, int from, int to) {
    int i = from - 1;
    if (to - from > SOURCE_DIGITS || i < 0 || text.charAt(i) != '#' && text.charAt(i) != ':') {
      return false;
    }
    for (int j = from; j < to; j++) {
      if (text.charAt(j) < '0' || text.charAt(j) > '9') {
        return false;
      }
    }
    while (--i >= 0 && word(text.charAt(i))) {
      if (text.charAt(i) <= '9') {
        return false;
      }
    }
    return i >= 0 && i < from - 2 && text.charAt(i) == '.';
  }

  private static boolean word(char c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
  }
}
