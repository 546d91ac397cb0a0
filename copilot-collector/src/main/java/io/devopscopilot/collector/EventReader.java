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
import org.jspecify.annotations.Nullable;

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
      attributes.put(LogRecord.ATTR_COUNT, Integer.toString(count(event)));
      attributes.put(LogRecord.ATTR_FIRST_SEEN, firstSeen(event).toString());
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
