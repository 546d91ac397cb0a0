package io.devopscopilot.features;

import io.devopscopilot.api.Severity;

/** What words, letters, numbers and keys mean as levels. Stateless. */
final class LevelWords {
  static final int NONE = -1;
  static final int DEBUG = Severity.DEBUG.ordinal();
  static final int INFO = Severity.INFO.ordinal();
  static final int WARN = Severity.WARN.ordinal();
  static final int ERROR = Severity.ERROR.ordinal();
  static final int FATAL = Severity.FATAL.ordinal();

  private static final int BITS = 8;
  private static final long[] KEYS = new long[1 << BITS];
  private static final byte[] LEVELS = new byte[1 << BITS];

  /** Keys whose value is a level. */
  private static final String[] LEVEL_KEYS = {
    "level",
    "lvl",
    "severity",
    "loglevel",
    "log_level",
    "log.level",
    "levelname",
    "level_name",
    "leveldisplayname",
    "@level",
    "@l",
    "severity_text",
    "severitytext",
    "logseverity"
  };

  /** Keys that mean a level only where no better key is there: they have other uses too. */
  private static final String[] WEAK_KEYS = {"priority", "s", "type"};

  /** Words that are levels before a colon even behind another word. */
  private static final String[] PLAIN = {
    "error", "warning", "warn", "info", "notice", "fatal", "debug"
  };

  private static final String[] FACILITIES = {
    "kern",
    "user",
    "mail",
    "daemon",
    "auth",
    "authpriv",
    "syslog",
    "lpr",
    "news",
    "uucp",
    "cron",
    "ftp",
    "local0",
    "local1",
    "local2",
    "local3",
    "local4",
    "local5",
    "local6",
    "local7"
  };

  static {
    put(
        DEBUG, "trace", "trce", "trac", "trc", "debug", "debu", "dbug", "dbg", "fine", "finer",
        "finest");
    put(DEBUG, "verbose", "debug1", "debug2", "debug3", "debug4", "debug5", "silly", "vrb", "spam");
    put(INFO, "info", "inf", "information", "notice", "config", "log", "detail");
    put(INFO, "hint", "stmt", "ntc", "success");
    put(WARN, "warn", "warning", "wrn", "warnin");
    put(ERROR, "error", "err", "eror", "erro", "severe", "fail", "failure", "serious");
    put(FATAL, "fatal", "crit", "critical", "alert", "emerg", "emergency", "panic", "dpanic");
    put(FATAL, "ftl", "crt", "fatl", "fata", "emer", "pani");
  }

  private LevelWords() {}

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

  /** The level whose word stands between two bytes in any case, or -1. */
  static int of(byte[] b, int at, int to) {
    int length = to - at;
    if (length < 3 || length > 13) {
      return NONE;
    }
    long key = 0;
    if (at + 8 <= b.length) {
      key = TokenHash.lower(TokenHash.load(b, at));
    } else {
      for (int i = to - 1; i >= at; i--) {
        byte c = b[i];
        key = key << 8 | (c >= 'A' && c <= 'Z' ? c | 0x20 : c & 0xff);
      }
    }
    key = length > 8 ? longKey(length, key) : key & -1L >>> -(length << 3);
    for (int slot = slot(key); KEYS[slot] != 0; slot = (slot + 1) & ((1 << BITS) - 1)) {
      if (KEYS[slot] == key) {
        return LEVELS[slot];
      }
    }
    return NONE;
  }

  /** The level of a capital letter, or -1. */
  static int ofLetter(byte c) {
    return switch (c) {
      case 'V', 'D', 'T' -> DEBUG;
      case 'I', 'N' -> INFO;
      case 'W' -> WARN;
      case 'E' -> ERROR;
      case 'F', 'C', 'A' -> FATAL;
      default -> NONE;
    };
  }

  /** Syslog's severity, 0 to 7, RFC 5424 section 6.2.1. */
  static int ofSyslog(int number) {
    return number <= 2
        ? FATAL
        : number == 3 ? ERROR : number == 4 ? WARN : number <= 6 ? INFO : DEBUG;
  }

  /** What the status of an HTTP answer says of the request: 5xx failed, 4xx was refused. */
  static int ofStatus(int status) {
    return status >= 500 ? ERROR : status >= 400 ? WARN : INFO;
  }

  /** A level as the value of a key: a word, a letter or, where they count, a number. */
  static int ofValue(byte[] b, int at, int to, boolean numbers) {
    int end = at;
    while (end < to && (letter(b[end]) || digit(b[end]))) {
      end++;
    }
    if (end > at && digit(b[at])) {
      int number = 0;
      for (int i = at; i < end && i < at + 4; i++) {
        number = digit(b[i]) ? number * 10 + b[i] - '0' : 1000;
      }
      return numbers ? ofNumber(number) : NONE;
    }
    if (end - at == 1) {
      return ofLetter((byte) (b[at] & ~0x20));
    }
    if (end - at == 2 && isDebugDigit(b, at)) {
      return DEBUG;
    }
    int level = of(b, at, end);
    return level < 0 && numbers && belowZero(b, at, end, to) ? DEBUG : level;
  }

  /**
   * Monolog counts from 100 (debug) to 600 (emergency), pino and bunyan from 10 (trace) to 60
   * (fatal), syslog from 7 down to 0.
   */
  private static int ofNumber(int number) {
    if (number >= 100) {
      return number % 50 != 0 || number > 600
          ? NONE
          : number < 200
              ? DEBUG
              : number < 300 ? INFO : number < 400 ? WARN : number < 500 ? ERROR : FATAL;
    }
    if (number >= 10 && number <= 60) {
      return number < 30
          ? DEBUG
          : number < 40 ? INFO : number < 50 ? WARN : number < 60 ? ERROR : FATAL;
    }
    return number <= 7 ? ofSyslog(number) : NONE;
  }

  /** zap's levels beneath debug: {@code "-4"} and {@code "Level(-4)"}. */
  private static boolean belowZero(byte[] b, int at, int end, int to) {
    int sign = end == at ? at : is("level", b, at, end) && end < to && b[end] == '(' ? end + 1 : to;
    return sign + 1 < to && b[sign] == '-' && digit(b[sign + 1]);
  }

  /** MongoDB's D1 to D5. */
  private static boolean isDebugDigit(byte[] b, int at) {
    return b[at] == 'D' && b[at + 1] >= '1' && b[at + 1] <= '5';
  }

  /**
   * Levels of two characters: {@code D1} before a name in capitals (MongoDB), {@code E!}
   * (Telegraf), {@code Er(11)} (ESXi).
   */
  static int ofPair(byte[] b, int at, int to) {
    byte second = b[at + 1];
    if (second == '!') {
      return "DIWE".indexOf(b[at]) < 0 ? NONE : ofLetter(b[at]);
    }
    if (at + 4 >= to) {
      return NONE;
    }
    if (b[at + 2] == '(' && digit(b[at + 3])) {
      return starts("Wa", b, at, to)
          ? WARN
          : starts("Er", b, at, to)
              ? ERROR
              : starts("In", b, at, to) || starts("No", b, at, to)
                  ? INFO
                  : starts("Db", b, at, to)
                      ? DEBUG
                      : starts("Cr", b, at, to) || starts("Al", b, at, to) ? FATAL : NONE;
    }
    boolean name = b[at + 3] >= 'A' && b[at + 3] <= 'Z' && b[at + 4] >= 'A' && b[at + 4] <= 'Z';
    return name && isDebugDigit(b, at) ? DEBUG : NONE;
  }

  /** {@code channel.WARNING} of Monolog: a name and a level in capitals. */
  static int ofChannel(byte[] b, int start, int end) {
    int dot = end - 1;
    while (dot > start && b[dot] >= 'A' && b[dot] <= 'Z') {
      dot--;
    }
    return dot > start && b[dot] == '.' ? of(b, dot + 1, end) : NONE;
  }

  /** {@code daemon.err}: a facility of syslog and a level. */
  static int ofFacility(byte[] b, int start, int end) {
    int dot = end - 1;
    while (dot > start && b[dot] != '.') {
      dot--;
    }
    return dot > start && among(FACILITIES, b, start, dot) ? of(b, dot + 1, end) : NONE;
  }

  static boolean isPlain(byte[] b, int start, int end) {
    return among(PLAIN, b, start, end);
  }

  static boolean isKey(byte[] b, int start, int end) {
    return among(LEVEL_KEYS, b, start, end);
  }

  static boolean isWeakKey(byte[] b, int start, int end) {
    return among(WEAK_KEYS, b, start, end);
  }

  private static boolean among(String[] words, byte[] b, int start, int end) {
    for (String word : words) {
      if (is(word, b, start, end)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a word in lower case stands between two bytes in any case. */
  static boolean is(String word, byte[] b, int start, int end) {
    int length = end - start;
    if (word.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if ((b[start + i] | (letter(b[start + i]) ? 0x20 : 0)) != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a text stands at a place, byte by byte. */
  static boolean starts(String text, byte[] b, int at, int to) {
    if (to - at < text.length()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (b[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  static boolean digit(byte c) {
    return c >= '0' && c <= '9';
  }

  static boolean letter(byte c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  }
}
