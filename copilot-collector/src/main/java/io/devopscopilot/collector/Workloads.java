package io.devopscopilot.collector;

import io.devopscopilot.api.Origin;

/** Names of workloads from names of their pods. */
final class Workloads {
  private Workloads() {}

  /** {@link Origin#workloadOfPod}. */
  static String ofPod(String pod) {
    return Origin.workloadOfPod(pod);
  }

  /** {@link Origin#workloadOfOwner}. */
  static String ofSet(String name, String kind) {
    return Origin.workloadOfOwner(kind, name);
  }
}
