package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate severity}: is the severity of a line right. */
@Command(
    name = "severity",
    description = "Measures the severity of lines, with their level token or without it.",
    mixinStandardHelpOptions = true)
final class EvaluateSeverity implements Callable<Integer> {
  @Mixin private EvaluationOptions options;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "Tables (TSV) with the columns system, raw_line, content, level.")
  private List<Path> data;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "raw_line (default): with the level token; content: without it.")
  private String text = "raw_line";

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "5 (default), or 3: FATAL counts as ERROR and DEBUG as INFO.")
  private int classes = 5;

  @Option(
      names = "--leave-out",
      paramLabel = "GROUP",
      description = "system: train anew for each system, without its rows.")
  private Optional<String> leaveOut = Optional.empty();

  @Override
  public Integer call() throws IOException {
    if (!text.equals("raw_line") && !text.equals("content")) {
      throw new Main.UsageException("--text is '" + text + "', must be raw_line or content");
    }
    if (classes != 3 && classes != 5) {
      throw new Main.UsageException("--classes is " + classes + ", must be 3 or 5");
    }
    if (leaveOut.isPresent() && !leaveOut.get().equals("system")) {
      throw new Main.UsageException("--leave-out is '" + leaveOut.get() + "', must be system");
    }
    EvaluationReport report = new EvaluationReport("evaluate severity");
    List<TrainingData.SeverityRow> rows = new ArrayList<>();
    for (Path file : data) {
      rows.addAll(TrainingData.severity(file, report::skip));
    }
    report.addRows(rows.size());
    TreeLogClassifier base = LineModels.load(options);
    report.model(base.model());
    Map<String, List<TrainingData.SeverityRow>> systems = new TreeMap<>();
    rows.forEach(r -> systems.computeIfAbsent(r.system(), s -> new ArrayList<>()).add(r));
    Result result = new Result();
    int done = 0;
    for (var system : systems.entrySet()) {
      TreeLogClassifier classifier = base;
      if (leaveOut.isPresent()) {
        classifier = without(base, rows, system.getKey());
      }
      result.measure(system.getKey(), system.getValue(), LineModels.copilot(classifier));
      done++;
      options.err().printf("%s: %d of %d systems%n", system.getKey(), done, systems.size());
      options.err().flush();
    }
    result.write(report, rows);
    report.write(options);
    return 0;
  }

  private static TreeLogClassifier without(
      TreeLogClassifier base, List<TrainingData.SeverityRow> rows, String system) {
    List<LabelledLine> lines = new ArrayList<>();
    for (TrainingData.SeverityRow row : rows) {
      if (!row.system().equals(system)) {
        lines.add(TrainingData.labelled(row));
      }
    }
    return LineModels.trainLike(base, system, lines, true);
  }

  private List<String> names() {
    return classes == 3
        ? List.of("INFO", "WARN", "ERROR")
        : List.of("DEBUG", "INFO", "WARN", "ERROR", "FATAL");
  }

  private String name(Severity severity) {
    if (classes == 3) {
      return severity == Severity.DEBUG
          ? "INFO"
          : severity == Severity.FATAL ? "ERROR" : severity.name();
    }
    return severity.name();
  }

  private final class Result {
    final ClassMetrics all = new ClassMetrics(names());
    final ClassMetrics keyword = new ClassMetrics(names());
    final ClassMetrics majority = new ClassMetrics(names());
    final Map<String, ScoreCurves> curves = new LinkedHashMap<>();
    final Map<String, ClassMetrics> systems = new TreeMap<>();
    final Map<String, ClassMetrics> keywordSystems = new TreeMap<>();

    void measure(String system, List<TrainingData.SeverityRow> rows, Copilot copilot) {
      ClassMetrics own = new ClassMetrics(names());
      ClassMetrics rule = new ClassMetrics(names());
      for (TrainingData.SeverityRow row : rows) {
        String line = text.equals("content") ? row.content() : row.rawLine();
        Classification verdict = copilot.classify(line);
        String truth = name(row.level());
        String said = name(verdict.severity());
        Map<String, Double> sureOf = new LinkedHashMap<>();
        for (Severity s : Severity.values()) {
          sureOf.merge(name(s), verdict.probability(s), Double::sum);
        }
        sureOf.forEach(
            (name, p) ->
                curves.computeIfAbsent(name, k -> new ScoreCurves()).add(p, name.equals(truth)));
        double sure = sureOf.getOrDefault(said, 0.0);
        all.add(truth, said, sure, true);
        own.add(truth, said, sure, true);
        String ruled = KeywordRules.severity(line, classes);
        keyword.add(truth, ruled);
        rule.add(truth, ruled);
      }
      systems.put(system, own);
      keywordSystems.put(system, rule);
    }

    void write(EvaluationReport report, List<TrainingData.SeverityRow> rows) {
      Map<String, Long> count = new TreeMap<>();
      rows.forEach(r -> count.merge(name(r.level()), 1L, Long::sum));
      String most =
          count.entrySet().stream()
              .max(Map.Entry.comparingByValue())
              .map(Map.Entry::getKey)
              .orElse("INFO");
      rows.forEach(r -> majority.add(name(r.level()), most));
      ObjectNode json = report.json();
      json.put("text", text).put("classesCount", classes);
      json.put("leaveOut", leaveOut.orElse("none"));
      json.put("accuracy", all.accuracy()).put("macroF1", all.macroF1());
      json.put("ece", all.calibrationError());
      all.calibration(json);
      all.classes(json);
      ObjectNode node = json.putObject("systems");
      List<List<String>> lines = new ArrayList<>();
      systems.forEach(
          (name, m) -> {
            ClassMetrics rule = keywordSystems.getOrDefault(name, m);
            node.putObject(name)
                .put("rows", m.size())
                .put("accuracy", m.accuracy())
                .put("macroF1", m.macroF1())
                .put("keywordMacroF1", rule.macroF1());
            lines.add(
                List.of(
                    name,
                    Integer.toString(m.size()),
                    ClassMetrics.three(m.accuracy()),
                    ClassMetrics.three(m.macroF1()),
                    ClassMetrics.three(rule.accuracy()),
                    ClassMetrics.three(rule.macroF1())));
          });
      List<Double> sorted =
          systems.values().stream()
              .map(ClassMetrics::macroF1)
              .sorted(Comparator.naturalOrder())
              .toList();
      json.put("medianSystemMacroF1", sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2));
      rival(report.baseline("majority"), majority);
      rival(report.baseline("keyword"), keyword);
      report.table(
          "Severity, " + classes + " classes, text: " + text,
          List.of("who", "accuracy", "macro-F1"),
          List.of(
              line("this model", all), line("keyword rule", keyword), line("majority", majority)));
      report.table(
          "Per class", List.of("class", "precision", "recall", "F1", "rows"), all.classLines());
      report.confusion(json, names(), all.confusion());
      report.table(
          "Per system (the last two columns: keyword rule)",
          List.of("system", "rows", "accuracy", "macro-F1", "accuracy", "macro-F1"),
          lines);
      report.plot(
          "Precision against recall, each class by its probability",
          "recall",
          "precision",
          curves.entrySet().stream()
              .filter(e -> e.getValue().any())
              .map(
                  e ->
                      new EvaluationReport.Series(
                          e.getKey(), ScoreCurves.forPage(e.getValue().precisionRecall())))
              .toList());
      report.plot(
          "Calibration: how often verdicts of a probability are right",
          "probability",
          "share right",
          List.of(all.calibration("this model")));
      report.plot(
          "Accuracy when only the surest verdicts are taken",
          "share of lines taken",
          "accuracy",
          List.of(all.coverage("this model")));
      lines.forEach(l -> options.err().println(String.join("  ", l)));
      options.err().println(String.join("  ", line("this model", all)));
      options.err().println(String.join("  ", line("keyword rule", keyword)));
    }

    private List<String> line(String name, ClassMetrics m) {
      return List.of(name, ClassMetrics.three(m.accuracy()), ClassMetrics.three(m.macroF1()));
    }

    private void rival(ObjectNode into, ClassMetrics m) {
      into.put("accuracy", m.accuracy()).put("macroF1", m.macroF1());
      m.classes(into);
    }
  }
}
