package io.devopscopilot.flink;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** OpenTelemetry log exports, as protobuf and as JSON. Names are those of its conventions. */
final class OtlpShape {
  private OtlpShape() {}

  /** Whether bytes are one or more length-delimited fields 1 and nothing else. */
  static boolean looksRight(byte[] b) {
    int at = 0;
    while (at < b.length) {
      if (b[at++] != 0x0a) {
        return false;
      }
      long length = 0;
      int shift = 0;
      while (true) {
        if (at >= b.length || shift > 28) {
          return false;
        }
        int next = b[at++];
        length |= (long) (next & 0x7f) << shift;
        shift += 7;
        if (next >= 0) {
          break;
        }
      }
      if (length > b.length - at) {
        return false;
      }
      at += (int) length;
    }
    return true;
  }

  static List<LogRecord> protobuf(byte[] value, Instant time) throws Malformed {
    ExportLogsServiceRequest request;
    try {
      request = ExportLogsServiceRequest.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw new Malformed("it is no OTLP protobuf: " + e.getMessage());
    }
    List<LogRecord> out = new ArrayList<>();
    for (ResourceLogs resource : request.getResourceLogsList()) {
      Map<String, String> about = attributes(resource.getResource().getAttributesList());
      Origin origin = origin(about);
      for (ScopeLogs scope : resource.getScopeLogsList()) {
        for (io.opentelemetry.proto.logs.v1.LogRecord r : scope.getLogRecordsList()) {
          out.add(
              record(
                  about,
                  origin,
                  r.getTimeUnixNano(),
                  r.getObservedTimeUnixNano(),
                  time,
                  text(r.getBody()),
                  r.getSeverityText(),
                  hex(r.getTraceId()),
                  attributes(r.getAttributesList())));
        }
      }
    }
    return out;
  }

  private static String hex(ByteString bytes) {
    return bytes.isEmpty() ? "" : HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static Map<String, String> attributes(List<KeyValue> all) {
    Map<String, String> map = new LinkedHashMap<>();
    for (KeyValue a : all) {
      map.put(a.getKey(), text(a.getValue()));
    }
    return map;
  }

  private static String text(AnyValue value) {
    return switch (value.getValueCase()) {
      case STRING_VALUE -> value.getStringValue();
      case BOOL_VALUE -> String.valueOf(value.getBoolValue());
      case INT_VALUE -> String.valueOf(value.getIntValue());
      case DOUBLE_VALUE -> String.valueOf(value.getDoubleValue());
      case BYTES_VALUE -> hex(value.getBytesValue());
      case ARRAY_VALUE -> {
        List<String> parts = new ArrayList<>();
        value.getArrayValue().getValuesList().forEach(v -> parts.add(text(v)));
        yield String.join(" ", parts);
      }
      case KVLIST_VALUE -> {
        List<String> parts = new ArrayList<>();
        value
            .getKvlistValue()
            .getValuesList()
            .forEach(v -> parts.add(pair(v.getKey(), text(v.getValue()))));
        yield String.join(" ", parts);
      }
      default -> "";
    };
  }

  /** Structured bodies are written like logfmt lines, which extractor and detector read. */
  private static String pair(String key, String value) {
    return value.indexOf(' ') < 0 ? key + "=" + value : key + "=\"" + value + "\"";
  }

  static List<LogRecord> json(JsonNode tree, Instant time) throws Malformed {
    JsonNode resources = tree.path("resourceLogs");
    if (!resources.isArray()) {
      throw new Malformed("there is no list resourceLogs");
    }
    List<LogRecord> out = new ArrayList<>();
    for (JsonNode resource : resources) {
      Map<String, String> about = attributes(resource.path("resource").path("attributes"));
      Origin origin = origin(about);
      for (JsonNode scope : resource.path("scopeLogs")) {
        for (JsonNode r : scope.path("logRecords")) {
          out.add(
              record(
                  about,
                  origin,
                  number(r.path("timeUnixNano")),
                  number(r.path("observedTimeUnixNano")),
                  time,
                  text(r.path("body")),
                  r.path("severityText").asText(""),
                  r.path("traceId").asText(""),
                  attributes(r.path("attributes"))));
        }
      }
    }
    return out;
  }

  private static long number(JsonNode node) throws Malformed {
    if (node.isMissingNode() || node.isNull()) {
      return 0;
    }
    try {
      return node.isTextual() ? Long.parseLong(node.textValue()) : node.longValue();
    } catch (NumberFormatException e) {
      throw new Malformed("its time can't be read: " + e.getMessage());
    }
  }

  private static Map<String, String> attributes(JsonNode all) {
    Map<String, String> map = new LinkedHashMap<>();
    for (JsonNode a : all) {
      map.put(a.path("key").asText(""), text(a.path("value")));
    }
    return map;
  }

  private static String text(JsonNode value) {
    for (String name : new String[] {"stringValue", "intValue", "doubleValue", "boolValue"}) {
      if (value.has(name)) {
        return value.get(name).asText("");
      }
    }
    List<String> parts = new ArrayList<>();
    value.path("arrayValue").path("values").forEach(v -> parts.add(text(v)));
    value
        .path("kvlistValue")
        .path("values")
        .forEach(v -> parts.add(pair(v.path("key").asText(""), text(v.path("value")))));
    return String.join(" ", parts);
  }

  private static Origin origin(Map<String, String> about) {
    String pod = about.getOrDefault("k8s.pod.name", "");
    String owner = "";
    for (String kind : List.of("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")) {
      String name = about.get("k8s." + kind.toLowerCase(java.util.Locale.ROOT) + ".name");
      if (name != null && owner.isEmpty()) {
        owner = kind + "/" + name;
      }
    }
    String service =
        !owner.isEmpty() ? owner.substring(owner.indexOf('/') + 1) : Origin.workloadOfPod(pod);
    if (service.isEmpty()) {
      service = about.getOrDefault("service.name", about.getOrDefault("k8s.object.name", ""));
    }
    int restarts = 0;
    String count = about.getOrDefault("k8s.container.restart_count", "");
    if (count.matches("[0-9]{1,8}")) {
      restarts = Integer.parseInt(count);
    }
    return Origin.builder()
        .namespace(about.getOrDefault("k8s.namespace.name", ""))
        .service(service)
        .pod(pod)
        .podUid(about.getOrDefault("k8s.pod.uid", ""))
        .container(about.getOrDefault("k8s.container.name", ""))
        .node(about.getOrDefault("k8s.node.name", ""))
        .owner(owner)
        .restartCount(restarts)
        .build();
  }

  private static LogRecord record(
      Map<String, String> about,
      Origin origin,
      long nanos,
      long observed,
      Instant time,
      String text,
      String severity,
      String trace,
      Map<String, String> attributes) {
    long at = nanos != 0 ? nanos : observed;
    Map<String, String> kept = new LinkedHashMap<>();
    put(kept, LogRecord.ATTR_STREAM, attributes.getOrDefault("log.iostream", ""));
    put(kept, LogRecord.ATTR_TRACE_ID, trace);
    String reason = attributes.getOrDefault("k8s.event.reason", "");
    boolean event = !reason.isEmpty();
    if (event) {
      put(kept, LogRecord.ATTR_REASON, reason);
      put(kept, LogRecord.ATTR_EVENT_TYPE, severity);
      put(
          kept,
          LogRecord.ATTR_OBJECT,
          about.getOrDefault("k8s.object.kind", "")
              + "/"
              + about.getOrDefault("k8s.object.name", ""));
    }
    Instant when =
        at == 0
            ? time
            : Instant.ofEpochSecond(
                Long.divideUnsigned(at, 1_000_000_000L),
                Long.remainderUnsigned(at, 1_000_000_000L));
    return new LogRecord(
        when,
        text,
        event ? LogRecord.Kind.EVENT : LogRecord.Kind.LOG,
        origin,
        LogRecord.Position.NONE,
        kept,
        Set.of());
  }

  private static void put(Map<String, String> map, String key, String value) {
    if (!value.isEmpty()) {
      map.put(key, value);
    }
  }
}
