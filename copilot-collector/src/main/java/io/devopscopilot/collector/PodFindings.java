package io.devopscopilot.collector;

import io.devopscopilot.api.Category;
import io.devopscopilot.collector.ClusterHealth.Finding;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1ContainerState;
import io.kubernetes.client.openapi.models.V1ContainerStateTerminated;
import io.kubernetes.client.openapi.models.V1ContainerStateWaiting;
import io.kubernetes.client.openapi.models.V1ContainerStatus;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1OwnerReference;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodCondition;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is broken in a pod, by its status, its events and the last lines of what ended. */
final class PodFindings {
  private static final Logger LOG = LoggerFactory.getLogger(PodFindings.class);

  /** A container that ended so recently and not well is broken, also while it runs again. */
  private static final Duration RECENT = Duration.ofMinutes(15);

  private static final int MANY_PROBES = 3;

  private final ClusterClient client;
  private final List<CoreV1Event> events;
  private final Instant now;

  PodFindings(ClusterClient client, List<CoreV1Event> events, Instant now) {
    this.client = client;
    this.events = events;
    this.now = now;
  }

  private record Subject(
      V1Pod pod, V1PodSpec spec, V1PodStatus status, String namespace, String name, String uid) {
    String object() {
      V1ObjectMeta meta = pod.getMetadata();
      List<V1OwnerReference> owners = meta == null ? null : meta.getOwnerReferences();
      if (owners == null || owners.isEmpty()) {
        return "Pod/" + name;
      }
      String kind = owners.get(0).getKind();
      String service = Workloads.ofSet(owners.get(0).getName(), kind);
      return (kind.equals("ReplicaSet") ? "Deployment" : kind) + "/" + service;
    }

    Finding finding(String category, String cause, String mend, List<String> log) {
      return new Finding(namespace, object(), 1, category, oneLine(cause), mend, log);
    }

    Finding finding(String category, String cause, String mend) {
      return finding(category, cause, mend, List.of());
    }

    String kubectl(String verb) {
      return "kubectl -n " + namespace + " " + verb + " " + name;
    }
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s+", " ");
    return line.length() > 600 ? line.substring(0, 600) + " ..." : line;
  }

  /** What is broken in this pod; a pod that is well, or being deleted, gives nothing. */
  List<Finding> of(V1Pod pod) {
    V1ObjectMeta meta = pod.getMetadata();
    if (meta == null
        || pod.getStatus() == null
        || pod.getSpec() == null
        || meta.getDeletionTimestamp() != null) {
      return List.of();
    }
    Subject s =
        new Subject(
            pod,
            pod.getSpec(),
            pod.getStatus(),
            String.valueOf(meta.getNamespace()),
            String.valueOf(meta.getName()),
            String.valueOf(meta.getUid()));
    String phase = String.valueOf(s.status.getPhase());
    if (phase.equals("Succeeded")) {
      return List.of();
    }
    if ("Evicted".equals(s.status.getReason())) {
      return List.of(
          s.finding(
              Category.NODE,
              "evicted: " + s.status.getMessage(),
              "free what the node lacks, or give the pod a request: " + s.kubectl("describe pod")));
    }
    Optional<Finding> unscheduled = unscheduled(s);
    if (unscheduled.isPresent()) {
      return List.of(unscheduled.get());
    }
    List<Finding> out = new ArrayList<>();
    List<V1ContainerStatus> containers = new ArrayList<>();
    addAll(containers, s.status.getInitContainerStatuses());
    addAll(containers, s.status.getContainerStatuses());
    for (V1ContainerStatus container : containers) {
      container(s, container).ifPresent(out::add);
    }
    if (out.isEmpty() && phase.equals("Pending")) {
      newest(s, e -> isAny(e.getReason(), "FailedMount", "FailedAttachVolume"))
          .ifPresent(e -> out.add(mount(s, text(e.getMessage()))));
      if (out.isEmpty()) {
        newest(s, e -> isAny(e.getReason(), "FailedCreatePodSandBox"))
            .ifPresent(
                e ->
                    out.add(
                        s.finding(
                            Category.NETWORK_DNS,
                            "the node can't set up the pod: " + text(e.getMessage()),
                            "look at the network plug-in and the runtime of the node: "
                                + s.kubectl("describe pod"))));
      }
    }
    return out;
  }

  private static void addAll(List<V1ContainerStatus> all, @Nullable List<V1ContainerStatus> some) {
    if (some != null) {
      all.addAll(some);
    }
  }

  private Finding mount(Subject s, String message) {
    boolean missing = message.contains("configmap") || message.contains("secret");
    return s.finding(
        missing ? Category.CONFIG_ERROR : Category.STORAGE,
        "a volume can't be mounted: " + message,
        missing
            ? "create what the message names, or mend the name in the pod's volumes"
            : "look at the claim: kubectl -n " + s.namespace + " get pvc,events");
  }

  private Optional<Finding> unscheduled(Subject s) {
    List<V1PodCondition> conditions = s.status.getConditions();
    if (conditions == null) {
      return Optional.empty();
    }
    for (V1PodCondition c : conditions) {
      if (c.getType().equals("PodScheduled")
          && c.getStatus().equals("False")
          && "Unschedulable".equals(c.getReason())) {
        String message = text(c.getMessage());
        List<String> wanted = wantedLabels(s.spec);
        boolean labels = message.contains("node affinity/selector") && !wanted.isEmpty();
        boolean volume =
            message.contains("PersistentVolumeClaim") || message.contains("persistentvolumeclaim");
        return Optional.of(
            s.finding(
                volume ? Category.STORAGE : Category.SCHEDULING,
                labels
                    ? "no node has the label " + String.join(" and ", wanted) + ": " + message
                    : "no node fits: " + message,
                labels
                    ? "kubectl label node NODE " + wanted.get(0) + ", or mend the node selector"
                    : volume
                        ? "look at the claim: kubectl -n " + s.namespace + " get pvc"
                        : "free or add what is short: kubectl describe nodes"));
      }
    }
    return Optional.empty();
  }

  /** The labels that the pod asks of a node. */
  private static List<String> wantedLabels(V1PodSpec spec) {
    List<String> out = new ArrayList<>();
    if (spec.getNodeSelector() != null) {
      spec.getNodeSelector().forEach((k, v) -> out.add(k + "=" + v));
    }
    var affinity = spec.getAffinity() == null ? null : spec.getAffinity().getNodeAffinity();
    var required =
        affinity == null ? null : affinity.getRequiredDuringSchedulingIgnoredDuringExecution();
    if (required != null) {
      required.getNodeSelectorTerms().stream()
          .filter(t -> t.getMatchExpressions() != null)
          .flatMap(t -> t.getMatchExpressions().stream())
          .forEach(
              e ->
                  out.add(
                      e.getKey()
                          + " "
                          + e.getOperator()
                          + " "
                          + (e.getValues() == null ? "" : e.getValues())));
    }
    return out;
  }

  private Optional<Finding> container(Subject s, V1ContainerStatus c) {
    V1ContainerState state = c.getState();
    V1ContainerStateWaiting waiting = state == null ? null : state.getWaiting();
    String reason = waiting == null ? "" : text(waiting.getReason());
    String message = waiting == null ? "" : text(waiting.getMessage());
    if (isAny(
        reason, "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")) {
      String why =
          newest(s, e -> text(e.getMessage()).startsWith("Failed to pull image"))
              .map(e -> text(e.getMessage()).replaceFirst("^Failed to pull image \"[^\"]*\": ", ""))
              .orElse(message);
      return Optional.of(
          s.finding(
              Category.IMAGE_PULL,
              "image " + c.getImage() + " of container " + c.getName() + " can't be pulled: " + why,
              "mend the image's name, its registry or the pull secret: "
                  + s.kubectl("describe pod")));
    }
    if (isAny(reason, "CreateContainerConfigError", "CreateContainerError", "RunContainerError")) {
      return Optional.of(
          s.finding(
              Category.CONFIG_ERROR,
              "container " + c.getName() + " can't be made: " + message,
              "create what the message names, or mend the pod's reference to it"));
    }
    Optional<V1ContainerStateTerminated> ended = ended(s, c, reason);
    if (ended.isPresent()) {
      return Optional.of(ended(s, c, ended.get(), state != null && state.getTerminated() != null));
    }
    if (state != null && state.getRunning() != null && !Boolean.TRUE.equals(c.getReady())) {
      return newest(
              s,
              e ->
                  "Unhealthy".equals(e.getReason())
                      && ClusterEvent.count(e) >= MANY_PROBES
                      && fieldOf(e).contains("{" + c.getName() + "}"))
          .map(
              e ->
                  s.finding(
                      Category.PROBE_FAILURE,
                      "container "
                          + c.getName()
                          + " runs but is not ready: "
                          + text(e.getMessage()),
                      "mend what the probe asks for, or the probe: " + s.kubectl("describe pod")));
    }
    return Optional.empty();
  }

  /** How the container ended, where that is trouble: it fails, or ends again and again. */
  private Optional<V1ContainerStateTerminated> ended(
      Subject s, V1ContainerStatus c, String waitingFor) {
    V1ContainerStateTerminated current = c.getState() == null ? null : c.getState().getTerminated();
    V1ContainerStateTerminated last =
        c.getLastState() == null ? null : c.getLastState().getTerminated();
    if (current != null && current.getExitCode() != 0) {
      return Optional.of(current);
    }
    if (last == null) {
      return Optional.empty();
    }
    boolean looping = waitingFor.equals("CrashLoopBackOff");
    OffsetDateTime at = last.getFinishedAt();
    boolean recent = at != null && Duration.between(at.toInstant(), now).compareTo(RECENT) < 0;
    boolean failed = last.getExitCode() != 0;
    boolean again = c.getRestartCount() != null && c.getRestartCount() > 1;
    return looping || recent && (failed || again) ? Optional.of(last) : Optional.empty();
  }

  private Finding ended(
      Subject s, V1ContainerStatus c, V1ContainerStateTerminated how, boolean current) {
    String name = c.getName();
    int restarts = c.getRestartCount() == null ? 0 : c.getRestartCount();
    String times = restarts > 0 ? ", restarted " + restarts + " times" : "";
    if ("OOMKilled".equals(how.getReason())) {
      String limit = memoryLimit(s.spec, name);
      return s.finding(
          Category.OOM,
          "container "
              + name
              + " was killed for memory (OOMKilled, exit code "
              + how.getExitCode()
              + ")"
              + (limit.isEmpty() ? ", no limit is set" : ", its limit is " + limit)
              + times,
          "raise the memory limit, or find what grows: " + s.kubectl("top pod"),
          log(s, name, !current));
    }
    Optional<CoreV1Event> killed =
        newest(
            s,
            e ->
                "Killing".equals(e.getReason())
                    && text(e.getMessage()).contains("failed liveness probe")
                    && fieldOf(e).contains("{" + name + "}"));
    if (killed.isPresent()) {
      String probe =
          newest(
                  s,
                  e ->
                      "Unhealthy".equals(e.getReason())
                          && text(e.getMessage()).startsWith("Liveness"))
              .map(e -> text(e.getMessage()))
              .orElse(text(killed.get().getMessage()));
      return s.finding(
          Category.PROBE_FAILURE,
          "container " + name + " is killed by its liveness probe" + times + ": " + probe,
          "mend what the probe asks for, or give it more time: " + s.kubectl("describe pod"),
          log(s, name, !current));
    }
    List<String> lines = log(s, name, !current);
    String how0 =
        how.getExitCode() == 0
            ? "ends by itself (exit code 0)"
            : "ends with exit code "
                + how.getExitCode()
                + (how.getMessage() == null ? "" : " (" + how.getMessage() + ")");
    boolean command =
        how.getExitCode() == 127
            || how.getExitCode() == 126
            || "StartError".equals(how.getReason());
    return s.finding(
        command ? Category.CONFIG_ERROR : restarts > 0 ? Category.CRASH_LOOP : Category.APP_ERROR,
        "container " + name + " " + how0 + times,
        "mend what its last lines say: "
            + s.kubectl("logs")
            + " -c "
            + name
            + (current ? "" : " --previous"),
        lines);
  }

  private static String memoryLimit(V1PodSpec spec, String container) {
    return spec.getContainers().stream()
        .filter(c -> c.getName().equals(container))
        .map(V1Container::getResources)
        .filter(r -> r != null && r.getLimits() != null && r.getLimits().containsKey("memory"))
        .map(r -> r.getLimits().get("memory").toSuffixedString())
        .findFirst()
        .orElse("");
  }

  private List<String> log(Subject s, String container, boolean previous) {
    try {
      String text = client.tail(s.namespace, s.name, container, previous, ClusterHealth.LOG_LINES);
      return Arrays.stream(text.split("\n")).filter(l -> !l.isBlank()).toList();
    } catch (ApiException e) {
      // Without its lines the status still says what is broken.
      LOG.info("no log of {}/{}: status {}", s.namespace, s.name, e.getCode());
      return List.of();
    }
  }

  private Optional<CoreV1Event> newest(Subject s, Predicate<CoreV1Event> which) {
    return events.stream()
        .filter(e -> s.uid.equals(e.getInvolvedObject().getUid()))
        .filter(which)
        .max(Comparator.comparing(ClusterEvent::time));
  }

  private static String fieldOf(CoreV1Event event) {
    return text(event.getInvolvedObject().getFieldPath());
  }

  private static boolean isAny(@Nullable String reason, String... these) {
    return Arrays.asList(these).contains(reason);
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
