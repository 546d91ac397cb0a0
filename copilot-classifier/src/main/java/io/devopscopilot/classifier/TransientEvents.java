package io.devopscopilot.classifier;

import io.devopscopilot.api.LogRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Set;

/**
 * Tells warning events that Kubernetes may still clear up by itself: it tries again within seconds
 * what these say failed, and pods that start or a kubelet that restarted have them as a rule (a
 * volume whose config map is not in the kubelet's cache yet, metrics of a new pod, a probe of a
 * program that is still starting). They count once they go on.
 */
final class TransientEvents {
  private static final Set<String> TRIED_AGAIN =
      Set.of(
          "FailedMount",
          "FailedAttachVolume",
          "FailedMapVolume",
          "FailedCreatePodSandBox",
          "NetworkNotReady",
          "FailedGetResourceMetric",
          "FailedComputeMetricsReplicas",
          "Unhealthy");

  /** The kubelet's pauses double from half a second: five tries fail within so long. */
  private static final Duration GOES_ON = Duration.ofSeconds(20);

  /** The kubelet's longest pause is 122 s: tries that lie farther apart are not of one trouble. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(150);

  private TransientEvents() {}

  /** Whether the event of a line, which does not say since when it happens, may pass by itself. */
  static boolean mayPass(String reason) {
    return TRIED_AGAIN.contains(reason) || "FailedScheduling".equals(reason); // may wait for a node
  }

  /** Whether an event may pass by itself; false where it does not say since when it happens. */
  static boolean mayPass(LogRecord event) {
    Map<String, String> attributes = event.attributes();
    if (!TRIED_AGAIN.contains(attributes.getOrDefault(LogRecord.ATTR_REASON, ""))) {
      return false;
    }
    try {
      Instant first = Instant.parse(attributes.getOrDefault(LogRecord.ATTR_FIRST_SEEN, ""));
      int count = Integer.parseInt(attributes.getOrDefault(LogRecord.ATTR_COUNT, ""));
      Duration since = Duration.between(first, event.timestamp());
      return since.compareTo(GOES_ON) < 0
          || since.compareTo(LONGEST_PAUSE.multipliedBy(Math.max(1, count - 1))) > 0;
    } catch (DateTimeParseException | NumberFormatException e) {
      return false;
    }
  }
}
