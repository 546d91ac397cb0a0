package io.devopscopilot.api;

import java.util.Map;
import java.util.Objects;

/**
 * Where a record comes from. Immutable; one instance is shared by all records of a container or
 * file. Unknown texts are empty.
 *
 * @param namespace Kubernetes namespace
 * @param service what the line belongs to for people: the workload's name (Deployment, StatefulSet,
 *     Job ...), else the pod, else the file's name
 * @param pod pod name
 * @param podUid pod UID; tells a pod from an earlier one of the same name
 * @param container container name
 * @param node node name
 * @param owner owner as {@code Kind/name}, for example {@code Deployment/checkout}
 * @param restartCount restarts of the container before this instance, 0 or more
 * @param labels pod labels
 */
public record Origin(
    String namespace,
    String service,
    String pod,
    String podUid,
    String container,
    String node,
    String owner,
    int restartCount,
    Map<String, String> labels) {

  /** An origin about which nothing is known. */
  public static final Origin UNKNOWN = builder().build();

  /** Copies the labels. */
  public Origin {
    Objects.requireNonNull(namespace, "namespace");
    Objects.requireNonNull(service, "service");
    Objects.requireNonNull(pod, "pod");
    Objects.requireNonNull(podUid, "podUid");
    Objects.requireNonNull(container, "container");
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(owner, "owner");
    if (restartCount < 0) {
      throw new IllegalArgumentException("restartCount is " + restartCount + ", must be 0 or more");
    }
    labels = Map.copyOf(labels);
  }

  /** An origin of which only the service is known. */
  public static Origin ofService(String service) {
    return builder().service(service).build();
  }

  /**
   * The workload that a pod's name points to: {@code cart-7c9f6d5b8-x2x4z} and {@code cart-0}
   * belong to {@code cart}. A guess, for places where the owner is not known.
   */
  public static String workloadOfPod(String pod) {
    String name = cut(pod, 5, 5);
    if (!name.equals(pod)) {
      return cut(name, 7, 10);
    }
    int dash = pod.lastIndexOf('-');
    boolean ordinal =
        dash > 0 && dash < pod.length() - 1 && pod.substring(dash + 1).matches("[0-9]{1,4}");
    return ordinal ? pod.substring(0, dash) : pod;
  }

  /** The workload that an owner points to: a ReplicaSet {@code cart-7c9f6d5b8} to {@code cart}. */
  public static String workloadOfOwner(String kind, String name) {
    return kind.equals("ReplicaSet") ? cut(name, 7, 10) : name;
  }

  /** Without a last part of random letters and digits, which Kubernetes makes without vowels. */
  private static String cut(String name, int least, int most) {
    int dash = name.lastIndexOf('-');
    int length = name.length() - dash - 1;
    if (dash <= 0 || length < least || length > most) {
      return name;
    }
    for (int i = dash + 1; i < name.length(); i++) {
      if ("bcdfghjklmnpqrstvwxz0123456789".indexOf(name.charAt(i)) < 0) {
        return name;
      }
    }
    return name.substring(0, dash);
  }

  /** A builder with all texts empty. */
  public static Builder builder() {
    return new Builder();
  }

  /** Builds an {@link Origin}; not thread-safe. */
  public static final class Builder {
    private String namespace = "";
    private String service = "";
    private String pod = "";
    private String podUid = "";
    private String container = "";
    private String node = "";
    private String owner = "";
    private int restartCount;
    private Map<String, String> labels = Map.of();

    private Builder() {}

    /** Kubernetes namespace. */
    public Builder namespace(String namespace) {
      this.namespace = namespace;
      return this;
    }

    /** The workload's name. */
    public Builder service(String service) {
      this.service = service;
      return this;
    }

    /** Pod name. */
    public Builder pod(String pod) {
      this.pod = pod;
      return this;
    }

    /** Pod UID. */
    public Builder podUid(String podUid) {
      this.podUid = podUid;
      return this;
    }

    /** Container name. */
    public Builder container(String container) {
      this.container = container;
      return this;
    }

    /** Node name. */
    public Builder node(String node) {
      this.node = node;
      return this;
    }

    /** Owner as {@code Kind/name}. */
    public Builder owner(String owner) {
      this.owner = owner;
      return this;
    }

    /** Restarts of the container before this instance, 0 or more. */
    public Builder restartCount(int restartCount) {
      this.restartCount = restartCount;
      return this;
    }

    /** Pod labels. */
    public Builder labels(Map<String, String> labels) {
      this.labels = labels;
      return this;
    }

    /** The origin; the builder may be used again. */
    public Origin build() {
      return new Origin(
          namespace, service, pod, podUid, container, node, owner, restartCount, labels);
    }
  }
}
