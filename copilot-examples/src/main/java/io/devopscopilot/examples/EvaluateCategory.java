package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.classifier.CaseEvidenceClassifier;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate category}: is the category of an event or an incident right. */
@Command(
    name = "category",
    description = "Measures the category of Kubernetes events and of whole incidents.",
    mixinStandardHelpOptions = true)
final class EvaluateCategory implements Callable<Integer> {
  @Mixin private EvaluationOptions options;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "JSON lines: events (type, reason, message) or incidents (evidence).")
  private List<Path> data;

  @Option(
      names = "--leave-out",
      paramLabel = "GROUP",
      description = "family: train anew for each family of cases, without its rows.")
  private Optional<String> leaveOut = Optional.empty();

  @Option(
      names = "--hide",
      paramLabel = "FIELD",
      description = "reason: do not show the reason of an event (labels come from it).")
  private Optional<String> hide = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (leaveOut.isPresent() && !leaveOut.get().equals("family")) {
      throw new Main.UsageException("--leave-out is '" + leaveOut.get() + "', must be family");
    }
    if (hide.isPresent() && !hide.get().equals("reason")) {
      throw new Main.UsageException("--hide is '" + hide.get() + "', must be reason");
    }
    EvaluationReport report = new EvaluationReport("evaluate category");
    TreeLogClassifier base = LineModels.load(options);
    report.model(base.model());
    List<TrainingData.EventRow> events = new ArrayList<>();
    IncidentEvaluation incidents = new IncidentEvaluation();
    for (Path file : data) {
      for (JsonNode row : EvaluateRetrieval.rows(file, report)) {
        Optional<TrainingData.EventRow> event = TrainingData.event(row);
        if (row.has("evidence")) {
          if (!incidents.add(row)) {
            report.skip("incident without evidence or with a category outside the list");
          }
        } else if (event.isPresent()) {
          events.add(event.get());
        } else {
          report.skip("neither an event nor an incident with a category");
        }
      }
    }
    if (!events.isEmpty()) {
      events(report, events, base);
    }
    if (!incidents.isEmpty()) {
      options
          .err()
          .println(incidents.write(report, new CaseEvidenceClassifier(), leaveOut.orElse("none")));
    }
    report.write(options);
    return 0;
  }

  private void events(
      EvaluationReport report, List<TrainingData.EventRow> rows, TreeLogClassifier base) {
    Map<String, List<TrainingData.EventRow>> families = new TreeMap<>();
    rows.forEach(r -> families.computeIfAbsent(r.family(), f -> new ArrayList<>()).add(r));
    List<TrainingData.EventRow> order = new ArrayList<>();
    List<Classification> verdicts = new ArrayList<>();
    int done = 0;
    for (var family : families.entrySet()) {
      TreeLogClassifier classifier = base;
      if (leaveOut.isPresent()) {
        List<LabelledLine> lines = new ArrayList<>();
        rows.stream()
            .filter(r -> !r.family().equals(family.getKey()))
            .forEach(r -> lines.addAll(TrainingData.labelled(r)));
        classifier = LineModels.trainLike(base, family.getKey(), lines, false);
      }
      Copilot copilot = LineModels.copilot(classifier);
      for (TrainingData.EventRow row : family.getValue()) {
        order.add(row);
        verdicts.add(copilot.classify(row.text(hide.isPresent())));
      }
      done++;
      options.err().printf("%s: %d of %d families%n", family.getKey(), done, families.size());
      options.err().flush();
    }
    report.addRows(rows.size());
    ObjectNode json = report.json().putObject("events");
    json.put("hidden", hide.orElse("none")).put("leaveOut", leaveOut.orElse("none"));
    Part all = new Part(order, verdicts);
    all.write(report, json, "Events");
    policies(report, json, base.model().details(), all);
    Part warnings = all.where(r -> r.type().equals("Warning"));
    warnings.write(report, json.putObject("warnings"), "Warnings");
    Set<String> seen = new HashSet<>();
    Part distinct =
        warnings.where(
            r -> seen.add(r.message().replaceAll("[0-9a-f-]{6,}|[0-9]+", "#") + r.category()));
    distinct.write(report, json.putObject("distinctWarnings"), "Distinct warnings");
    for (String name : List.of("majority", "constant", "keyword")) {
      ObjectNode rival = report.baseline(name).putObject("events");
      all.rival(rival, name);
      warnings.rival(rival.putObject("warnings"), name);
      distinct.rival(rival.putObject("distinctWarnings"), name);
    }
  }

  /** What the alert thresholds of the model are worth on these rows. */
  private static void policies(
      EvaluationReport report, ObjectNode json, Map<String, String> details, Part all) {
    ObjectNode node = json.putObject("policies");
    List<List<String>> lines = new ArrayList<>();
    for (String category : Category.all()) {
      String text = details.get("category.alertFrom." + category);
      if (text == null) {
        continue;
      }
      float from = Float.parseFloat(text);
      long truth = 0;
      long said = 0;
      long right = 0;
      for (int i = 0; i < all.rows.size(); i++) {
        boolean is = all.rows.get(i).category().equals(category);
        Classification verdict = all.verdicts.get(i);
        boolean alert =
            verdict.category().equals(category) && verdict.categoryProbability() >= from;
        truth += is ? 1 : 0;
        said += alert ? 1 : 0;
        right += is && alert ? 1 : 0;
      }
      double precision = said == 0 ? 0 : right / (double) said;
      double recall = truth == 0 ? 0 : right / (double) truth;
      node.putObject(category)
          .put("alertFrom", from)
          .put("rows", truth)
          .put("alerts", said)
          .put("precision", precision)
          .put("recall", recall);
      lines.add(
          List.of(
              category,
              ClassMetrics.three(from),
              Long.toString(truth),
              Long.toString(said),
              ClassMetrics.three(precision),
              ClassMetrics.three(recall)));
    }
    report.table(
        "Alerts by the model's own thresholds (fitted when it was trained, not on these rows)",
        List.of("category", "from probability", "rows", "alerts", "precision", "recall"),
        lines);
  }

  /** Some rows and what was said about them. */
  private final class Part {
    final List<TrainingData.EventRow> rows;
    final List<Classification> verdicts;

    Part(List<TrainingData.EventRow> rows, List<Classification> verdicts) {
      this.rows = rows;
      this.verdicts = verdicts;
    }

    Part where(java.util.function.Predicate<TrainingData.EventRow> test) {
      List<TrainingData.EventRow> some = new ArrayList<>();
      List<Classification> said = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        if (test.test(rows.get(i))) {
          some.add(rows.get(i));
          said.add(verdicts.get(i));
        }
      }
      return new Part(some, said);
    }

    void write(EvaluationReport report, ObjectNode json, String title) {
      ClassMetrics m = new ClassMetrics(Category.all());
      for (int i = 0; i < rows.size(); i++) {
        Classification verdict = verdicts.get(i);
        String truth = rows.get(i).category();
        boolean third =
            verdict.categoryProbabilities().entrySet().stream()
                .sorted(Comparator.comparingDouble(e -> -e.getValue()))
                .limit(3)
                .anyMatch(e -> e.getKey().equals(truth));
        m.add(truth, verdict.category(), verdict.categoryProbability(), third);
      }
      json.put("rows", m.size()).put("top1", m.accuracy()).put("top3", m.topThree());
      json.put("macroF1", m.macroF1()).put("ece", m.calibrationError());
      json.put("unknown", m.unknown());
      m.calibration(json);
      m.classes(json);
      report.heading(title);
      report.table(
          title + ": " + m.size() + " rows",
          List.of("who", "top-1", "top-3", "macro-F1"),
          List.of(
              List.of(
                  "this model",
                  ClassMetrics.three(m.accuracy()),
                  ClassMetrics.three(m.topThree()),
                  ClassMetrics.three(m.macroF1())),
              rivalLine("keyword"),
              rivalLine("constant")));
      report.table(
          "Per class", List.of("class", "precision", "recall", "F1", "rows"), m.classLines());
      report.confusion(json, Category.all(), m.confusion());
      report.plot(
          title + ": calibration",
          "probability",
          "share right",
          List.of(m.calibration("this model")));
      options
          .err()
          .printf(
              "%s: %d rows, top-1 %s, top-3 %s, macro-F1 %s%n",
              title,
              m.size(),
              ClassMetrics.three(m.accuracy()),
              ClassMetrics.three(m.topThree()),
              ClassMetrics.three(m.macroF1()));
    }

    private ClassMetrics rival(String name) {
      Map<String, Long> count = new TreeMap<>();
      rows.forEach(r -> count.merge(r.category(), 1L, Long::sum));
      String most =
          count.entrySet().stream()
              .max(Map.Entry.comparingByValue())
              .map(Map.Entry::getKey)
              .orElse(Category.NONE);
      ClassMetrics m = new ClassMetrics(Category.all());
      for (TrainingData.EventRow row : rows) {
        String said =
            switch (name) {
              case "majority" -> Category.NONE;
              case "constant" -> most;
              default -> KeywordRules.category(row.text(hide.isPresent()));
            };
        m.add(row.category(), said);
      }
      return m;
    }

    void rival(ObjectNode into, String name) {
      ClassMetrics m = rival(name);
      into.put("top1", m.accuracy()).put("macroF1", m.macroF1());
    }

    private List<String> rivalLine(String name) {
      ClassMetrics m = rival(name);
      return List.of(name, ClassMetrics.three(m.accuracy()), "", ClassMetrics.three(m.macroF1()));
    }
  }
}
