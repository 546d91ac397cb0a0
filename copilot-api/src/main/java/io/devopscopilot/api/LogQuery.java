package io.devopscopilot.api;

import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which records are wanted; what is not set does not restrict. Immutable.
 *
 * @param from earliest timestamp, included
 * @param to latest timestamp, excluded
 * @param namespace exact namespace, empty = any
 * @param service exact service, empty = any
 * @param pod exact pod, empty = any
 * @param severities any of these, empty = any
 * @param categories any of these, empty = any
 * @param kind log lines or events
 * @param fingerprint exact fingerprint
 * @param text part of the message, upper and lower case alike, empty = any
 * @param afterId only records stored after the one with this id
 * @param beforeId only records that come behind the one with this id in the order of the results;
 *     for paging
 * @param limit at most so many results, 1 to 100,000, default 100
 * @param oldestFirst order by time upwards, default downwards
 */
public record LogQuery(
    Optional<Instant> from,
    Optional<Instant> to,
    String namespace,
    String service,
    String pod,
    Set<Severity> severities,
    Set<String> categories,
    Optional<LogRecord.Kind> kind,
    OptionalLong fingerprint,
    String text,
    OptionalLong afterId,
    OptionalLong beforeId,
    int limit,
    boolean oldestFirst) {

  /** The largest limit. */
  public static final int MAX_LIMIT = 100_000;

  /** Checks the limit and copies the sets. */
  public LogQuery {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 to " + MAX_LIMIT);
    }
    severities = Set.copyOf(severities);
    categories = Set.copyOf(categories);
  }

  /** A builder that restricts nothing. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds a {@link LogQuery}; not thread-safe. */
  public static final class Builder {
    private Optional<Instant> from = Optional.empty();
    private Optional<Instant> to = Optional.empty();
    private String namespace = "";
    private String service = "";
    private String pod = "";
    private final Set<Severity> severities = EnumSet.noneOf(Severity.class);
    private final Set<String> categories = new LinkedHashSet<>();
    private Optional<LogRecord.Kind> kind = Optional.empty();
    private OptionalLong fingerprint = OptionalLong.empty();
    private String text = "";
    private OptionalLong afterId = OptionalLong.empty();
    private OptionalLong beforeId = OptionalLong.empty();
    private int limit = 100;
    private boolean oldestFirst;

    private Builder() {}

    /** Earliest timestamp, included. */
    public Builder from(Instant from) {
      this.from = Optional.of(from);
      return this;
    }

    /** Latest timestamp, excluded. */
    public Builder to(Instant to) {
      this.to = Optional.of(to);
      return this;
    }

    /** Exact namespace. */
    public Builder namespace(String namespace) {
      this.namespace = namespace;
      return this;
    }

    /** Exact service. */
    public Builder service(String service) {
      this.service = service;
      return this;
    }

    /** Exact pod. */
    public Builder pod(String pod) {
      this.pod = pod;
      return this;
    }

    /** One more severity that is wanted. */
    public Builder severity(Severity severity) {
      this.severities.add(severity);
      return this;
    }

    /** This severity and all above it. */
    public Builder severityAtLeast(Severity severity) {
      this.severities.addAll(EnumSet.range(severity, Severity.FATAL));
      return this;
    }

    /** One more category that is wanted. */
    public Builder category(String category) {
      this.categories.add(category);
      return this;
    }

    /** Log lines or events only. */
    public Builder kind(LogRecord.Kind kind) {
      this.kind = Optional.of(kind);
      return this;
    }

    /** Exact fingerprint. */
    public Builder fingerprint(long fingerprint) {
      this.fingerprint = OptionalLong.of(fingerprint);
      return this;
    }

    /** Part of the message, upper and lower case alike. */
    public Builder text(String text) {
      this.text = text;
      return this;
    }

    /** Only records stored after this one. */
    public Builder afterId(long id) {
      this.afterId = OptionalLong.of(id);
      return this;
    }

    /** Only records that come behind this one in the order of the results. */
    public Builder beforeId(long id) {
      this.beforeId = OptionalLong.of(id);
      return this;
    }

    /** At most so many results, 1 to 100,000. */
    public Builder limit(int limit) {
      this.limit = limit;
      return this;
    }

    /** Order by time upwards. */
    public Builder oldestFirst() {
      this.oldestFirst = true;
      return this;
    }

    /** The query; the builder may be used again. */
    public LogQuery build() {
      return new LogQuery(
          from,
          to,
          namespace,
          service,
          pod,
          severities,
          categories,
          kind,
          fingerprint,
          text,
          afterId,
          beforeId,
          limit,
          oldestFirst);
    }
  }
}
