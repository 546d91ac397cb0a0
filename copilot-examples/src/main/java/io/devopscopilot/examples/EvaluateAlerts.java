package io.devopscopilot.examples;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate alerts}: does a line deserve an alert. */
@Command(
    name = "alerts",
    description = "Measures which lines raise an alert.",
    mixinStandardHelpOptions = true)
final class EvaluateAlerts implements Callable<Integer> {
  /** An alert is raised from this score on: FATAL, or ERROR with a category that is sure enough. */
  static final double THRESHOLD = 0.7;

  @Mixin private EvaluationOptions options;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "Table (TSV) with the columns raw_line and is_alert.")
  private Path data;

  private record Row(boolean alert, double score, boolean keyword) {}

  @Override
  public Integer call() throws IOException {
    EvaluationReport report = new EvaluationReport("evaluate alerts");
    TreeLogClassifier classifier = LineModels.load(options);
    report.model(classifier.model());
    Copilot copilot = LineModels.copilot(classifier);
    List<String> lines = EvaluationFiles.lines(data);
    if (lines.isEmpty()) {
      throw new Main.UsageException(data + " is empty, it must have a header line");
    }
    List<String> header = Arrays.asList(lines.get(0).split("\t", -1));
    int raw = TrainingData.column(data, header, "raw_line");
    int alert = TrainingData.column(data, header, "is_alert");
    List<Row> rows = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split("\t", -1);
      if (cells.length < header.size()) {
        report.skip("too few columns");
        continue;
      }
      String text = cells[raw].replace("\\n", "\n");
      rows.add(
          new Row(
              cells[alert].equals("1"),
              score(copilot.classify(text)),
              KeywordRules.severity(text, 3).equals("ERROR")));
    }
    report.addRows(rows.size());
    report
        .json()
        .put(
            "policy",
            "alert when P(ERROR or FATAL) / 2 + P(FATAL) / 4 + P(severe) x P(not none) / 4 is enough")
        .put("threshold", THRESHOLD);
    long[] own = count(rows, r -> r.score() >= THRESHOLD);
    figures(report.json(), own);
    ScoreCurves curves = new ScoreCurves();
    rows.forEach(row -> curves.add(row.score(), row.alert()));
    report.json().put("averagePrecision", curves.averagePrecision());
    long[] keyword = count(rows, Row::keyword);
    figures(report.baseline("keyword"), keyword);
    figures(report.baseline("majority"), count(rows, r -> false));
    report.table(
        "Alerts among " + rows.size() + " lines",
        List.of("who", "precision", "recall", "F1"),
        List.of(cells("this model", own), cells("keyword rule", keyword)));
    report.plot(
        "Precision against recall",
        "recall",
        "precision",
        List.of(
            new EvaluationReport.Series(
                "this model", ScoreCurves.forPage(curves.precisionRecall()))));
    options.err().println(String.join("  ", cells("this model", own)));
    report.write(options);
    return 0;
  }

  /** How much a line deserves an alert, 0 to 1. */
  static double score(Classification verdict) {
    double fatal = verdict.probability(Severity.FATAL);
    double severe = verdict.probability(Severity.ERROR) + fatal;
    return severe / 2 + fatal / 4 + severe * (1 - verdict.probability(Category.NONE)) / 4;
  }

  private static long[] count(List<Row> rows, java.util.function.Predicate<Row> said) {
    long[] out = new long[3];
    for (Row row : rows) {
      boolean yes = said.test(row);
      out[0] += yes && row.alert() ? 1 : 0;
      out[1] += yes ? 1 : 0;
      out[2] += row.alert() ? 1 : 0;
    }
    return out;
  }

  private static double precision(long[] n) {
    return n[1] == 0 ? 0 : n[0] / (double) n[1];
  }

  private static double recall(long[] n) {
    return n[2] == 0 ? 0 : n[0] / (double) n[2];
  }

  private static double f1(long[] n) {
    return n[1] + n[2] == 0 ? 0 : 2.0 * n[0] / (n[1] + n[2]);
  }

  private static void figures(com.fasterxml.jackson.databind.node.ObjectNode json, long[] n) {
    json.put("precision", precision(n)).put("recall", recall(n)).put("f1", f1(n));
  }

  private static List<String> cells(String name, long[] n) {
    return List.of(
        name,
        ClassMetrics.three(precision(n)),
        ClassMetrics.three(recall(n)),
        ClassMetrics.three(f1(n)));
  }
}
