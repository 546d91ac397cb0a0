package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.classifier.IssueModel;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate detection}: how soon and where injected faults are found in a day of lines. */
@Command(
    name = "detection",
    description = "Measures how soon injected faults are found, and how many alarms are false.",
    mixinStandardHelpOptions = true)
final class EvaluateDetection implements Callable<Integer> {
  /** An issue belongs to a fault up to so long after its injection. */
  private static final int FAULT_SECONDS = 180;

  private static final int STEP_SECONDS = 10;

  @Mixin private EvaluationOptions options;

  @Option(
      names = "--lines",
      required = true,
      paramLabel = "FILE",
      description = "Table (TSV) with the columns ts, service, pod, level, logger, message.")
  private Path lines;

  @Option(
      names = "--faults",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines: inject_time, inject_service, inject_type.")
  private Path faults;

  @Option(
      names = "--issue-model",
      paramLabel = "FILE",
      description = "Issue model of train --issues; default: fixed bars.")
  private Optional<Path> issueModel = Optional.empty();

  private record Fault(Instant time, String service, String type) {}

  @Override
  public Integer call() throws IOException {
    EvaluationReport report = new EvaluationReport("evaluate detection");
    TreeLogClassifier classifier = LineModels.load(options);
    report.model(classifier.model());
    IssueReplay replay =
        new IssueReplay(LineModels.copilot(classifier), issueModel.map(IssueModel::load));
    Set<String> services = new LinkedHashSet<>();
    Set<Long> steps = play(replay, services, report);
    List<Fault> injected = faults(report);
    List<Issue> opened = replay.opened();
    Map<String, List<Fault>> types = new TreeMap<>();
    for (Fault f : injected) {
      types.computeIfAbsent(f.type(), t -> new ArrayList<>()).add(f);
    }
    List<List<String>> table = new ArrayList<>();
    types.forEach((type, some) -> table.add(figures(report, type, some, opened, services)));
    table.add(figures(report, "all", injected, opened, services));
    double free = freeHours(steps, injected);
    long falseAlarms = opened.stream().filter(i -> during(i, injected).isEmpty()).count();
    ObjectNode all = (ObjectNode) report.json().get("all");
    all.put("issues", opened.size());
    all.put("nonFaultHours", free);
    all.put("falseAlarmsPerHour", free == 0 ? 0 : falseAlarms / free);
    long right =
        opened.stream()
            .filter(
                i -> during(i, injected).stream().anyMatch(f -> f.service().equals(i.service())))
            .count();
    all.put("precision", opened.isEmpty() ? 0 : right / (double) opened.size());
    report.baseline("never").put("detected120", 0).put("precision", 0);
    report.table(
        "Faults by kind",
        List.of("kind", "faults", "within 60 s", "within 120 s", "within 180 s", "service right"),
        table);
    timeline(report, opened, injected);
    options.err().println(all);
    report.write(options);
    return 0;
  }

  private Set<Long> play(IssueReplay replay, Set<String> services, EvaluationReport report)
      throws IOException {
    List<String> rows = EvaluationFiles.lines(lines);
    if (rows.isEmpty()) {
      throw new Main.UsageException(lines + " is empty, it must have a header line");
    }
    List<String> header = Arrays.asList(rows.get(0).split("\t", -1));
    int ts = TrainingData.column(lines, header, "ts");
    int service = TrainingData.column(lines, header, "service");
    int level = TrainingData.column(lines, header, "level");
    int logger = TrainingData.column(lines, header, "logger");
    int message = TrainingData.column(lines, header, "message");
    int trace = header.indexOf("trace_id");
    Map<String, Origin> origins = new LinkedHashMap<>();
    List<LogRecord> records = new ArrayList<>();
    for (String row : rows.subList(1, rows.size())) {
      String[] cells = row.split("\t", -1);
      if (cells.length < header.size()) {
        report.skip("too few columns");
        continue;
      }
      try {
        LogRecord plain =
            LogRecord.of(
                Instant.parse(cells[ts]),
                cells[level] + " " + cells[logger] + " - " + cells[message],
                origins.computeIfAbsent(cells[service], Origin::ofService));
        records.add(
            trace < 0 || cells[trace].isEmpty()
                ? plain
                : new LogRecord(
                    plain.timestamp(),
                    plain.message(),
                    plain.kind(),
                    plain.origin(),
                    plain.position(),
                    Map.of(LogRecord.ATTR_TRACE_ID, cells[trace]),
                    plain.flags()));
      } catch (DateTimeException e) {
        report.skip("unreadable time");
      }
    }
    records.sort(java.util.Comparator.comparing(LogRecord::timestamp));
    records.forEach(replay::add);
    services.addAll(origins.keySet());
    report.addRows(records.size());
    Set<Long> steps = new LinkedHashSet<>();
    records.forEach(r -> steps.add(r.timestamp().getEpochSecond() / STEP_SECONDS));
    return steps;
  }

  private List<Fault> faults(EvaluationReport report) throws IOException {
    List<Fault> all = new ArrayList<>();
    for (String line : EvaluationFiles.lines(faults)) {
      if (line.isBlank()) {
        continue;
      }
      try {
        JsonNode row = Views.JSON.readTree(line);
        String time = row.path("inject_time").asText().replace(' ', 'T');
        all.add(
            new Fault(
                Instant.parse(time.endsWith("Z") ? time : time + "Z"),
                row.path("inject_service").asText(),
                row.path("inject_type").asText("unknown")));
      } catch (IOException | DateTimeException e) {
        report.skip("unreadable fault");
      }
    }
    return all;
  }

  private static String shown(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** What was told and what was injected, in the order of time. */
  private static void timeline(EvaluationReport report, List<Issue> opened, List<Fault> faults) {
    Map<Instant, List<String>> rows = new TreeMap<>();
    for (Fault f : faults) {
      rows.put(f.time(), List.of(shown(f.time()), "injected", f.service(), f.type(), ""));
    }
    for (Issue i : opened) {
      List<Fault> near = during(i, faults);
      boolean right = near.stream().anyMatch(f -> f.service().equals(i.service()));
      String what = right ? "found" : near.isEmpty() ? "false alarm" : "another service";
      report
          .json()
          .withArray("/timeline")
          .addObject()
          .put("opened", i.opened().toString())
          .put("service", i.service())
          .put("category", i.category())
          .put("probability", i.probability())
          .put("title", i.title())
          .put("is", what);
      String key = Math.round(i.probability() * 100) + " %";
      rows.put(
          i.opened(),
          List.of(shown(i.opened()), what, i.service(), key + " " + i.category(), i.title()));
    }
    report.table(
        "Timeline",
        List.of("time", "what", "service", "kind", "title"),
        new ArrayList<>(rows.values()));
  }

  private static List<Fault> during(Issue issue, List<Fault> faults) {
    return faults.stream().filter(f -> within(issue, f, FAULT_SECONDS)).toList();
  }

  private static boolean within(Issue issue, Fault fault, int seconds) {
    return !issue.opened().isBefore(fault.time())
        && issue.opened().isBefore(fault.time().plusSeconds(seconds));
  }

  /** Hours outside of any fault in which there are lines, in steps of ten seconds. */
  private static double freeHours(Set<Long> steps, List<Fault> faults) {
    long free = 0;
    for (long step : steps) {
      Instant now = Instant.ofEpochSecond(step * STEP_SECONDS);
      boolean busy =
          faults.stream()
              .anyMatch(
                  f ->
                      !now.isBefore(f.time()) && now.isBefore(f.time().plusSeconds(FAULT_SECONDS)));
      free += busy ? 0 : 1;
    }
    return free * STEP_SECONDS / 3600.0;
  }

  private static List<String> figures(
      EvaluationReport report,
      String name,
      List<Fault> faults,
      List<Issue> opened,
      Set<String> services) {
    ObjectNode into = report.json().putObject(name);
    into.put("faults", faults.size());
    List<Double> delays = new ArrayList<>();
    int[] found = new int[3];
    int first = 0;
    double others = 0;
    for (Fault f : faults) {
      List<Issue> near = opened.stream().filter(i -> within(i, f, FAULT_SECONDS)).toList();
      near.stream()
          .filter(i -> i.service().equals(f.service()))
          .findFirst()
          .ifPresent(
              i -> {
                double delay = Duration.between(f.time(), i.opened()).toMillis() / 1e3;
                delays.add(delay);
                found[0] += delay < 60 ? 1 : 0;
                found[1] += delay < 120 ? 1 : 0;
                found[2]++;
              });
      first += !near.isEmpty() && near.get(0).service().equals(f.service()) ? 1 : 0;
      long wrong =
          near.stream()
              .filter(i -> !i.service().equals(f.service()) && within(i, f, 120))
              .map(Issue::service)
              .distinct()
              .count();
      others += services.size() < 2 ? 0 : wrong / (double) (services.size() - 1);
    }
    double n = Math.max(1, faults.size());
    delays.sort(null);
    into.put("detected60", found[0] / n);
    into.put("detected120", found[1] / n);
    into.put("detected180", found[2] / n);
    into.put("medianDelaySeconds", delays.isEmpty() ? 0 : delays.get(delays.size() / 2));
    into.put("serviceTop1", first / n);
    into.put("otherServices120", others / n);
    return List.of(
        name,
        String.valueOf(faults.size()),
        String.valueOf(found[0]),
        String.valueOf(found[1]),
        String.valueOf(found[2]),
        String.valueOf(first));
  }
}
