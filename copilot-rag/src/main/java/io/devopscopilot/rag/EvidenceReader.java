package io.devopscopilot.rag;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.LogStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads pieces of evidence, line by line, into observations: what {@code kubectl describe} prints,
 * events, log lines. Not thread-safe; one per answer.
 */
final class EvidenceReader {
  private static final Pattern FIELD = Pattern.compile("^(\\s*)([A-Z][A-Za-z -]{1,40}):\\s*(.*)$");
  private static final Pattern EVENT = Pattern.compile("(?:^|\\s)(Warning|Normal)\\s+[A-Z]\\w+\\s");
  private static final Pattern ERROR =
      Pattern.compile(
          "(?i)\\b(?:error|errors|exception|fatal|failed|failure|failing|critical|panic|severe"
              + "|unable to|cannot|could not|refused|denied|invalid|aborted|unavailable|crashed)\\b");
  private static final Pattern HARMLESS =
      Pattern.compile(
          "(?i)\\b(?:0|no|without|zero) (?:errors?|failures?|failed|issues)\\b|errors?[=: ]+0\\b"
              + "|failed[=: ]+0\\b|error_log|errors?=(?:nil|null|none)\\b|<none>"
              + "|\\[(?:info|notice|debug)\\]|previous terminated container");
  private static final Pattern CALM =
      Pattern.compile(
          "^.{0,60}?\\b(?:INFO|DEBUG|NOTICE|TRACE|Info|Debug)\\b"
              + "|(?i)\\b(?:level|severity|lvl)\"?\\s*[=:]\\s*\"?(?:info|debug|trace|notice)\\b");

  /** From this weight on an observation is a cause. */
  private static final double CAUSE_WEIGHT = 7;

  /** A calm line must hold a symptom that weighs at least so much. */
  private static final double CALM_WEIGHT = 8;

  private static final java.util.regex.Pattern UNSAFE =
      java.util.regex.Pattern.compile(
          "\\[[0-9]{1,3}\\]|[<>\u201C\u201D]|!?\\[[^\\]]{0,200}\\]\\([^)]{0,500}\\)?"
              + "|(?i:javascript|vbscript|data):\\S*|[\\p{Cntrl}\\p{Cf}\\p{Co}\\p{Cn}\\uFE00-\\uFE0F]");
  private static final Pattern HOST = Pattern.compile("`([A-Za-z0-9][A-Za-z0-9.-]+)[:`]");
  private static final Pattern URL = Pattern.compile("[a-z][a-z0-9+]{1,12}://[^\\s\"'<>]{3,300}");
  private static final Pattern DATE = Pattern.compile("\\b[0-9]{4}-[0-9]{2}-[0-9]{2}\\b");
  private static final Pattern MASK = Pattern.compile("[0-9]+|\\b[0-9a-f]{6,}\\b");

  private final Map<String, Observation> found = new LinkedHashMap<>();
  private final List<Map<String, EvidenceLine>> objects = new ArrayList<>();
  private final List<Observation> counts = new ArrayList<>();
  private final List<EvidenceLine> addresses = new ArrayList<>();
  private final List<EvidenceLine> stamped = new ArrayList<>();
  private final SlowSteps slow = new SlowSteps();
  private final DescribedPods pods = new DescribedPods();
  private final String subject;
  private int lines;

  /**
   * @param subject how the object asked about is called in sentences
   */
  EvidenceReader(String subject) {
    this.subject = subject;
  }

  int lines() {
    return lines;
  }

  /** Whether something was seen that is a cause, not only a symptom. */
  boolean knowsCause() {
    return found.values().stream().anyMatch(o -> o.weight() >= CAUSE_WEIGHT);
  }

  /** Objects described, each with its lines by field: Name, Namespace, Status and more. */
  List<Map<String, EvidenceLine>> objects() {
    return objects;
  }

  /** Reads an output that holds events, fields or both. */
  void cluster(List<EvidenceLine> piece) {
    Map<String, EvidenceLine> fields = new LinkedHashMap<>();
    String parent = "";
    boolean events = false;
    boolean last = false;
    for (EvidenceLine line : piece) {
      lines++;
      String text = line.text();
      keepAddress(line);
      if (text.startsWith("Events:")) {
        events = true;
      }
      Matcher field = FIELD.matcher(text);
      if (!events && field.matches()) {
        String name = field.group(2);
        String value = field.group(3).strip();
        boolean top = field.group(1).isEmpty();
        if (top && name.equals("Name")) {
          fields = new LinkedHashMap<>();
          objects.add(fields);
        }
        if (top || name.equals("Started") || name.equals("Finished")) {
          fields.putIfAbsent(name, line);
        }
        if (name.equals("State") || name.equals("Last State")) {
          last = name.equals("Last State");
          parent = name + " " + value;
        }
        pods.field(name, value, line, fields);
        field(name, value, line, parent, last, fields);
      } else if (events ? EVENT.matcher(text).find() : !pods.limit(line)) {
        event(line);
      }
      if (events && !text.isBlank() && !text.startsWith(" ") && !text.startsWith("Events:")) {
        events = EVENT.matcher(text).find();
      }
    }
  }

  private void field(
      String name,
      String value,
      EvidenceLine line,
      String parent,
      boolean last,
      Map<String, EvidenceLine> fields) {
    switch (name) {
      case "Reason", "Message" -> rule(line);
      case "Status" -> {
        if (value.startsWith("Pending") && fields.containsKey("StorageClass")) {
          EvidenceLine storage = fields.getOrDefault("StorageClass", line);
          EvidenceLine claim = fields.getOrDefault("Name", line);
          add(
              "pvc",
              new Observation(
                  Category.STORAGE,
                  7,
                  "The PersistentVolumeClaim (PVC) `"
                      + value(claim)
                      + "` is Pending: it "
                      + (value(storage).isEmpty()
                          ? "names no StorageClass"
                          : "asks for the StorageClass `" + value(storage) + "`"),
                  List.of(claim, line, storage)));
        } else if (value.matches("(?:Failed|Pending|Unknown|Terminating|Lost).*")) {
          EvidenceLine who = fields.getOrDefault("Name", line);
          add(
              "status " + value,
              new Observation(
                  Category.OTHER,
                  2,
                  "`" + value(who) + "` has status `" + value + "`",
                  List.of(who, line)));
        }
      }
      case "Used By" -> {
        EvidenceLine status = fields.getOrDefault("Status", line);
        if (value(status).startsWith("Terminating") && value.matches("[a-z0-9].*")) {
          EvidenceLine who = fields.getOrDefault("Name", line);
          add(
              "used",
              new Observation(
                  Category.STORAGE,
                  7,
                  "The claim `"
                      + value(who)
                      + "` is Terminating while the pod `"
                      + value
                      + "` still uses it: its protection finalizer keeps it until then",
                  List.of(who, status, line)));
        }
      }
      case "Exit Code" -> {
        if (value.equals("0") && parent.equals("Last State Terminated")) {
          add(
              "exit 0",
              new Observation(
                  Category.CRASH_LOOP,
                  3.5,
                  "The previous container ended with exit code 0: it finished its work and is started"
                      + " again, so it belongs in a Job or CronJob",
                  List.of(line)));
        } else if (!value.equals("0") && parent.contains("Terminated")) {
          add(
              "exit",
              new Observation(
                  Category.CRASH_LOOP,
                  value.equals("137") ? 3 : 2.5,
                  (last ? "The previous container ended" : "The container ended")
                      + " with exit code "
                      + value,
                  List.of(line)));
        }
      }
      case "Pods Statuses" -> {
        Matcher failed = Pattern.compile("([1-9][0-9]*) Failed").matcher(value);
        if (failed.find()) {
          EvidenceLine who = fields.getOrDefault("Name", line);
          add(
              "job",
              new Observation(
                  Category.CRASH_LOOP,
                  3.5,
                  "The Kubernetes job `"
                      + value(who)
                      + "` failed to complete successfully: "
                      + failed.group(1)
                      + " pods failed",
                  List.of(who, line)));
        }
      }
      case "Ingress Class" -> {
        EvidenceLine address = fields.getOrDefault("Address", line);
        EvidenceLine who = fields.getOrDefault("Name", line);
        if (value(address).isEmpty() || address == line) {
          add(
              "ingress",
              new Observation(
                  Category.CONFIG_ERROR,
                  7,
                  "The ingress `"
                      + value(who)
                      + "` with ingress class `"
                      + value
                      + "` has no address: there is an issue with the ingress setup, its class may"
                      + " have no controller",
                  List.of(who, line, address)));
        }
      }
      case "Endpoints" -> {
        if (value.isEmpty() || value.equals("<none>")) {
          EvidenceLine who = fields.getOrDefault("Name", line);
          add(
              "endpoints",
              new Observation(
                  Category.NETWORK_DNS,
                  7,
                  "The service `"
                      + value(who)
                      + "` has no endpoints: its selector matches no ready pod",
                  List.of(who, line, fields.getOrDefault("Selector", line))));
        }
      }
      case "Node-Selectors" -> {
        if (!value.isEmpty() && !value.equals("<none>")) {
          add(
              "selector",
              new Observation(
                  "selector",
                  0.1,
                  "The pod requires a node with the label `" + value + "` (nodeSelector)",
                  List.of(line)));
        }
      }
      default -> {
        if (name.matches("(?:Memory|Disk|PID)Pressure.*")) {
          rule(line);
        }
      }
    }
  }

  private void event(EvidenceLine line) {
    boolean warning = line.text().contains("Warning");
    if (!rule(line) && warning && EVENT.matcher(line.text()).find()) {
      String text = quote(message(line.text()));
      add(
          mask(text),
          new Observation(Category.OTHER, 2, "The cluster warns: " + text, List.of(line)));
    }
  }

  /** Reads one log line, or one of a group of equal ones. */
  void log(EvidenceLine line, boolean serious) {
    lines++;
    slow.add(line);
    stamp(line);
    keepAddress(line);
    String text = line.text();
    if (HARMLESS.matcher(text).find() && !serious) {
      return;
    }
    boolean calm = !serious && CALM.matcher(text).find();
    boolean error = serious || !calm && ERROR.matcher(text).find();
    if (rule(line, "", calm ? CALM_WEIGHT : 0)) {
      return;
    }
    if (error && text.length() > 8) {
      double weight = 3 + Math.min(1, Math.log10(line.count() + 1.0) / 4) + (serious ? 0.5 : 0);
      String quoted = quote(text);
      add(
          mask(text),
          new Observation(
              Category.APP_ERROR, weight, "The log shows an error: " + quoted, List.of(line)));
    }
  }

  /** Reads a line of an output of unknown form: only what a rule knows counts. */
  void other(EvidenceLine line) {
    lines++;
    slow.add(line);
    keepAddress(line);
    rule(line, "", 5);
  }

  /** Reads a stored event. */
  void storedEvent(EvidenceLine line, String reason, boolean warning) {
    lines++;
    if (!warning) {
      return;
    }
    if (!rule(line, reason, 0)) {
      String text = quote(line.text());
      add(
          mask(text),
          new Observation(Category.OTHER, 2, "The cluster warns: " + text, List.of(line)));
    }
  }

  /** The reason, message or event text as a rule understands it. */
  private boolean rule(EvidenceLine line) {
    return rule(line, "", 0);
  }

  private boolean rule(EvidenceLine line, String reason, double least) {
    Optional<SymptomRules.Match> match = SymptomRules.match(line.text(), subject);
    if (match.isEmpty() && !reason.isEmpty()) {
      match = SymptomRules.match(reason, subject);
    }
    if (match.isEmpty() || match.get().weight() < least) {
      return false;
    }
    SymptomRules.Match m = match.get();
    double weight = m.weight() + (line.log() ? 0.3 : 0);
    add(
        m.meaning(),
        new Observation(
            m.category(), weight, m.meaning() + ": " + quote(message(line.text())), List.of(line)));
    return true;
  }

  private void add(String key, Observation observation) {
    found.putIfAbsent(key, observation);
  }

  /** Takes over how often like lines were seen, told as sentences of their own. */
  void tally(List<LogStore.Group> groups) {
    for (LogStore.Group g : groups.subList(0, Math.min(2, groups.size()))) {
      if (g.count() > 1) {
        EvidenceLine line = StoreEvidence.line(g.sample(), g.count());
        String seen =
            g.count()
                + " times from "
                + StoreEvidence.second(g.first())
                + " to "
                + StoreEvidence.second(g.last());
        counts.add(
            new Observation(
                Category.OTHER,
                5,
                "The same kind of line was seen " + seen + ": " + quote(line.text()),
                List.of(
                    new EvidenceLine(
                        line.id(), seen, line.text(), line.log(), line.count(), line.verdict()))));
      }
    }
  }

  List<Observation> counts() {
    return counts;
  }

  /** The first and the last log line with a date. */
  List<EvidenceLine> stamped() {
    return stamped;
  }

  private void stamp(EvidenceLine line) {
    if (DATE.matcher(line.text()).find()) {
      if (stamped.size() > 1) {
        stamped.remove(1);
      }
      stamped.add(line);
    }
  }

  private void keepAddress(EvidenceLine line) {
    if (addresses.size() < 200 && line.text().contains("://")) {
      addresses.add(line);
    }
  }

  /** Where a host that is not reached is named with its whole address. */
  private void addresses() {
    for (Observation o : List.copyOf(found.values())) {
      Matcher host = HOST.matcher(o.sentence());
      if (!o.category().equals(Category.NETWORK_DNS) || !host.find()) {
        continue;
      }
      for (EvidenceLine line : addresses) {
        int at = line.text().indexOf("://" + host.group(1));
        Matcher url = URL.matcher(line.text());
        if (at >= 0 && url.find() && line.text().indexOf(url.group(), 0) <= at) {
          String quoted = url.group().replaceAll("[.,;:'\")\\]]+$", "");
          add(
              "address " + host.group(1),
              new Observation(
                  Category.NETWORK_DNS,
                  7.5,
                  "The specified URL is \u201C" + quoted + "\u201D",
                  List.of(line)));
          break;
        }
      }
    }
  }

  /** All observations, nearest to the cause first. */
  List<Observation> observations() {
    addresses();
    slow.observations(subject).forEach(o -> add(o.sentence(), o));
    pods.observations().forEach(o -> add(o.sentence(), o));
    List<Observation> out = new ArrayList<>();
    Observation selector = found.get("selector");
    boolean mismatch = false;
    for (Observation o : found.values()) {
      if (o.category().equals(Category.SCHEDULING) && o.sentence().contains("selector")) {
        mismatch = true;
      }
    }
    boolean loops = found.keySet().stream().anyMatch(k -> k.contains("CrashLoopBackOff"));
    for (Observation o : found.values()) {
      boolean past = o.category().equals(Category.PROBE_FAILURE) && pods.allReady();
      if (past || (o == found.get("exit 0") && !loops)) {
        continue; // a ready pod passes its probes; one restart after a clean end is no fault
      }
      if (o != selector) {
        out.add(o);
      } else if (mismatch) {
        out.add(new Observation(Category.SCHEDULING, 7.5, o.sentence(), o.lines()));
      }
    }
    out.sort((a, b) -> Double.compare(b.weight(), a.weight()));
    return out;
  }

  /** The message of an event line of kubectl, or the value of a field; else the line. */
  static String message(String line) {
    String text = line.strip();
    Matcher event =
        Pattern.compile(
                "^(?:\\S+ (?:\\(x\\d+ over \\S+\\))?\\s*)?(?:Warning|Normal)\\s+\\w+\\s+.*?\\s{2,}(\\S.*)$")
            .matcher(text);
    if (event.matches()) {
      String rest = event.group(1);
      int gap = rest.lastIndexOf("  ");
      return gap > 0 ? rest.substring(gap).strip() : rest;
    }
    return text.replaceAll("\\s{2,}", " ").length() == text.length()
        ? text
        : text.substring(Math.max(0, text.lastIndexOf("  "))).strip();
  }

  static String value(EvidenceLine line) {
    int colon = line.text().indexOf(':');
    return colon < 0 ? line.text().strip() : line.text().substring(colon + 1).strip();
  }

  /** A quotation that stands in the line word for word. */
  static String quote(String text) {
    String line = text.strip();
    int newline = line.indexOf('\n');
    if (newline > 0) {
      line = line.substring(0, newline).strip();
    }
    line = harmless(line);
    int stop = line.indexOf(". ");
    if (stop > 24) {
      line = line.substring(0, stop);
    }
    if (line.length() > 240) {
      int cut = line.lastIndexOf(' ', 240);
      line = line.substring(0, cut > 120 ? cut : 240);
    }
    return "\u201C" + line + "\u201D";
  }

  /** The longest part without marks like [1], markup, links and characters that do not show. */
  private static String harmless(String line) {
    String best = "";
    for (String part : UNSAFE.split(line.length() > 4000 ? line.substring(0, 4000) : line)) {
      String stripped = part.strip();
      if (stripped.length() > best.length()) {
        best = stripped;
      }
    }
    return best;
  }

  static String mask(String text) {
    return MASK.matcher(text.toLowerCase(Locale.ROOT)).replaceAll("#");
  }
}
