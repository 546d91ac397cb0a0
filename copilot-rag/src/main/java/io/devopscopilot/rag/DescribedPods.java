package io.devopscopilot.rag;

import io.devopscopilot.api.Category;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What several lines of described pods and services tell together: whether all containers are
 * ready, the limit of one that was killed for memory, a port that nothing listens on. Not
 * thread-safe; one per answer.
 */
final class DescribedPods {
  private static final Pattern MEMORY = Pattern.compile("\\s+memory:\\s+(\\S{1,20})\\s*");

  /** Where a service sends traffic. */
  private record Target(EvidenceLine service, EvidenceLine port) {}

  private final List<EvidenceLine> ports = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();
  private final List<EvidenceLine> limits = new ArrayList<>();
  private boolean killed;
  private boolean limit;
  private boolean ready;
  private boolean notReady;

  /** Reads a field of a described object, with the fields at the left edge seen before. */
  void field(String name, String value, EvidenceLine line, Map<String, EvidenceLine> fields) {
    limit = name.equals("Limits");
    switch (name) {
      case "State" -> killed = false;
      case "Reason" -> killed |= value.equals("OOMKilled");
      case "Ready" -> {
        ready |= value.equals("True");
        notReady |= value.equals("False");
      }
      case "Restart Count" -> notReady |= !value.equals("0");
      case "Port", "Ports" -> {
        if (line.text().startsWith(" ") && value.matches("\\d.*")) {
          ports.add(line);
        }
      }
      case "TargetPort" -> targets.add(new Target(fields.getOrDefault("Name", line), line));
      default -> {}
    }
  }

  /** Whether the line is a limit of memory. */
  boolean limit(EvidenceLine line) {
    boolean memory = limit && MEMORY.matcher(line.text()).matches();
    if (memory && killed) {
      limits.add(line);
    }
    return memory;
  }

  /** Whether pods were described, and no container is unready or was ever restarted. */
  boolean allReady() {
    return ready && !notReady;
  }

  /** What the lines tell together. */
  List<Observation> observations() {
    List<Observation> out = new ArrayList<>();
    for (EvidenceLine l : limits.subList(0, Math.min(1, limits.size()))) {
      Matcher m = MEMORY.matcher(l.text());
      if (m.matches()) {
        String sentence = "The container was killed at its memory limit of `" + m.group(1) + "`";
        out.add(new Observation(Category.OOM, 8.5, sentence, List.of(l)));
      }
    }
    for (Target target : targets) {
      String wanted = number(target.port());
      if (wanted.matches("\\d+")
          && !ports.isEmpty()
          && ports.stream().noneMatch(p -> EvidenceReader.value(p).contains(wanted))) {
        EvidenceLine port = ports.get(0);
        String sentence =
            "The service `"
                + EvidenceReader.value(target.service())
                + "` sends traffic to the target port `"
                + wanted
                + "`, but the container listens on port `"
                + number(port)
                + "`";
        out.add(
            new Observation(
                Category.NETWORK_DNS,
                8.5,
                sentence,
                List.of(target.service(), target.port(), port)));
        break;
      }
    }
    return out;
  }

  private static String number(EvidenceLine line) {
    return EvidenceReader.value(line).replaceAll("[/,].*", "").strip();
  }
}
