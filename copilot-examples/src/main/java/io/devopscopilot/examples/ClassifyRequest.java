package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of {@code /classify} token by token: a tree of 1,000 records costs as much as
 * their verdicts.
 */
final class ClassifyRequest {
  /** Records of one request at most. */
  static final int MAX_RECORDS = 10_000;

  private static final List<String> FIELDS =
      List.of("container", "message", "namespace", "pod", "reason", "service", "timestamp");
  private static final int CONTAINER = 0;
  private static final int MESSAGE = 1;
  private static final int NAMESPACE = 2;
  private static final int POD = 3;
  private static final int REASON = 4;
  private static final int SERVICE = 5;
  private static final int TIMESTAMP = 6;
  private static final String RECORDS = "records";

  private final JsonParser in;
  private final Instant now = Instant.now();
  private final @Nullable String[] values = new @Nullable String[FIELDS.size()];
  private final List<LogRecord> records = new ArrayList<>();
  private Origin origin = Origin.UNKNOWN;
  private boolean many;

  private ClassifyRequest(JsonParser in) {
    this.in = in;
  }

  /**
   * One record for a body that is a record, all of them for one with {@code records}.
   *
   * @throws Problem if the body is anything else; the message names the field
   */
  static List<LogRecord> read(byte[] body) {
    return Requests.reading(
        body,
        in -> {
          ClassifyRequest request = new ClassifyRequest(in);
          in.nextToken();
          request.record(true);
          return request.records;
        });
  }

  /** Reads an object, whose begin has been read. */
  private void record(boolean outermost) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw Problem.badRequest("found " + kind() + ", must be a JSON object");
    }
    Arrays.fill(values, null);
    int fields = 0;
    for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
      fields++;
      JsonToken value = in.nextToken();
      int field = FIELDS.indexOf(name);
      if (field >= 0) {
        values[field] = text(name, value);
      } else if (outermost && name.equals(RECORDS)) {
        records(value);
      } else {
        throw Problem.badRequest(
            "unknown field '"
                + Requests.clean(name)
                + "', must be one of "
                + String.join(", ", FIELDS)
                + (outermost ? ", or records alone" : ""));
      }
    }
    if (!many || !outermost) {
      records.add(made());
    } else if (fields > 1) {
      throw Problem.badRequest("records must be the only field");
    }
  }

  private void records(JsonToken value) throws IOException {
    many = true;
    if (value != JsonToken.START_ARRAY) {
      throw Problem.badRequest("records is " + kind() + ", must be an array");
    }
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (records.size() == MAX_RECORDS) {
        throw Problem.badRequest("records has more than " + MAX_RECORDS + " entries");
      }
      record(false);
    }
  }

  private LogRecord made() {
    String message = values[MESSAGE];
    if (message == null) {
      throw Problem.badRequest("message is missing");
    }
    String timestamp = values[TIMESTAMP];
    Instant time = timestamp == null ? now : Requests.instant(FIELDS.get(TIMESTAMP), timestamp);
    String reason = value(REASON);
    return reason.isEmpty()
        ? LogRecord.of(time, message, origin())
        : LogRecord.event(time, message, origin(), Map.of(LogRecord.ATTR_REASON, reason));
  }

  private String value(int field) {
    String value = values[field];
    return value == null ? "" : value;
  }

  /** That of the record before, where nothing differs. */
  private Origin origin() {
    if (!value(NAMESPACE).equals(origin.namespace())
        || !value(SERVICE).equals(origin.service())
        || !value(POD).equals(origin.pod())
        || !value(CONTAINER).equals(origin.container())) {
      origin =
          Origin.builder()
              .namespace(value(NAMESPACE))
              .service(value(SERVICE))
              .pod(value(POD))
              .container(value(CONTAINER))
              .build();
    }
    return origin;
  }

  private @Nullable String text(String name, JsonToken value) throws IOException {
    if (value == JsonToken.VALUE_NULL) {
      return null;
    }
    if (value != JsonToken.VALUE_STRING) {
      throw Problem.badRequest(name + " is " + kind() + ", must be a text");
    }
    return in.getText();
  }

  private String kind() {
    JsonToken token = in.currentToken();
    return token == null
        ? "nothing"
        : token.isNumeric()
            ? "number"
            : token.isBoolean()
                ? "boolean"
                : switch (token) {
                  case VALUE_STRING -> "string";
                  case VALUE_NULL -> "null";
                  case START_ARRAY -> "array";
                  default -> "object";
                };
  }
}
