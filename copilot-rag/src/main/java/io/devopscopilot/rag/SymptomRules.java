package io.devopscopilot.rag;

import static io.devopscopilot.api.Category.APP_ERROR;
import static io.devopscopilot.api.Category.AUTH_SECURITY;
import static io.devopscopilot.api.Category.CONFIG_ERROR;
import static io.devopscopilot.api.Category.CRASH_LOOP;
import static io.devopscopilot.api.Category.IMAGE_PULL;
import static io.devopscopilot.api.Category.NETWORK_DNS;
import static io.devopscopilot.api.Category.NODE;
import static io.devopscopilot.api.Category.OOM;
import static io.devopscopilot.api.Category.PERFORMANCE;
import static io.devopscopilot.api.Category.PROBE_FAILURE;
import static io.devopscopilot.api.Category.QUOTA;
import static io.devopscopilot.api.Category.SCHEDULING;
import static io.devopscopilot.api.Category.STORAGE;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What messages of Kubernetes, of runtimes and of common libraries mean, in the order in which they
 * are tried. Every repetition in a pattern is bounded and lines are cut, so that the faster engine
 * of the JDK is safe here. Messages are those of the Kubernetes sources and of the libraries' own
 * documents.
 */
final class SymptomRules {
  /**
   * A rule.
   *
   * @param pattern what the line holds
   * @param meaning what that means; $1 to $3 are groups of the pattern, {s} the object asked about
   */
  private record Rule(String category, double weight, Pattern pattern, String meaning) {}

  /** A line understood. */
  record Match(String category, double weight, String meaning) {}

  private static final List<Rule> RULES = new ArrayList<>();

  private SymptomRules() {}

  private static void rule(String category, double weight, String pattern, String meaning) {
    RULES.add(new Rule(category, weight, Pattern.compile("(?i)" + pattern), meaning));
  }

  static {
    rule(
        SCHEDULING,
        8,
        "didn't match (?:Pod's )?node affinity/selector|didn't match node selector"
            + "|match node selector",
        "{s} is pending and can't be scheduled: a node selector mismatch, no node has the label"
            + " that the pod requires");
    rule(
        STORAGE,
        6,
        "unbound immediate PersistentVolumeClaims",
        "{s} is stuck in the Pending state because its PersistentVolumeClaim (PVC) is unbound");
    rule(
        STORAGE,
        9,
        "storageclass[.a-z0-9]* \"([^\"]+)\" not found",
        "The PersistentVolumeClaim (PVC) is misconfigured and cannot bind because the StorageClass"
            + " `$1` does not exist");
    rule(
        STORAGE,
        8,
        "volume node affinity conflict",
        "{s} can't be scheduled since its volume belongs to another node or zone");
    rule(
        STORAGE,
        7,
        "persistentvolumeclaim \"([^\"]+)\" not found",
        "The PersistentVolumeClaim (PVC) `$1` that the pod mounts does not exist");
    rule(
        SCHEDULING,
        8,
        "untolerated taint \\{?([^},]*)",
        "{s} is pending and can't be scheduled: nodes have a taint (`$1`) that the pod does not"
            + " tolerate, a toleration is missing");
    rule(
        SCHEDULING,
        8,
        "had taint \\{?([^},]*)",
        "{s} can't be scheduled: nodes have a taint (`$1`) that the pod does not tolerate");
    rule(
        SCHEDULING,
        8,
        "Insufficient ([a-z0-9./-]+)",
        "{s} is pending and can't be scheduled: not enough free resources, insufficient `$1` on the"
            + " nodes for what it requests");
    rule(
        SCHEDULING,
        8,
        "anti-affinity",
        "{s} is pending and can't be scheduled: pod anti-affinity rules leave no node");
    rule(
        SCHEDULING,
        7,
        "were unschedulable|node is cordoned",
        "{s} can't be scheduled: nodes are cordoned");
    rule(SCHEDULING, 7, "didn't have free ports", "{s} can't be scheduled: its host port is taken");
    rule(SCHEDULING, 7, "\\bToo many pods\\b", "{s} can't be scheduled: nodes are full of pods");
    rule(
        OOM,
        9,
        "reason:\\s+OOMKilled|\\bOOMKilled\\b|OOMKilling",
        "{s} was killed because it ran out of memory (OOMKilled)");
    rule(
        OOM,
        9,
        "out of memory: Kill(?:ed)? process \\d+ \\(([^)]+)\\)",
        "The kernel killed process `$1` because it was out of memory");
    rule(
        OOM,
        8,
        "java\\.lang\\.OutOfMemoryError|OutOfMemoryError|JavaScript heap out of memory"
            + "|MemoryError\\b|cannot allocate memory|fatal error: out of memory",
        "The application ran out of memory");
    rule(
        IMAGE_PULL,
        9,
        "failed to pull image \"([^\"]+)\"",
        "The Docker image `$1` cannot be pulled: failure to pull the image from its registry");
    rule(
        IMAGE_PULL,
        6,
        "back-off pulling image \"([^\"]+)\"",
        "The image `$1` cannot be pulled; the kubelet waits before it tries again");
    rule(
        IMAGE_PULL,
        5,
        "\\b(ImagePullBackOff|ErrImagePull|InvalidImageName|ErrImageNeverPull)\\b",
        "The image cannot be pulled (`$1`)");
    rule(
        IMAGE_PULL,
        7,
        "pull access denied|manifest unknown|manifest for \\S+ not found" + "|toomanyrequests",
        "The registry refuses the image");
    rule(
        CONFIG_ERROR,
        9,
        "couldn't find key (\\S+) in (ConfigMap|Secret) (\\S+)",
        "The key `$1` is missing in the $2 `$3`");
    rule(
        CONFIG_ERROR,
        9,
        "\\b(configmap|secret)s? \"([^\"]+)\" not found",
        "The $1 `$2` does not exist: it is not found");
    rule(
        CONFIG_ERROR,
        9,
        "(?:environment )?variable[s:]* ['\"`$]{0,2}([A-Za-z][A-Za-z0-9_]+)['\"`]? (?:is |was |must"
            + " be |has )?(?:undefined|not set|not defined|missing|required|unset|empty|not"
            + " provided|not been set|set)",
        "The environment variable `$1` is missing or undefined");
    rule(
        CONFIG_ERROR,
        9,
        "(?:missing|undefined|unset|required|no)(?: required)?(?: environment| env)? (?:variable|var)s?:?"
            + " ['\"`$]{0,2}([A-Z][A-Z0-9_]+)",
        "The environment variable `$1` is missing or undefined");
    rule(
        CONFIG_ERROR,
        8,
        "([A-Z][A-Z0-9_]{2,}): (?:parameter null or not set|unbound variable)",
        "The environment variable `$1` is missing or undefined");
    rule(
        CONFIG_ERROR,
        8,
        "KeyError: '([A-Z][A-Z0-9_]+)'",
        "The environment variable `$1` is missing");
    rule(
        CONFIG_ERROR,
        8,
        "exec format error",
        "The program can't be started: its image is built for another CPU architecture");
    rule(CONFIG_ERROR, 8, "syntax error", "The command or script has a syntax error");
    rule(
        CONFIG_ERROR,
        7,
        "exec: \"?([^\":]+)\"?: (?:executable file not found|no such file|permission denied|stat)",
        "The command `$1` of the container can't be started");
    rule(
        CONFIG_ERROR,
        7,
        "\\b(CreateContainerConfigError|CreateContainerError|RunContainerError)\\b",
        "The container can't be created from its configuration (`$1`)");
    rule(
        CONFIG_ERROR,
        6,
        "ClassNotFoundException|NoClassDefFoundError|ModuleNotFoundError"
            + "|ImportError|cannot find module|no module named",
        "A class or module that the program needs is missing");
    rule(
        CONFIG_ERROR,
        6,
        "unknown (?:flag|option|argument)|unrecognized (?:option|arguments?)|invalid (?:config|argument"
            + "|option|value)|(?:failed|unable|could not|cannot|error)[^.]{0,20}(?:parse|parsing|load|loading|read|reading)"
            + "[^.]{0,20}config|misconfigur|bad configuration|missing required",
        "The configuration is invalid");
    rule(
        AUTH_SECURITY,
        9,
        "(?:certificate|cert)\\b[^.]{0,60}(?:has )?expired|expired[^.]{0,30}(?:SSL |TLS )?cert",
        "The SSL/TLS certificate has expired");
    rule(
        AUTH_SECURITY,
        8,
        "x509:|CERTIFICATE_VERIFY_FAILED|certificate verify failed"
            + "|unable to get local issuer|self.signed certificate|PKIX path|bad certificate"
            + "|unknown authority",
        "A certificate is not accepted");
    rule(
        AUTH_SECURITY,
        9,
        "forbidden: User \"([^\"]+)\" cannot ([a-z]+) resource \"([^\"]+)\"",
        "Permission denied: `$1` is not allowed to $2 `$3`, a role is missing (RBAC)");
    rule(
        QUOTA,
        9,
        "exceeded quota: ([^,]+)",
        "The resource quota `$1` is exceeded, so the pod can't be created");
    rule(
        QUOTA,
        8,
        "(maximum|minimum) (cpu|memory|storage)[^.]{0,30}usage per|must specify (?:limits"
            + "|requests)|failed quota",
        "A ResourceQuota or LimitRange refuses the object");
    rule(
        NETWORK_DNS,
        9,
        "could not resolve host:? ['\"]?([A-Za-z0-9._-]+)",
        "The host `$1` could not be resolved to an IP address (DNS)");
    rule(
        NETWORK_DNS,
        9,
        "lookup ([A-Za-z0-9._-]+)[^:]{0,60}: no such host",
        "The host `$1` could not be resolved to an IP address (DNS)");
    rule(
        NETWORK_DNS,
        9,
        "UnknownHostException:? ([A-Za-z0-9._-]+)",
        "The host `$1` could not be resolved to an IP address (DNS)");
    rule(
        NETWORK_DNS,
        8,
        "getaddrinfo (?:ENOTFOUND|EAI_AGAIN) ([A-Za-z0-9._-]+)",
        "The host `$1` could not be resolved to an IP address (DNS)");
    rule(
        NETWORK_DNS,
        8,
        "server can't find ([A-Za-z0-9._-]+)",
        "The host `$1` could not be resolved to an IP address (DNS)");
    rule(
        NETWORK_DNS,
        8,
        "no such host|name or service not known|name resolution"
            + "|NXDOMAIN|name does not resolve|bad address|unknown host|could not resolve"
            + "|could not translate host name|failed to resolve",
        "A host name could not be resolved (DNS)");
    rule(
        AUTH_SECURITY,
        8,
        "authentication failed|access denied|invalid credentials|login failed"
            + "|failed password|unauthorized\\b|\\bUnauthenticated\\b|permission denied"
            + "|not authorized|invalid (?:api[ -]?key|token|password)|AccessDenied|NOAUTH|WRONGPASS",
        "Access is denied: login or permission failed");
    rule(
        PERFORMANCE,
        8,
        "connection pool|QueuePool limit|HikariPool[^.]{0,80}(?:not available|timed"
            + " out)|too many clients|too many connections|pool (?:is )?exhausted|remaining connection"
            + " slots|timed out waiting for (?:a |an )?(?:idle )?connection"
            + "|no (?:free |idle )?connections? (?:is |are )?available|resource from the pool"
            + "|waiting for (?:a )?connection from (?:the )?pool",
        "The connection pool is exhausted: no free connection is left");
    rule(
        NETWORK_DNS,
        8,
        "All host\\(s\\) tried[^(]{0,60}\\(tried: ([^)\\s]+)",
        "The program repeatedly fails to connect to the database at `$1`");
    rule(
        NETWORK_DNS,
        8,
        "(?:connection refused|ECONNREFUSED|connect timed out|connection timed out|i/o timeout"
            + "|ETIMEDOUT|no route to host|network is unreachable|EHOSTUNREACH)[^A-Za-z0-9]{0,4}"
            + "(?:\\(?(?:to|by|at|from)? ?)?([A-Za-z0-9][A-Za-z0-9.-]*:[0-9]{2,5})",
        "The program fails to connect to `$1`: the connection is refused or times out");
    rule(
        NETWORK_DNS,
        8,
        "(?:connect(?:ing|ion)?|dial(?: tcp)?|reach)\\s+(?:to\\s+|tcp\\s+)?[\\w /:]{0,40}?"
            + "([A-Za-z0-9][A-Za-z0-9.-]*:[0-9]{2,5})[^\\n]{0,80}(?:refused|timed? ?out|failed"
            + "|unreachable|no route)",
        "The program fails to connect to `$1`: the connection is refused or times out");
    rule(
        NETWORK_DNS,
        7,
        "connection refused|ECONNREFUSED|no route to host|network is unreachable"
            + "|connection reset|ECONNRESET|i/o timeout|ETIMEDOUT|connection timed out"
            + "|connect timed out|broken pipe|host is unreachable|upstream connect error"
            + "|no healthy upstream|connection to \\S+ failed|502 Bad Gateway|503 Service",
        "A connection fails: it is refused, reset or times out");
    rule(
        NETWORK_DNS,
        7,
        "(?:failed|unable|cannot|could not|can't|couldn't)[^.]{0,24}(?:connect|reach)",
        "The program fails to connect to something it needs");
    rule(
        PROBE_FAILURE,
        8,
        "(readiness) probe (?:failed|errored)",
        "{s} is running but not ready: its $1 probe fails, so it gets no traffic");
    rule(
        PROBE_FAILURE,
        8,
        "(liveness|startup) probe (?:failed|errored)",
        "{s} is running but not healthy: its $1 probe fails");
    rule(
        PROBE_FAILURE,
        6,
        "failed (readiness|liveness|startup) probe, will be restarted",
        "The container is restarted since its $1 probe fails");
    rule(
        STORAGE,
        8,
        "no space left on device|disk (?:is )?full|disk quota exceeded|ENOSPC",
        "The disk is full: no space is left on the device");
    rule(
        STORAGE,
        8,
        "exceeds? (?:the )?(?:local |pod )?ephemeral.{0,10}storage|usage of EmptyDir"
            + "|emptyDir[^.]{0,40}exceeds",
        "{s} uses more ephemeral storage than its limit allows");
    rule(
        STORAGE,
        7,
        "FailedMount|FailedAttachVolume|MountVolume\\.|Unable to attach or mount"
            + "|Multi-Attach error|ProvisioningFailed|FailedBinding|read-only file system"
            + "|no persistent volumes available|input/output error",
        "A volume of {s} can't be provisioned, attached or mounted");
    rule(
        NODE,
        7,
        "node was low on resource: ([a-z-]+)",
        "{s} was evicted because the node was low on `$1`");
    rule(
        NODE,
        7,
        "\\b(MemoryPressure|DiskPressure|PIDPressure)\\s+True\\b",
        "The node reports `$1`");
    rule(
        NODE,
        7,
        "NodeNotReady|node is not ready|kubelet stopped posting node status"
            + "|NodeHasDiskPressure|NodeHasInsufficientMemory|EvictionThresholdMet"
            + "|container runtime (?:is )?(?:down|not ready)",
        "The node is not ready or under pressure");
    rule(NODE, 6, "\\bEvicted\\b|\\bPreempt(?:ed|ing)\\b", "{s} was evicted");
    rule(
        PERFORMANCE,
        7,
        "\\bthrottl(?:ed|ing)\\b",
        "CPU throttling: the container is held at its CPU limit");
    rule(
        PERFORMANCE,
        7,
        "slow query|deadlock|GC overhead|lock wait timeout|pause full|long running"
            + " query|rebalanc|consumer lag|queue (?:is )?full|max(?:imum)? size|backpressure"
            + "|circuit ?breaker",
        "The program is held up by a slow or overloaded part");
    rule(
        PERFORMANCE,
        6,
        "context deadline exceeded|deadline exceeded|request timed? ?out"
            + "|operation timed out|TimeoutException|TimeoutError|read timed out|timeout (?:of"
            + "|after|exceeded)|504 Gateway",
        "An operation takes too long and times out");
    rule(
        CONFIG_ERROR,
        5,
        "FailedGetResourceMetric|unable to get metrics|missing request for cpu",
        "The autoscaler gets no metrics for {s}");
    rule(
        APP_ERROR,
        5,
        "is (?:down|stopped|unavailable|in unavailable state|not running)\\b",
        "Something that the program needs is down");
    rule(
        CRASH_LOOP,
        4,
        "BackoffLimitExceeded|reached the specified backoff limit",
        "{s} has failed because it reached its backoff limit");
    rule(
        CRASH_LOOP,
        4,
        "DeadlineExceeded|was active longer than specified deadline",
        "{s} failed because it ran longer than its deadline");
    rule(
        CRASH_LOOP,
        3,
        "back-off restarting failed container|CrashLoopBackOff",
        "{s} is restarted again and again (CrashLoopBackOff)");
    rule(
        APP_ERROR,
        4,
        "traceback \\(most recent|panic: |segmentation fault|SIGSEGV|core dumped"
            + "|unhandled (?:exception|rejection)|stack overflow|NullPointerException"
            + "|duplicate key|relation \"[^\"]+\" does not exist|no such table|assertion failed",
        "The application fails with an error of its own");
  }

  /** The first rule that knows the line. */
  static Optional<Match> match(String line, String subject) {
    String bounded = line.length() > 4000 ? line.substring(0, 4000) : line;
    for (Rule rule : RULES) {
      Matcher m = rule.pattern().matcher(bounded);
      if (m.find()) {
        String meaning = rule.meaning().replace("{s}", subject);
        for (int i = 1; i <= m.groupCount() && i <= 3; i++) {
          String group = m.group(i) == null ? "" : m.group(i).strip();
          meaning = meaning.replace("$" + i, group);
        }
        return Optional.of(new Match(rule.category(), rule.weight(), meaning.replace(" (``)", "")));
      }
    }
    return Optional.empty();
  }
}
