package io.devopscopilot.features;

import static io.devopscopilot.features.LevelWords.NONE;
import static io.devopscopilot.features.LevelWords.digit;

/** Finds the level among the keys of a JSON object. Stateless. */
final class JsonLevel {
  private JsonLevel() {}

  /**
   * The level of an object's own keys, or of those one object deeper; else that of a key with other
   * uses too; else what its HTTP status says; else -1.
   *
   * @param at the opening brace; its quotes may be escaped, as within a string
   */
  static int of(byte[] b, int at, int to) {
    boolean escaped = at + 1 < to && b[at + 1] == '\\';
    int inner = NONE;
    int weak = NONE;
    int status = NONE;
    int depth = 0;
    for (int i = at; i < to; i++) {
      byte c = b[i];
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
        if (depth == 0) {
          break;
        }
      } else if (c == '"') {
        int start = i + 1;
        int end = close(b, start, to, escaped);
        i = escaped ? end + 1 : end;
        int colon = spaces(b, i + 1, to);
        if (depth > 2 || colon >= to || b[colon] != ':') {
          continue;
        }
        int value = spaces(b, colon + 1, to);
        boolean number = value < to && digit(b[value]);
        if (value < to && b[value] == '\\') {
          value++;
        }
        if (value < to && b[value] == '"') {
          value++;
        }
        if (LevelWords.isKey(b, start, end)) {
          int found = LevelWords.ofValue(b, value, to, true);
          if (found >= 0 && depth == 1) {
            return found;
          }
          inner = inner < 0 ? found : inner;
        } else if (depth == 1 && LevelWords.isWeakKey(b, start, end)) {
          weak = weak < 0 ? LevelWords.ofValue(b, value, to, true) : weak;
        } else if (depth == 1 && number && LevelWords.is("severitynumber", b, start, end)) {
          weak = weak < 0 ? ofOpenTelemetry(b, value, to) : weak;
        } else if (depth == 1 && number && isStatus(b, start, end)) {
          status = httpStatus(b, value, to);
        }
      }
    }
    return inner >= 0 ? inner : weak >= 0 ? weak : status;
  }

  private static boolean isStatus(byte[] b, int start, int end) {
    return LevelWords.is("status", b, start, end)
        || LevelWords.is("status_code", b, start, end)
        || LevelWords.is("statuscode", b, start, end);
  }

  /** The closing quote, or the backslash before it where quotes are escaped. */
  private static int close(byte[] b, int start, int to, boolean escaped) {
    int i = start;
    if (!escaped) {
      while (i < to && b[i] != '"') {
        i += b[i] == '\\' ? 2 : 1;
      }
      return i;
    }
    while (i + 1 < to && !(b[i] == '\\' && b[i + 1] == '"')) {
      i += b[i] == '\\' ? b[i + 1] == '\\' ? 4 : 2 : 1;
    }
    return i;
  }

  private static int spaces(byte[] b, int at, int to) {
    while (at < to && (b[at] == ' ' || b[at] == '\t')) {
      at++;
    }
    return at;
  }

  /** 1 to 24: four each of trace, debug, info, warn, error, fatal (OpenTelemetry's log model). */
  private static int ofOpenTelemetry(byte[] b, int at, int to) {
    int number = number(b, at, to);
    return number < 1 || number > 24
        ? NONE
        : number <= 8
            ? LevelWords.DEBUG
            : number <= 12
                ? LevelWords.INFO
                : number <= 16
                    ? LevelWords.WARN
                    : number <= 20 ? LevelWords.ERROR : LevelWords.FATAL;
  }

  private static int httpStatus(byte[] b, int at, int to) {
    int number = number(b, at, to);
    return number >= 200 && number < 600 ? LevelWords.ofStatus(number) : NONE;
  }

  private static int number(byte[] b, int at, int to) {
    int number = 0;
    int i = at;
    while (i < to && i < at + 4 && digit(b[i])) {
      number = number * 10 + b[i++] - '0';
    }
    return number;
  }
}
