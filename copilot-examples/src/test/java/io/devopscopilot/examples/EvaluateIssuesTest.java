package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.devopscopilot.api.LogRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateIssuesTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

  @TempDir Path folder;

  @Test
  void judgesPredictions() throws Exception {
    Path scenarios = Files.createDirectories(folder.resolve("scenarios"));
    List<String> leak = new ArrayList<>();
    leak.add(
        "{\"scenario\":\"leak\",\"failure_at\":\"2026-01-05T10:20:00Z\",\"category\":\"oom\","
            + "\"service\":\"cart\",\"lead_seconds\":120}");
    List<String> quiet = new ArrayList<>();
    quiet.add("{\"scenario\":\"quiet\"}");
    for (int i = 0; i < 40; i++) {
      String time = START.plusSeconds(30L * i).toString();
      leak.add(
          "{\"ts\":\""
              + time
              + "\",\"service\":\"cart\",\"pod\":\"cart-1\",\"text\":\"memory used "
              + (200 + 7 * i)
              + " MiB of 512 MiB\"}");
      quiet.add("{\"ts\":\"" + time + "\",\"service\":\"cart\",\"text\":\"order stored\"}");
    }
    leak.add("not json");
    Files.write(scenarios.resolve("leak.jsonl"), leak);
    Files.write(scenarios.resolve("quiet.jsonl"), quiet);
    Path json = folder.resolve("out.json");
    assertThat(
            Main.run(
                "evaluate",
                "prediction",
                "--scenarios",
                scenarios.toString(),
                "--json",
                json.toString(),
                "--html",
                folder.resolve("out.html").toString()))
        .isZero();
    JsonNode out = Views.JSON.readTree(json.toFile());
    assertThat(out.at("/all/predicted").asDouble()).isEqualTo(1);
    assertThat(out.at("/all/categoryRight").asDouble()).isEqualTo(1);
    assertThat(out.at("/all/falseAlarmsPerHour").asDouble()).isZero();
    assertThat(out.path("rows").asInt()).isEqualTo(80);
    assertThat(out.path("skipped").toString()).contains("1");
    assertThat(out.path("issueModel").asText()).isEqualTo("rules");
    assertThat(out.at("/weighed/rows").asInt()).isPositive();
    assertThat(out.at("/weighed/brier").asDouble()).isBetween(0.0, 0.5);
    assertThat(out.at("/weighed/calibration").size()).isBetween(1, 10);
    assertThat(Files.readString(folder.resolve("out.html"))).contains("aria-label='Calibration");
    String[] drawings =
        Files.readString(folder.resolve("out.html")).split("aria-label='timeline of ", -1);
    assertThat(drawings).hasSize(3);
    assertThat(drawings[1]).startsWith("leak'").contains("#2ca02c", "#d62728");
    assertThat(drawings[2]).startsWith("quiet'").doesNotContain("#2ca02c", "#d62728", "#ff7f0e");
    assertThat(Main.run("evaluate", "prediction", "--scenarios", "/no/such/folder")).isEqualTo(2);
  }

  @Test
  void judgesDetection() throws Exception {
    List<String> lines = new ArrayList<>();
    lines.add("ts\tservice\tpod\tlevel\tlogger\tmessage");
    for (int i = 0; i < 900; i++) {
      String time = START.plusSeconds(i).toString();
      lines.add(time + "\tcart\tcart-1\tINFO\tc.Cart\tbasket stored");
      lines.add(time + "\tweb\tweb-1\tINFO\tc.Web\tpage served");
      if (i >= 600 && i < 660) {
        lines.add(time + "\tcart\tcart-1\tERROR\tc.Cart\tbasket lost: connection refused");
      }
    }
    Path table = Files.write(folder.resolve("lines.tsv"), lines);
    Path faults =
        Files.writeString(
            folder.resolve("faults.jsonl"),
            "{\"inject_time\":\"2026-01-05 10:10:00\",\"inject_service\":\"cart\","
                + "\"inject_type\":\"return\"}\n");
    Path json = folder.resolve("out.json");
    assertThat(
            Main.run(
                "evaluate",
                "detection",
                "--lines",
                table.toString(),
                "--faults",
                faults.toString(),
                "--json",
                json.toString()))
        .isZero();
    JsonNode out = Views.JSON.readTree(json.toFile());
    assertThat(out.at("/all/detected60").asDouble()).isEqualTo(1);
    assertThat(out.at("/all/serviceTop1").asDouble()).isEqualTo(1);
    assertThat(out.at("/all/precision").asDouble()).isEqualTo(1);
    assertThat(out.at("/all/falseAlarmsPerHour").asDouble()).isZero();
    assertThat(out.at("/return/faults").asInt()).isEqualTo(1);
  }

  @Test
  void judgesSequences() throws Exception {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      boolean odd = i % 10 == 0;
      rows.add(
          "{\"seq_id\":\"s"
              + i
              + "\",\"label\":"
              + (odd ? 1 : 0)
              + ",\"split\":\"train\",\"event_ids\":"
              + (odd ? "[1,3,2,4]" : "[1,2,3,4]")
              + "}");
    }
    rows.add("{\"label\":1}");
    Path data = Files.write(folder.resolve("sequences.jsonl"), rows);
    Path json = folder.resolve("out.json");
    String[] args = {"evaluate", "sequences", "--data", data.toString(), "--json", json.toString()};
    assertThat(Main.run(args)).isZero();
    JsonNode out = Views.JSON.readTree(json.toFile());
    assertThat(out.path("recallAtFpr005").asDouble()).isEqualTo(1);
    assertThat(out.at("/baselines/neverSeenCounts/recallAtFpr005").asDouble()).isZero();
    assertThat(out.path("testAbnormal").asInt()).isEqualTo(40);
    assertThat(out.path("skipped").asInt()).isEqualTo(1);
    assertThat(Main.run("evaluate", "sequences", "--data", data.toString(), "--prefix", "2"))
        .isEqualTo(2);
  }

  @Test
  void partsShareNoKindServiceOrFormat() {
    Map<String, Set<Object>> usedBy = new TreeMap<>();
    for (ScenarioKit.Kind kind : new ScenarioKit().kinds()) {
      Scenario scenario = Scenario.of(kind, 1, 3);
      usedBy.computeIfAbsent("kind " + kind.name(), k -> new HashSet<>()).add(kind.part());
      for (Scenario.Line line : scenario.lines()) {
        int at = line.text().indexOf("stored record");
        if (at >= 0) {
          String format =
              line.text()
                  .substring(0, at)
                  .replaceAll("[A-Za-z]+", "a")
                  .replaceAll("\\d+", "0")
                  .replace("0:0:0.0", "0:0:0");
          usedBy.computeIfAbsent("format " + format, k -> new HashSet<>()).add(kind.part());
        }
        usedBy.computeIfAbsent("service " + line.service(), k -> new HashSet<>()).add(kind.part());
      }
    }
    assertThat(usedBy).hasSizeGreaterThan(100);
    assertThat(usedBy).allSatisfy((what, parts) -> assertThat(parts).as(what).hasSize(1));
    assertThat(usedBy.keySet().stream().filter(k -> k.startsWith("format"))).hasSize(8);
  }

  @Test
  void warningEventsOfAScenarioAreNoLines() {
    ScenarioKit.Kind kind =
        new ScenarioKit()
            .kinds().stream().filter(k -> k.name().equals("node_lost")).findFirst().orElseThrow();
    Scenario scenario = Scenario.of(kind, 1, 3);
    Scenario.Line event =
        scenario.lines().stream().filter(Scenario.Line::warning).findFirst().orElseThrow();
    assertThat(event.record().kind()).isEqualTo(LogRecord.Kind.EVENT);
    assertThat(event.json()).contains("\"warning\":true");
    assertThat(scenario.head().path("service").asText()).isEqualTo(event.service());
  }

  @Test
  void anInstanceOfAScenarioIsRestartedAgainAndAgainOrStays() {
    assertThat(restarts("restarts_again")).startsWith(0, 1, 2, 3).hasSizeGreaterThan(4);
    assertThat(restarts("quiet_restarted_after_deploy")).startsWith(0, 1).hasSizeBetween(2, 3);
  }

  private static List<Integer> restarts(String name) {
    ScenarioKit.Kind kind =
        new ScenarioKit().kinds().stream().filter(k -> k.name().equals(name)).findFirst().get();
    List<Scenario.Line> lines =
        java.util.stream.IntStream.rangeClosed(1, 9)
            .mapToObj(n -> Scenario.of(kind, n, 3))
            .max(java.util.Comparator.comparingInt(s -> s.lines().size()))
            .orElseThrow()
            .lines();
    for (Scenario.Line line : lines) {
      assertThat(line.json().contains("\"restarts\":" + line.restarts() + ","))
          .isEqualTo(line.restarts() >= 0);
      assertThat(line.record().origin().restartCount()).isEqualTo(Math.max(0, line.restarts()));
    }
    return lines.stream().map(Scenario.Line::restarts).filter(n -> n >= 0).distinct().toList();
  }

  @Test
  void writesTheSameScenariosForTheSameSeed() throws Exception {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    for (Path to : List.of(one, two)) {
      String[] args = {"scenarios", "--out", to.toString(), "--seed", "5", "--repeats", "1"};
      assertThat(Main.run(args)).isZero();
    }
    try (java.util.stream.Stream<Path> files = Files.list(one)) {
      List<Path> all = files.toList();
      assertThat(all).hasSizeGreaterThan(14);
      for (Path file : all) {
        assertThat(file).hasSameTextualContentAs(two.resolve(file.getFileName()));
      }
    }
    List<ScenarioKit.Kind> kinds = new ScenarioKit().kinds();
    assertThat(kinds.stream().filter(ScenarioKit.Kind::fails)).hasSizeGreaterThanOrEqualTo(15);
    assertThat(kinds.stream().filter(k -> !k.fails())).hasSizeGreaterThanOrEqualTo(15);
  }
}
