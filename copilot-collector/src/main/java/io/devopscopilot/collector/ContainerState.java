package io.devopscopilot.collector;

import io.kubernetes.client.openapi.models.V1ContainerState;
import io.kubernetes.client.openapi.models.V1ContainerStateTerminated;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * What the API server says of a container. It may be seconds behind what the kubelet knows, never
 * ahead of it.
 *
 * @param restarts the number of the newest instance
 * @param began whether that instance has a log
 * @param running whether it runs
 * @param previous the number of the instance that is served as the previous one, -1 = none
 * @param from when that one began, cut to a second
 * @param until when it ended, cut to a second
 * @param next when the instance behind it began, cut to a second
 */
record ContainerState(
    int restarts,
    boolean began,
    boolean running,
    int previous,
    Instant from,
    Instant until,
    Instant next) {

  static ContainerState of(V1ContainerStatus status) {
    int restarts = status.getRestartCount() == null ? 0 : status.getRestartCount();
    V1ContainerState state = status.getState();
    boolean running = state != null && state.getRunning() != null;
    boolean ended = state != null && state.getTerminated() != null;
    V1ContainerStateTerminated last =
        status.getLastState() == null ? null : status.getLastState().getTerminated();
    // One that waits for its next instance serves the newest one as the previous one too.
    int previous = last == null ? -1 : running || ended ? Math.max(0, restarts - 1) : restarts;
    OffsetDateTime next =
        running
            ? state.getRunning().getStartedAt()
            : ended ? state.getTerminated().getStartedAt() : null;
    return new ContainerState(
        restarts,
        running || ended || last != null,
        running,
        previous,
        last == null ? Instant.MIN : instant(last.getStartedAt(), Instant.MIN),
        last == null ? Instant.MAX : instant(last.getFinishedAt(), Instant.MAX),
        instant(next, Instant.MAX));
  }

  private static Instant instant(@Nullable OffsetDateTime time, Instant other) {
    return time == null || time.getYear() < 1971 ? other : time.toInstant();
  }

  /** Where a container seen for the first time is read from. */
  int first() {
    return previous >= 0 ? previous : restarts;
  }

  /** Whether a log with lines of these times can be the previous instance's, not a later one's. */
  boolean previousHolds(Instant first, Instant last) {
    Instant behind = until.equals(Instant.MAX) ? until : until.plusSeconds(1);
    // The last lines are stamped when they are taken from the pipe, a little after the end.
    return !first.isBefore(from.equals(Instant.MIN) ? from : from.minusSeconds(1))
        && first.isBefore(next.isBefore(behind) ? next : behind)
        && !last.isAfter(until.equals(Instant.MAX) ? until : until.plusSeconds(2));
  }
}
