package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Writes verdicts without a tree in between: most of the cost of a large batch is its JSON. Leaves
 * out categories whose probability rounds to zero. Thread-safe.
 */
final class VerdictWriter {
  private static final SerializedString[] SEVERITIES =
      names(Arrays.stream(Severity.values()).map(Severity::name).toList());
  private static final SerializedString SEVERITY = new SerializedString("severity");
  private static final SerializedString SEVERITY_SHARES =
      new SerializedString("severityProbabilities");
  private static final SerializedString CATEGORY = new SerializedString("category");
  private static final SerializedString CATEGORY_SHARES =
      new SerializedString("categoryProbabilities");
  private static final SerializedString REASONS = new SerializedString("reasons");
  private static final SerializedString FINGERPRINT = new SerializedString("fingerprint");
  private static final SerializedString MODEL = new SerializedString("model");
  private static final String[] NUMBERS = numbers();
  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final SerializedString[] categories;

  /** Writes the verdicts of models that answer with these categories. */
  VerdictWriter(List<String> categories) {
    this.categories = names(categories);
  }

  private static SerializedString[] names(List<String> texts) {
    return texts.stream().map(SerializedString::new).toArray(SerializedString[]::new);
  }

  private static String[] numbers() {
    String[] out = new String[10_001];
    for (int i = 0; i < out.length; i++) {
      int end = 4;
      String digits = Integer.toString(10_000 + i).substring(1);
      while (end > 1 && digits.charAt(end - 1) == '0') {
        end--;
      }
      out[i] = i / 10_000 + "." + digits.substring(0, end);
    }
    return out;
  }

  private static String number(double share) {
    return NUMBERS[(int) Math.round(Math.min(1, Math.max(0, share)) * 10_000)];
  }

  void write(JsonGenerator out, Classification c, List<Classification.Reason> reasons)
      throws IOException {
    out.writeStartObject();
    out.writeFieldName(SEVERITY);
    out.writeString(SEVERITIES[c.severity().ordinal()]);
    out.writeFieldName(SEVERITY_SHARES);
    out.writeStartObject();
    for (Severity s : Severity.values()) {
      out.writeFieldName(SEVERITIES[s.ordinal()]);
      out.writeNumber(number(c.probability(s)));
    }
    out.writeEndObject();
    out.writeFieldName(CATEGORY);
    out.writeString(c.category());
    out.writeFieldName(CATEGORY_SHARES);
    out.writeStartObject();
    for (int i = 0; i < categories.length; i++) {
      double share = c.probability(i);
      if (share >= 0.00005) {
        out.writeFieldName(categories[i]);
        out.writeNumber(number(share));
      }
    }
    out.writeEndObject();
    out.writeFieldName(REASONS);
    out.writeStartArray();
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
    out.writeFieldName(FINGERPRINT);
    out.writeString(hex, 0, 16);
    out.writeFieldName(MODEL);
    out.writeString(c.model());
    out.writeEndObject();
  }
}
