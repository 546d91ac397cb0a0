package io.devopscopilot.collector;

/** Names of workloads from names of their pods. */
final class Workloads {
  private Workloads() {}

  /**
   * The workload that a pod's name points to: {@code cart-7c9f6d5b8-x2x4z} and {@code cart-0}
   * belong to {@code cart}. A guess, for places where the owner is not known.
   */
  static String ofPod(String pod) {
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
  static String ofSet(String name, String kind) {
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
}
