package io.devopscopilot.flink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of Kafka records in the shapes that shippers write. A value gives all of its
 * records or, where it is malformed, none. Used by one thread.
 *
 * <p>Plain lines take their origin from the Kafka headers {@code namespace, service, pod, pod_uid,
 * container, node, owner, restarts, kind, time} (nanoseconds since the epoch) and {@code
 * attr.NAME}; without {@code time} the Kafka record's own time counts.
 */
final class RecordParser {
  /** Times before this are taken for damage. */
  static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");

  /** Times further ahead than this, in seconds, are taken for damage. */
  static final long MAX_AHEAD_SECONDS = 3_600;

  private static final Pattern JSON_OBJECT = Pattern.compile("\\{\\s*[\"}].*", Pattern.DOTALL);

  /** A shape of values. */
  enum Format {
    /** Told apart by what stands in each value; JSON of no known shipper is a plain line. */
    AUTO,
    /** One line, as it is. */
    PLAIN,
    /** Fluent Bit's kafka output. */
    FLUENTBIT,
    /** Vector's kafka sink behind its kubernetes_logs source, codec json. */
    VECTOR,
    /** The OpenTelemetry Collector's kafka exporter, encoding otlp_json. */
    OTLP_JSON,
    /** The OpenTelemetry Collector's kafka exporter, encoding otlp_proto. */
    OTLP_PROTOBUF
  }

  private final Format format;
  private final ObjectMapper json =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  RecordParser(Format format) {
    this.format = format;
  }

  /**
   * @param headers the Kafka headers
   * @param time the Kafka record's time
   * @param out takes the records, of which there may be none
   */
  void parse(
      byte @Nullable [] value, Map<String, String> headers, Instant time, Consumer<LogRecord> out)
      throws Malformed {
    if (value == null) {
      throw new Malformed("the value is null");
    }
    switch (format) {
      case PLAIN -> out.accept(plain(value, headers, time));
      case FLUENTBIT -> out.accept(checked(fluentBit(tree(value), time)));
      case VECTOR -> out.accept(checked(vector(tree(value), time)));
      case OTLP_JSON -> all(OtlpShape.json(tree(value), time), out);
      case OTLP_PROTOBUF -> all(OtlpShape.protobuf(value, time), out);
      case AUTO -> auto(value, headers, time, out);
    }
  }

  private void auto(
      byte[] value, Map<String, String> headers, Instant time, Consumer<LogRecord> out)
      throws Malformed {
    if (value.length > 1 && value[0] == 0x0a && OtlpShape.looksRight(value)) {
      all(OtlpShape.protobuf(value, time), out);
      return;
    }
    boolean shipped = headers.containsKey("service") || headers.containsKey("time");
    if (shipped || value.length < 2 || value[0] != '{' || !startsObject(value)) {
      out.accept(plain(value, headers, time));
      return;
    }
    JsonNode tree = tree(value);
    if (tree.has("resourceLogs")) {
      all(OtlpShape.json(tree, time), out);
    } else if (tree.path("kubernetes").has("namespace_name")
        || (tree.has("log") && (tree.has("@timestamp") || tree.has("stream")))) {
      out.accept(checked(fluentBit(tree, time)));
    } else if (tree.path("kubernetes").has("pod_namespace") || tree.has("source_type")) {
      out.accept(checked(vector(tree, time)));
    } else {
      out.accept(plain(value, headers, time));
    }
  }

  private static boolean startsObject(byte[] value) {
    String head = new String(value, 0, Math.min(64, value.length), StandardCharsets.ISO_8859_1);
    return JSON_OBJECT.matcher(head).matches();
  }

  private JsonNode tree(byte[] value) throws Malformed {
    try {
      JsonNode tree = json.readTree(value);
      if (tree == null || !tree.isObject()) {
        throw new Malformed("it is no JSON object");
      }
      return tree;
    } catch (JsonProcessingException e) {
      throw new Malformed(
          "it is no JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw new Malformed("it can't be read: " + e.getMessage());
    }
  }

  private static void all(List<LogRecord> records, Consumer<LogRecord> out) throws Malformed {
    if (records.size() > Line.MAX_INDEX + 1) {
      throw new Malformed(
          "it holds " + records.size() + " records, at most " + (Line.MAX_INDEX + 1));
    }
    List<LogRecord> good = new ArrayList<>(records.size());
    for (LogRecord r : records) {
      good.add(checked(r));
    }
    good.forEach(out);
  }

  private static LogRecord checked(LogRecord r) throws Malformed {
    if (r.timestamp().isBefore(EARLIEST)
        || r.timestamp().isAfter(Instant.now().plusSeconds(MAX_AHEAD_SECONDS))) {
      throw new Malformed(
          "its time is "
              + r.timestamp()
              + ", must be "
              + EARLIEST
              + " to "
              + MAX_AHEAD_SECONDS
              + " s from now");
    }
    String namespace = r.origin().namespace();
    if (!namespace.isEmpty() && !isName(namespace)) {
      throw new Malformed(
          "its namespace must be 1 to 63 of letters, digits, dot, dash, underscore");
    }
    return r;
  }

  private static boolean isName(String text) {
    if (text.length() > 63 || text.charAt(0) == '.') {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean fits = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!fits && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return true;
  }

  private static LogRecord plain(byte[] value, Map<String, String> headers, Instant time)
      throws Malformed {
    String text = new String(value, StandardCharsets.UTF_8);
    Set<LogRecord.Flag> flags =
        text.indexOf('\uFFFD') < 0 || isUtf8(value)
            ? Set.of()
            : Set.of(LogRecord.Flag.INVALID_ENCODING);
    if (headers.isEmpty()) {
      return checked(
          new LogRecord(
              time,
              text,
              LogRecord.Kind.LOG,
              Origin.UNKNOWN,
              LogRecord.Position.NONE,
              Map.of(),
              flags));
    }
    String pod = headers.getOrDefault("pod", "");
    String service = headers.get("service");
    Map<String, String> attributes = Map.of();
    for (Map.Entry<String, String> header : headers.entrySet()) {
      if (header.getKey().startsWith("attr.")) {
        if (attributes.isEmpty()) {
          attributes = new LinkedHashMap<>();
        }
        attributes.put(header.getKey().substring(5), header.getValue());
      }
    }
    try {
      Instant at = headers.containsKey("time") ? nanos(headers.getOrDefault("time", "")) : time;
      Origin origin =
          Origin.builder()
              .namespace(headers.getOrDefault("namespace", ""))
              .service(service == null ? Origin.workloadOfPod(pod) : service)
              .pod(pod)
              .podUid(headers.getOrDefault("pod_uid", ""))
              .container(headers.getOrDefault("container", ""))
              .node(headers.getOrDefault("node", ""))
              .owner(headers.getOrDefault("owner", ""))
              .restartCount(Integer.parseInt(headers.getOrDefault("restarts", "0")))
              .build();
      LogRecord.Kind kind = LogRecord.Kind.valueOf(headers.getOrDefault("kind", "LOG"));
      return checked(
          new LogRecord(at, text, kind, origin, LogRecord.Position.NONE, attributes, flags));
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new Malformed("a header can't be read: " + e.getMessage());
    }
  }

  private static boolean isUtf8(byte[] value) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  private static Instant nanos(String text) {
    long n = Long.parseLong(text);
    return Instant.ofEpochSecond(
        Math.floorDiv(n, 1_000_000_000L), Math.floorMod(n, 1_000_000_000L));
  }

  private static LogRecord fluentBit(JsonNode tree, Instant time) throws Malformed {
    JsonNode text = first(tree, "log", "message", "MESSAGE");
    if (!text.isTextual()) {
      throw new Malformed("there is no text in its field log or message");
    }
    JsonNode k = tree.path("kubernetes");
    String pod = k.path("pod_name").asText("");
    Origin origin =
        Origin.builder()
            .namespace(k.path("namespace_name").asText(""))
            .service(Origin.workloadOfPod(pod))
            .pod(pod)
            .podUid(k.path("pod_id").asText(""))
            .container(k.path("container_name").asText(""))
            .node(k.path("host").asText(""))
            .labels(texts(k.path("labels")))
            .build();
    boolean part = "P".equals(first(tree, "_p", "logtag").asText(""));
    return record(
        tree,
        text.textValue(),
        time(first(tree, "time", "@timestamp", "timestamp", "date"), time),
        origin,
        part ? EnumSet.of(LogRecord.Flag.PARTIAL) : Set.of());
  }

  private static LogRecord vector(JsonNode tree, Instant time) throws Malformed {
    JsonNode text = tree.path("message");
    if (!text.isTextual()) {
      throw new Malformed("there is no text in its field message");
    }
    JsonNode k = tree.path("kubernetes");
    String pod = k.path("pod_name").asText("");
    String owner = k.path("pod_owner").asText("");
    int slash = owner.indexOf('/');
    Origin origin =
        Origin.builder()
            .namespace(k.path("pod_namespace").asText(""))
            .service(
                slash > 0
                    ? Origin.workloadOfOwner(owner.substring(0, slash), owner.substring(slash + 1))
                    : Origin.workloadOfPod(pod))
            .pod(pod)
            .podUid(k.path("pod_uid").asText(""))
            .container(k.path("container_name").asText(""))
            .node(k.path("pod_node_name").asText(""))
            .owner(owner)
            .labels(texts(k.path("pod_labels")))
            .build();
    return record(tree, text.textValue(), time(tree.path("timestamp"), time), origin, Set.of());
  }

  private static LogRecord record(
      JsonNode tree, String text, Instant time, Origin origin, Set<LogRecord.Flag> flags) {
    String stream = tree.path("stream").asText("");
    String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    return new LogRecord(
        time,
        line,
        LogRecord.Kind.LOG,
        origin,
        LogRecord.Position.NONE,
        stream.isEmpty() ? Map.of() : Map.of(LogRecord.ATTR_STREAM, stream),
        flags);
  }

  private static JsonNode first(JsonNode tree, String... names) {
    for (String name : names) {
      JsonNode node = tree.path(name);
      if (!node.isMissingNode() && !node.isNull()) {
        return node;
      }
    }
    return tree.path(names[0]);
  }

  private static Map<String, String> texts(JsonNode object) {
    if (!object.isObject() || object.isEmpty()) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>();
    object.properties().forEach(e -> map.put(e.getKey(), e.getValue().asText("")));
    return map;
  }

  private static Instant time(JsonNode node, Instant otherwise) throws Malformed {
    try {
      if (node.isTextual()) {
        return OffsetDateTime.parse(node.textValue()).toInstant();
      }
      if (node.isIntegralNumber() && node.canConvertToLong()) {
        return epoch(node.longValue());
      }
      if (node.isNumber()) {
        BigDecimal seconds = node.decimalValue();
        long whole = seconds.longValue();
        return Instant.ofEpochSecond(
            whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
      }
      return otherwise;
    } catch (DateTimeException | ArithmeticException e) {
      throw new Malformed("its time can't be read: " + e.getMessage());
    }
  }

  /** Seconds, or milli-, micro- or nanoseconds, told apart by their size. */
  private static Instant epoch(long n) {
    if (n > 100_000_000_000_000_000L) {
      return Instant.ofEpochSecond(n / 1_000_000_000, n % 1_000_000_000);
    }
    if (n > 100_000_000_000_000L) {
      return Instant.ofEpochSecond(n / 1_000_000, n % 1_000_000 * 1_000);
    }
    return n > 100_000_000_000L ? Instant.ofEpochMilli(n) : Instant.ofEpochSecond(n);
  }
}
