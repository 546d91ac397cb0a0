package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1ObjectReference;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of an event until the origin of its object is known: a tenth of the client's object.
 *
 * @param version rises with each change of any event; 0 = not known
 * @param kind of the object
 * @param name of the object
 */
record ClusterEvent(
    long version,
    Instant time,
    String message,
    String kind,
    String name,
    Map<String, String> attributes) {

  static ClusterEvent of(CoreV1Event event) {
    V1ObjectReference object = event.getInvolvedObject();
    String kind = text(object.getKind());
    String name = text(object.getName());
    Map<String, String> attributes = new TreeMap<>();
    attributes.put(LogRecord.ATTR_REASON, text(event.getReason()));
    attributes.put(LogRecord.ATTR_EVENT_TYPE, text(event.getType()));
    attributes.put(LogRecord.ATTR_OBJECT, kind + "/" + name);
    attributes.put(LogRecord.ATTR_COUNT, Integer.toString(count(event)));
    attributes.put(LogRecord.ATTR_FIRST_SEEN, firstSeen(event).toString());
    return new ClusterEvent(
        version(event), time(event), text(event.getMessage()).strip(), kind, name, attributes);
  }

  /** The record of it, whose position in the stream is the version. */
  LogRecord record(String stream, Origin origin) {
    return LogRecord.event(time, message, origin, attributes)
        .at(new LogRecord.Position(stream, Long.toString(version)));
  }

  static long version(CoreV1Event event) {
    String text = event.getMetadata() == null ? null : event.getMetadata().getResourceVersion();
    try {
      return text == null ? 0 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** How often it happened so far. */
  static int count(CoreV1Event event) {
    if (event.getSeries() != null && event.getSeries().getCount() != null) {
      return event.getSeries().getCount();
    }
    return event.getCount() == null ? 1 : event.getCount();
  }

  /** When it happened last. */
  static Instant time(CoreV1Event event) {
    OffsetDateTime observed =
        event.getSeries() == null ? null : event.getSeries().getLastObservedTime();
    return firstOf(observed, event.getLastTimestamp(), event.getEventTime(), created(event));
  }

  private static Instant firstSeen(CoreV1Event event) {
    return firstOf(
        event.getFirstTimestamp(), event.getEventTime(), event.getLastTimestamp(), created(event));
  }

  private static @Nullable OffsetDateTime created(CoreV1Event event) {
    return event.getMetadata() == null ? null : event.getMetadata().getCreationTimestamp();
  }

  private static Instant firstOf(@Nullable OffsetDateTime... times) {
    for (OffsetDateTime time : times) {
      if (time != null) {
        return time.toInstant();
      }
    }
    return Instant.now();
  }
}
