package io.devopscopilot.features;

import io.devopscopilot.api.Severity;

/**
 * Reads what stands before the message of a line: finds the level that the line declares, and where
 * the message begins. Keeps its findings until the next line; one per thread.
 *
 * <p>A level is a level word where levels stand: in capitals, in brackets, before a colon or a bar,
 * behind a time, or as the value of a level key. The same word within a sentence is not.
 */
final class HeaderReader {
  private static final int MAX_HEADER = 320;
  private static final int MAX_TOKENS = 48;

  private static final int NONE = -1;
  private static final int DEBUG = Severity.DEBUG.ordinal();
  private static final int INFO = Severity.INFO.ordinal();
  private static final int WARN = Severity.WARN.ordinal();
  private static final int ERROR = Severity.ERROR.ordinal();
  private static final int FATAL = Severity.FATAL.ordinal();

  private static final int BITS = 8;
  private static final long[] KEYS = new long[1 << BITS];
  private static final byte[] LEVELS = new byte[1 << BITS];

  static {
    put(DEBUG, "trace", "trce", "debug", "dbug", "dbg", "fine", "finer", "finest", "verbose");
    put(DEBUG, "debug1", "debug2", "debug3", "debug4", "debug5", "silly", "vrb", "spam");
    put(INFO, "info", "inf", "information", "notice", "config", "log", "detail");
    put(INFO, "hint", "stmt", "ntc", "success");
    put(WARN, "warn", "warning", "wrn", "warnin");
    put(ERROR, "error", "err", "eror", "erro", "severe", "fail", "failure", "serious");
    put(FATAL, "fatal", "crit", "critical", "alert", "emerg", "emergency", "panic", "dpanic");
    put(FATAL, "ftl", "crt", "fatl");
  }

  private int severity;
  private int from;

  private static void put(int level, String... words) {
    for (String word : words) {
      long key = 0;
      for (int i = word.length() - 1; i >= 0; i--) {
        key = key << 8 | word.charAt(i);
      }
      if (word.length() > 8) {
        key = longKey(word.length(), key);
      }
      int slot = slot(key);
      while (KEYS[slot] != 0) {
        slot = (slot + 1) & ((1 << BITS) - 1);
      }
      KEYS[slot] = key;
      LEVELS[slot] = (byte) level;
    }
  }

  /** Words above eight letters keep their first eight and their length. */
  private static long longKey(int length, long key) {
    return key ^ (long) length << 56;
  }

  private static int slot(long key) {
    return (int) (key * TokenHash.K >>> (64 - BITS));
  }

  /** Ordinal of the declared severity, or -1. */
  int severity() {
    return severity;
  }

  /** Where the message begins. */
  int from() {
    return from;
  }

  /** Reads the header of the text between two bytes. */
  void read(byte[] b, int start, int end) {
    severity = NONE;
    from = start;
    int to = Math.min(end, start + MAX_HEADER);
    int at = start;
    while (at < to && (b[at] == ' ' || b[at] == '\t')) {
      at++;
    }
    if (at >= to) {
      return;
    }
    byte first = b[at];
    if (first == '{') {
      json(b, at, Math.min(end, start + 4096));
      return;
    }
    if (first == '<' && at + 2 < to && digit(b[at + 1])) {
      at = priority(b, at, to);
    } else if (klog(b, at, to)) {
      return;
    } else if (redis(b, at, to)) {
      return;
    } else if (at + 2 < to && b[at + 1] == '/' && letterLevel(first) >= 0 && letter(b[at + 2])) {
      severity = letterLevel(first); // Android: W/Tag( 123): text
      int colon = find(b, at, to, ':');
      from = colon < 0 ? at + 2 : skipSpaces(b, colon + 1, to);
      return;
    }
    tokens(b, at, to);
    if (severity < 0) {
      assigned(b, start, Math.min(end, start + 1024));
    }
  }

  private static boolean digit(byte c) {
    return c >= '0' && c <= '9';
  }

  private static boolean letter(byte c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  }

  private static int find(byte[] b, int at, int to, char c) {
    for (int i = at; i < to; i++) {
      if (b[i] == c) {
        return i;
      }
    }
    return -1;
  }

  private static int skipSpaces(byte[] b, int at, int to) {
    while (at < to && (b[at] == ' ' || b[at] == '\t')) {
      at++;
    }
    return at;
  }

  private static int letterLevel(byte c) {
    return switch (c) {
      case 'V', 'D', 'T' -> DEBUG;
      case 'I', 'N' -> INFO;
      case 'W' -> WARN;
      case 'E' -> ERROR;
      case 'F', 'C', 'A' -> FATAL;
      default -> NONE;
    };
  }

  /** Syslog's {@code <PRI>}: facility times eight plus severity, RFC 5424 section 6.2.1. */
  private int priority(byte[] b, int at, int to) {
    int value = 0;
    int i = at + 1;
    while (i < to && i < at + 4 && digit(b[i])) {
      value = value * 10 + b[i++] - '0';
    }
    if (i < to && b[i] == '>' && value < 192) {
      severity = syslog(value & 7);
      return i + 1;
    }
    return at;
  }

  private static int syslog(int number) {
    return number <= 2
        ? FATAL
        : number == 3 ? ERROR : number == 4 ? WARN : number <= 6 ? INFO : DEBUG;
  }

  /** {@code E0105 10:00:00.123456 1 file.go:12] text}. */
  private boolean klog(byte[] b, int at, int to) {
    if (at + 7 >= to || "IWEF".indexOf(b[at]) < 0 || b[at + 5] != ' ') {
      return false;
    }
    for (int i = 1; i < 5; i++) {
      if (!digit(b[at + i])) {
        return false;
      }
    }
    severity = letterLevel(b[at]);
    int close = find(b, at, to, ']');
    from = close < 0 ? at + 5 : skipSpaces(b, close + 1, to);
    return true;
  }

  /** {@code 1:M 05 Jan 2026 10:00:00.123 # text}. */
  private boolean redis(byte[] b, int at, int to) {
    int i = at;
    while (i < to && digit(b[i])) {
      i++;
    }
    if (i == at || i + 3 >= to || b[i] != ':' || "MSCX".indexOf(b[i + 1]) < 0 || b[i + 2] != ' ') {
      return false;
    }
    for (int words = 0; i + 2 < to && words < 6; i++) {
      if (b[i] == ' ') {
        words++;
        int level =
            switch (b[i + 1]) {
              case '#' -> WARN;
              case '*' -> INFO;
              case '-', '.' -> DEBUG;
              default -> NONE;
            };
        if (level >= 0 && b[i + 2] == ' ') {
          severity = level;
          from = i + 3;
          return true;
        }
      }
    }
    return false;
  }

  /** The level whose word stands between two bytes, or -1. */
  private static int level(byte[] b, int at, int to) {
    int length = to - at;
    if (length < 3 || length > 13) {
      return NONE;
    }
    long key = 0;
    for (int i = Math.min(to, at + 8) - 1; i >= at; i--) {
      byte c = b[i];
      key = key << 8 | (c >= 'A' && c <= 'Z' ? c | 0x20 : c & 0xff);
    }
    if (length > 8) {
      long whole = 0;
      for (int i = to - 1; i >= at; i--) {
        byte c = b[i];
        whole = whole << 8 | (c >= 'A' && c <= 'Z' ? c | 0x20 : c & 0xff);
      }
      key = longKey(length, whole);
    }
    for (int slot = slot(key); KEYS[slot] != 0; slot = (slot + 1) & ((1 << BITS) - 1)) {
      if (KEYS[slot] == key) {
        return LEVELS[slot];
      }
    }
    return NONE;
  }

  private static boolean capitals(byte[] b, int at, int to) {
    for (int i = at; i < to; i++) {
      if (b[i] >= 'a' && b[i] <= 'z') {
        return false;
      }
    }
    return true;
  }

  private void tokens(byte[] b, int at, int to) {
    int prose = 0;
    int numbers = 0;
    boolean timed = false;
    int i = at;
    for (int n = 0; n < MAX_TOKENS && i < to && prose < 2; n++) {
      while (i < to && separator(b[i])) {
        i++;
      }
      int start = i;
      while (i < to && !separator(b[i])) {
        i++;
      }
      if (start == i) {
        break;
      }
      if (i - start == 1
          && numbers >= 2
          && timed
          && letterLevel(b[start]) >= 0
          && space(b, i, to)) {
        if (severity < 0) {
          severity = letterLevel(b[start]); // logcat: time, process, thread, letter
        }
        from = messageFrom(b, i, to);
        return;
      }
      if (i - start == 5 && start > at && klog(b, start, to)) {
        return; // klog behind the header of syslog
      }
      int level = level(b, start, i);
      if (level >= 0 && stands(b, at, start, i, to, prose, timed)) {
        if (severity < 0) {
          severity = level;
        }
        from = messageFrom(b, i, to);
        return;
      }
      if (digits(b, start, i)) {
        numbers++;
        timed |= i < to && b[i] == ':' || start > at && b[start - 1] == ':';
      } else {
        if (numbers > 0 && !timed) {
          numbers = 0;
        }
        boolean word = lower(b, start, i) && space(b, i, to);
        prose += word ? 1 : 0;
      }
    }
    if (timed) {
      from = unlevelled(b, at, to);
    }
  }

  private static boolean space(byte[] b, int i, int to) {
    return i < to && (b[i] == ' ' || b[i] == '\t');
  }

  private static boolean separator(byte c) {
    return switch (c) {
      case ' ',
          '\t',
          '[',
          ']',
          '(',
          ')',
          '|',
          ':',
          ',',
          '<',
          '>',
          '"',
          '-',
          '/',
          '=',
          ';',
          '*',
          '{',
          '}',
          '\'' ->
          true;
      default -> false;
    };
  }

  private static boolean digits(byte[] b, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!digit(b[i]) && b[i] != '.') {
        return false;
      }
    }
    return true;
  }

  private static boolean lower(byte[] b, int start, int end) {
    for (int i = start; i < end; i++) {
      if (b[i] < 'a' || b[i] > 'z') {
        return false;
      }
    }
    return end - start > 1;
  }

  /** Whether a level word stands where levels stand. */
  private static boolean stands(
      byte[] b, int at, int start, int end, int to, int prose, boolean timed) {
    byte before = start == at ? (byte) ' ' : b[start - 1];
    byte after = end == to ? (byte) ' ' : b[end];
    boolean capitals = capitals(b, start, end);
    int length = end - start;
    boolean log =
        length == 3 && (b[start] | 0x20) == 'l'
            || length >= 4
                && level(b, start, end) == INFO
                && (b[start] | 0x20) != 'i'
                && (b[start] | 0x20) != 'n';
    if (log) { // words such as LOG, CONFIG, DETAIL and SUCCESS are levels before a colon or in
      // brackets only
      return capitals && (after == ':' || before == '[' && after == ']');
    }
    if (before == '='
        || before == '/'
        || after == '='
        || before == '-' && start > at + 1 && letter(b[start - 2])
        || after == '-' && end + 1 < to && letter(b[end + 1])) {
      return false;
    }
    if (before == '[' || before == '<' || before == '(' || before == '|') {
      return after == ']'
          || after == '>'
          || after == ')'
          || after == '|'
          || after == ' ' && capitals
          || after == ':';
    }
    if (before == ':' && (after == ']' || after == ':' && capitals)) {
      return true; // [ssl:warn], Chrome's [...:ERROR:file.cc]
    }
    if (before == ':' && start > at + 1 && !digit(b[start - 2]) && letter(b[start - 2])) {
      return capitals && after == ':';
    }
    if (capitals) {
      return after == ' '
          || after == '\t'
          || after == ':'
          || after == '|'
          || after == ']'
          || after == ','
          || after == '['
          || after == '-';
    }
    if (start == at) {
      return after == ':';
    }
    return prose == 0 && timed && (after == ' ' || after == '\t' || after == ':' || after == '|');
  }

  /** Behind the level: brackets, thread and logger names, dashes. */
  private static int messageFrom(byte[] b, int i, int to) {
    int at = i;
    for (int n = 0; n < 8; n++) {
      while (at < to
          && (separator(b[at])
              && b[at] != '['
              && b[at] != '('
              && b[at] != '"'
              && b[at] != '<'
              && b[at] != '{'
              && b[at] != '\''
              && b[at] != '/')) {
        at++;
      }
      if (at >= to) {
        return at;
      }
      if (b[at] == '[') {
        int close = find(b, at, Math.min(to, at + 120), ']');
        if (close < 0) {
          return at;
        }
        at = close + 1;
        continue;
      }
      int end = at;
      boolean dotted = false;
      while (end < to && b[end] != ' ' && b[end] != '\t') {
        dotted |= (b[end] == '.' || b[end] == '$' || b[end] == '/') && end > at;
        end++;
      }
      boolean colon = b[end - 1] == ':' && end - at < 80 && end - at > 2;
      boolean bar =
          end + 1 < to
              && b[end] == ' '
              && (b[end + 1] == ':' || b[end + 1] == '-' || b[end + 1] == '|');
      boolean number =
          digits(b, at, end) && end + 1 < to && (b[end + 1] == '-' || b[end + 1] == '[');
      if (dotted && (colon || bar)
          || number
          || colon && !dotted && n < 2 && capitalOrPlain(b, at, end - 1)
          || dotted && n == 0 && identifier(b, at, end)) {
        at = end;
        continue;
      }
      return at;
    }
    return at;
  }

  private static boolean capitalOrPlain(byte[] b, int at, int end) {
    for (int i = at; i < end; i++) {
      if (!letter(b[i]) && !digit(b[i]) && "_-$.#[](),".indexOf(b[i]) < 0) {
        return false;
      }
    }
    return level(b, at, end) < 0;
  }

  /** A name such as org.acme.Shop or pkg/file.go:12. */
  private static boolean identifier(byte[] b, int at, int end) {
    int dots = 0;
    for (int i = at; i < end; i++) {
      if (b[i] == '.') {
        dots++;
      } else if (!letter(b[i]) && !digit(b[i]) && "_$/:-[]#@".indexOf(b[i]) < 0) {
        return false;
      }
    }
    return dots > 0 && letter(b[at]) && b[end - 1] != '.';
  }

  /** Behind the time of a line without a level: host and program, as syslog writes them. */
  private static int unlevelled(byte[] b, int at, int to) {
    int i = at;
    int behind = at;
    for (int n = 0; n < 6 && i < to; n++) {
      i = skipSpaces(b, i, to);
      int end = i;
      int digits = 0;
      int letters = 0;
      while (end < to && b[end] != ' ' && b[end] != '\t') {
        digits += digit(b[end]) ? 1 : 0;
        letters += letter(b[end]) ? 1 : 0;
        end++;
      }
      if (digits == 0 && letters > 3 || letters > 6) {
        break;
      }
      i = end;
      behind = skipSpaces(b, end, to);
    }
    int colon = -1;
    int words = 0;
    for (int k = behind; k + 1 < to && words < 3; k++) {
      if (b[k] == ':' && b[k + 1] == ' ') {
        colon = k;
        break;
      }
      words += b[k] == ' ' ? 1 : 0;
    }
    return colon < 0 || colon - behind > 80 ? behind : skipSpaces(b, colon + 1, to);
  }

  /** {@code level=warn} and its like, anywhere. */
  private void assigned(byte[] b, int at, int to) {
    for (int i = at; i < to; i++) {
      if (b[i] == '=' && i > at + 1) {
        int start = i;
        while (start > at && (letter(b[start - 1]) || b[start - 1] == '_' || b[start - 1] == '.')) {
          start--;
        }
        if (key(b, start, i)) {
          int value = i + 1 < to && b[i + 1] == '"' ? i + 2 : i + 1;
          severity = value(b, value, to);
          if (severity >= 0) {
            return;
          }
        }
      }
    }
  }

  private static final String[] LEVEL_KEYS = {
    "level",
    "lvl",
    "severity",
    "loglevel",
    "log_level",
    "log.level",
    "levelname",
    "priority",
    "severity_text",
    "severitytext",
    "logseverity",
    "s",
    "type"
  };

  private static boolean key(byte[] b, int start, int end) {
    int length = end - start;
    for (String key : LEVEL_KEYS) {
      if (key.length() == length) {
        int i = 0;
        while (i < length && (b[start + i] | (letter(b[start + i]) ? 0x20 : 0)) == key.charAt(i)) {
          i++;
        }
        if (i == length) {
          return true;
        }
      }
    }
    return false;
  }

  /** A level as the value of a key: a word, a letter or a number. */
  private static int value(byte[] b, int at, int to) {
    int end = at;
    while (end < to && (letter(b[end]) || digit(b[end]))) {
      end++;
    }
    if (end > at && digit(b[at])) {
      int number = 0;
      for (int i = at; i < end && i < at + 4; i++) {
        number = digit(b[i]) ? number * 10 + b[i] - '0' : 1000;
      }
      // pino and bunyan count from 10 (trace) to 60 (fatal), syslog from 7 down to 0.
      return number >= 10 && number <= 60
          ? number < 30
              ? DEBUG
              : number < 40 ? INFO : number < 50 ? WARN : number < 60 ? ERROR : FATAL
          : number <= 7 ? syslog(number) : NONE;
    }
    if (end - at == 1) {
      return letterLevel((byte) (b[at] & ~0x20));
    }
    return level(b, at, end);
  }

  /** The level of a JSON object's own keys; nested objects are not entered. */
  private void json(byte[] b, int at, int to) {
    int depth = 0;
    for (int i = at; i < to; i++) {
      byte c = b[i];
      if (c == '{' || c == '[') {
        depth++;
      } else if (c == '}' || c == ']') {
        depth--;
      } else if (c == '"') {
        int start = i + 1;
        i = start;
        while (i < to && b[i] != '"') {
          i += b[i] == '\\' ? 2 : 1;
        }
        int colon = skipSpaces(b, i + 1, to);
        if (depth <= 2 && colon < to && b[colon] == ':' && key(b, start, i)) {
          int value = skipSpaces(b, colon + 1, to);
          if (value < to && b[value] == '"') {
            value++;
          }
          int found = value(b, value, to);
          if (found >= 0 && (severity < 0 || depth == 1)) {
            severity = found;
            if (depth == 1) {
              return;
            }
          }
        }
      }
    }
  }
}
