package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @Test
  void exitsWith2OnWrongUsageAnd0OnHelp() {
    assertThat(Main.run("no-such-command")).isEqualTo(2);
    assertThat(Main.run()).isEqualTo(2);
    assertThat(Main.run("--help")).isEqualTo(0);
  }

  @Test
  void measuresRetrievalAndCountsWhatItCannotUse(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("a.md"), "# Disk\n\nThe disk is full; delete old files.\n");
    Files.writeString(folder.resolve("b.md"), "# Logins\n\nBlock the address after ten tries.\n");
    Path corpus = folder.resolve("corpus.jsonl");
    Files.writeString(
        corpus,
        """
        {"doc_id":"a","path":"a.md"}
        {"doc_id":"b","path":"b.md"}
        {"doc_id":"c","path":"missing.md"}
        """);
    Path queries = folder.resolve("queries.jsonl");
    Files.writeString(
        queries,
        """
        {"query":"disk full","type":"t","relevant":["a"]}
        {"query":"block address","type":"t","relevant":["b"]}
        not json
        """);
    Path json = folder.resolve("out.json");
    Path page = folder.resolve("out.html");
    String[] args = {
      "evaluate", "retrieval",
      "--docs", folder.toString(),
      "--corpus", corpus.toString(),
      "--queries", queries.toString(),
      "--json", json.toString(),
      "--html", page.toString()
    };
    assertThat(Main.run(args)).isZero();
    JsonNode figures = new ObjectMapper().readTree(json.toFile());
    assertThat(figures.at("/all/hit1").asDouble()).isEqualTo(1.0);
    assertThat(figures.at("/baselines/bm25/all/queries").asInt()).isEqualTo(2);
    assertThat(figures.path("rows").asInt()).isEqualTo(2);
    assertThat(figures.path("skipped").asInt()).isEqualTo(2);
    assertThat(Files.readString(page)).contains("<svg").doesNotContain("<script");
  }
}
