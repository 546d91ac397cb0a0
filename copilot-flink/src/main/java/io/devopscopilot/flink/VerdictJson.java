package io.devopscopilot.flink;

import io.devopscopilot.api.LogRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;

/**
 * Writes verdicts as JSON objects. By hand, since that takes a third of a generator's time, and
 * there is one for every line. Used by one thread.
 */
final class VerdictJson {
  private static final byte[] HEX = ascii("0123456789abcdef");
  private static final byte[] ID = ascii("{\"id\":");
  private static final byte[] TIME = ascii(",\"time\":\"");
  private static final byte[] EVENT = ascii(",\"kind\":\"EVENT\"");
  private static final byte[] MESSAGE = ascii(",\"message\":");
  private static final byte[] SEVERITY = ascii(",\"severity\":\"");
  private static final byte[] SEVERITY_PROBABILITY = ascii("\",\"severityProbability\":");
  private static final byte[] CATEGORY = ascii(",\"category\":");
  private static final byte[] CATEGORY_PROBABILITY = ascii(",\"categoryProbability\":");
  private static final byte[] FINGERPRINT = ascii(",\"fingerprint\":");
  private static final byte[] MODEL = ascii(",\"model\":");

  /** What is kept of the buffer between lines: few lines are longer. */
  private static final int KEPT = 64 << 10;

  private byte[] buffer = new byte[1024];
  private int length;
  private long second = Long.MIN_VALUE;
  private byte[] secondText = {};

  /** The fields of {@code docs/scale.md}, probabilities with six digits. */
  byte[] write(Judged j) {
    LogRecord r = j.line().record();
    length = 0;
    put(ID);
    number(j.line().id());
    put(TIME);
    time(r.timestamp());
    put('"');
    put(j.line().sender().json());
    if (r.kind() == LogRecord.Kind.EVENT) {
      put(EVENT);
    }
    put(MESSAGE);
    text(r.message());
    for (Map.Entry<String, String> a : r.attributes().entrySet()) {
      put(',');
      text("attr." + a.getKey());
      put(':');
      text(a.getValue());
    }
    put(SEVERITY);
    plain(j.severity().name());
    put(SEVERITY_PROBABILITY);
    probability(j.severityProbability());
    put(CATEGORY);
    text(j.category());
    put(CATEGORY_PROBABILITY);
    probability(j.categoryProbability());
    put(FINGERPRINT);
    number(j.fingerprint());
    put(MODEL);
    text(j.model());
    put('}');
    byte[] json = Arrays.copyOf(buffer, length);
    if (buffer.length > KEPT) {
      buffer = new byte[1024];
    }
    return json;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private void room(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(length + more, buffer.length * 2));
    }
  }

  private void put(int one) {
    room(1);
    buffer[length++] = (byte) one;
  }

  private void put(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
  }

  /** Text of ASCII that needs no escapes. */
  private void plain(String text) {
    room(text.length());
    for (int i = 0; i < text.length(); i++) {
      buffer[length++] = (byte) text.charAt(i);
    }
  }

  private void number(long n) {
    plain(Long.toString(n));
  }

  private void probability(float p) {
    int millionths = (int) Math.round(p * 1_000_000.0);
    room(8);
    buffer[length] = (byte) ('0' + millionths / 1_000_000);
    buffer[length + 1] = '.';
    for (int i = 7; i > 1; i--) {
      buffer[length + i] = (byte) ('0' + millionths % 10);
      millionths /= 10;
    }
    length += 8;
  }

  /** As {@link Instant#toString} does, which is the same for all lines of a second but its end. */
  private void time(Instant time) {
    if (time.getEpochSecond() != second) {
      second = time.getEpochSecond();
      String text = Instant.ofEpochSecond(second).toString();
      secondText = ascii(text.substring(0, text.length() - 1));
    }
    put(secondText);
    int nanos = time.getNano();
    if (nanos != 0) {
      int digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1_000 == 0 ? 6 : 9;
      int rest = digits == 3 ? nanos / 1_000_000 : digits == 6 ? nanos / 1_000 : nanos;
      put('.');
      room(digits);
      for (int i = digits - 1; i >= 0; i--) {
        buffer[length + i] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
      length += digits;
    }
    put('Z');
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    room(utf8.length * 6 + 2);
    byte[] to = buffer;
    int n = length;
    to[n++] = '"';
    for (byte b : utf8) {
      if (b >= ' ' && b != '"' && b != '\\' || b < 0) {
        to[n++] = b;
      } else if (b >= ' ') {
        to[n++] = '\\';
        to[n++] = b;
      } else {
        to[n++] = '\\';
        switch (b) {
          case '\n' -> to[n++] = 'n';
          case '\t' -> to[n++] = 't';
          case '\r' -> to[n++] = 'r';
          default -> {
            to[n++] = 'u';
            to[n++] = '0';
            to[n++] = '0';
            to[n++] = HEX[b >> 4];
            to[n++] = HEX[b & 15];
          }
        }
      }
    }
    to[n++] = '"';
    length = n;
  }
}
