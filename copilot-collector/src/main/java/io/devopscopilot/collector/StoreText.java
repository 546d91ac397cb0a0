package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord.Flag;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How values of records look in columns. */
final class StoreText {
  private static final long MAX_SECOND = 9_000_000_000_000L;
  private static final Severity[] SEVERITIES = Severity.values();
  private static final Flag[] FLAGS = Flag.values();

  private StoreText() {}

  /** Microseconds since the epoch; times beyond about the year 287,000 are brought nearer. */
  static long micros(Instant time) {
    long second = Math.max(-MAX_SECOND / 1000, Math.min(MAX_SECOND, time.getEpochSecond()));
    return second * 1_000_000 + time.getNano() / 1000;
  }

  static Instant instant(long micros, int nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000 + nanos);
  }

  /**
   * The seconds of a bucket of counts.
   *
   * @throws IllegalArgumentException unless they are whole and 1 or more
   */
  static long seconds(Duration bucket) {
    if (bucket.getSeconds() < 1 || bucket.getNano() != 0) {
      throw new IllegalArgumentException(
          "bucket is " + bucket + ", must be a positive multiple of one second");
    }
    return bucket.getSeconds();
  }

  static Severity severity(int ordinal) {
    return SEVERITIES[ordinal];
  }

  static int flags(Set<Flag> flags) {
    int bits = 0;
    for (Flag flag : flags) {
      bits |= 1 << flag.ordinal();
    }
    return bits;
  }

  static Set<Flag> flags(int bits) {
    if (bits == 0) {
      return Set.of();
    }
    Set<Flag> flags = EnumSet.noneOf(Flag.class);
    for (Flag flag : FLAGS) {
      if ((bits & 1 << flag.ordinal()) != 0) {
        flags.add(flag);
      }
    }
    return flags;
  }

  /** A text that UTF-8 can hold: a lone half of a surrogate pair becomes U+FFFD. */
  static String stored(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        if (Character.isHighSurrogate(c)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else {
          return repaired(text);
        }
      }
    }
    return text;
  }

  private static String repaired(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c ->
                out.appendCodePoint(
                    c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xFFFD : c));
    return out.toString();
  }

  /** Keys and values, each followed by a line feed; backslash escapes it and itself. */
  static String encode(Map<String, String> map) {
    StringBuilder out = new StringBuilder();
    new TreeMap<>(map)
        .forEach(
            (key, value) -> {
              escape(out, key);
              escape(out, value);
            });
    return stored(out.toString());
  }

  private static void escape(StringBuilder out, String text) {
    out.append(text.replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
  }

  static Map<String, String> decode(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    String[] parts = text.split("\n", -1);
    for (int i = 0; i + 1 < parts.length; i += 2) {
      map.put(unescape(parts[i]), unescape(parts[i + 1]));
    }
    return map;
  }

  private static String unescape(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' && i + 1 < text.length()) {
        char next = text.charAt(++i);
        out.append(next == 'n' ? '\n' : next);
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
