package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.EvidenceClassifier;
import io.devopscopilot.api.EvidenceClassifier.Diagnosis;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Measures the category of whole incidents; {@code category_alt} counts as right. */
final class IncidentEvaluation {
  private record Case(String id, String category, Set<String> right, List<Evidence> evidence) {
    /** What counts as the truth beside an answer: the answer itself where a judge accepts it. */
    String truth(String said) {
      return right.contains(said) ? said : category;
    }
  }

  private final List<Case> cases = new ArrayList<>();

  /** The pieces of evidence of a row; empty where it has none. */
  static List<Evidence> evidence(JsonNode row) {
    List<Evidence> out = new ArrayList<>();
    row.path("evidence")
        .forEach(
            e -> out.add(new Evidence(e.path("kind").asText("other"), e.path("text").asText())));
    return out;
  }

  /** Takes a row; false where it has no category of the list or no evidence. */
  boolean add(JsonNode row) {
    String category = row.path("category").asText();
    List<Evidence> evidence = evidence(row);
    if (!Category.all().contains(category) || evidence.isEmpty()) {
      return false;
    }
    Set<String> right = new HashSet<>(Set.of(category));
    JsonNode more = row.path("category_alt");
    if (more.isTextual()) {
      right.addAll(List.of(more.asText().split("[,;| ]+")));
    }
    more.forEach(c -> right.add(c.asText()));
    right.remove("");
    cases.add(new Case(row.path("id").asText(), category, right, evidence));
    return true;
  }

  boolean isEmpty() {
    return cases.isEmpty();
  }

  /**
   * Writes {@code incidents} and its baselines.
   *
   * @param leaveOut what the user asked to leave out, written down; the rules learn from no row
   */
  String write(EvaluationReport report, EvidenceClassifier classifier, String leaveOut) {
    ClassMetrics m = new ClassMetrics(Category.all());
    ObjectNode json = report.json().putObject("incidents");
    json.put("leaveOut", leaveOut);
    ArrayNode verdicts = json.putArray("verdicts");
    List<List<String>> table = new ArrayList<>();
    for (Case c : cases) {
      Diagnosis said = classifier.classify(c.evidence());
      List<String> three =
          said.probabilities().entrySet().stream()
              .sorted(Comparator.comparingDouble((Map.Entry<String, Double> e) -> -e.getValue()))
              .limit(3)
              .map(Map.Entry::getKey)
              .toList();
      m.add(
          c.truth(said.category()),
          said.category(),
          said.probability(),
          three.stream().anyMatch(c.right()::contains));
      String why = said.findings().isEmpty() ? "" : said.findings().get(0).line();
      verdicts
          .addObject()
          .put("id", c.id())
          .put("category", c.category())
          .put("said", said.category())
          .put("probability", said.probability())
          .put("three", String.join(" ", three))
          .put("why", why);
      table.add(
          List.of(
              c.id(), c.category(), said.category(), ClassMetrics.three(said.probability()), why));
    }
    report.addRows(cases.size());
    json.put("rows", m.size()).put("top1", m.accuracy()).put("top3", m.topThree());
    json.put("macroF1", m.macroF1()).put("ece", m.calibrationError());
    json.put("unknown", m.unknown());
    m.calibration(json);
    m.classes(json);
    report.heading("Incidents");
    List<List<String>> who = new ArrayList<>();
    who.add(line("this classifier", m));
    String most = constant();
    for (String name : List.of("majority", "constant", "keyword")) {
      ClassMetrics rival = new ClassMetrics(Category.all());
      for (Case c : cases) {
        String said =
            switch (name) {
              case "majority" -> Category.NONE;
              case "constant" -> most;
              default -> KeywordRules.category(text(c));
            };
        rival.add(c.truth(said), said);
      }
      report
          .baseline(name)
          .putObject("incidents")
          .put("top1", rival.accuracy())
          .put("macroF1", rival.macroF1());
      who.add(line(name, rival));
    }
    report.table(
        "Incidents: " + m.size() + " rows", List.of("who", "top-1", "top-3", "macro-F1"), who);
    report.table(
        "Per class", List.of("class", "precision", "recall", "F1", "rows"), m.classLines());
    report.confusion(json, Category.all(), m.confusion());
    report.plot(
        "Incidents: calibration",
        "probability",
        "share right",
        List.of(m.calibration("this classifier")));
    report.table(
        "Verdicts", List.of("id", "category", "said", "probability", "strongest line"), table);
    return String.format(
        "Incidents: %d rows, top-1 %s, top-3 %s, macro-F1 %s, ece %s",
        m.size(),
        ClassMetrics.three(m.accuracy()),
        ClassMetrics.three(m.topThree()),
        ClassMetrics.three(m.macroF1()),
        ClassMetrics.three(m.calibrationError()));
  }

  private static List<String> line(String name, ClassMetrics m) {
    return List.of(
        name,
        ClassMetrics.three(m.accuracy()),
        ClassMetrics.three(m.topThree()),
        ClassMetrics.three(m.macroF1()));
  }

  private static String text(Case c) {
    return String.join("\n", c.evidence().stream().map(Evidence::text).toList());
  }

  /** The best single answer on these rows: a floor. */
  private String constant() {
    Map<String, Integer> count = new TreeMap<>();
    cases.forEach(c -> c.right().forEach(r -> count.merge(r, 1, Integer::sum)));
    return count.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(Category.NONE);
  }
}
