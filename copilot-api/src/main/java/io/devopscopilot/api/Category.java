package io.devopscopilot.api;

import java.util.List;

/**
 * The ids of the issue categories that the default models know. Categories are plain strings, so
 * that a model trained on a team's own labels may bring its own.
 */
public final class Category {
  /** Container or process killed for memory. */
  public static final String OOM = "oom";

  /** Container exits and is restarted again and again, no better cause known. */
  public static final String CRASH_LOOP = "crash_loop";

  /** Image name, tag, registry or pull secret. */
  public static final String IMAGE_PULL = "image_pull";

  /** Name resolution, unreachable or wrong service, network policy, lost or slow packets. */
  public static final String NETWORK_DNS = "network_dns";

  /** Volumes, claims, storage class, ephemeral storage, disk. */
  public static final String STORAGE = "storage";

  /** No node fits: selector, affinity, taint, resources, cordon. */
  public static final String SCHEDULING = "scheduling";

  /** Liveness, readiness or startup probe. */
  public static final String PROBE_FAILURE = "probe_failure";

  /** Permissions, service account, certificates, logins. */
  public static final String AUTH_SECURITY = "auth_security";

  /** Missing or wrong variable, command, ConfigMap, Secret, class. */
  public static final String CONFIG_ERROR = "config_error";

  /** ResourceQuota or LimitRange refuses the object. */
  public static final String QUOTA = "quota";

  /** Node, or a node or control-plane component. */
  public static final String NODE = "node";

  /** Slow or throttled, no failure. */
  public static final String PERFORMANCE = "performance";

  /** Error inside the application or its database. */
  public static final String APP_ERROR = "app_error";

  /** A warning that fits no other category. */
  public static final String OTHER = "other";

  /** Healthy. */
  public static final String NONE = "none";

  /** The answer of a classifier that knows nothing about its input; never a label to train on. */
  public static final String UNKNOWN = "unknown";

  private static final List<String> ALL =
      List.of(
          OOM,
          CRASH_LOOP,
          IMAGE_PULL,
          NETWORK_DNS,
          STORAGE,
          SCHEDULING,
          PROBE_FAILURE,
          AUTH_SECURITY,
          CONFIG_ERROR,
          QUOTA,
          NODE,
          PERFORMANCE,
          APP_ERROR,
          OTHER,
          NONE);

  private Category() {}

  /** All ids that the default models are trained on, without {@link #UNKNOWN}. */
  public static List<String> all() {
    return ALL;
  }
}
