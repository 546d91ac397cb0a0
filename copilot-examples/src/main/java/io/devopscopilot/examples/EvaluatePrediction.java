package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.classifier.IssueModel;
import io.devopscopilot.classifier.IssueTrainer;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code evaluate prediction}: are failures told before they happen, and quiet times left quiet?
 */
@Command(
    name = "prediction",
    description = "Measures how early and how rightly failures are predicted.",
    mixinStandardHelpOptions = true)
final class EvaluatePrediction implements Callable<Integer> {
  @Mixin private EvaluationOptions options;

  @Option(
      names = "--scenarios",
      required = true,
      paramLabel = "DIR",
      description = "Folder of scenario files: JSON lines, the first one names failure and cause.")
  private Path scenarios;

  @Option(
      names = "--issue-model",
      paramLabel = "FILE",
      description = "Issue model of train --issues; default: fixed bars.")
  private Optional<Path> issueModel = Optional.empty();

  /** What became of one scenario. */
  private record Outcome(
      String name,
      boolean fails,
      int issues,
      boolean predicted,
      double leadSeconds,
      boolean category,
      double falseAlarms,
      double hours,
      double brier,
      String drawing,
      List<IssueTrainer.Weighing> weighings) {
    Outcome with(List<IssueTrainer.Weighing> weighed) {
      return new Outcome(
          name,
          fails,
          issues,
          predicted,
          leadSeconds,
          category,
          falseAlarms,
          hours,
          brier,
          drawing,
          weighed);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(scenarios)) {
      throw new Main.UsageException("--scenarios " + scenarios + " is no folder");
    }
    EvaluationReport report = new EvaluationReport("evaluate prediction");
    TreeLogClassifier classifier = LineModels.load(options);
    report.model(classifier.model());
    Copilot copilot = LineModels.copilot(classifier);
    Optional<IssueModel> issues = issueModel.map(IssueModel::load);
    report.json().put("issueModel", issues.map(m -> m.model().sha256()).orElse("rules"));
    List<Path> files;
    try (Stream<Path> all = Files.list(scenarios)) {
      files = all.filter(f -> f.toString().matches(".*\\.jsonl?(\\.gz)?")).sorted().toList();
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Path file : files) {
      play(copilot, issues, file, report).ifPresent(outcomes::add);
    }
    ObjectNode each = report.json().putObject("scenarios");
    for (Outcome o : outcomes) {
      figures(each.putObject(o.name()), List.of(o));
    }
    figures(report.json().putObject("all"), outcomes);
    ObjectNode never = report.baseline("never");
    never.put("predicted", 0);
    never.put("falseAlarmsPerHour", 0);
    never.put("brier", outcomes.stream().mapToDouble(o -> o.fails() ? 1 : 0).average().orElse(0));
    report.table(
        "Scenarios",
        List.of("scenario", "fails", "issues", "predicted", "lead (s)", "category right"),
        outcomes.stream()
            .map(
                o ->
                    List.of(
                        o.name(),
                        String.valueOf(o.fails()),
                        String.valueOf(o.issues()),
                        String.valueOf(o.predicted()),
                        String.valueOf(Math.round(o.leadSeconds())),
                        String.valueOf(o.category())))
            .toList());
    calibration(report, outcomes);
    report.heading("Timelines");
    report.text(ScenarioTimeline.LEGEND);
    outcomes.forEach(o -> report.drawing(o.name(), o.drawing()));
    options.err().println(outcomes.size() + " scenarios");
    report.write(options);
    return 0;
  }

  private static Optional<Outcome> play(
      Copilot copilot, Optional<IssueModel> issues, Path file, EvaluationReport report)
      throws IOException {
    List<String> lines = EvaluationFiles.lines(file);
    if (lines.isEmpty()) {
      report.skip("empty scenario file");
      return Optional.empty();
    }
    JsonNode head;
    Optional<Instant> failure;
    try {
      head = Views.JSON.readTree(lines.get(0));
      String at = head.path("failure_at").asText("");
      failure = at.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(at));
    } catch (IOException | DateTimeException e) {
      report.skip("scenario file without a readable header");
      return Optional.empty();
    }
    IssueReplay replay = new IssueReplay(copilot, issues);
    IssueTrainer.Played played =
        new IssueTrainer()
            .play(
                new IssueTrainer.Scenario(
                    head.path("scenario").asText("unnamed"),
                    true,
                    failure,
                    head.path("service").asText("")));
    ScenarioTimeline timeline = new ScenarioTimeline();
    for (String line : lines.subList(1, lines.size())) {
      try {
        JsonNode row = Views.JSON.readTree(line);
        Instant time = Instant.parse(row.path("ts").asText());
        Origin origin =
            Origin.builder()
                .service(row.path("service").asText())
                .pod(row.path("pod").asText(""))
                .restartCount(Math.max(0, row.path("restarts").asInt()))
                .build();
        String text = row.path("text").asText();
        LogRecord record =
            row.path("warning").asBoolean()
                ? LogRecord.event(time, text, origin, Map.of(LogRecord.ATTR_EVENT_TYPE, "Warning"))
                : LogRecord.of(time, text, origin);
        Classification verdict = replay.add(record);
        played.observe(record, verdict);
        timeline.line(time, verdict.severity());
        report.addRows(1);
      } catch (IOException | DateTimeException e) {
        report.skip("unreadable line of a scenario");
      }
    }
    Outcome outcome = judge(head, failure, replay, timeline);
    return Optional.of(outcome.with(played.weighings(issues)));
  }

  private static Outcome judge(
      JsonNode head, Optional<Instant> failure, IssueReplay replay, ScenarioTimeline timeline) {
    Set<String> right = new LinkedHashSet<>();
    right.add(head.path("category").asText(""));
    head.path("category_alt").forEach(c -> right.add(c.asText()));
    String service = head.path("service").asText("");
    List<Issue> told = replay.told();
    List<Issue> opened = replay.opened(); // closes what is open
    String name = head.path("scenario").asText("unnamed");
    double hours = timeline.hours();
    double wanted = head.path("lead_seconds").asDouble(0);
    String drawing = timeline.svg(name, told, failure, wanted, service);
    double most = opened.stream().mapToDouble(Issue::probability).max().orElse(0);
    if (failure.isEmpty()) {
      return new Outcome(
          name,
          false,
          opened.size(),
          false,
          0,
          false,
          opened.size(),
          hours,
          most * most,
          drawing,
          List.of());
    }
    Instant end = failure.get();
    Optional<Issue> hit =
        opened.stream()
            .filter(i -> i.service().equals(service) && i.opened().isBefore(end))
            .findFirst();
    double lead = hit.map(i -> Duration.between(i.opened(), end).toMillis() / 1e3).orElse(0.0);
    boolean category = hit.filter(i -> right.contains(replay.newest(i).category())).isPresent();
    double probability = hit.map(Issue::probability).orElse(0.0);
    long others =
        opened.stream()
            .filter(i -> !i.service().equals(service) && i.opened().isBefore(end))
            .count();
    return new Outcome(
        name,
        true,
        opened.size(),
        hit.isPresent() && lead >= wanted,
        lead,
        category,
        others,
        hours,
        (1 - probability) * (1 - probability),
        drawing,
        List.of());
  }

  /**
   * How often it came as it was said, over all that was weighed, told or not; each scenario counts
   * once. What is known to expire is not weighed.
   */
  private static void calibration(EvaluationReport report, List<Outcome> outcomes) {
    double[][] bins = new double[10][3];
    double off = 0;
    for (Outcome o : outcomes) {
      double weight = 1.0 / Math.max(1, o.weighings().size());
      for (IssueTrainer.Weighing w : o.weighings()) {
        double[] bin = bins[(int) Math.min(9, w.probability() * 10)];
        bin[0] += weight * w.probability();
        bin[1] += w.fails() ? weight : 0;
        bin[2] += weight;
        off += weight * Math.pow(w.probability() - (w.fails() ? 1 : 0), 2);
      }
    }
    double all = 0;
    double error = 0;
    List<double[]> points = new ArrayList<>();
    for (double[] bin : bins) {
      all += bin[2];
      error += Math.abs(bin[0] - bin[1]);
      if (bin[2] > 0) {
        points.add(new double[] {bin[0] / bin[2], bin[1] / bin[2], bin[2]});
      }
    }
    ObjectNode weighed = report.json().putObject("weighed");
    weighed.put("rows", outcomes.stream().mapToInt(o -> o.weighings().size()).sum());
    weighed.put("brier", all == 0 ? 0 : off / all);
    weighed.put("calibrationError", all == 0 ? 0 : error / all);
    ArrayNode curve = weighed.putArray("calibration");
    for (double[] p : points) {
      curve.addObject().put("said", p[0]).put("came", p[1]).put("scenarios", p[2]);
    }
    List<double[]> ideal = List.of(new double[] {0, 0}, new double[] {1, 1});
    report.plot(
        "Calibration: all that was weighed, each scenario counts once",
        "probability",
        "share that failed within the horizon",
        List.of(
            new EvaluationReport.Series("as said", ideal),
            new EvaluationReport.Series("as it came", points)));
  }

  private static void figures(ObjectNode into, List<Outcome> outcomes) {
    List<Outcome> failing = outcomes.stream().filter(Outcome::fails).toList();
    List<Outcome> quiet = outcomes.stream().filter(o -> !o.fails()).toList();
    into.put("issues", outcomes.stream().mapToInt(Outcome::issues).sum());
    into.put(
        "predicted", failing.stream().mapToDouble(o -> o.predicted() ? 1 : 0).average().orElse(0));
    double[] leads =
        failing.stream()
            .filter(o -> o.leadSeconds() > 0)
            .mapToDouble(Outcome::leadSeconds)
            .sorted()
            .toArray();
    into.put("medianLeadSeconds", leads.length == 0 ? 0 : leads[leads.length / 2]);
    into.put(
        "categoryRight",
        failing.stream().mapToDouble(o -> o.category() ? 1 : 0).average().orElse(0));
    double hours = quiet.stream().mapToDouble(Outcome::hours).sum();
    double alarms = quiet.stream().mapToDouble(Outcome::falseAlarms).sum();
    into.put("falseAlarmsPerHour", hours == 0 ? 0 : alarms / hours);
    into.put("brier", outcomes.stream().mapToDouble(Outcome::brier).average().orElse(0));
  }
}
