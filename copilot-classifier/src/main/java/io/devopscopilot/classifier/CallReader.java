package io.devopscopilot.classifier;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the service that an error about a call names, or whose instance a line tells of. One bit
 * for each hash of a known name tells most words apart, so that hardly any word becomes a string.
 */
final class CallReader {
  private static final int MAX = 600;
  private static final int LONGEST = 63;

  /** At least sixteen bits for each name, a power of two. */
  private long[] known = new long[4];

  /** Learns a name that has just become a key of {@code services}. */
  void know(String service, Map<String, ServiceWindow> services) {
    if (services.size() > known.length * 4) {
      known = new long[known.length * 2];
      services.keySet().forEach(this::mark);
    } else {
      mark(service);
    }
  }

  private void mark(String service) {
    int bit = bit(service.hashCode());
    known[bit >> 6] |= 1L << bit;
  }

  /** The other service that an error about a call names, if it does. */
  @Nullable ServiceWindow named(
      String text, Map<String, ServiceWindow> services, ServiceWindow own) {
    int length = Math.min(text.length(), MAX);
    if (!isCall(text, length)) {
      return null;
    }
    int i = 0;
    while (i < length) {
      if (!letter(text.charAt(i))) {
        i++;
        continue;
      }
      int hash = 0;
      int end = i;
      while (end < length && end - i < LONGEST && part(text.charAt(end))) {
        hash = 31 * hash + text.charAt(end++); // as String.hashCode
      }
      if (end - i < 3) {
        i++;
        continue;
      }
      int bit = bit(hash);
      if ((known[bit >> 6] >>> bit & 1) != 0) {
        ServiceWindow other = services.get(text.substring(i, end));
        if (other != null && other != own) {
          return other;
        }
      }
      i = end;
    }
    return null;
  }

  /**
   * The service whose instance a line names first ({@code orders-db-0}, {@code cart-7c9f-x2k4q}, a
   * claim {@code data-orders-db-0}); of an event's line also one that it names itself.
   */
  @Nullable ServiceWindow instance(
      String text, Map<String, ServiceWindow> services, boolean event) {
    int length = Math.min(text.length(), MAX);
    int i = 0;
    while (i < length) {
      if (!letter(text.charAt(i))) {
        i++;
        continue;
      }
      int end = i;
      while (end < length && part(text.charAt(end))) {
        end++;
      }
      boolean name = end - i <= LONGEST && (event || digits(text, i, end));
      ServiceWindow found = name ? instance(text, i, end, services, event) : null;
      if (found != null) {
        return found;
      }
      i = end;
    }
    return null;
  }

  /** The longest known name within a word that is an instance's, from its beginning or a part. */
  private @Nullable ServiceWindow instance(
      String text, int from, int to, Map<String, ServiceWindow> services, boolean event) {
    for (int start = from; start < to; start++) {
      if (start > from && text.charAt(start - 1) != '-') {
        continue;
      }
      for (int end = to; end - start > 1; end = text.lastIndexOf('-', end - 1)) {
        if ((event || digits(text, end, to)) && maybe(text, start, end)) {
          ServiceWindow found = services.get(text.substring(start, end));
          if (found != null) {
            return found;
          }
        }
      }
    }
    return null;
  }

  private boolean maybe(String text, int from, int to) {
    int hash = 0;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + text.charAt(i);
    }
    int bit = bit(hash);
    return (known[bit >> 6] >>> bit & 1) != 0;
  }

  private static boolean digits(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) >= '0' && text.charAt(i) <= '9') {
        return true;
      }
    }
    return false;
  }

  private static boolean isCall(String text, int length) {
    for (int i = 0; i + 3 < length; i++) {
      boolean found =
          switch (text.charAt(i) | 0x20) {
            case 'c' -> is(text, i, length, "connect") || is(text, i, length, "call");
            case 'h' -> is(text, i, length, "host");
            case 'i' -> is(text, i, length, "instance");
            case 'r' ->
                is(text, i, length, "refused")
                    || is(text, i, length, "resolv")
                    || is(text, i, length, "reset by");
            case 't' ->
                is(text, i, length, "timeout")
                    || is(text, i, length, "timed out")
                    || is(text, i, length, "timout");
            case 'u' ->
                is(text, i, length, "unavailable")
                    || is(text, i, length, "unreachable")
                    || is(text, i, length, "upstream");
            default -> false;
          };
      if (found) {
        return true;
      }
    }
    return status(text, length);
  }

  /** Whether it holds 500 to 504. */
  private static boolean status(String text, int length) {
    int at = text.indexOf("50");
    while (at >= 0 && at + 2 < length) {
      if (text.charAt(at + 2) >= '0' && text.charAt(at + 2) <= '4') {
        return true;
      }
      at = text.indexOf("50", at + 1);
    }
    return false;
  }

  private static boolean is(String text, int from, int length, String word) {
    return from + word.length() <= length && text.regionMatches(true, from, word, 0, word.length());
  }

  private int bit(int hash) {
    return (hash ^ hash >>> 14) & known.length * 64 - 1;
  }

  private static boolean letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  }

  private static boolean part(char c) {
    return letter(c) || c >= '0' && c <= '9' || c == '-';
  }
}
