package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate sequences}: are sequences of events told apart that never ran like this? */
@Command(
    name = "sequences",
    description = "Measures how early abnormal sequences of events are told from normal ones.",
    mixinStandardHelpOptions = true)
final class EvaluateSequences implements Callable<Integer> {
  private static final double HELD_BACK = 0.3;
  private static final double RATE = 0.005;
  private static final int FOLDS = 5;

  @Mixin private EvaluationOptions options;

  @Option(
      names = "--data",
      required = true,
      arity = "1..*",
      paramLabel = "FILE",
      description = "JSON lines: seq_id, label (1 = abnormal), split, event_ids.")
  private List<Path> data;

  @Option(
      names = "--templates",
      paramLabel = "FILE",
      description = "Table (TSV) of event id and template; names the events on the report page.")
  private java.util.Optional<Path> templates = java.util.Optional.empty();

  @Option(
      names = "--prefix",
      defaultValue = "1",
      description = "Share of each sequence that is shown, above 0 to 1; default ${DEFAULT-VALUE}.")
  private double prefix;

  @Option(
      names = "--first-events",
      defaultValue = "0",
      description = "Show so many events of each sequence instead; 0 = use --prefix.")
  private int firstEvents;

  private record Row(String id, int[] events, boolean abnormal) {}

  private record Scored(double score, boolean abnormal) {}

  @Override
  public Integer call() throws IOException {
    if (!(prefix > 0 && prefix <= 1)) {
      throw new Main.UsageException("--prefix is " + prefix + ", must be above 0 and at most 1");
    }
    if (firstEvents < 0) {
      throw new Main.UsageException("--first-events is " + firstEvents + ", must be 0 or more");
    }
    EvaluationReport report = new EvaluationReport("evaluate sequences");
    report.model("event-order", "");
    List<Row> fit = new ArrayList<>();
    List<Row> test = new ArrayList<>();
    read(fit, test, report);
    if (fit.isEmpty() || test.isEmpty()) {
      throw new Main.UsageException(
          "--data " + data + " needs normal rows of split train, and rows to test");
    }
    SequenceModel model = SequenceModel.train(fit.stream().map(Row::events).toList());
    List<Scored> scored = new ArrayList<>();
    List<Scored> unseen = new ArrayList<>();
    for (Row row : test) {
      scored.add(new Scored(model.score(row.events()), row.abnormal()));
      unseen.add(new Scored(model.knows(row.events()) ? 0 : 1, row.abnormal()));
    }
    double threshold = threshold(fit);
    figures(report.json(), scored, threshold);
    report.json().put("threshold", threshold).put("trainRows", fit.size());
    report.json().put("testNormal", test.stream().filter(r -> !r.abnormal()).count());
    report.json().put("testAbnormal", test.stream().filter(Row::abnormal).count());
    figures(report.baseline("neverSeenCounts"), unseen, 0.5);
    List<Scored> always = unseen.stream().map(s -> new Scored(1, s.abnormal())).toList();
    figures(report.baseline("always"), always, 0.5);
    report.table(
        test.size() + " sequences, at the threshold fitted on the training rows",
        List.of("who", "precision", "recall", "false positive rate", "recall at a rate of 0.005"),
        List.of(
            line("order and counts", report.json()),
            line("counts never seen", report.baseline("neverSeenCounts"))));
    report.plot(
        "Recall against false positive rate",
        "false positive rate",
        "recall",
        List.of(
            new EvaluationReport.Series(
                "order and counts", ScoreCurves.forPage(curves(scored).roc())),
            new EvaluationReport.Series(
                "counts never seen", ScoreCurves.forPage(curves(unseen).roc()))));
    odd(model, test, report);
    options.err().println(report.json());
    report.write(options);
    return 0;
  }

  private void read(List<Row> fit, List<Row> test, EvaluationReport report) throws IOException {
    for (Path file : data) {
      for (String line : EvaluationFiles.lines(file)) {
        if (line.isBlank()) {
          continue;
        }
        JsonNode json;
        try {
          json = Views.JSON.readTree(line);
        } catch (IOException e) {
          report.skip("not JSON");
          continue;
        }
        JsonNode ids = json.path("event_ids");
        if (!ids.isArray() || ids.isEmpty() || !json.has("label")) {
          report.skip("no label or no events");
          continue;
        }
        int[] events = new int[shown(ids.size())];
        for (int i = 0; i < events.length; i++) {
          events[i] = ids.get(i).asInt();
        }
        String id = json.path("seq_id").asText();
        Row row = new Row(id, events, json.path("label").asInt() == 1);
        boolean train =
            "train".equals(json.path("split").asText()) && !row.abnormal() && hash(id) >= HELD_BACK;
        (train ? fit : test).add(row);
        report.addRows(1);
      }
    }
  }

  private int shown(int events) {
    return firstEvents > 0
        ? Math.min(firstEvents, events)
        : Math.max(1, (int) Math.ceil(events * prefix));
  }

  /** A number from 0 to 1 that depends on the id alone. */
  private static double hash(String id) {
    String digest = TrainingData.sha256(id.getBytes(StandardCharsets.UTF_8));
    return Long.parseLong(digest.substring(0, 8), 16) / (double) (1L << 32);
  }

  /** The score that one training row of 200 exceeds, each scored by a model without its part. */
  private static double threshold(List<Row> fit) {
    List<Double> scores = new ArrayList<>();
    for (int fold = 0; fold < FOLDS; fold++) {
      List<int[]> rest = new ArrayList<>();
      List<int[]> part = new ArrayList<>();
      for (int i = 0; i < fit.size(); i++) {
        (i % FOLDS == fold ? part : rest).add(fit.get(i).events());
      }
      if (rest.isEmpty()) {
        continue;
      }
      SequenceModel model = SequenceModel.train(rest);
      part.forEach(events -> scores.add(model.score(events)));
    }
    scores.sort(null);
    return scores.get(Math.min(scores.size() - 1, (int) Math.ceil(scores.size() * (1 - RATE))));
  }

  private static ScoreCurves curves(List<Scored> rows) {
    ScoreCurves out = new ScoreCurves();
    rows.forEach(r -> out.add(r.score(), r.abnormal()));
    return out;
  }

  private static List<String> line(String name, JsonNode figures) {
    return Stream.concat(
            Stream.of(name),
            Stream.of("precision", "recall", "falsePositiveRate", "recallAtFpr005")
                .map(f -> ClassMetrics.three(figures.path(f).asDouble())))
        .toList();
  }

  private static void figures(ObjectNode into, List<Scored> rows, double threshold) {
    double positives = Math.max(1, rows.stream().filter(Scored::abnormal).count());
    double negatives = Math.max(1, rows.stream().filter(r -> !r.abnormal()).count());
    long hit = rows.stream().filter(r -> r.abnormal() && r.score() > threshold).count();
    long wrong = rows.stream().filter(r -> !r.abnormal() && r.score() > threshold).count();
    into.put("precision", hit + wrong == 0 ? 0 : hit / (double) (hit + wrong));
    into.put("recall", hit / positives);
    into.put("falsePositiveRate", wrong / negatives);
    double recall = 0;
    ScoreCurves curves = curves(rows);
    for (double[] point : curves.roc()) {
      recall = point[0] <= RATE ? Math.max(recall, point[1]) : recall;
    }
    into.put("recallAtFpr005", recall);
    into.put("averagePrecision", curves.averagePrecision());
  }

  private void odd(SequenceModel model, List<Row> test, EvaluationReport report)
      throws IOException {
    Map<String, String> names = new TreeMap<>();
    if (templates.isPresent()) {
      for (String line : EvaluationFiles.lines(templates.get())) {
        String[] cells = line.split("\t", 3);
        names.put(cells[0], cells.length > 1 ? cells[cells.length - 1] : "");
      }
    }
    List<Row> worst = new ArrayList<>(test);
    worst.sort(java.util.Comparator.comparingDouble((Row r) -> model.score(r.events())).reversed());
    List<List<String>> table = new ArrayList<>();
    for (Row row : worst.subList(0, Math.min(20, worst.size()))) {
      int at = model.oddest(row.events());
      String event = String.valueOf(row.events()[at]);
      table.add(
          List.of(
              row.id(),
              row.abnormal() ? "abnormal" : "normal",
              Arrays.toString(row.events()),
              (at + 1) + ": " + names.getOrDefault(event, event)));
    }
    report.table(
        "The oddest sequences", List.of("sequence", "is", "events", "oddest event"), table);
  }
}
