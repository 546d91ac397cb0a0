package io.devopscopilot.classifier;

import io.devopscopilot.api.LogRecord;

/**
 * Reads the trace id of a line: the record's attribute, {@code trace_id=...}, {@code TraceID: ...},
 * {@code "traceId":"..."}, W3C {@code traceparent: 00-...-...-01}, or Spring's {@code
 * [app,trace,span]}. Allocates nothing.
 */
final class TraceReader {
  private static final int MAX = 600;
  private static final int SHORTEST = 8;

  private TraceReader() {}

  /** A hash of the trace id, 0 where the line has none. */
  static long of(LogRecord record) {
    if (!record.attributes().isEmpty()) {
      String id = record.attributes().getOrDefault(LogRecord.ATTR_TRACE_ID, "");
      if (!id.isEmpty()) {
        return hash(id, 0, id.length());
      }
    }
    return inText(record.message());
  }

  static long inText(String text) {
    int length = Math.min(MAX, text.length());
    for (int i = 0; i + SHORTEST < length; i++) {
      char c = text.charAt(i);
      long found = 0;
      if ((c | 0x20) == 't'
          && (text.charAt(i + 1) | 0x20) == 'r'
          && text.regionMatches(true, i, "trace", 0, 5)) {
        found = behindName(text, i + 5, length);
      } else if (c == ',' && hex(text.charAt(i + 1))) {
        int end = hexEnd(text, i + 1, length);
        int n = end - i - 1;
        boolean span = end < length && text.charAt(end) == ',';
        if ((n == 16 || n == 32) && span && hexEnd(text, end + 1, length) - end - 1 == 16) {
          found = hash(text, i + 1, end);
        }
      }
      if (found != 0) {
        return found;
      }
    }
    return 0;
  }

  private static long behindName(String text, int from, int length) {
    int i = from;
    if (text.regionMatches(true, i, "parent", 0, 6)) {
      i += 6;
    } else {
      if (i < length && "_-. ".indexOf(text.charAt(i)) >= 0) {
        i++;
      }
      if (!text.regionMatches(true, i, "id", 0, 2)) {
        return 0;
      }
      i += 2;
    }
    while (i < length && "\"'=: [".indexOf(text.charAt(i)) >= 0) {
      i++;
    }
    int end = hexEnd(text, i, length);
    if (end - i == 2 && end < length && text.charAt(end) == '-') {
      i = end + 1; // the version of a traceparent
    }
    while (end < length && (hex(text.charAt(end)) || text.charAt(end) == '-' && end - i < 36)) {
      if (text.charAt(end) == '-' && end - i == 32) {
        break;
      }
      end++;
    }
    boolean whole = end == length || !Character.isLetterOrDigit(text.charAt(end));
    return whole && end - i >= SHORTEST ? hash(text, i, end) : 0;
  }

  private static int hexEnd(String text, int from, int length) {
    int i = from;
    while (i < length && hex(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean hex(char c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }

  private static long hash(String text, int from, int to) {
    long hash = 1125899906842597L;
    for (int i = from; i < to; i++) {
      hash = 31 * hash + (text.charAt(i) | 0x20);
    }
    hash ^= hash >>> 32;
    return hash == 0 ? 1 : hash;
  }
}
