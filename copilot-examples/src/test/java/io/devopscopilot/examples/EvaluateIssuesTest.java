package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
}
