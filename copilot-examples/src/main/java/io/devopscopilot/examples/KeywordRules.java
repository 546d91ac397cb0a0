package io.devopscopilot.examples;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The simple rivals of the classifier: words that people grep for. */
final class KeywordRules {
  private static final Pattern FATAL = words("fatal|panic|emerg(ency)?");
  private static final Pattern ERROR =
      words(
          "errors?|err|exceptions?|fail(s|ed|ing|ure|ures)?|refused|denied|unable|cannot|can't"
              + "|critical|abort(ed)?|fatal|panic|killed|crash(ed)?");
  private static final Pattern WARN =
      words("warn(ing)?s?|deprecated|retry(ing)?|retries|timeouts?|timed out|slow|skip(ped|ping)?");
  private static final Pattern DEBUG = words("debug|trace|verbose");
  private static final Map<String, Pattern> CATEGORIES = new LinkedHashMap<>();

  static {
    category("oom", "oom\\w*|out ?of ?memory\\w*|memory limit");
    category(
        "image_pull", "\\w*image\\w*pull\\w*|pull\\w* .*image|manifest unknown|invalidimage\\w*");
    category("quota", "quota|limitrange|maximum (cpu|memory) usage");
    category("probe_failure", "(liveness|readiness|startup) probe|unhealthy|probe failed");
    category(
        "storage", "volumes?|persistentvolume\\w*|storageclass\\w*|disk|no space left|mount\\w*");
    category("scheduling", "failedscheduling|nodes are available|taints?|insufficient|preempt\\w*");
    category("crash_loop", "crashloop\\w*|back-?off restarting|backofflimit\\w*");
    category(
        "auth_security",
        "forbidden|unauthorized|denied|authentication|certificates?|x509|password|serviceaccount");
    category(
        "network_dns",
        "dns\\w*|no such host|connection (refused|reset)|unreachable|nameserver|lookup|i/o timeout");
    category("config_error", "configmap|secret|environment variable|not found in \\$path|invalid");
    category(
        "node", "kubelet|notready|nodenot\\w*|containerd|kernel|machine check|taintmanager\\w*");
    category("performance", "slow|timed? ?out|throttl\\w*|deadline exceeded|latency");
    category("app_error", "exception|traceback|panic|error|failed");
  }

  private KeywordRules() {}

  private static Pattern words(String words) {
    return Pattern.compile("(?i)\\b(" + words + ")\\b");
  }

  private static void category(String name, String words) {
    CATEGORIES.put(name, words(words));
  }

  /** DEBUG, INFO, WARN, ERROR or FATAL; without the outer two for three classes. */
  static String severity(String text, int classes) {
    if (classes == 5 && FATAL.matcher(text).find()) {
      return "FATAL";
    }
    if (ERROR.matcher(text).find()) {
      return "ERROR";
    }
    if (WARN.matcher(text).find()) {
      return "WARN";
    }
    return classes == 5 && DEBUG.matcher(text).find() ? "DEBUG" : "INFO";
  }

  /** The category of an event or a line. */
  static String category(String text) {
    List<String> found = new ArrayList<>();
    CATEGORIES.forEach(
        (name, pattern) -> {
          if (pattern.matcher(text).find()) {
            found.add(name);
          }
        });
    return found.isEmpty() || text.startsWith("Normal") && !text.contains("ack-off")
        ? "none"
        : found.get(0);
  }
}
