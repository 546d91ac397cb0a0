package io.devopscopilot.api;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One log line (or one joined stack trace, or one Kubernetes event). Immutable.
 *
 * @param timestamp when it was written, by the transport (kubelet, syslog header) or else by the
 *     line itself; when it was read, where neither says. The detector reckons in this time
 * @param message the text as the program wrote it, without the transport's frame (CRI, Docker JSON,
 *     {@code kubectl --prefix}); line feeds only inside joined records; never cut silently, see
 *     {@link Flag#TRUNCATED}
 * @param kind log line or Kubernetes event
 * @param origin where it comes from
 * @param position where reading resumes after this record
 * @param attributes what else the source knows, keys as the ATTR constants; most often empty
 * @param flags what happened to the record on its way; most often empty
 */
public record LogRecord(
    Instant timestamp,
    String message,
    Kind kind,
    Origin origin,
    Position position,
    Map<String, String> attributes,
    Set<Flag> flags) {

  /** Attribute: the API field {@code reason} of a Kubernetes event. */
  public static final String ATTR_REASON = "reason";

  /** Attribute: {@code Normal} or {@code Warning}, the type of a Kubernetes event. */
  public static final String ATTR_EVENT_TYPE = "eventType";

  /** Attribute: the object of a Kubernetes event as {@code Kind/name}. */
  public static final String ATTR_OBJECT = "object";

  /** Attribute: how often a Kubernetes event happened so far, a decimal number from 1. */
  public static final String ATTR_COUNT = "count";

  /** Attribute: when a Kubernetes event happened first, as {@link Instant#parse} reads it. */
  public static final String ATTR_FIRST_SEEN = "firstSeen";

  /** Attribute: trace id, where the source knows it. */
  public static final String ATTR_TRACE_ID = "traceId";

  /** Attribute: {@code stdout} or {@code stderr}. */
  public static final String ATTR_STREAM = "stream";

  /** What a record is. */
  public enum Kind {
    /** A log line or a joined stack trace. */
    LOG,
    /** A Kubernetes event. */
    EVENT
  }

  /** What happened to a record on its way. */
  public enum Flag {
    /** The text was longer than the source's limit; the rest is counted, not stored. */
    TRUNCATED,
    /** One part of a record that could not be joined. */
    PARTIAL,
    /** The Kubernetes API glued text of two streams into this line. */
    GLUED,
    /** The text held bytes that are not UTF-8; each became U+FFFD. */
    INVALID_ENCODING,
    /** No timestamp was found; {@code timestamp} is when the record was read. */
    READ_TIME
  }

  /**
   * Where a source resumes.
   *
   * @param stream what is read in order, for example pod UID, container and restart count; empty
   *     for sources that can't resume
   * @param token the source's own mark within the stream, opaque to all others
   */
  public record Position(String stream, String token) {
    /** The position of records that can't be resumed. */
    public static final Position NONE = new Position("", "");

    /** Checks for null. */
    public Position {
      Objects.requireNonNull(stream, "stream");
      Objects.requireNonNull(token, "token");
    }
  }

  /** Copies attributes and flags. */
  public LogRecord {
    Objects.requireNonNull(timestamp, "timestamp");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(origin, "origin");
    Objects.requireNonNull(position, "position");
    attributes = Map.copyOf(attributes);
    flags = Set.copyOf(flags);
  }

  /** A log line read just now, of unknown origin. */
  public static LogRecord of(String message) {
    return of(Instant.now(), message, Origin.UNKNOWN);
  }

  /** A log line. */
  public static LogRecord of(Instant timestamp, String message, Origin origin) {
    return new LogRecord(timestamp, message, Kind.LOG, origin, Position.NONE, Map.of(), Set.of());
  }

  /** A Kubernetes event. */
  public static LogRecord event(
      Instant timestamp, String message, Origin origin, Map<String, String> attributes) {
    return new LogRecord(
        timestamp, message, Kind.EVENT, origin, Position.NONE, attributes, Set.of());
  }

  /** The same record at another position. */
  public LogRecord at(Position position) {
    return new LogRecord(timestamp, message, kind, origin, position, attributes, flags);
  }
}
