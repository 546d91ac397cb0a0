package io.devopscopilot.collector;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.jspecify.annotations.Nullable;

/** Writes stack traces behind messages, with a bound. */
final class Traces {
  private static final int MAX_CHARS = 64 << 10;

  private Traces() {}

  static void append(StringBuilder text, @Nullable Throwable thrown) {
    if (thrown == null) {
      return;
    }
    StringWriter trace = new StringWriter();
    thrown.printStackTrace(new PrintWriter(trace));
    String all = trace.toString().stripTrailing();
    text.append('\n').append(all, 0, Math.min(all.length(), MAX_CHARS));
  }
}
