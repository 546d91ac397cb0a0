package io.devopscopilot.collector;

import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * Reads times in the styles that logs use, without regular expressions: {@code
 * 2026-01-05T10:00:00.123Z}, {@code 2026-01-05 10:00:00,123 +0100}, {@code 2026/01/05 10:00:00},
 * {@code 05/Jan/2026:10:00:00 +0000}, {@code Jan 5 10:00:00}, {@code 0105 10:00:00.123} (klog),
 * {@code 05 Jan 2026 10:00:00}. A time without zone is UTC; one without year is of the newest year
 * in which it is not more than a day ahead.
 */
final class Timestamps {
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
  private static final byte[] NOTHING = {};

  private final Instant now;
  private byte[] text = NOTHING;
  private int at;
  private int end;

  /**
   * @param now for times without a year
   */
  Timestamps(Instant now) {
    this.now = now;
  }

  /** Where the text behind the time found last begins. */
  int end() {
    return at;
  }

  /** The time that begins at a byte, or null. */
  @Nullable Instant parse(byte[] bytes, int from, int to) {
    text = bytes;
    at = from;
    end = to;
    if (at < end && text[at] == '[') {
      at++;
    }
    int start = at;
    Instant found = iso();
    if (found == null) {
      at = start;
      found = named();
    }
    if (found == null) {
      at = start;
      found = klog();
    }
    text = NOTHING; // whoever asks lives longer than what is read
    return found;
  }

  private int number(int least, int most) {
    int value = 0;
    int n = 0;
    while (at < end && n < most && text[at] >= '0' && text[at] <= '9') {
      value = value * 10 + text[at++] - '0';
      n++;
    }
    return n >= least ? value : -1;
  }

  private boolean skip(char a, char b) {
    if (at < end && (text[at] == a || text[at] == b)) {
      at++;
      return true;
    }
    return false;
  }

  private @Nullable Instant iso() {
    int year = number(4, 4);
    if (year < 1970 || !skip('-', '/')) {
      return null;
    }
    int month = number(1, 2);
    if (month < 1 || !skip('-', '/')) {
      return null;
    }
    int day = number(1, 2);
    if (day < 1 || !(skip('T', ' ') || skip('t', '-'))) {
      return null;
    }
    return clock(year, month, day);
  }

  private int month() {
    if (end - at < 3) {
      return -1;
    }
    String name = new String(text, at, 3, java.nio.charset.StandardCharsets.ISO_8859_1);
    int index = MONTHS.indexOf(name);
    if (index < 0 || index % 3 != 0) {
      return -1;
    }
    at += 3;
    return index / 3 + 1;
  }

  private @Nullable Instant named() {
    int day = number(1, 2);
    if (day > 0) { // 05/Jan/2026:10:00:00 or 05 Jan 2026 10:00:00
      if (!skip('/', ' ')) {
        return null;
      }
      int month = month();
      if (month < 0 || !skip('/', ' ')) {
        return null;
      }
      int year = number(4, 4);
      return year < 1970 || !(skip(':', ' ')) ? null : clock(year, month, day);
    }
    int month = month();
    if (month < 0 || !skip(' ', ' ')) {
      return null;
    }
    skip(' ', ' ');
    day = number(1, 2);
    if (day < 1 || !skip(' ', ' ')) {
      return null;
    }
    return withoutYear(month, day);
  }

  private @Nullable Instant klog() {
    int month = number(2, 2);
    int day = number(2, 2);
    if (month < 1 || month > 12 || day < 1 || !skip(' ', ' ')) {
      return null;
    }
    return withoutYear(month, day);
  }

  private @Nullable Instant withoutYear(int month, int day) {
    int start = at;
    int year = now.atZone(java.time.ZoneOffset.UTC).getYear();
    Instant found = clock(year, month, day);
    if (found != null && found.isAfter(now.plusSeconds(86_400))) {
      at = start;
      found = clock(year - 1, month, day);
    }
    return found;
  }

  private @Nullable Instant clock(int year, int month, int day) {
    int hour = number(2, 2);
    if (hour < 0 || hour > 23 || !skip(':', ':')) {
      return null;
    }
    int minute = number(2, 2);
    if (minute < 0 || minute > 59 || !skip(':', ':')) {
      return null;
    }
    int second = number(2, 2);
    if (second < 0 || second > 60 || month > 12 || day > 31) {
      return null;
    }
    int nanos = 0;
    if (at + 1 < end && (text[at] == '.' || text[at] == ',') && digit(at + 1)) {
      at++;
      int unit = 100_000_000;
      while (at < end && digit(at)) {
        nanos += unit * (text[at++] - '0');
        unit /= 10;
      }
    }
    int offset = zone();
    if (at < end && text[at] == ']') {
      at++;
    }
    try {
      long days = LocalDate.of(year, month, day).toEpochDay();
      return Instant.ofEpochSecond(
          days * 86_400 + hour * 3600L + minute * 60L + Math.min(second, 59) - offset, nanos);
    } catch (java.time.DateTimeException e) {
      return null;
    }
  }

  private boolean digit(int i) {
    return text[i] >= '0' && text[i] <= '9';
  }

  /** Seconds east of Greenwich. */
  private int zone() {
    int start = at;
    if (at < end && (text[at] == 'Z' || text[at] == 'z')) {
      at++;
      return 0;
    }
    skip(' ', ' ');
    if (at < end && (text[at] == '+' || text[at] == '-')) {
      int sign = text[at++] == '-' ? -1 : 1;
      int hours = number(2, 2);
      skip(':', ':');
      int minutes = number(2, 2);
      if (hours >= 0 && hours < 19 && minutes >= 0 && minutes < 60) {
        return sign * (hours * 3600 + minutes * 60);
      }
    } else if (at + 3 <= end && text[at] == 'U' && text[at + 1] == 'T' && text[at + 2] == 'C') {
      at += 3;
      return 0;
    }
    at = start;
    return 0;
  }
}
