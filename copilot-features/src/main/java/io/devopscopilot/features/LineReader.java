package io.devopscopilot.features;

import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.Severity;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads one text: header, message, stack trace. Owns the memory for it; one per thread. */
final class LineReader {
  /** Stands for an unknown time. */
  static final long NO_TIME = Long.MIN_VALUE;

  private static final Severity[] SEVERITIES = Severity.values();

  private final HeaderReader header = new HeaderReader();
  private final LineScanner scanner = new LineScanner();
  private final byte[] copy = new byte[LineScanner.MAX_BYTES + 16];
  private @Nullable FeatureVector described; // only where somebody asks why

  void read(String text, long epochSecond, FeatureVector out) {
    int length = Math.min(text.length(), LineScanner.MAX_BYTES);
    int or = 0;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      copy[i] = (byte) c;
      or |= c;
    }
    if (or < 0x80) {
      read(copy, 0, length, epochSecond, out);
    } else {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      read(bytes, 0, bytes.length, epochSecond, out);
    }
  }

  void read(byte[] text, int from, int to, long epochSecond, FeatureVector out) {
    out.clear();
    header.read(text, from, to);
    scanner.scan(text, header.from(), to, out, 0);
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
