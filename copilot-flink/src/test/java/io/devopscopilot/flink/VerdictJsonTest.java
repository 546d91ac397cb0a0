package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerdictJsonTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Origin CART =
      Origin.builder()
          .namespace("shop")
          .service("cart \"new\"")
          .pod("cart-0")
          .container("app")
          .node("n1")
          .build();

  private final VerdictJson writer = new VerdictJson();

  private static Judged judged(LogRecord record, float severity, float category) {
    Line line = Line.of("logs", 3, 77, 5, record);
    return new Judged(line, Severity.ERROR, severity, "net\\work", category, -7L, "m-1");
  }

  private JsonNode written(LogRecord record) throws Exception {
    return JSON.readTree(writer.write(judged(record, 0.75f, 1)));
  }

  @Test
  void saysWhatIsKnownOfALine() throws Exception {
    LogRecord event =
        LogRecord.event(
            Instant.parse("2026-01-05T10:00:00.25Z"), "no route", CART, Map.of("rea\tson", "a\"b"));
    JsonNode json = written(event);
    assertThat(json.properties().stream().map(Map.Entry::getKey))
        .containsExactly(
            "id",
            "time",
            "namespace",
            "service",
            "pod",
            "container",
            "node",
            "kind",
            "message",
            "attr.rea\tson",
            "severity",
            "severityProbability",
            "category",
            "categoryProbability",
            "fingerprint",
            "model");
    assertThat(json.path("id").longValue()).isEqualTo(3L << 52 | 77 << 14 | 5);
    assertThat(json.path("time").textValue()).isEqualTo("2026-01-05T10:00:00.250Z");
    assertThat(json.path("namespace").textValue()).isEqualTo("shop");
    assertThat(json.path("service").textValue()).isEqualTo("cart \"new\"");
    assertThat(json.path("pod").textValue()).isEqualTo("cart-0");
    assertThat(json.path("container").textValue()).isEqualTo("app");
    assertThat(json.path("node").textValue()).isEqualTo("n1");
    assertThat(json.path("kind").textValue()).isEqualTo("EVENT");
    assertThat(json.path("message").textValue()).isEqualTo("no route");
    assertThat(json.path("attr.rea\tson").textValue()).isEqualTo("a\"b");
    assertThat(json.path("severity").textValue()).isEqualTo("ERROR");
    assertThat(json.path("severityProbability").doubleValue()).isEqualTo(0.75);
    assertThat(json.path("category").textValue()).isEqualTo("net\\work");
    assertThat(json.path("categoryProbability").doubleValue()).isEqualTo(1);
    assertThat(json.path("fingerprint").longValue()).isEqualTo(-7);
    assertThat(json.path("model").textValue()).isEqualTo("m-1");
  }

  @Test
  void leavesOutWhatIsNotKnown() throws Exception {
    JsonNode json = written(LogRecord.of(Instant.EPOCH, "", Origin.UNKNOWN));
    assertThat(json.has("namespace")).isFalse();
    assertThat(json.has("service")).isFalse();
    assertThat(json.has("kind")).isFalse();
    assertThat(json.path("message").textValue()).isEmpty();
  }

  @Test
  void escapesEachCharacterThatNeedsIt() throws Exception {
    StringBuilder text = new StringBuilder("ä€😀\u007f\u2028");
    for (char c = 0; c < 128; c++) {
      text.append(c);
    }
    for (String message : new String[] {text.toString(), text.toString().repeat(1_000), "short"}) {
      LogRecord record = LogRecord.of(Instant.EPOCH, message, CART);
      assertThat(written(record).path("message").textValue()).isEqualTo(message);
    }
    LogRecord halfACharacter = LogRecord.of(Instant.EPOCH, "a\ud83d", CART);
    assertThat(written(halfACharacter).path("message").textValue()).isEqualTo("a?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-01-05T10:00:00Z",
        "2026-01-05T10:00:00.007Z",
        "2026-01-05T10:00:00.000250Z",
        "2026-01-05T10:00:01.000000009Z",
        "1969-12-31T23:59:59.999Z"
      })
  void timesReadAsInJava(String time) throws Exception {
    LogRecord record = LogRecord.of(Instant.parse(time), "x", CART);
    assertThat(written(record).path("time").textValue()).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 1, 0.5f, 0.123456789f, 0.9999999f, 0.0000004f, 0.000042f})
  void probabilitiesHaveSixDigits(float p) throws Exception {
    LogRecord record = LogRecord.of(Instant.EPOCH, "x", CART);
    JsonNode json = JSON.readTree(writer.write(judged(record, p, p)));
    assertThat(json.path("severityProbability").doubleValue())
        .isEqualTo(Math.round(p * 1e6) / 1e6)
        .isEqualTo(json.path("categoryProbability").doubleValue());
  }
}
