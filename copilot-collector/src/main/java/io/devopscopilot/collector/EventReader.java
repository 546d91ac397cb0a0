package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.CoreV1EventList;
import io.kubernetes.client.openapi.models.V1ObjectReference;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * Turns lists of events into records: each event once, and again whenever its count has grown. The
 * position is the newest resource version, which rises with each change.
 */
final class EventReader {
  private final String stream;
  private long version;

  EventReader(String namespace, String token) {
    this.stream = stream(namespace);
    this.version = token.isEmpty() ? 0 : Long.parseLong(token);
  }

  static String stream(String namespace) {
    return "kubernetes-events:" + namespace;
  }

  /**
   * The records of what is new in a list.
   *
   * @param origins the origin of a pod, by namespace and name
   */
  List<LogRecord> read(CoreV1EventList list, BiFunction<String, String, Origin> origins) {
    List<CoreV1Event> fresh = new ArrayList<>();
    for (CoreV1Event event : list.getItems()) {
      if (version(event) > version) {
        fresh.add(event);
      }
    }
    fresh.sort(Comparator.comparingLong(EventReader::version));
    List<LogRecord> records = new ArrayList<>();
    for (CoreV1Event event : fresh) {
      version = version(event);
      V1ObjectReference object = event.getInvolvedObject();
      Map<String, String> attributes = new TreeMap<>();
      attributes.put(LogRecord.ATTR_REASON, text(event.getReason()));
      attributes.put(LogRecord.ATTR_EVENT_TYPE, text(event.getType()));
      attributes.put(LogRecord.ATTR_OBJECT, text(object.getKind()) + "/" + text(object.getName()));
      records.add(
          LogRecord.event(
                  time(event),
                  text(event.getMessage()).strip(),
                  origins.apply(text(object.getKind()), text(object.getName())),
                  attributes)
              .at(new LogRecord.Position(stream, Long.toString(version))));
    }
    return records;
  }

  private static long version(CoreV1Event event) {
    String text = event.getMetadata() == null ? null : event.getMetadata().getResourceVersion();
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String text(@org.jspecify.annotations.Nullable String text) {
    return text == null ? "" : text;
  }

  static Instant time(CoreV1Event event) {
    OffsetDateTime time =
        event.getLastTimestamp() != null ? event.getLastTimestamp() : event.getEventTime();
    if (time == null && event.getMetadata() != null) {
      time = event.getMetadata().getCreationTimestamp();
    }
    return time == null ? Instant.now() : time.toInstant();
  }
}
