package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.flink.RecordParser.Format;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordParserTest {
  private static final Instant KAFKA = Instant.parse("2026-01-05T10:00:00Z");
  private static final String FLUENTBIT =
      """
      {"@timestamp":1767607200.25,"time":"2026-01-05T10:00:00.5+00:00","stream":"stderr","_p":"F",
       "log":"ERROR no route\\n","kubernetes":{"pod_name":"cart-7c9f6d5b8-x2x4z",
       "namespace_name":"shop","pod_id":"u1","host":"n1","container_name":"app",
       "labels":{"app":"cart"}}}""";
  private static final String VECTOR =
      """
      {"file":"/var/log/pods/x","message":"ERROR no route","source_type":"kubernetes_logs",
       "stream":"stderr","timestamp":"2026-01-05T10:00:00.5Z","kubernetes":{
       "pod_name":"cart-7c9f6d5b8-x2x4z","pod_namespace":"shop","pod_uid":"u1",
       "pod_node_name":"n1","container_name":"app","pod_owner":"ReplicaSet/cart-7c9f6d5b8",
       "pod_labels":{"app":"cart"}}}""";
  private static final String OTLP =
      """
      {"resourceLogs":[{"resource":{"attributes":[
       {"key":"k8s.namespace.name","value":{"stringValue":"shop"}},
       {"key":"k8s.deployment.name","value":{"stringValue":"cart"}},
       {"key":"k8s.pod.name","value":{"stringValue":"cart-7c9f6d5b8-x2x4z"}},
       {"key":"k8s.pod.uid","value":{"stringValue":"u1"}},
       {"key":"k8s.node.name","value":{"stringValue":"n1"}},
       {"key":"k8s.container.name","value":{"stringValue":"app"}}]},
       "scopeLogs":[{"logRecords":[{"timeUnixNano":"1767607200500000000",
       "body":{"stringValue":"ERROR no route"},
       "attributes":[{"key":"log.iostream","value":{"stringValue":"stderr"}}]},
       {"timeUnixNano":"1767607201000000000","body":{"kvlistValue":{"values":[
       {"key":"level","value":{"stringValue":"warn"}},
       {"key":"msg","value":{"stringValue":"slow disk"}}]}},"attributes":[]}]}]}]}""";

  private static List<LogRecord> parse(Format format, byte[] value, Map<String, String> headers)
      throws Malformed {
    List<LogRecord> out = new ArrayList<>();
    new RecordParser(format).parse(value, headers, KAFKA, out::add);
    return out;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void assertCart(LogRecord r) {
    assertThat(r.message()).isEqualTo("ERROR no route");
    assertThat(r.timestamp()).isEqualTo(KAFKA.plusMillis(500));
    assertThat(r.origin().namespace()).isEqualTo("shop");
    assertThat(r.origin().service()).isEqualTo("cart");
    assertThat(r.origin().pod()).isEqualTo("cart-7c9f6d5b8-x2x4z");
    assertThat(r.origin().podUid()).isEqualTo("u1");
    assertThat(r.origin().node()).isEqualTo("n1");
    assertThat(r.origin().container()).isEqualTo("app");
    assertThat(r.attributes()).containsEntry(LogRecord.ATTR_STREAM, "stderr");
  }

  @Test
  void theShapesOfFluentBitVectorAndOpenTelemetryTellTheSame() throws Malformed {
    for (Format f : new Format[] {Format.AUTO, Format.FLUENTBIT}) {
      assertCart(parse(f, utf8(FLUENTBIT), Map.of()).get(0));
    }
    for (Format f : new Format[] {Format.AUTO, Format.VECTOR}) {
      assertCart(parse(f, utf8(VECTOR), Map.of()).get(0));
    }
    for (Format f : new Format[] {Format.AUTO, Format.OTLP_JSON}) {
      List<LogRecord> records = parse(f, utf8(OTLP), Map.of());
      assertCart(records.get(0));
      assertThat(records.get(1).message()).isEqualTo("level=warn msg=\"slow disk\"");
    }
  }

  private static KeyValue pair(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  private static byte[] protobuf(int records) {
    ScopeLogs.Builder scope = ScopeLogs.newBuilder();
    for (int i = 0; i < records; i++) {
      scope.addLogRecords(
          io.opentelemetry.proto.logs.v1.LogRecord.newBuilder()
              .setTimeUnixNano(1767607200500000000L)
              .setTraceId(ByteString.fromHex("00112233445566778899aabbccddeeff"))
              .setBody(AnyValue.newBuilder().setStringValue("ERROR no route"))
              .addAttributes(pair("log.iostream", "stderr")));
    }
    ResourceLogs.Builder resource = ResourceLogs.newBuilder().addScopeLogs(scope);
    resource
        .getResourceBuilder()
        .addAttributes(pair("k8s.namespace.name", "shop"))
        .addAttributes(pair("k8s.deployment.name", "cart"))
        .addAttributes(pair("k8s.pod.name", "cart-7c9f6d5b8-x2x4z"))
        .addAttributes(pair("k8s.pod.uid", "u1"))
        .addAttributes(pair("k8s.node.name", "n1"))
        .addAttributes(pair("k8s.container.name", "app"));
    return ExportLogsServiceRequest.newBuilder().addResourceLogs(resource).build().toByteArray();
  }

  @Test
  void aProtobufExportGivesAllItsRecords() throws Malformed {
    for (Format f : new Format[] {Format.AUTO, Format.OTLP_PROTOBUF}) {
      List<LogRecord> records = parse(f, protobuf(3), Map.of());
      assertThat(records).hasSize(3);
      records.forEach(RecordParserTest::assertCart);
      assertThat(records.get(2).attributes())
          .containsEntry(LogRecord.ATTR_TRACE_ID, "00112233445566778899aabbccddeeff");
    }
  }

  @Test
  void plainLinesTakeTheirOriginFromHeaders() throws Malformed {
    Map<String, String> headers =
        Map.of(
            "namespace", "shop",
            "pod", "cart-7c9f6d5b8-x2x4z",
            "pod_uid", "u1",
            "node", "n1",
            "container", "app",
            "time", "1767607200500000000",
            "attr.stream", "stderr");
    assertCart(parse(Format.AUTO, utf8("ERROR no route"), headers).get(0));
    LogRecord bare = parse(Format.PLAIN, utf8("{\"log\":"), Map.of()).get(0);
    assertThat(bare.message()).isEqualTo("{\"log\":");
    assertThat(bare.timestamp()).isEqualTo(KAFKA);
    LogRecord own = parse(Format.AUTO, utf8("{\"level\":\"info\",\"msg\":\"x\"}"), Map.of()).get(0);
    assertThat(own.message()).isEqualTo("{\"level\":\"info\",\"msg\":\"x\"}");
    assertThat(parse(Format.AUTO, new byte[] {'a', (byte) 0xff}, Map.of()).get(0).flags())
        .contains(LogRecord.Flag.INVALID_ENCODING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "FLUENTBIT     | {\"log\":                           | it is no JSON",
        "AUTO          | {\"log\":                           | it is no JSON",
        "FLUENTBIT     | [1]                                 | no JSON object",
        "FLUENTBIT     | {\"kubernetes\":{}}                 | log or message",
        "VECTOR        | {\"message\":7}                     | field message",
        "VECTOR        | {\"message\":\"x\",\"timestamp\":\"soon\"} | time",
        "VECTOR        | {\"message\":\"x\",\"timestamp\":\"9999-01-01T00:00:00Z\"} | its time is",
        "OTLP_JSON     | {\"resourceLogs\":1}                | resourceLogs",
        "OTLP_PROTOBUF | hello                               | OTLP protobuf",
        "VECTOR | {\"message\":\"x\",\"kubernetes\":{\"pod_namespace\":\"../../etc\"}} | namespace",
      })
  void malformedValuesAreRefusedWithTheReason(Format format, String value, String reason) {
    assertThatThrownBy(() -> parse(format, utf8(value), Map.of()))
        .isInstanceOf(Malformed.class)
        .hasMessageContaining(reason);
  }

  @Test
  void anExportGivesAllOrNothing() {
    byte[] whole = protobuf(2);
    for (int length = 1; length < whole.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> parse(Format.OTLP_PROTOBUF, cut, Map.of()))
          .isInstanceOf(Malformed.class);
    }
  }
}
