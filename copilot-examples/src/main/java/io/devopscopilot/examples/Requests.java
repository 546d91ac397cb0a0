package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads bodies and parameters strictly: an unknown field or parameter is an error that names it.
 */
final class Requests {
  /** Bytes of a JSON body at most. */
  static final int MAX_BODY = 16 << 20;

  /** The content type of a stream of events. */
  static final String EVENTS = "text/event-stream";

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(32)
                          .maxStringLength(MAX_BODY)
                          .build())
                  .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonParser.Feature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  private static final Pattern TIME =
      Pattern.compile(
          "(\\d{4}-\\d\\d-\\d\\d)[Tt](\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?)"
              + "(?:[Zz]|([+-])([01]\\d|2[0-3]):([0-5]\\d))");

  private static final Set<String> FILTERS =
      Set.of(
          "from",
          "to",
          "namespace",
          "service",
          "pod",
          "text",
          "severity",
          "category",
          "kind",
          "fingerprint",
          "before",
          "after",
          "limit",
          "order");

  private Requests() {}

  /** The body as an object that has no other fields than these. */
  static JsonNode object(Context ctx, Set<String> fields) {
    return checked(parse(body(ctx)), fields);
  }

  /** Makes something of the JSON of a body. */
  interface Reading<T> {
    T from(JsonParser in) throws IOException;
  }

  /** The JSON of a body. */
  static JsonNode parse(byte[] body) {
    return reading(body, in -> MAPPER.readTree(in));
  }

  /** What is made of the JSON of a body, which must hold nothing behind that. */
  static <T> T reading(byte[] body, Reading<T> reading) {
    if (blank(body)) {
      throw Problem.badRequest("the body is empty, must be a JSON object");
    }
    try (JsonParser in = MAPPER.createParser(body)) {
      T made = reading.from(in);
      if (in.nextToken() != null) {
        throw Problem.badRequest("the body goes on behind its JSON");
      }
      return made;
    } catch (JacksonException e) {
      long line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      long column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
      throw Problem.badRequest(
          "the body is not valid JSON (line " + line + ", column " + column + ")");
    } catch (IOException e) {
      throw Problem.badRequest("the body can't be read");
    }
  }

  /** Whether there is nothing but the white space of JSON, which its parser takes for no value. */
  private static boolean blank(byte[] body) {
    for (byte b : body) {
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }

  /** The bytes of a body, bounded. */
  static byte[] body(Context ctx) {
    try (InputStream in = ctx.bodyInputStream()) {
      byte[] body = in.readNBytes(MAX_BODY + 1);
      if (body.length > MAX_BODY) {
        throw new Problem(413, "the body is larger than " + MAX_BODY + " bytes");
      }
      return body;
    } catch (IOException e) {
      throw Problem.badRequest("the body can't be read");
    }
  }

  static JsonNode checked(JsonNode node, Set<String> fields) {
    if (!node.isObject()) {
      throw Problem.badRequest("found " + kind(node) + ", must be a JSON object");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw Problem.badRequest(
            "unknown field '" + clean(name) + "', must be one of " + sorted(fields));
      }
    }
    return node;
  }

  private static String sorted(Set<String> fields) {
    return String.join(", ", fields.stream().sorted().toList());
  }

  /** A text field; empty where it is absent or null. */
  static String text(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw Problem.badRequest(field + " is " + kind(value) + ", must be a text");
    }
    return value.textValue();
  }

  static String required(JsonNode node, String field) {
    String text = text(node, field);
    if (text.isBlank()) {
      throw Problem.badRequest(field + " is missing or empty");
    }
    return text;
  }

  private static String kind(JsonNode node) {
    return node.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  static Instant instant(String name, String value) {
    try {
      Matcher m = TIME.matcher(value);
      if (!m.matches()) {
        throw new DateTimeException("not RFC 3339");
      }
      // Offsets by hand: RFC 3339 allows up to 23:59, the JDK up to 18:00.
      long minutes =
          m.group(4) == null
              ? 0
              : (m.group(4).equals("-") ? -1 : 1)
                  * (Integer.parseInt(m.group(5)) * 60L + Integer.parseInt(m.group(6)));
      return LocalDateTime.parse(m.group(1) + "T" + m.group(2))
          .minusMinutes(minutes)
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw Problem.badRequest(
          name + " is '" + clean(value) + "', must be like 2026-01-31T10:00:00Z");
    }
  }

  /**
   * The record query in the parameters.
   *
   * @param more names of other parameters that there may be
   */
  static LogQuery query(Context ctx, String... more) {
    Set<String> names = new HashSet<>(FILTERS);
    names.addAll(List.of(more));
    only(ctx, names);
    LogQuery.Builder query = LogQuery.builder();
    param(ctx, "from").ifPresent(v -> query.from(instant("from", v)));
    param(ctx, "to").ifPresent(v -> query.to(instant("to", v)));
    param(ctx, "namespace").ifPresent(query::namespace);
    param(ctx, "service").ifPresent(query::service);
    param(ctx, "pod").ifPresent(query::pod);
    param(ctx, "text").ifPresent(query::text);
    param(ctx, "severity")
        .ifPresent(
            v -> Arrays.stream(v.split(",")).forEach(s -> query.severity(severity("severity", s))));
    param(ctx, "category")
        .ifPresent(v -> Arrays.stream(v.split(",")).forEach(c -> query.category(said(c))));
    param(ctx, "kind")
        .ifPresent(
            v ->
                query.kind(
                    parse(
                        "kind",
                        v,
                        k -> LogRecord.Kind.valueOf(k.toUpperCase(Locale.ROOT)),
                        "LOG or EVENT")));
    param(ctx, "fingerprint")
        .ifPresent(
            v ->
                query.fingerprint(
                    parse("fingerprint", v, f -> Long.parseUnsignedLong(f, 16), "16 hex digits")));
    param(ctx, "before").ifPresent(v -> query.beforeId(natural("before", v)));
    param(ctx, "after").ifPresent(v -> query.afterId(natural("after", v)));
    query.limit((int) bounded(ctx, "limit", 100, 1, 1_000));
    String order = param(ctx, "order").orElse("desc");
    if (!Set.of("asc", "desc").contains(order)) {
      throw Problem.badRequest("order is '" + clean(order) + "', must be asc or desc");
    }
    if (order.equals("asc")) {
      query.oldestFirst();
    }
    return query.build();
  }

  static Severity severity(String name, String value) {
    return parse(
        name,
        value,
        s -> Severity.valueOf(s.strip().toUpperCase(Locale.ROOT)),
        "DEBUG, INFO, WARN, ERROR or FATAL");
  }

  /** A category that a line may have. */
  private static String said(String value) {
    return value.strip().equals(Category.UNKNOWN) ? Category.UNKNOWN : category(value);
  }

  /** A category that a line may be given. */
  static String category(String value) {
    String id = value.strip();
    if (!Category.all().contains(id)) {
      throw Problem.badRequest(
          "category is '" + clean(value) + "', must be one of " + Category.all());
    }
    return id;
  }

  /** Refuses parameters of other names: a filter that is misspelt would let all through. */
  static void only(Context ctx, Set<String> names) {
    for (String name : ctx.queryParamMap().keySet()) {
      if (!names.contains(name)) {
        throw Problem.badRequest(
            "unknown parameter '" + clean(name) + "', must be one of " + sorted(names));
      }
    }
  }

  static Optional<String> param(Context ctx, String name) {
    return Optional.ofNullable(ctx.queryParam(name));
  }

  static long bounded(Context ctx, String name, long preset, long least, long most) {
    long value = param(ctx, name).map(v -> number(name, v)).orElse(preset);
    if (value < least || value > most) {
      throw Problem.badRequest(name + " is " + value + ", must be " + least + " to " + most);
    }
    return value;
  }

  static long number(String name, String value) {
    return parse(name, value, Long::parseLong, "a whole number");
  }

  private static long natural(String name, String value) {
    long number = number(name, value);
    if (number < 0) {
      throw Problem.badRequest(name + " is " + number + ", must be 0 or more");
    }
    return number;
  }

  private static <T> T parse(String name, String value, Function<String, T> parser, String range) {
    try {
      return parser.apply(value);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(name + " is '" + clean(value) + "', must be " + range);
    }
  }

  /** Short and printable, for messages. */
  static String clean(String text) {
    String printable = text.replaceAll("\\p{C}", "?");
    return printable.length() > 80 ? printable.substring(0, 80) + "..." : printable;
  }
}
