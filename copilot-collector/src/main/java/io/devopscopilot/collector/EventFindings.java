package io.devopscopilot.collector;

import io.devopscopilot.api.Category;
import io.devopscopilot.collector.ClusterHealth.Finding;
import io.kubernetes.client.openapi.models.CoreV1Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What only events tell: objects for which no pod could be made, volumes that nobody provides. */
final class EventFindings {
  /** Controllers try again after at most 1,000 s: an older failure is over. */
  private static final Duration FRESH = Duration.ofMinutes(20);

  private static final Pattern QUOTA =
      Pattern.compile("exceeded quota: ([^,]+), (requested: .*)", Pattern.DOTALL);
  private static final Pattern FORBIDDEN = Pattern.compile("is forbidden: (.*)", Pattern.DOTALL);

  private EventFindings() {}

  static List<Finding> of(String namespace, List<CoreV1Event> events, Instant now) {
    Map<String, CoreV1Event> failed = new LinkedHashMap<>();
    Map<String, Instant> done = new LinkedHashMap<>();
    for (CoreV1Event event : events) {
      String object = object(event);
      Instant at = ClusterEvent.time(event);
      switch (String.valueOf(event.getReason())) {
        case "FailedCreate", "ProvisioningFailed" -> {
          CoreV1Event old = failed.get(object);
          if (Duration.between(at, now).compareTo(FRESH) < 0
              && (old == null || ClusterEvent.time(old).isBefore(at))) {
            failed.put(object, event);
          }
        }
        case "SuccessfulCreate", "ProvisioningSucceeded" ->
            done.merge(object, at, (a, b) -> a.isAfter(b) ? a : b);
        default -> {}
      }
    }
    List<Finding> out = new ArrayList<>();
    failed.forEach(
        (object, event) -> {
          Instant success = done.get(object);
          if (success == null || success.isBefore(ClusterEvent.time(event))) {
            out.add(finding(namespace, event));
          }
        });
    return out;
  }

  private static String object(CoreV1Event event) {
    return event.getInvolvedObject().getKind() + "/" + event.getInvolvedObject().getName();
  }

  private static Finding finding(String namespace, CoreV1Event event) {
    String kind = String.valueOf(event.getInvolvedObject().getKind());
    String name = String.valueOf(event.getInvolvedObject().getName());
    String object =
        kind.equals("ReplicaSet") ? "Deployment/" + Workloads.ofSet(name, kind) : kind + "/" + name;
    String message = event.getMessage() == null ? "" : event.getMessage().strip();
    if ("ProvisioningFailed".equals(event.getReason())) {
      return new Finding(
          namespace,
          object,
          0,
          Category.STORAGE,
          "no volume is provided: " + message,
          "name a storage class that exists: kubectl get storageclass",
          List.of());
    }
    Matcher quota = QUOTA.matcher(message);
    if (quota.find()) {
      return new Finding(
          namespace,
          object,
          0,
          Category.QUOTA,
          "ResourceQuota " + quota.group(1) + " refuses more pods: " + quota.group(2),
          "raise it, or ask for less: kubectl -n "
              + namespace
              + " describe quota "
              + quota.group(1),
          List.of());
    }
    Matcher forbidden = FORBIDDEN.matcher(message);
    String why = forbidden.find() ? forbidden.group(1) : message;
    String category =
        why.contains("usage per") || why.contains("limit to request")
            ? Category.QUOTA
            : why.contains("service account") || why.contains("PodSecurity")
                ? Category.AUTH_SECURITY
                : Category.CONFIG_ERROR;
    return new Finding(
        namespace,
        object,
        0,
        category,
        "no pod can be made: " + why,
        "change what the message names: kubectl -n "
            + namespace
            + " get events --field-selector"
            + " reason=FailedCreate",
        List.of());
  }
}
