package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes verdicts without a tree in between: most of the cost of a large batch is its JSON. Leaves
 * out categories whose probability rounds to zero.
 */
final class VerdictWriter {
  private static final String[] NUMBERS = numbers();
  private static final Map<String, SerializedString> NAMES = new ConcurrentHashMap<>();
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private VerdictWriter() {}

  private static String[] numbers() {
    String[] out = new String[10_001];
    for (int i = 0; i < out.length; i++) {
      out[i] = String.format(Locale.ROOT, "%.4f", i / 10_000.0).replaceFirst("(\\.\\d+?)0+$", "$1");
    }
    return out;
  }

  private static SerializedString name(String text) {
    return NAMES.computeIfAbsent(text, SerializedString::new);
  }

  private static void share(JsonGenerator out, String name, double value) throws IOException {
    out.writeFieldName(name(name));
    out.writeNumber(NUMBERS[(int) Math.round(Math.min(1, Math.max(0, value)) * 10_000)]);
  }

  static void write(JsonGenerator out, Classification c, List<Classification.Reason> reasons)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("severity", c.severity().name());
    out.writeObjectFieldStart("severityProbabilities");
    for (Severity s : Severity.values()) {
      share(out, s.name(), c.probability(s));
    }
    out.writeEndObject();
    out.writeStringField("category", c.category());
    out.writeObjectFieldStart("categoryProbabilities");
    for (Map.Entry<String, Double> e : c.categoryProbabilities().entrySet()) {
      if (e.getValue() >= 0.00005) {
        share(out, e.getKey(), e.getValue());
      }
    }
    out.writeEndObject();
    out.writeArrayFieldStart("reasons");
    for (Classification.Reason r : reasons) {
      out.writeStartObject();
      out.writeStringField("head", r.head());
      out.writeStringField("feature", r.feature());
      out.writeNumberField("weight", Views.rounded(r.weight()));
      out.writeEndObject();
    }
    out.writeEndArray();
    char[] hex = new char[16];
    for (int i = 15, shift = 0; i >= 0; i--, shift += 4) {
      hex[i] = HEX[(int) (c.fingerprint() >>> shift) & 15];
    }
    out.writeFieldName("fingerprint");
    out.writeString(hex, 0, 16);
    out.writeStringField("model", c.model());
    out.writeEndObject();
  }
}
