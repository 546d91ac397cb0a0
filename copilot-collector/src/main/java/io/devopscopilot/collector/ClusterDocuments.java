package io.devopscopilot.collector;

import io.devopscopilot.api.CopilotException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Texts that a team keeps in ConfigMaps with a chosen label, such as runbooks. Thread-safe; needs
 * the verb list on configmaps.
 */
public final class ClusterDocuments {
  private final ClusterClient client;
  private final List<String> namespaces;
  private final String selector;

  ClusterDocuments(ClusterClient client, List<String> namespaces, String selector) {
    this.client = client;
    this.namespaces = List.copyOf(namespaces);
    this.selector = selector;
  }

  /**
   * Every entry of the ConfigMaps, by {@code namespace/name/key}. Binary entries are left out.
   *
   * @throws CopilotException if the cluster refuses or does not answer; names the missing verb
   */
  public Map<String, String> read() {
    Map<String, String> out = new TreeMap<>();
    for (String namespace : namespaces) {
      try {
        for (V1ConfigMap map : client.configMaps(namespace, selector).getItems()) {
          if (map.getMetadata() != null && map.getData() != null) {
            String base = namespace + "/" + map.getMetadata().getName() + "/";
            map.getData().forEach((key, text) -> out.put(base + key, text));
          }
        }
      } catch (ApiException e) {
        if (e.getCode() == 401) {
          client.renew();
        }
        throw new CopilotException(
            e.getCode() == 403
                ? "the cluster forbids it (403): grant the verb list on configmaps in namespace "
                    + namespace
                : "ConfigMaps can't be read: "
                    + (e.getCode() == 0 ? e.getCause() : "status " + e.getCode()),
            e,
            e.getCode() != 403);
      }
    }
    return out;
  }
}
