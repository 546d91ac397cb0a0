package io.devopscopilot.api;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Something that is wrong, or will be. One cause is one issue: the same id comes again when it is
 * updated or resolved. Immutable.
 *
 * @param id stable over updates and over replays of the same records
 * @param state open or resolved
 * @param category category id
 * @param probability that the issue is real, 0 to 1
 * @param horizon time until it is expected to break something; zero = it does already
 * @param namespace where, empty = unknown
 * @param service the service in which it starts, not the loudest one
 * @param title one line for people
 * @param opened record time of the first sign
 * @param updated record time of the newest sign
 * @param resolved record time of its end
 * @param evidence the records that show it, oldest first, at most {@link #MAX_EVIDENCE}
 * @param fingerprints fingerprints of its lines; muting is by these
 */
public record Issue(
    String id,
    State state,
    String category,
    double probability,
    Duration horizon,
    String namespace,
    String service,
    String title,
    Instant opened,
    Instant updated,
    Optional<Instant> resolved,
    List<LogRecord> evidence,
    Set<Long> fingerprints) {

  /** How many records an issue carries at most. */
  public static final int MAX_EVIDENCE = 20;

  /** Whether an issue goes on. */
  public enum State {
    /** It goes on. */
    OPEN,
    /** It has ended. */
    RESOLVED
  }

  /** Checks the ranges and copies the collections. */
  public Issue {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException("probability is " + probability + ", must be 0 to 1");
    }
    if (horizon.isNegative()) {
      throw new IllegalArgumentException("horizon is " + horizon + ", must not be negative");
    }
    if (evidence.size() > MAX_EVIDENCE) {
      throw new IllegalArgumentException(
          "evidence has " + evidence.size() + " records, must be at most " + MAX_EVIDENCE);
    }
    evidence = List.copyOf(evidence);
    fingerprints = Set.copyOf(fingerprints);
  }

  /** The same issue, ended. */
  public Issue resolved(Instant at) {
    return new Issue(
        id,
        State.RESOLVED,
        category,
        probability,
        horizon,
        namespace,
        service,
        title,
        opened,
        updated,
        Optional.of(at),
        evidence,
        fingerprints);
  }

  /** The question that asks for the cause and the cure of this issue. */
  public Answerer.Question asQuestion() {
    return new Answerer.Question(
        "Why does " + service + " show " + title + ", and what should be done?",
        namespace,
        service,
        Optional.of(opened.minus(Duration.ofMinutes(15))),
        category);
  }
}
