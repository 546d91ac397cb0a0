package io.devopscopilot.features;

import static io.devopscopilot.features.LevelWords.DEBUG;
import static io.devopscopilot.features.LevelWords.ERROR;
import static io.devopscopilot.features.LevelWords.FATAL;
import static io.devopscopilot.features.LevelWords.INFO;
import static io.devopscopilot.features.LevelWords.NONE;
import static io.devopscopilot.features.LevelWords.WARN;
import static io.devopscopilot.features.LevelWords.digit;
import static io.devopscopilot.features.LevelWords.letter;
import static io.devopscopilot.features.LevelWords.ofLetter;
import static io.devopscopilot.features.LevelWords.starts;

import java.util.Arrays;

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
  private static final byte ESCAPE = 0x1b;

  // What a byte may be.
  private static final int SEPARATOR = 1;
  private static final int OPENING = 2;
  private static final int ESCAPING = 3;
  private static final int LOWER = 4;
  private static final int UPPER = 8;
  private static final int DIGIT = 16;
  private static final int DOT = 32;
  private static final byte[] KIND = new byte[256];

  // 0000-00-00 and 00:00 as two words, and what makes a byte's high bit where it is too far above.
  private static final long DATE = 0x2d30302d30303030L;
  private static final long TIME = 0x30303a3030003030L;
  private static final long DATE_ROOM = 0x7f76767f76767676L;
  private static final long TIME_ROOM = 0x76767f7676007676L;
  private static final long BLANK = 0xffL << 16;

  static {
    Arrays.fill(KIND, (byte) 64);
    Arrays.fill(KIND, 'a', 'z' + 1, (byte) LOWER);
    Arrays.fill(KIND, 'A', 'Z' + 1, (byte) UPPER);
    Arrays.fill(KIND, '0', '9' + 1, (byte) DIGIT);
    KIND['.'] = DOT;
    KIND[ESCAPE] = ESCAPING;
    for (char c : " \t\n\r])|:,>-=;*}".toCharArray()) {
      KIND[c] = SEPARATOR;
    }
    for (char c : "[(\"<{'/".toCharArray()) {
      KIND[c] = OPENING; // a separator too, but a message may begin with it
    }
  }

  private int severity;
  private int from;

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
    int at = skipSpaces(b, start, to);
    if (at < to && b[at] == '{' && starts("{\"log\":\"", b, at, to)) {
      at += 8; // Docker's own files: {"log":"text","stream":"stderr","time":"..."}
    } else if (at + 30 < to && b[at + 10] == 'T' && digit(b[at])) {
      at = behindStream(b, at, to);
    }
    from = at;
    to = Math.min(end, at + MAX_HEADER);
    at = skipEscapes(b, at, to);
    if (at >= to) {
      return;
    }
    if (b[at] == '{') {
      from = at;
      severity = JsonLevel.of(b, at, Math.min(end, at + 4096));
      return;
    }
    int priority = NONE;
    if (b[at] == '<' && at + 2 < to && digit(b[at + 1])) {
      int behind = priority(b, at, to);
      priority = behind > at ? severity : NONE;
      severity = NONE;
      at = behind;
      from = at;
    } else if (program(b, at, to)) {
      return;
    }
    tokens(b, at, to, end);
    if (severity < 0) {
      assigned(b, at, Math.min(end, at + 1024));
    }
    if (severity < 0) {
      severity = priority; // what the program itself says of a line counts more
    }
  }

  /** Formats that are known by their first bytes. */
  private boolean program(byte[] b, int at, int to) {
    return switch (b[at]) {
      case 'I', 'W', 'E', 'F', 'D', 'V' -> klog(b, at, to) || letterFirst(b, at, to);
      case '=' -> erlang(b, at, to);
      case '[' -> oldRedis(b, at, to) || bracketed(b, at, to);
      case 'n' -> npm(b, at, to);
      case 'f' -> fatalError(b, at, to);
      default -> digit(b[at]) && redis(b, at, to);
    };
  }

  private boolean declares(int level, int messageFrom) {
    severity = level;
    from = messageFrom;
    return true;
  }

  private static int find(byte[] b, int at, int to, char c) {
    int i = at;
    while (i + 8 <= to && !TokenHash.has(TokenHash.load(b, i), c)) {
      i += 8;
    }
    for (; i < to; i++) {
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

  /** {@code W105 10:00}: glog's date with a month of one digit, as PyTorch writes it. */
  private static boolean short4(byte[] b, int at, int to) {
    return "IWEF".indexOf(b[at]) >= 0
        && digits(b, at + 1, at + 4)
        && at + 7 < to
        && b[at + 4] == ' '
        && digit(b[at + 5])
        && b[at + 7] == ':';
  }

  /** Behind colours of terminals, {@code ESC [ ... m}. */
  private static int skipEscapes(byte[] b, int at, int to) {
    while (at + 2 < to && b[at] == ESCAPE && b[at + 1] == '[') {
      int i = at + 2;
      while (i < to && (digit(b[i]) || b[i] == ';')) {
        i++;
      }
      at = Math.min(to, i + 1);
    }
    return at;
  }

  /** Behind {@code 2026-01-05T10:00:00.123456789Z stderr F }, as container runtimes write it. */
  private static int behindStream(byte[] b, int at, int to) {
    int space = find(b, at, Math.min(to, at + 40), ' ');
    boolean stream =
        space > 0
            && (starts(" stdout ", b, space, to) || starts(" stderr ", b, space, to))
            && space + 10 <= to
            && b[space + 9] == ' '
            && (b[space + 8] == 'F' || b[space + 8] == 'P');
    return stream ? skipSpaces(b, space + 10, to) : at;
  }

  /** Syslog's {@code <PRI>}: facility times eight plus severity, RFC 5424 section 6.2.1. */
  private int priority(byte[] b, int at, int to) {
    int value = 0;
    int i = at + 1;
    while (i < to && i < at + 4 && digit(b[i])) {
      value = value * 10 + b[i++] - '0';
    }
    if (i < to && b[i] == '>' && value < 192) {
      severity = LevelWords.ofSyslog(value & 7);
      return i + 1;
    }
    return at;
  }

  /** {@code E0105 10:00:00.123456 1 file.go:12] text}, also with the year: E20260105. */
  private boolean klog(byte[] b, int at, int to) {
    if (at + 10 >= to || "IWEF".indexOf(b[at]) < 0) {
      return false;
    }
    int i = at + 1;
    while (i < at + 9 && digit(b[i])) {
      i++;
    }
    if (b[i] != ' ' || i != at + 5 && i != at + 9) {
      return false;
    }
    int close = find(b, at, to, ']');
    return declares(ofLetter(b[at]), close < 0 ? i : skipSpaces(b, close + 1, to));
  }

  /**
   * {@code W/Tag( 123): text} and {@code W/Tag: text} of Android, {@code W (123) tag: text} of
   * ESP-IDF, {@code E [time] text} of CUPS, {@code E: text} of apt.
   */
  private boolean letterFirst(byte[] b, int at, int to) {
    if (at + 4 >= to || "IWEFDV".indexOf(b[at]) < 0) {
      return false;
    }
    int i = at + 2;
    if (b[at + 1] == ' ' && b[i] == '(') {
      while (++i < to && digit(b[i])) {}
      return i > at + 3
          && starts(") ", b, i, to)
          && declares(ofLetter(b[at]), messageFrom(b, i + 1, to));
    }
    if (b[at + 1] == ' ' && b[i] == '[' && digit(b[i + 1])) {
      int close = find(b, i, Math.min(to, i + 34), ']');
      return close > i + 16 && declares(ofLetter(b[at]), skipSpaces(b, close + 1, to));
    }
    if (b[at + 1] == '/') {
      while (i < to && (letter(b[i]) || digit(b[i]) || b[i] == '_' || b[i] == '.')) {
        i++;
      }
      int close = i < to && b[i] == '(' ? find(b, i, Math.min(to, i + 10), ')') + 1 : i;
      boolean tag = i > at + 3 && close > 0 && close < to && b[close] == ':';
      return tag && declares(ofLetter(b[at]), skipSpaces(b, close + 1, to));
    }
    boolean apt = (b[at] == 'E' || b[at] == 'W') && b[at + 1] == ':' && b[at + 2] == ' ';
    return apt && declares(ofLetter(b[at]), at + 3);
  }

  /** {@code =ERROR REPORT==== 5-Jan-2026::10:00:00 ===} and the text on the next line. */
  private boolean erlang(byte[] b, int at, int to) {
    int space = find(b, at, Math.min(to, at + 16), ' ');
    if (space < 0 || !starts(" REPORT====", b, space, to)) {
      return false;
    }
    int level = LevelWords.of(b, at + 1, space);
    if (level < 0) {
      level = b[at + 1] == 'P' ? INFO : ERROR; // PROGRESS; CRASH and SUPERVISOR
    }
    int line = find(b, space, to, '\n');
    return declares(level, line < 0 ? space + 11 : line + 1);
  }

  /** {@code npm ERR! text}, {@code npm warn text}. */
  private boolean npm(byte[] b, int at, int to) {
    if (!starts("npm ", b, at, to)) {
      return false;
    }
    int end = at + 4;
    while (end < to && letter(b[end])) {
      end++;
    }
    int level = end < to && (b[end] == ' ' || b[end] == '!') ? LevelWords.of(b, at + 4, end) : NONE;
    return level >= 0 && declares(level, skipSpaces(b, end + 1, to));
  }

  /** Go's runtime: {@code fatal error: all goroutines are asleep}. */
  private boolean fatalError(byte[] b, int at, int to) {
    return starts("fatal error: ", b, at, to) && declares(FATAL, at);
  }

  /**
   * {@code [E 10:00:00.123 App] text} of Tornado; {@code [ OK ]} and {@code [FAILED]} of systemd.
   */
  private boolean bracketed(byte[] b, int at, int to) {
    if (at + 4 < to && b[at + 2] == ' ' && digit(b[at + 3])) {
      int level = "DIWEC".indexOf(b[at + 1]) < 0 ? NONE : ofLetter(b[at + 1]);
      int close = find(b, at, to, ']');
      return level >= 0 && close > 0 && declares(level, skipSpaces(b, close + 1, to));
    }
    if (starts("[FAILED] ", b, at, to) || starts("[DEPEND] ", b, at, to)) {
      return declares(ERROR, at + 9);
    }
    return starts("[  OK  ] ", b, at, to) && declares(INFO, at + 9);
  }

  /** {@code 1:M 05 Jan 2026 10:00:00.123 # text}. */
  private boolean redis(byte[] b, int at, int to) {
    int i = at;
    while (i < to && digit(b[i])) {
      i++;
    }
    return i + 3 < to
        && b[i] == ':'
        && "MSCX".indexOf(b[i + 1]) >= 0
        && b[i + 2] == ' '
        && mark(b, i + 2, to);
  }

  /** {@code [7] 05 Jan 10:00:00.123 # text}: Redis before version 3. */
  private boolean oldRedis(byte[] b, int at, int to) {
    int i = at + 1;
    while (i < to && digit(b[i])) {
      i++;
    }
    return i > at + 1
        && i + 4 < to
        && b[i] == ']'
        && b[i + 1] == ' '
        && digit(b[i + 2])
        && digit(b[i + 3])
        && b[i + 4] == ' '
        && find(b, i, Math.min(to, i + 16), ':') > 0
        && mark(b, i + 1, to);
  }

  /** Redis's mark of the level behind the time. */
  private boolean mark(byte[] b, int at, int to) {
    int words = 0;
    for (int i = at; i + 2 < to && words < 6; i++) {
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
          return declares(level, i + 3);
        }
      }
    }
    return false;
  }

  /**
   * {@code PHP Warning: text}, {@code PHP Fatal error: text}, behind the time or not.
   *
   * @param at behind the word PHP
   */
  private boolean php(byte[] b, int at, int to) {
    int colon = find(b, at, Math.min(to, at + 30), ':');
    if (colon < 0 || at >= to || b[at] != ' ') {
      return false;
    }
    int start = at + 1;
    int level;
    if (LevelWords.is("warning", b, start, colon)
        || LevelWords.is("deprecated", b, start, colon)
        || LevelWords.is("core warning", b, start, colon)) {
      level = WARN;
    } else if (LevelWords.is("notice", b, start, colon)
        || LevelWords.is("strict standards", b, start, colon)) {
      level = INFO;
    } else if (LevelWords.is("fatal error", b, start, colon)
        || LevelWords.is("core error", b, start, colon)) {
      level = FATAL;
    } else if (LevelWords.is("parse error", b, start, colon)
        || LevelWords.is("recoverable fatal error", b, start, colon)) {
      level = ERROR;
    } else {
      return false;
    }
    return declares(level, skipSpaces(b, colon + 1, to));
  }

  private static boolean capitals(byte[] b, int at, int to) {
    for (int i = at; i < to; i++) {
      if (b[i] >= 'a' && b[i] <= 'z') {
        return false;
      }
    }
    return true;
  }

  private void tokens(byte[] b, int at, int to, int end) {
    int prose = 0;
    int numbers = 0;
    boolean timed = dated(b, at, to);
    int i = at;
    int n = 0;
    if (timed) {
      n = b[at + 10] == ' ' ? 5 : 4;
      numbers = b[at + 10] == ' ' ? 5 : 1; // 05T10 is no number
      i = at + 16;
    }
    for (; n < MAX_TOKENS && i < to && prose < 2; n++) {
      byte before = i == at ? (byte) ' ' : b[i - 1];
      while (i < to && (separator(b[i]) || b[i] == ESCAPE)) {
        if (b[i] == '{' && embedded(b, at, i, to, timed, prose)) {
          from = i;
          severity = JsonLevel.of(b, i, Math.min(end, i + 4096));
          return;
        }
        if (b[i] == ESCAPE) {
          i = Math.max(i + 1, skipEscapes(b, i, to));
        } else {
          before = b[i++];
        }
      }
      int start = i;
      int kinds = 0;
      while (i < to) {
        int kind = KIND[b[i] & 0xff];
        if (kind <= ESCAPING) {
          break;
        }
        kinds |= kind;
        i++;
      }
      if (start == i) {
        break;
      }
      boolean number = (kinds & ~(DIGIT | DOT)) == 0;
      int behind = skipEscapes(b, i, to);
      byte after = behind < to ? b[behind] : (byte) ' ';
      // No level begins with a digit.
      if (!digit(b[start]) && level(b, at, start, i, to, before, timed, numbers, prose)) {
        return;
      }
      numbers = number ? numbers + 1 : timed ? numbers : 0;
      timed |= number && (after == ':' || start > at && before == ':');
      boolean word = kinds == LOWER && i - start > 1 && space(b, i, to);
      prose += word ? 1 : 0;
    }
    if (timed) {
      from = unlevelled(b, at, to);
    }
  }

  /** Whether the token between two bytes is a level; then finds the message behind it. */
  private boolean level(
      byte[] b,
      int at,
      int start,
      int end,
      int to,
      byte before,
      boolean timed,
      int numbers,
      int prose) {
    int behind = skipEscapes(b, end, to);
    byte after = behind < to ? b[behind] : (byte) ' ';
    int length = end - start;
    if (length == 1 && letterStands(b, start, before, after, to, timed, numbers, prose)) {
      return declares(ofLetter(b[start]), messageFrom(b, end, to));
    }
    if (length == 1 && after == '/' && timed && prose == 0 && letterFirst(b, start, to)) {
      return true; // Android Studio
    }
    if (length == 2 && timed && prose == 0 && before == ' ') {
      int level = LevelWords.ofPair(b, start, to);
      int close = after == '(' ? Math.max(end, find(b, end, to, ')') + 1) : end;
      return level >= 0 && declares(level, messageFrom(b, close, to));
    }
    if (length == 2 && before == '(' && after == ')' && b[start] == b[start + 1]) {
      int level = "IWE".indexOf(b[start]) < 0 ? NONE : ofLetter(b[start]);
      return level >= 0 && declares(level, messageFrom(b, end, to)); // (EE) of X
    }
    if (length == 4 && before == '[' && short4(b, start, to)) {
      int close = find(b, end, to, ']');
      return declares(ofLetter(b[start]), close < 0 ? end : skipSpaces(b, close + 1, to));
    }
    if ((length == 5 || length == 9) && start > at && klog(b, start, to)) {
      return true; // klog behind the header of syslog
    }
    if (length == 3 && b[start] == 'P' && starts("PHP ", b, start, to) && php(b, end, to)) {
      return true;
    }
    int level = other(b, at, start, end, to, timed);
    if (level < 0) {
      level = LevelWords.of(b, start, end);
      if (level >= 0 && !stands(b, at, start, end, to, before, after, prose, timed, level)) {
        level = NONE;
      }
    }
    return level >= 0 && declares(level, messageFrom(b, behind, to));
  }

  /** Whether the text begins like {@code 2026-01-05 10:31:}, a T in the middle or not. */
  private static boolean dated(byte[] b, int at, int to) {
    if (at + 17 > to || b[at + 16] != ':' || b[at + 10] != ' ' && b[at + 10] != 'T') {
      return false;
    }
    long date = TokenHash.load(b, at) ^ DATE;
    long time = (TokenHash.load(b, at + 8) & ~BLANK) ^ TIME;
    return ((date | date + DATE_ROOM | time | time + TIME_ROOM) & TokenHash.HIGH) == 0;
  }

  /** Whether a JSON object begins where a message may: behind a time, a name in brackets, a bar. */
  private static boolean embedded(byte[] b, int at, int i, int to, boolean timed, int prose) {
    if (i + 1 >= to || b[i + 1] != '"' || i < at + 2 || prose > 1 || !space(b, i - 1, to)) {
      return false;
    }
    byte last = b[i - 2];
    return last == ']'
        || last == '|'
        || last == ':' && i > at + 2 && b[i - 3] == ']'
        || timed && prose == 0 && (digit(last) || last == 'Z');
  }

  /**
   * Whether a single letter is a level: in brackets; before a bar; behind a time and before a name
   * in capitals (MongoDB) or behind process and thread (logcat).
   */
  private static boolean letterStands(
      byte[] b, int start, byte before, byte after, int to, boolean timed, int numbers, int prose) {
    if ("VDIWEFTC".indexOf(b[start]) < 0 || prose > 0) {
      return false;
    }
    if (before == '[' && after == ']') {
      return timed || b[start] != 'C' && b[start] != 'V';
    }
    if (before == '(' && after == ')') {
      return !timed && numbers == 0 && "IWE".indexOf(b[start]) >= 0 && digitNear(b, start + 2, to);
    }
    if (!timed || before != ' ' || after != ' ') {
      return false;
    }
    int next = skipSpaces(b, start + 1, to);
    if (next + 1 >= to) {
      return false;
    }
    byte first = b[next];
    if (b[start - 2] == ':' && find(b, next, to, ']') > 0) {
      return true; // TensorFlow: E tensorflow/core/x.cc:12]
    }
    return first == '|'
        || first == '-' && b[next + 1] == ' '
        || numbers >= 2 && (!(first >= 'a' && first <= 'z') || tag(b, next, to))
        || first >= 'A' && first <= 'Z' && b[next + 1] >= 'A' && b[next + 1] <= 'Z';
  }

  private static boolean digitNear(byte[] b, int at, int to) {
    return at + 1 < to && b[at] == ' ' && digit(b[at + 1]);
  }

  /** Whether a name and a colon stand at a place: {@code art :}. */
  private static boolean tag(byte[] b, int at, int to) {
    int i = at;
    while (i < to && KIND[b[i] & 0xff] > ESCAPING) {
      i++;
    }
    i = skipSpaces(b, i, to);
    return i < to && b[i] == ':';
  }

  /** Levels that are no words: npm's ERR!, Cisco's %FACILITY-3-NAME, daemon.err, FooWarning. */
  private static int other(byte[] b, int at, int start, int end, int to, boolean timed) {
    if (end - start < 4 || end + 3 > to) {
      return NONE;
    }
    byte first = b[start];
    boolean spaced = start == at || b[start - 1] == ' ';
    if (first == '%') {
      return b[end] == '-' && b[end + 1] >= '0' && b[end + 1] <= '7' && b[end + 2] == '-'
          ? LevelWords.ofSyslog(b[end + 1] - '0')
          : NONE;
    }
    if (b[end - 1] == '!') {
      return end - start == 4 && starts("ERR!", b, start, end) ? ERROR : NONE;
    }
    if (timed && spaced && b[end] == ' ' && first >= 'a' && first <= 'u') {
      return LevelWords.ofFacility(b, start, end);
    }
    if (timed && spaced && b[end] == ':' && b[end - 1] <= 'Z') {
      return LevelWords.ofChannel(b, start, end);
    }
    boolean python =
        first >= 'A'
            && first <= 'Z'
            && b[end] == ':'
            && end - start > 7
            && start > at + 1
            && b[start - 2] == ':'
            && starts("Warning", b, end - 7, end);
    return python ? WARN : NONE;
  }

  private static boolean space(byte[] b, int i, int to) {
    return i < to && (b[i] == ' ' || b[i] == '\t');
  }

  private static boolean separator(byte c) {
    return KIND[c & 0xff] <= OPENING;
  }

  private static boolean digits(byte[] b, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!digit(b[i]) && b[i] != '.') {
        return false;
      }
    }
    return true;
  }

  /** Whether a level word stands where levels stand. */
  private static boolean stands(
      byte[] b,
      int at,
      int start,
      int end,
      int to,
      byte before,
      byte after,
      int prose,
      boolean timed,
      int level) {
    if (before == '"' && start > at + 1 && b[start - 2] == '=') {
      return false; // the message begins with it: msg="error ..."
    }
    boolean capitals = capitals(b, start, end);
    int length = end - start;
    int left = start - 1;
    while (left > at && b[left] == ' ') {
      left--;
    }
    int right = skipSpaces(b, end, to);
    boolean between = left >= at && right < to;
    boolean log =
        length == 3 && (b[start] | 0x20) == 'l'
            || length >= 4 && level == INFO && (b[start] | 0x20) != 'i' && (b[start] | 0x20) != 'n';
    if (log) { // words such as LOG, CONFIG, DETAIL and SUCCESS are levels before a colon or in
      // brackets only; LOG behind a process in brackets too
      return capitals
          && (after == ':'
              || between && b[left] == '|' && b[right] == '|'
              || length == 3 && timed && after == ' ' && start > at + 1 && b[start - 2] == ']');
    }
    if (between && b[left] == '[' && b[right] == ']') {
      return true; // padded too: [ warn], [info     ]
    }
    if (before == '\n') {
      return capitals && timed && after == ':';
    }
    if (before == '/' && start > at + 1 && capitals && (after == ']' || after == '[')) {
      return true; // [Server thread/WARN]
    }
    if (capitals && starts(" **", b, end, to)) {
      return true; // Gtk-WARNING **: of GLib
    }
    if (after == '/' && timed && prose == 0 && before == ' ' && b[left] == ']') {
      return true; // warning/ApiListener of Icinga
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
    if (before == ':' && (after == ',' && b[at] == '[' || start == at + 2 && b[at] == ':')) {
      return true; // [ns_server:error,2026-..., ::warning file=x::
    }
    if (before == '*') {
      return after == '*' && capitals;
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
          || after == '-'
          || after == '/' && timed && prose == 0;
    }
    if (start == at || between && b[left] < 0 && bare(b, at, left)) {
      return after == ':';
    }
    if (prose == 1 && timed && after == ':' && before == ' ') {
      return LevelWords.isPlain(b, start, end); // the host of syslog may look like a word
    }
    if (after == ':'
        && before == ' '
        && b[start - 2] == ':'
        && b[start] == 'w'
        && level == WARN
        && find(b, at, start, ' ') == start - 1) {
      return true; // ld: warning: text
    }
    return prose == 0
        && timed
        && before != '"'
        && (after == ' ' || after == '\t' || after == ':' || after == '|');
  }

  /** Whether nothing but signs beyond ASCII and blanks stand there: frames, arrows. */
  private static boolean bare(byte[] b, int at, int to) {
    for (int i = at; i < to; i++) {
      if (b[i] >= 0 && b[i] != ' ') {
        return false;
      }
    }
    return true;
  }

  /** Behind the level: brackets, thread and logger names, dashes. */
  private static int messageFrom(byte[] b, int i, int to) {
    int at = i;
    for (int n = 0; n < 8; n++) {
      while (at < to && KIND[b[at] & 0xff] == SEPARATOR) {
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
    return LevelWords.of(b, at, end) < 0;
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
        int kind = KIND[b[end] & 0xff];
        digits += kind / DIGIT & 1;
        letters += kind / UPPER & 1 | kind / LOWER & 1;
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

  /** {@code level=warn} and its like, or the status of a request, anywhere. */
  private void assigned(byte[] b, int at, int to) {
    int weak = NONE;
    for (int i = signOrQuote(b, at + 2, to); i < to; i = signOrQuote(b, i + 1, to)) {
      if (b[i] == '=') {
        int start = i;
        while (start > at && (letter(b[start - 1]) || b[start - 1] == '_' || b[start - 1] == '.')) {
          start--;
        }
        byte before = start == at ? (byte) ' ' : b[start - 1];
        if (before == '?' || before == '&' || before == '/' || i - start < 2) {
          continue; // part of an address
        }
        boolean key = LevelWords.isKey(b, start, i);
        if (key || LevelWords.is("at", b, start, i)) {
          int value = i + 1 < to && b[i + 1] == '"' ? i + 2 : i + 1;
          int level = LevelWords.ofValue(b, value, to, false);
          if (key && level >= 0) {
            severity = level;
            return;
          }
          weak = weak < 0 ? level : weak;
        }
      } else if (b[i] == '"' && i > at + 8 && digit(b[i - 1])) {
        int status = status(b, i, to);
        if (status > 0) {
          severity = LevelWords.ofStatus(status);
          return;
        }
      }
    }
    severity = weak;
  }

  /** Where the next equals sign or quote is, {@code to} for none. */
  private static int signOrQuote(byte[] b, int at, int to) {
    int i = at;
    for (; i + 8 <= to; i += 8) {
      long bytes = TokenHash.load(b, i);
      long found = TokenHash.places(bytes, '=') | TokenHash.places(bytes, '"');
      if (found != 0) {
        return i + (Long.numberOfTrailingZeros(found) >>> 3);
      }
    }
    while (i < to && b[i] != '=' && b[i] != '"') {
      i++;
    }
    return i;
  }

  /**
   * The status in an access log, {@code "GET /x HTTP/1.1" 502 17}, or 0.
   *
   * @param quote the quote behind the request
   */
  private static int status(byte[] b, int quote, int to) {
    int slash = quote - 1;
    while (slash > quote - 5 && b[slash] != '/') {
      slash--;
    }
    int at = quote + 2;
    boolean request =
        b[slash] == '/' && b[slash - 1] == 'P' && b[slash - 2] == 'T' && b[quote - 1] <= '9';
    if (!request
        || at + 3 > to
        || b[quote + 1] != ' '
        || b[at] < '2'
        || b[at] > '5'
        || !digit(b[at + 1])
        || !digit(b[at + 2])
        || at + 3 < to && b[at + 3] != ' ') {
      return 0;
    }
    return (b[at] - '0') * 100 + (b[at + 1] - '0') * 10 + b[at + 2] - '0';
  }
}
