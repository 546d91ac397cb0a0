package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The app over files that the Flink job wrote. */
class ParquetAppTest {
  private static final String ISSUE =
      "{\"id\":\"00aa\",\"state\":\"%s\",\"category\":\"oom\",\"probability\":0.9,"
          + "\"horizonSeconds\":0,\"namespace\":\"shop\",\"service\":\"checkout\","
          + "\"title\":\"oom: OOMKilled\",\"opened\":\"2026-01-05T10:00:00Z\","
          + "\"updated\":\"2026-01-05T10:05:00Z\",%s\"evidence\":[{\"time\":"
          + "\"2026-01-05T10:00:00Z\",\"namespace\":\"shop\",\"service\":\"checkout\","
          + "\"message\":\"OOMKilled\",\"attr.reason\":\"OOMKilling\"}],\"fingerprints\":[7]}\n";

  @TempDir Path folder;
  private App app;
  private WebServer server;

  @BeforeEach
  void start() throws Exception {
    lines("day=2026-01-05/namespace=shop", "OOMKilled: container checkout exceeded memory limit");
    issues("issues-0.jsonl", String.format(ISSUE, "OPEN", "") + "no issue\n");
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("data");
    options.parquet = Optional.of(folder.resolve("job"));
    app = new App(options, List.of(), Optional.empty());
    server = new WebServer(app, "127.0.0.1", 0, Optional.empty());
    app.start();
    until("the documents", () -> app.indexed());
  }

  @AfterEach
  void stop() {
    server.close();
    app.close();
  }

  private void lines(String where, String message) throws Exception {
    Path target = Files.createDirectories(folder.resolve("job/lines").resolve(where));
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      statement.execute(
          "COPY (SELECT 1::BIGINT AS id, TIMESTAMP '2026-01-05 10:00:00' AS ts, 0 AS nanos,"
              + " 'checkout' AS service, 'checkout-1' AS pod, '' AS pod_uid, 'app' AS container,"
              + " 'n1' AS node, '' AS owner, 0 AS restarts, NULL::VARCHAR AS labels, 'LOG' AS kind,"
              + " 'ERROR' AS severity, 0.9::FLOAT AS severity_probability, 'oom' AS category,"
              + " 0.8::FLOAT AS category_probability, 7::BIGINT AS fingerprint, '"
              + message
              + "' AS message, NULL::VARCHAR AS attributes, 0 AS flags, 'm' AS model) TO '"
              + target.resolve("lines-" + message.length() + ".parquet")
              + "' (FORMAT parquet)");
    }
  }

  private void issues(String name, String text) throws Exception {
    Path target = Files.createDirectories(folder.resolve("job/issues/day=2026-01-05"));
    Path unfinished = Files.writeString(target.resolve("." + name), text);
    Files.move(unfinished, target.resolve(name));
  }

  private static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(180).toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private HttpResponse<String> send(String path, String type, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (!body.isEmpty()) {
      request.header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofString(body));
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    return Views.JSON.readTree(send(path, "", "").body());
  }

  @Test
  void searchesChartsAndAnswers() throws Exception {
    JsonNode record = json("/records?namespace=shop&total=true").at("/records/0");
    assertThat(record.path("message").asText()).startsWith("OOMKilled");
    assertThat(record.path("severity").asText()).isEqualTo("ERROR");
    assertThat(json("/records/" + record.path("id").asText())).isEqualTo(record);
    assertThat(send("/counts?bucket=60", "", "").body()).contains("\"oom\"");
    JsonNode answer =
        Views.JSON.readTree(
            send("/ask", "application/json", "{\"question\":\"Why was checkout killed?\"}").body());
    assertThat(answer.path("answered").asBoolean()).isTrue();
    assertThat(answer.findValuesAsText("kind")).contains("log", "passage");
  }

  @Test
  void showsWhatTheJobWritesLater() throws Exception {
    lines("day=2026-01-05/namespace=bank", "later");
    until("the new file", () -> json("/records").path("records").size() == 2);
  }

  @Test
  void showsTheIssuesOfTheJob() throws Exception {
    until("the issue", () -> app.issues().get("00aa").isPresent());
    IssueBoard.Entry entry = app.issues().get("00aa").orElseThrow();
    assertThat(entry.issue().evidence().get(0).attributes()).containsEntry("reason", "OOMKilling");
    assertThat(app.issues().all()).hasSize(1);
    issues(
        "issues-1.jsonl",
        String.format(ISSUE, "RESOLVED", "\"resolved\":\"2026-01-05T10:06:00Z\","));
    until("its end", () -> app.issues().get("00aa").orElseThrow().issue().resolved().isPresent());
    assertThat(json("/issues/00aa").path("state").asText()).isEqualTo("RESOLVED");
  }

  @Test
  void takesNoLinesOfItsOwn() throws Exception {
    assertThat(send("/upload?name=x", "text/plain", "INFO a\n").statusCode()).isEqualTo(409);
  }
}
