package io.devopscopilot.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A sink that keeps records with their verdicts and positions, and answers queries.
 *
 * <p>Each flush commits records, verdicts and positions in one transaction. Queries may be called
 * from any thread and see what was flushed.
 */
public interface LogStore extends LogSink {
  /** The newest committed token by stream; for {@link LogSource#resume}. */
  @Override
  Map<String, String> positions();

  /** Matching records, newest first unless the query says otherwise. */
  List<Stored> find(LogQuery query);

  /** The record with this id. */
  Optional<Stored> get(long id);

  /**
   * The lines around a record in its own container or file, oldest first, the record among them.
   *
   * @param before at most so many lines before it, 0 or more
   * @param after at most so many lines after it, 0 or more
   */
  List<Stored> context(long id, int before, int after);

  /** Matching records by fingerprint, most frequent first, at most {@code query.limit()} groups. */
  List<Group> groups(LogQuery query);

  /**
   * How many matching records fall into each time bucket, by service, severity and category, oldest
   * first; empty buckets are left out.
   *
   * @param bucket width, a positive multiple of one second; buckets start at multiples of it since
   *     the epoch
   */
  List<Count> counts(LogQuery query, Duration bucket);

  /** How many records match, whatever the query's limit. */
  long count(LogQuery query);

  /**
   * A stored record.
   *
   * @param id the store's own, rising in the order of storing
   * @param record the record as it was accepted, without its position
   * @param severity severity verdict
   * @param severityProbability its probability, 0 to 1
   * @param category category verdict
   * @param categoryProbability its probability, 0 to 1
   * @param fingerprint the fingerprint of the masked text
   */
  record Stored(
      long id,
      LogRecord record,
      Severity severity,
      double severityProbability,
      String category,
      double categoryProbability,
      long fingerprint) {}

  /**
   * Records of one fingerprint.
   *
   * @param fingerprint the fingerprint of the masked text
   * @param count how many, 1 or more
   * @param first the earliest timestamp
   * @param last the latest timestamp
   * @param sample the latest of them
   */
  record Group(long fingerprint, long count, Instant first, Instant last, Stored sample) {}

  /**
   * Records of one bucket.
   *
   * @param start start of the bucket
   * @param service the service
   * @param severity severity verdict
   * @param category category verdict
   * @param count how many, 1 or more
   */
  record Count(Instant start, String service, Severity severity, String category, long count) {}
}
