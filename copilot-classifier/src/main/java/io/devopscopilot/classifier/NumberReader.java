package io.devopscopilot.classifier;

import java.util.Arrays;

/**
 * Reads figures with a limit off log text: {@code memory used 312 MiB of 512 MiB}, {@code
 * pool=18/20}, {@code disk 91%}, {@code used=410 limit=512}, {@code lag=12000}, {@code expires in
 * 23 days}; and how long something took ({@code in 35 ms}, {@code duration=1.2s}, {@code
 * elapsed_ms=35}, {@code gc pause 12 ms}), and that it is tried again. One pass, no allocation; one
 * per thread.
 */
final class NumberReader {
  /** What a figure is about. */
  enum Kind {
    MEMORY,
    POOL,
    DISK,
    QUEUE,
    EXPIRY,
    LATENCY,
    PAUSE,
    QUOTA,
    CLOCK,
    /** Memory that is given back now and then: how full it is says little by itself. */
    HEAP;

    /**
     * Whether it is a time that grows without a limit: how long something took, how wrong a clock
     * is.
     */
    boolean time() {
      return this == LATENCY || this == PAUSE || this == CLOCK;
    }
  }

  /** Takes what a line says. */
  interface Sink {
    /**
     * A figure with a name.
     *
     * @param value share of the limit used, 0 to 1 and beyond; days for expiry; milliseconds for
     *     times; the bare number, or seconds, for a queue without a limit
     * @param bounded whether the value is a share of a limit
     */
    void figure(Kind kind, double value, boolean bounded);

    /** So much is left, of an unknown limit. */
    void left(Kind kind, double value);

    /** Something took so many milliseconds, with a name or without one. */
    void took(double millis);

    /** Something is tried again. */
    void retry();
  }

  /** How far behind its name a number may stand; other fields may lie between those of JSON. */
  private static final int NEAR = 60;

  private static final int NEAR_IN_JSON = 180;
  private static final int MAX = 600;
  private static final String[][] WORDS = {
    {"memory", "rss", "mem", "metaspace"},
    {
      "pool",
      "connections",
      "conns",
      "threads",
      "workers",
      "permits",
      "slots",
      "handles",
      "fds",
      "descriptors",
      "executor"
    },
    {
      "disk",
      "volume",
      "filesystem",
      "inodes",
      "emptydir",
      "partition",
      "tablespace",
      "storage",
      "pvc",
      "dir",
      "directory"
    },
    {
      "queue",
      "lag",
      "backlog",
      "depth",
      "pending",
      "unacked",
      "buffered",
      "outstanding",
      "behind",
      "seconds_behind_source",
      "seconds_behind_master",
      "buffer"
    },
    {"expires", "expire", "expiry", "expiring", "notafter", "validity"},
    {
      "latency",
      "took",
      "duration",
      "elapsed",
      "latencyms",
      "tookms",
      "durationms",
      "elapsedms",
      "tookmillis",
      "durationmillis",
      "elapsedmillis"
    },
    {"pause", "pauses", "paused"},
    {"quota", "quotas", "ratelimit"},
    {"clock", "skew", "drift"},
    {"heap", "oldgen"},
  };
  private static final String[] USED = {
    "used", "active", "current", "inuse", "usage", "busy", "in_use", "acquired", "borrowed"
  };
  private static final String[] LEFT = {"free", "available", "avail", "remaining", "left"};
  private static final String[] LIMITS = {
    "limit", "max", "total", "capacity", "size", "maximum", "hard", "quota", "cap", "nofile"
  };
  private static final String[] MARKS = {"watermark", "threshold"};
  private static final String[] PERCENT = {"percent", "pct"};
  private static final String[] AGAIN = {"retry", "retrying", "retried"};

  /** Units of time that have three letters or more. */
  private static final String[] TIMES = {"sec", "secs", "seconds", "millis", "milliseconds"};

  static final Kind[] KINDS = Kind.values();
  private static final int QUOTA = Kind.QUOTA.ordinal();
  private static final double DAY = 86_400_000;

  /** Bits of the other lists, behind those of {@link #WORDS}. */
  private static final int IN_USED = 1 << WORDS.length;

  private static final int IN_LIMITS = 2 << WORDS.length;
  private static final int IN_AGAIN = 4 << WORDS.length;
  private static final int IN_TIMES = 8 << WORDS.length;
  private static final int IN_LEFT = 16 << WORDS.length;
  private static final int IN_MARKS = 32 << WORDS.length;

  /** For each three last letters the lists with a word that ends so; few other words do. */
  private static final short[] ENDINGS = endings();

  private static final boolean[] LETTERS = letters();

  private int at;
  private double unit;

  void read(String text, Sink sink) {
    int length = Math.min(text.length(), MAX);
    int kind = -1;
    int kindAt = 0;
    double used = -1;
    double left = -1;
    Kind leftOf = Kind.DISK;
    double limit = -1;
    boolean usedWord = false;
    boolean limitWord = false;
    boolean leftWord = false;
    boolean markWord = false;
    boolean percentWord = false;
    at = begin(text, length);
    int near = length > 0 && text.charAt(0) == '{' ? NEAR_IN_JSON : NEAR;
    while (at < length) {
      char c = text.charAt(at);
      if (digit(c)) {
        if (kind < 0) {
          at++;
          continue;
        }
        int start = at;
        boolean glued = inName(text.charAt(at - 1)) || inFile(text, at - 1);
        double value = number(text, length);
        if (glued || value < 0 || at - kindAt > near || inTime(text, length)) {
          continue;
        }
        if (markWord) { // where something is told, not where it is
          markWord = false;
          continue;
        }
        double first = value * unit;
        Kind of = KINDS[kind];
        if (of.time()) {
          if (unit < 0 || unit == 1 && assigned(text, start)) {
            double millis = unit < 0 ? -first * DAY : value;
            if (of != Kind.CLOCK) {
              sink.took(millis);
            }
            sink.figure(of, millis, false);
            kind = -1;
          }
          continue;
        }
        int sign = at < length && text.charAt(at) == ' ' ? at + 1 : at;
        boolean percent = sign < length && text.charAt(sign) == '%';
        double share = sign < length ? bracketed(text, sign, length) : -1;
        double second = share < 0 ? behind(text, length) : 0;
        if (!usedWord && !limitWord && !leftWord) {
          int role = role(text, length);
          usedWord = (role & IN_USED) != 0;
          leftWord = (role & IN_LEFT) != 0;
          limitWord = (role & IN_LIMITS) != 0;
        }
        if (of == Kind.EXPIRY) {
          if (unit < 0) {
            sink.figure(of, value * -unit, false);
            kind = -1;
          }
        } else if (unit < 0) {
          sink.took(-first * DAY);
          if (of == Kind.QUEUE) {
            sink.figure(of, -first * DAY / 1_000, false);
            kind = -1;
          }
          continue;
        } else if (share >= 0) {
          sink.figure(of, leftWord || left >= 0 ? 1 - share : share, true);
          kind = -1;
        } else if (percent || percentWord || word(text, at, length, "percent") >= 0) {
          sink.figure(of, leftWord ? 1 - value / 100 : value / 100, true);
          kind = -1;
        } else if (second > 0) {
          sink.figure(of, leftWord ? 1 - first / second : first / second, true);
          kind = -1;
        } else if (limitWord && (used >= 0 || left >= 0) && first > 0) {
          sink.figure(of, left >= 0 ? 1 - left / first : used / first, true);
          used = -1;
          left = -1;
          kind = -1;
        } else if (limitWord && of != Kind.QUEUE) {
          limit = first;
        } else if (leftWord && limit > 0) {
          sink.figure(of, 1 - first / limit, true);
          kind = -1;
        } else if (leftWord) {
          left = first;
          leftOf = of;
        } else if (usedWord && limit > 0) {
          sink.figure(of, first / limit, true);
          kind = -1;
        } else if (usedWord || used < 0) {
          used = first;
          if (of == Kind.QUEUE) {
            sink.figure(of, first, false);
            kind = -1;
          }
        }
        usedWord = false;
        limitWord = false;
        leftWord = false;
        percentWord = false;
      } else if (letter(c)) {
        int start = at;
        int lists = lists(text, start, word(text, start, length));
        while (at < length && text.charAt(at) == '_') {
          lists |= lists(text, start, word(text, at + 1, length));
        }
        if (lists == 0) {
          continue;
        }
        for (int k = 0; k < WORDS.length; k++) {
          if ((lists & 1 << k) != 0 && ends(text, start, at, WORDS[k])) {
            kindAt = at;
            if (k != kind && kind != QUOTA) { // a quota is one of memory, of storage, of pods
              if (k != QUOTA) {
                used = -1;
              }
              left = -1;
              limit = -1;
              kind = k;
            }
          }
        }
        boolean amount = (lists & (IN_USED | IN_LEFT)) != 0;
        if (amount && at - kindAt <= NEAR_IN_JSON) { // still of the same
          kindAt = at;
        }
        percentWord |= named(text, length) && ends(text, start, at, PERCENT);
        markWord |= (lists & IN_MARKS) != 0 && ends(text, start, at, MARKS);
        if ((lists & IN_USED) != 0 && ends(text, start, at, USED)) {
          usedWord = true;
          limitWord = false;
          leftWord = false;
        } else if ((lists & IN_LEFT) != 0 && ends(text, start, at, LEFT)) {
          leftWord = true;
          usedWord = false;
          limitWord = false;
        } else if ((lists & IN_LIMITS) != 0 && ends(text, start, at, LIMITS)) {
          limitWord = true;
          usedWord = false;
          leftWord = false;
        } else if ((lists & IN_AGAIN) != 0
            && !named(text, length)
            && ends(text, start, at, AGAIN)) {
          sink.retry();
        } else if ((lists & IN_TIMES) != 0) {
          double millis = before(text, start, at);
          if (millis >= 0) {
            sink.took(millis);
          }
        }
      } else {
        at++;
      }
    }
    if (left >= 0 && used + left > 0 && used >= 0 && KINDS[kind] == leftOf) {
      sink.figure(leftOf, used / (used + left), true);
    } else if (left >= 0) {
      sink.left(leftOf, left);
    }
  }

  /**
   * What the word behind a number says that it is: {@code 2 active / 8 free}; 0 = nothing, or that
   * of the next number.
   */
  private int role(String text, int length) {
    int keep = at;
    if (at + 1 < length && text.charAt(at) == ' ' && letter(text.charAt(at + 1))) {
      int lists = lists(text, keep + 1, word(text, keep + 1, length));
      int next = at;
      while (next < length && text.charAt(next) == ' ') {
        next++;
      }
      if (next == length || !digit(text.charAt(next)) && "=:_-.".indexOf(text.charAt(next)) < 0) {
        if ((lists & IN_USED) != 0 && ends(text, keep + 1, at, USED)) {
          return IN_USED;
        }
        if ((lists & IN_LEFT) != 0 && ends(text, keep + 1, at, LEFT)) {
          return IN_LEFT;
        }
        if ((lists & IN_LIMITS) != 0 && ends(text, keep + 1, at, LIMITS)) {
          return IN_LIMITS;
        }
      }
    }
    at = keep;
    return 0;
  }

  /** Passes the rest of a date or a time of day, whose beginning the number was that ended here. */
  private boolean inTime(String text, int length) {
    boolean time = false;
    while (at + 1 < length
        && (text.charAt(at) == '-' || text.charAt(at) == ':')
        && digit(text.charAt(at + 1))) {
      time = true;
      at++;
      while (at < length && (digit(text.charAt(at)) || text.charAt(at) == '.')) {
        at++;
      }
    }
    return time;
  }

  /** Whether a number behind this character is part of a name, a path or a date, or below 0. */
  private static boolean inName(char c) {
    return letter(c) || c == '.' || c == '-' || c == '/' || c == '_';
  }

  /** Whether this colon stands behind a file's name: a number behind it is that of a line. */
  private static boolean inFile(String text, int colon) {
    int i = colon - 1;
    while (i > 0 && letter(text.charAt(i))) {
      i--;
    }
    return i >= 0 && i < colon - 1 && text.charAt(colon) == ':' && text.charAt(i) == '.';
  }

  /** Where the first word is that a list may hold: nothing counts before, and most lines end so. */
  private static int begin(String text, int length) {
    int start = 0;
    for (int i = 0; i < length; i++) {
      int part = i;
      while (i < length && letter(text.charAt(i))) {
        i++;
      }
      if (lists(text, part, i) != 0) {
        return start;
      }
      if (i < length && text.charAt(i) != '_') {
        start = i + 1;
      }
    }
    return length;
  }

  /** Whether the number from here on is what a name is set to. */
  private static boolean assigned(String text, int from) {
    int i = from - 1;
    while (i > 0 && (text.charAt(i) == ' ' || text.charAt(i) == '"')) {
      i--;
    }
    return i > 0 && (text.charAt(i) == '=' || text.charAt(i) == ':');
  }

  /** Whether the word that ended here is the name of something. */
  private boolean named(String text, int length) {
    return at < length && "=:\"_".indexOf(text.charAt(at)) >= 0;
  }

  /** The milliseconds of the number before a unit; negative where there is none. */
  private double before(String text, int from, int end) {
    int last = text.charAt(from - 1) == ' ' ? from - 2 : from - 1;
    int first = last;
    while (first > 0 && last - first < 15 && inNumber(text.charAt(first - 1))) {
      first--;
    }
    char c = first > 0 ? text.charAt(first - 1) : ' ';
    if (!digit(text.charAt(first)) || letter(c) || c == '[' || inNumber(c)) {
      return -1; // part of a name, the time since a start, or no number of use
    }
    at = first;
    double value = number(text, end);
    at = end;
    return unit < 0 ? -value * unit * DAY : -1;
  }

  private static boolean inNumber(char c) {
    return digit(c) || c == '.' || c == ',';
  }

  /** Moves to the end of the letters from a place on, and says where that is. */
  private int word(String text, int from, int length) {
    int end = from;
    while (end < length && letter(text.charAt(end))) {
      end++;
    }
    at = end;
    return end;
  }

  private static short[] endings() {
    short[] endings = new short[1 << 15];
    for (int k = 0; k < WORDS.length; k++) {
      mark(endings, WORDS[k], 1 << k);
    }
    mark(endings, USED, IN_USED);
    mark(endings, LIMITS, IN_LIMITS);
    mark(endings, LEFT, IN_LEFT);
    mark(endings, MARKS, IN_MARKS);
    mark(endings, AGAIN, IN_AGAIN);
    mark(endings, TIMES, IN_TIMES);
    return endings;
  }

  private static void mark(short[] endings, String[] words, int list) {
    for (String word : words) {
      endings[ending(word, word.length())] |= (short) list;
    }
  }

  private static int ending(String text, int end) {
    return (text.charAt(end - 3) & 31) << 10
        | (text.charAt(end - 2) & 31) << 5
        | text.charAt(end - 1) & 31;
  }

  /** The lists that may hold a word, or a part of it up to here; a bit for each. */
  private static int lists(String text, int from, int end) {
    if (end - from >= 3) {
      int lists = ENDINGS[ending(text, end)];
      return (lists & IN_TIMES) == 0 || behindDigit(text, from) ? lists : lists & ~IN_TIMES;
    }
    return end > from && (text.charAt(end - 1) | 0x20) == 's' && behindDigit(text, from)
        ? IN_TIMES
        : 0;
  }

  private static boolean behindDigit(String text, int from) {
    return from > 1
        && (digit(text.charAt(from - 1))
            || text.charAt(from - 1) == ' ' && digit(text.charAt(from - 2)));
  }

  private static boolean letter(char c) {
    return c < 128 ? LETTERS[c] : Character.isLetter(c);
  }

  private static boolean[] letters() {
    boolean[] letters = new boolean[128];
    Arrays.fill(letters, 'a', 'z' + 1, true);
    Arrays.fill(letters, 'A', 'Z' + 1, true);
    return letters;
  }

  /** Whether a word is one of these, or ends with one behind an underscore or a capital. */
  private static boolean ends(String text, int from, int to, String[] words) {
    int last = text.charAt(to - 1) | 0x20;
    for (String word : words) {
      int length = word.length();
      int start = to - length;
      if (start >= from
          && word.charAt(length - 1) == last
          && text.regionMatches(true, start, word, 0, length)
          && (start == from
              || text.charAt(start - 1) == '_'
              || Character.isUpperCase(text.charAt(start))
                  && Character.isLowerCase(text.charAt(start - 1)))) {
        return true;
      }
      if (start > from
          && text.charAt(from + length) == '_'
          && text.regionMatches(true, from, word, 0, length)) {
        return true;
      }
    }
    return false;
  }

  /** A number and its unit; {@code unit} is bytes per one, 1 without unit, minus days for times. */
  private double number(String text, int length) {
    double value = 0;
    double scale = 1;
    boolean point = false;
    int digits = 0;
    unit = 1;
    while (at < length) {
      char c = text.charAt(at);
      if (c >= '0' && c <= '9') {
        value = value * 10 + c - '0';
        scale *= point ? 10 : 1;
        digits++;
      } else if (c == '.' && !point && at + 1 < length && digit(text.charAt(at + 1))) {
        point = true;
      } else if (c != ','
          || at + 3 >= length
          || !digit(text.charAt(at + 1))
          || !digit(text.charAt(at + 3))) {
        break;
      }
      at++;
    }
    int end = at;
    if (end < length && text.charAt(end) == ' ') {
      end++;
    }
    int from = end;
    while (end < length && Character.isLetter(text.charAt(end))) {
      end++;
    }
    unit(text, from, end);
    if (end == from + 1 && end < length && digit(text.charAt(end))) {
      return parts(text, from, length, value / scale);
    }
    return digits > 15 ? -1 : value / scale;
  }

  /** Go's durations, such as {@code 1h2m3.5s}: with a part of hours or minutes read, the rest. */
  private double parts(String text, int from, int length, double value) {
    double seconds = text.charAt(from) == 'h' ? 3_600 : text.charAt(from) == 'm' ? 60 : 0;
    int behind = at;
    double own = unit;
    at = from + 1;
    double rest = seconds == 0 ? -1 : number(text, length);
    if (rest < 0 || unit >= 0) {
      at = behind;
      unit = own;
      return value;
    }
    double millis = value * seconds * 1_000 - rest * unit * DAY;
    unit = -1 / DAY;
    return millis;
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  private void unit(String text, int from, int end) {
    double found = 0;
    if (end > from && end - from <= 12) {
      found =
          switch (text.charAt(from)) {
            case 'k', 'K' -> bytes(text, from, end) ? 1 << 10 : 0;
            case 'm', 'M' -> bytes(text, from, end) ? 1 << 20 : duration(text, from, end);
            case 'g', 'G' -> bytes(text, from, end) ? 1 << 30 : 0;
            case 't', 'T' -> bytes(text, from, end) ? 1L << 40 : 0;
            case 'd', 'D', 'h', 'H', 's', 'S', 'u', 'w', 'W' -> duration(text, from, end);
            default -> 0;
          };
    }
    if (found != 0) {
      unit = found;
      at = end;
    }
  }

  private static boolean bytes(String text, int from, int end) {
    int length = end - from;
    return length == 1
        || length == 2 && (text.charAt(from + 1) | 0x20) == 'b'
        || length == 2 && text.charAt(from + 1) == 'i'
        || length == 3 && text.charAt(from + 1) == 'i';
  }

  private static double duration(String text, int from, int end) {
    int length = end - from;
    char c = (char) (text.charAt(from) | 0x20);
    if (c == 'd'
        && (length == 1 || text.regionMatches(true, from, "days", 0, Math.min(4, length)))) {
      return -1;
    }
    if (c == 'h'
        && (length == 1 || text.regionMatches(true, from, "hours", 0, Math.min(5, length)))) {
      return -1 / 24.0;
    }
    if (c == 'w' && text.regionMatches(true, from, "weeks", 0, Math.min(5, length))) {
      return -7;
    }
    if (length == 2 && c == 'm' || text.regionMatches(true, from, "milli", 0, 5)) {
      return -1 / DAY;
    }
    if (length == 1 && c == 's' || text.regionMatches(true, from, "sec", 0, 3)) {
      return -1000 / DAY;
    }
    return length == 2 && c == 'u' ? -0.001 / DAY : 0;
  }

  /**
   * The share that stands in brackets behind a number, as in {@code 12Gi (60%)}; negative = none.
   */
  private double bracketed(String text, int from, int length) {
    char c = text.charAt(from);
    if (c != '(' && c != '[' || from + 1 >= length || !digit(text.charAt(from + 1))) {
      return -1;
    }
    int keep = at;
    double own = unit;
    at = from + 1;
    double value = number(text, length);
    boolean percent = at < length && text.charAt(at) == '%';
    at = percent ? at : keep;
    unit = own;
    return percent ? value / 100 : -1;
  }

  /** The number behind {@code of}, {@code out of} or a slash, in the unit of bytes; 0 = none. */
  private double behind(String text, int length) {
    int keep = at;
    double own = unit;
    int i = at;
    while (i < length && (text.charAt(i) == ' ' || text.charAt(i) == '%')) {
      i++;
    }
    int next = i < length && text.charAt(i) == '/' ? i + 1 : word(text, i, length, "of");
    if (next < 0) {
      next = word(text, i, length, "out");
      next = next < 0 ? -1 : word(text, next + 1, length, "of");
    }
    while (next > 0 && next < length && text.charAt(next) == ' ') {
      next++;
    }
    double found = 0;
    if (next > 0 && next < length && digit(text.charAt(next))) {
      at = next;
      double value = number(text, length);
      found = unit < 0 ? 0 : value * (unit == 1 && own > 1 ? own : unit);
      if (found > 0) {
        keep = at;
      }
    }
    at = keep;
    unit = own;
    return found;
  }

  private static int word(String text, int i, int length, String word) {
    while (i < length && text.charAt(i) == ' ') {
      i++;
    }
    int end = i + word.length();
    return end <= length
            && text.regionMatches(true, i, word, 0, word.length())
            && (end == length || !Character.isLetter(text.charAt(end)))
        ? end
        : -1;
  }
}
