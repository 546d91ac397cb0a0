package io.devopscopilot.rag;

import io.devopscopilot.api.EvidenceClassifier.Evidence;
import io.devopscopilot.api.Origin;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a question is about.
 *
 * @param phrase how sentences call it
 * @param name its name as sentences give it, empty if unknown
 * @param namespace empty if unknown
 * @param service empty if unknown
 * @param pod empty if unknown
 * @param node empty if unknown
 * @param found whether the evidence names it
 */
record Subject(
    String phrase,
    String name,
    String namespace,
    String service,
    String pod,
    String node,
    boolean found) {

  /** Kinds in a question that a described pod is not called by, and the other way round. */
  private static final Set<String> OTHER_KINDS = Set.of("node", "ingress", "pvc", "service");

  private static final Set<String> POD_KINDS = Set.of("pod", "container");

  static Subject of(QuestionReader.Read read, Origin about) {
    String name =
        about.pod().isEmpty() || read.kind().equals("service") ? about.service() : about.pod();
    if (!about.service().isEmpty() && read.names().contains(about.service())) {
      name = about.service();
    }
    return new Subject(
        phrase(read, name),
        name,
        about.namespace(),
        about.service(),
        about.pod(),
        about.node(),
        !name.isEmpty());
  }

  static Subject of(QuestionReader.Read read, List<Evidence> evidence) {
    String name = "";
    String pod = "";
    String namespace = read.namespace();
    String node = "";
    boolean fits = true;
    for (Evidence piece : evidence) {
      String described = field(piece.text(), "Name:");
      if (described.isEmpty()) {
        continue;
      }
      String space = field(piece.text(), "Namespace:");
      boolean isPod =
          piece.text().contains("\nStatus:")
              && piece.text().contains("\nContainers:")
              && piece.text().contains("\nNode:");
      boolean asked = asked(read, described);
      if (isPod && (pod.isEmpty() || asked)) {
        pod = described;
        String host = field(piece.text(), "Node:");
        node = host.startsWith("<") ? "" : host.split("/", 2)[0];
      }
      if (asked && name.isEmpty()) {
        name = described;
        fits = isPod ? !OTHER_KINDS.contains(read.kind()) : !POD_KINDS.contains(read.kind());
      }
      if (namespace.isEmpty() || asked) {
        namespace = space.isEmpty() ? namespace : space;
      }
    }
    String shown = name.isEmpty() ? pod : name;
    fits &= !name.isEmpty() || pod.isEmpty() || !OTHER_KINDS.contains(read.kind());
    for (String asked : read.names()) {
      if (shown.startsWith(asked)) {
        shown = asked;
      }
    }
    if (shown.isEmpty() && !read.names().isEmpty()) {
      String first = read.names().get(0);
      boolean there = evidence.stream().anyMatch(e -> e.text().contains(first));
      shown = there ? first : "";
    }
    String phrase = fits || shown.isEmpty() ? phrase(read, shown) : "`" + shown + "`";
    return new Subject(phrase, shown, namespace, name, pod, node, !name.isEmpty());
  }

  private static boolean asked(QuestionReader.Read read, String name) {
    return read.names().stream()
        .anyMatch(n -> name.equals(n) || name.startsWith(n + "-") || n.startsWith(name + "-"));
  }

  private static String phrase(QuestionReader.Read read, String name) {
    String kind = read.kind().isEmpty() || read.kind().equals("namespace") ? "" : read.kind();
    if (name.isEmpty()) {
      return kind.isEmpty() ? "the workload" : "the " + kind;
    }
    return kind.isEmpty() ? "`" + name + "`" : "the " + kind + " `" + name + "`";
  }

  private static String field(String text, String label) {
    for (String line : text.split("\n")) {
      if (line.startsWith(label)) {
        return line.substring(label.length()).strip();
      }
    }
    return "";
  }

  /** A command with what is known filled in; what is not known stays in angle brackets. */
  String fill(String command) {
    String out = command;
    String[][] known = {
      {"<namespace>", namespace},
      {"<pod>", pod},
      {"<service>", service.isEmpty() ? workload() : service},
      {"<deployment>", service.isEmpty() ? workload() : service},
      {"<node>", node}
    };
    for (String[] pair : known) {
      if (pair[1].matches("[A-Za-z0-9][A-Za-z0-9._-]{0,252}")) {
        out = out.replace(pair[0], pair[1]);
      }
    }
    return out;
  }

  private String workload() {
    return pod.toLowerCase(Locale.ROOT).replaceAll("-[a-z0-9]{6,10}-[a-z0-9]{5}$", "");
  }
}
