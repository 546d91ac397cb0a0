package io.devopscopilot.features;

import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Severity;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads one text: header, message, stack trace. Owns the memory for it; one per thread. */
final class LineReader {
  /** Stands for an unknown time. */
  static final long NO_TIME = Long.MIN_VALUE;

  private static final Severity[] SEVERITIES = Severity.values();

  private final HeaderReader header = new HeaderReader();
  private final LineScanner scanner = new LineScanner();
  private final char[] chars = new char[LineScanner.MAX_BYTES];
  private final byte[] copy = new byte[LineScanner.MAX_BYTES + 8];
  private final CharBuffer from = CharBuffer.wrap(chars);
  private final ByteBuffer into = ByteBuffer.wrap(copy);
  private final CharsetEncoder latin1 = StandardCharsets.ISO_8859_1.newEncoder();
  private final @Nullable FeatureMemory memory;
  private @Nullable FeatureVector described; // only where somebody asks why

  LineReader(@Nullable FeatureMemory memory) {
    this.memory = memory;
  }

  void read(String text, long epochSecond, FeatureVector out) {
    int length = Math.min(text.length(), LineScanner.MAX_BYTES);
    if (ascii(text, length)) {
      read(copy, 0, length, epochSecond, out);
    } else {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      read(bytes, 0, bytes.length, epochSecond, out);
    }
  }

  /** Copies a text; false if not all of it is ASCII. The JVM does each step many at a time. */
  private boolean ascii(String text, int length) {
    text.getChars(0, length, chars, 0);
    from.limit(length).position(0);
    into.clear();
    if (latin1.reset().encode(from, into, true).isError()) {
      return false;
    }
    TokenHash.LONGS.set(copy, length, 0L);
    long all = 0;
    for (int at = 0; at < length; at += 8) {
      all |= TokenHash.load(copy, at);
    }
    return (all & TokenHash.HIGH) == 0;
  }

  void read(byte[] text, int from, int to, long epochSecond, FeatureVector out) {
    out.clear();
    header.read(text, from, to);
    int message = header.from();
    if (memory == null) {
      scanner.scan(text, message, to, out, 0);
    } else if (!memory.recall(text, message, to, out)) {
      scanner.scan(text, message, to, out, 0);
      memory.keep(text, message, scanner, out);
    }
    if (header.severity() >= 0) {
      out.declare(SEVERITIES[header.severity()]);
    }
    if (epochSecond != NO_TIME) {
      out.add(FeatureLayout.HOUR_OF_DAY, (int) (Math.floorMod(epochSecond, 86_400L) / 3600));
    }
  }

  String describe(String text, int index) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    header.read(bytes, 0, bytes.length);
    FeatureVector own = described;
    if (own == null) {
      own = new FeatureVector(FeatureLayout.SCHEMA);
      described = own;
    }
    own.clear();
    return scanner.describe(bytes, header.from(), bytes.length, own, index);
  }
}
