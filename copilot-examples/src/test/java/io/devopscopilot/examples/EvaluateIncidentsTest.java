package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class EvaluateIncidentsTest {
  @TempDir Path dir;

  @Test
  @DisplayName("evaluate category measures incidents, an accepted other category counts as right")
  void incidents() throws Exception {
    Path data = dir.resolve("incidents.jsonl");
    Files.writeString(
        data,
        row("a", "config_error", "[]", "fatal: STORE_URL is not set")
            + row("b", "app_error", "[\"network_dns\"]", "lookup stock.svc: no such host")
            + row("c", "storage", "[]", "certificate has expired")
            + row("d", "weather", "[]", "rain")
            + "{\"id\":\"e\",\"category\":\"oom\",\"evidence\":[]}\n");
    Path json = dir.resolve("out.json");
    Path html = dir.resolve("out.html");
    int code =
        new CommandLine(new EvaluateCategory())
            .execute("--data", data.toString(), "--json", json.toString(), "--html", "" + html);
    assertThat(code).isZero();
    JsonNode out = new ObjectMapper().readTree(json.toFile());
    assertThat(out.at("/rows").asInt()).isEqualTo(3);
    JsonNode incidents = out.path("incidents");
    assertThat(incidents.path("top1").asDouble()).isBetween(0.66, 0.67);
    for (String key : new String[] {"top3", "macroF1", "ece", "unknown"}) {
      assertThat(incidents.path(key).isNumber()).as(key).isTrue();
    }
    assertThat(incidents.has("classes")).isTrue();
    assertThat(incidents.has("confusion")).isTrue();
    for (String rival : new String[] {"majority", "constant", "keyword"}) {
      assertThat(out.at("/baselines/" + rival + "/incidents/top1").isNumber()).isTrue();
    }
    assertThat(out.path("skipped").toString()).contains("2");
    assertThat(Files.readString(html)).contains("Incidents").contains("STORE_URL");
  }

  private static String row(String id, String category, String more, String line) {
    return "{\"id\":\"%s\",\"family\":\"%s\",\"category\":\"%s\",\"category_alt\":%s,"
            .formatted(id, id, category, more)
        + "\"question\":\"why\",\"evidence\":[{\"kind\":\"logs\",\"text\":\"%s\"}]}\n"
            .formatted(line);
  }
}
