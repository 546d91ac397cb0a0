package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.V1Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks once at the pods and events of namespaces and names what is broken, with its cause: what
 * the API server says of it, and the last lines of a container that ended. Needs the verbs that
 * {@link KubernetesLogSource} needs. Thread-safe; keeps nothing between calls.
 *
 * <p>Only what is wrong now is named: pods that ended well, wait for a moment, or are being deleted
 * are not, nor are events that a later success has overtaken.
 */
public final class ClusterHealth {
  /** Lines of an ended container that are read at most. */
  public static final int LOG_LINES = 200;

  private final ClusterClient client;
  private final List<String> namespaces;

  ClusterHealth(ClusterClient client, List<String> namespaces) {
    this.client = client;
    this.namespaces = List.copyOf(namespaces);
  }

  /**
   * Something broken.
   *
   * @param namespace its namespace
   * @param object what is broken, as {@code Kind/name}: the workload, else the pod
   * @param pods how many pods show it, 0 where there is no pod
   * @param category one of {@link io.devopscopilot.api.Category}
   * @param cause why, with the names and figures that the cluster gives; one line
   * @param mend what to do, with real names; one line
   * @param log the last lines of the container that ended, oldest first; most often empty
   */
  public record Finding(
      String namespace,
      String object,
      int pods,
      String category,
      String cause,
      String mend,
      List<String> log) {
    /** Copies the lines. */
    public Finding {
      log = List.copyOf(log);
    }

    Finding and(Finding other) {
      return new Finding(namespace, object, pods + other.pods, category, cause, mend, log);
    }
  }

  /** The namespaces that are looked at. */
  public List<String> namespaces() {
    return namespaces;
  }

  /**
   * What is broken now, by namespace.
   *
   * @throws CopilotException if the cluster refuses or does not answer; names the missing verb
   */
  public List<Finding> findings() {
    List<Finding> out = new ArrayList<>();
    for (String namespace : namespaces) {
      try {
        List<V1Pod> pods = client.pods(namespace).getItems();
        List<CoreV1Event> events = client.events(namespace).getItems();
        Map<String, Finding> merged = new LinkedHashMap<>();
        PodFindings inPods = new PodFindings(client, events, Instant.now());
        for (V1Pod pod : pods) {
          for (Finding f : inPods.of(pod)) {
            merged.merge(f.object() + '\n' + f.category(), f, Finding::and);
          }
        }
        for (Finding f : EventFindings.of(namespace, events, Instant.now())) {
          merged.merge(f.object() + '\n' + f.category(), f, Finding::and);
        }
        out.addAll(merged.values());
      } catch (ApiException e) {
        throw refused(namespace, e);
      }
    }
    return out;
  }

  /**
   * Which verbs the credentials grant in a namespace, as the cluster itself says.
   *
   * @return for example {@code list pods} to true; in the order of importance
   * @throws CopilotException if the cluster refuses to say or does not answer
   */
  public Map<String, Boolean> permissions(String namespace) {
    Map<String, Boolean> out = new LinkedHashMap<>();
    try {
      for (String need :
          List.of(
              "list pods",
              "get pods",
              "get pods/log",
              "watch pods",
              "list events",
              "watch events",
              "list configmaps")) {
        String[] parts = need.split(" ");
        String[] resource = parts[1].split("/");
        out.put(
            need,
            client.may(namespace, parts[0], resource[0], resource.length > 1 ? resource[1] : ""));
      }
      return out;
    } catch (ApiException e) {
      throw refused(namespace, e);
    }
  }

  private CopilotException refused(String namespace, ApiException e) {
    if (e.getCode() == 401) {
      client.renew();
    }
    String what =
        switch (e.getCode()) {
          case 401 -> "the cluster does not accept the credentials (401): log in again";
          case 403 ->
              "the cluster forbids it (403): grant list on pods and events, and get on pods/log, in"
                  + " namespace "
                  + namespace;
          default ->
              "the cluster does not answer: "
                  + (e.getCode() == 0 ? String.valueOf(e.getCause()) : "status " + e.getCode());
        };
    return new CopilotException(what, e, e.getCode() != 401 && e.getCode() != 403);
  }
}
