package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.collector.DuckDbLogStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
  @Test
  void exitsWith2OnWrongUsageAnd0OnHelp() {
    assertThat(Main.run("no-such-command")).isEqualTo(2);
    assertThat(Main.run()).isEqualTo(2);
    assertThat(Main.run("--help")).isEqualTo(0);
  }

  private static String said(int status, String... args) {
    StringWriter text = new StringWriter();
    CommandLine line = Main.line();
    line.setOut(new PrintWriter(text)).setErr(new PrintWriter(text));
    assertThat(line.execute(args)).as(text.toString()).isEqualTo(status);
    return text.toString();
  }

  @Test
  void wrongValuesAreNamedBeforeAnyWorkBegins(@TempDir Path folder) {
    assertThat(said(2, "classify", "--category", "ooom", "pom.xml"))
        .contains("ooom")
        .contains("crash_loop");
    assertThat(said(2, "classify", "--only", "ERORR", "pom.xml"))
        .contains("ERORR")
        .contains("FATAL")
        .contains("Try 'copilot classify --help'");
    assertThat(said(2, "train", "--out", folder.resolve("none/my.model").toString()))
        .contains("my.model")
        .doesNotContain("rows");
    assertThat(said(2, "export")).contains("--db").contains("Try 'copilot export --help'");
  }

  @Test
  void wrongNamesAndFilesAreToldInWords(@TempDir Path folder) throws Exception {
    assertThat(said(2, "serv")).contains("no command serv, did you mean serve");
    assertThat(said(2, "serve", "--prot", "1")).contains("no option --prot");
    Path db = folder.resolve("x.db");
    String none = folder.resolve("none.log").toString();
    assertThat(said(2, "collect", "--db", db.toString(), none)).contains("none.log does not exist");
    assertThat(db).doesNotExist();
    Path empty = Files.createFile(folder.resolve("empty.log"));
    assertThat(said(0, "classify", empty.toString())).contains("0 of 0 lines");
    assertThat(said(1, "ask", "--data-dir", empty.toString(), "why"))
        .contains("--data-dir " + empty + " can't be made: " + empty + " is no folder");
    Path text = Files.writeString(folder.resolve("a.jsonl"), "no json\n");
    String model = folder.resolve("x.model").toString();
    assertThat(said(2, "train", "--out", model, "--data", text.toString()))
        .contains(text + " has no labelled row");
    assertThat(said(2, "evaluate", "category", "--data", text.toString()))
        .contains("nothing to measure")
        .contains("line is not JSON=1");
  }

  @Test
  void optionsThatWouldBeIgnoredAreRefused() {
    assertThat(said(2, "serve", "--demo", "a.log")).contains("--demo plays the bundled sample");
    assertThat(said(2, "serve", "--demo", "--context", "c")).contains("--demo plays");
    assertThat(said(2, "issues", "--namespace", "shop")).contains("need a cluster");
  }

  @Test
  void podsAreSharedOnlyWherePositionsTravelAndUnderOneName() {
    String[] to = {"--to", "kafka=127.0.0.1:1/t"};
    assertThat(said(2, "collect", "--context", "c", "--shards", "2", "--db", "x.duckdb"))
        .contains("--shards needs --to kafka=HOST:PORT/TOPIC");
    assertThat(said(2, "collect", "--context", "c", "--shards", "2", to[0], to[1]))
        .contains("--shards needs --name");
    assertThat(said(2, "collect", "--shards", "2", "--name", "n", to[0], to[1], "a.log"))
        .contains("give --context or --in-cluster, and no files");
    assertThat(said(2, "collect", "--context", "c", "--to", "kafka=t")).contains("--to is kafka=t");
  }

  @Test
  void collectKeepsOnlyLinesThatAreYoungEnough(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("a.log"),
            "2020-01-01T00:00:00Z INFO long ago\n%s INFO just now\n".formatted(Instant.now()));
    Path db = folder.resolve("logs.duckdb");
    String[] collect = {"collect", "--db", db.toString(), file.toString(), "--keep-days", ""};
    collect[5] = "-1";
    assertThat(said(2, collect)).contains("--keep-days is -1, must be 0 to 36500");
    collect[5] = "1";
    said(0, collect);
    try (DuckDbLogStore store = DuckDbLogStore.open(db)) {
      assertThat(store.find(LogQuery.builder().build()))
          .extracting(stored -> stored.record().message())
          .containsExactly("INFO just now");
    }
  }

  @Test
  void classifyReadsSeveralInputsAndAnyCaseOfASeverity(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("a.log"), "ERROR one broke\nINFO fine\n");
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("ERROR two broke\n".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(said(0, "classify", "--only", "error", file.toString(), "-"))
          .contains("one broke")
          .contains("two broke")
          .doesNotContain("fine");
    } finally {
      System.setIn(before);
    }
    Path pipe = Path.of("/dev/null");
    if (Files.exists(pipe)) {
      assertThat(said(0, "classify", pipe.toString())).contains("0 of 0 lines");
    }
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
