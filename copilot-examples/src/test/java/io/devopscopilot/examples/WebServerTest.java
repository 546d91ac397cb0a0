package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebServerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;
  private static App app;
  private static WebServer server;

  @BeforeAll
  static void start() throws Exception {
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("data");
    options.shows = Optional.of("bundled sample");
    app = new App(options, List.of(new ShopSample(Instant.now())), Optional.empty());
    server = new WebServer(app, "127.0.0.1", 0, Optional.empty());
    app.start();
    until("/ready", 200);
    long deadline = System.nanoTime() + 180_000_000_000L;
    while (app.copilot().stats().counters().get("store.rows.written")
        < new ShopSample(Instant.now()).records().size()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  private static void until(String path, int status) throws Exception {
    long deadline = System.nanoTime() + 180_000_000_000L;
    while (get(path).statusCode() != status) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
    app.close();
  }

  private static URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(180)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, String type, byte[] body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(uri(path))
            .timeout(Duration.ofSeconds(180))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return post(path, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body());
  }

  @Test
  void classifiesOneMessageAndMany() throws Exception {
    JsonNode one =
        json(post("/classify", "{\"message\":\"OOMKilled: container api exceeded memory limit\"}"));
    assertThat(one.at("/results/0/severity").asText()).isEqualTo("ERROR");
    assertThat(one.at("/results/0/category").asText()).isEqualTo("oom");
    assertThat(one.at("/results/0/reasons")).isNotEmpty();
    JsonNode many =
        json(
            post(
                "/classify",
                "{\"records\":[{\"message\":\"WARN a\"},{\"message\":\"INFO b\",\"service\":\"s\","
                    + "\"timestamp\":\"2026-01-05T10:00:00Z\"}]}"));
    assertThat(many.at("/results/0/severity").asText()).isEqualTo("WARN");
    assertThat(many.at("/results/1/severity").asText()).isEqualTo("INFO");
  }

  @Test
  void aBatchHasTheVerdictsOfItsRecordsInTheirOrder() throws Exception {
    List<String> messages =
        List.of(
            "OOMKilled: container api exceeded memory limit",
            "WARN the pool is at 40 of 50",
            "INFO listening on port 8080",
            "dial tcp: lookup db: no such host");
    StringBuilder body = new StringBuilder("{\"records\":[");
    int records = 3 * ServingModel.CHUNK + 1; // more than one thread's share, the last one alone
    for (int i = 0; i < records; i++) {
      body.append(i == 0 ? "" : ",");
      body.append("{\"service\":\"s").append(i % 3).append("\",\"message\":\"");
      body.append(messages.get(i % messages.size())).append("\"}");
    }
    List<JsonNode> single = new ArrayList<>();
    for (String message : messages) {
      single.add(json(post("/classify", "{\"message\":\"" + message + "\"}")).at("/results/0"));
    }
    JsonNode results = json(post("/classify", body + "]}")).path("results");
    assertThat(results).hasSize(records);
    for (int i = 0; i < records; i++) {
      JsonNode alone = single.get(i % messages.size());
      for (String field : List.of("severity", "category", "fingerprint", "categoryProbabilities")) {
        assertThat(results.get(i).path(field)).isEqualTo(alone.path(field));
      }
    }
  }

  @Test
  void asManyRecordsGetReasonsAsAskedFor() throws Exception {
    String body =
        "{\"records\":[{\"message\":\"out of memory\"},{\"message\":\"no such host\"},"
            + "{\"message\":\"disk full\"}]}";
    for (int asked : new int[] {0, 2}) {
      JsonNode results = json(post("/classify?reasons=" + asked, body)).path("results");
      for (int i = 0; i < 3; i++) {
        assertThat(results.get(i).path("reasons").isEmpty()).isEqualTo(i >= asked);
      }
    }
    assertThat(post("/classify?reasons=21", body).statusCode()).isEqualTo(400);
  }

  @Test
  void aBatchIsBounded() throws Exception {
    String most = "{\"message\":\"x\"},".repeat(ClassifyRequest.MAX_RECORDS - 1);
    String last = "{\"message\":\"x\"}";
    assertThat(post("/classify", "{\"records\":[" + most + last + "]}").statusCode())
        .isEqualTo(200);
    HttpResponse<String> refused =
        post("/classify", "{\"records\":[" + most + last + "," + last + "]}");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("more than 10000");
  }

  @Test
  void answersWithLogLinesAndPassages() throws Exception {
    JsonNode answer =
        json(post("/ask", "{\"question\":\"Why does the checkout pod keep restarting?\"}"));
    assertThat(answer.path("answered").asBoolean()).isTrue();
    assertThat(answer.path("answer").asText()).contains("memory");
    assertThat(answer.findValuesAsText("kind")).contains("log", "passage");
    for (JsonNode citation : answer.path("citations")) {
      if (citation.path("kind").asText().equals("log")) {
        JsonNode record = json(get("/records/" + citation.path("id").asText()));
        assertThat(record.path("message").asText()).contains(citation.path("text").asText());
      }
    }
    assertThat(answer.path("suggestions")).isNotEmpty();
  }

  @Test
  void saysWhenItKnowsNothing() throws Exception {
    JsonNode answer = json(post("/ask", "{\"question\":\"Who won the chess match in Riga?\"}"));
    assertThat(answer.path("answered").asBoolean()).isFalse();
    assertThat(answer.path("notes")).isNotEmpty();
  }

  @Test
  void streamsAnswers() throws Exception {
    HttpResponse<String> response =
        CLIENT.send(
            HttpRequest.newBuilder(uri("/ask"))
                .header("Content-Type", "application/json")
                .header("Accept", "text/event-stream")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"question\":\"Is checkout OOMKilled?\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.body()).contains("event: text\n").contains("event: answer\n");
  }

  @Test
  void predictsTheKillBeforeItHappens() throws Exception {
    JsonNode checkout = null;
    long deadline = System.nanoTime() + 180_000_000_000L;
    while (checkout == null) { // it is told once it is answered, behind its lines
      assertThat(System.nanoTime()).as("told in time").isLessThan(deadline);
      Thread.sleep(20);
      for (JsonNode issue : json(get("/issues")).path("issues")) {
        if (issue.path("service").asText().equals("checkout")) {
          checkout = issue;
        }
      }
    }
    assertThat(checkout.path("category").asText()).isEqualTo("oom");
    JsonNode kill =
        json(get("/records?text=out+of+memory&kind=EVENT&order=asc&limit=1")).at("/records/0");
    assertThat(Instant.parse(checkout.path("opened").asText()))
        .isBefore(Instant.parse(kill.path("timestamp").asText()).minusSeconds(120));
    String id = checkout.path("id").asText();
    assertThat(get("/issues/" + id).statusCode()).isEqualTo(200);
    assertThat(post("/issues/" + id + "/resolution", "{\"text\":\"Rolled back.\"}").statusCode())
        .isEqualTo(200);
    assertThat(json(get("/documents")).path("documents").toString()).contains("resolutions/" + id);
  }

  @Test
  void storesUploadsOnce() throws Exception {
    String lines = "2026-01-05T10:00:00Z ERROR up one\n2026-01-05T10:00:01Z INFO up two\nlast";
    long before = app.copilot().stats().counters().get("uploads.lines");
    JsonNode plain =
        json(post("/upload?name=mine.log", "text/plain", lines.getBytes(StandardCharsets.UTF_8)));
    assertThat(plain.at("/uploads/0/lines").asInt()).isEqualTo(3);
    assertThat(plain.at("/uploads/0/severities/ERROR").asInt()).isEqualTo(1);
    assertThat(json(get("/records?service=mine&total=1")).path("total").asInt()).isEqualTo(3);
    assertThat(app.copilot().stats().counters()).containsEntry("uploads.lines", before + 3);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(lines.getBytes(StandardCharsets.UTF_8));
    }
    JsonNode gzip = json(post("/upload?name=packed.gz", "application/gzip", packed.toByteArray()));
    assertThat(gzip.at("/uploads/0/lines").asInt()).isEqualTo(3);
    String form =
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"form.log\"\r\n\r\nWARN a\n"
            + "\r\n--x--\r\n";
    JsonNode multipart =
        json(
            post(
                "/upload",
                "multipart/form-data; boundary=x",
                form.getBytes(StandardCharsets.UTF_8)));
    assertThat(multipart.at("/uploads/0/name").asText()).isEqualTo("form");
    assertThat(multipart.at("/uploads/0/severities/WARN").asInt()).isEqualTo(1);
  }

  @Test
  void linesBeforeDamageAreStored() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      for (int i = 0; i < 20_000; i++) {
        out.write(("INFO item " + i * 7919 % 20_011 + " sold\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    byte[] cut = java.util.Arrays.copyOf(packed.toByteArray(), packed.size() / 2);
    HttpResponse<String> refused = post("/upload?name=cut", "application/gzip", cut);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("lines before that are stored");
    long deadline = System.nanoTime() + 60_000_000_000L;
    long stored = 0;
    while (stored < 5_000) {
      assertThat(System.nanoTime()).as("%d stored", stored).isLessThan(deadline);
      Thread.sleep(20);
      stored = json(get("/records?service=cut&limit=1&total=1")).path("total").asLong();
    }
    assertThat(stored).isLessThan(20_000);
  }

  @Test
  void countsWhatBecameOfALargeUpload() throws Exception {
    String lines = "ERROR disk is full\nINFO all is well\nWARN slow\n".repeat(3_000) + "no level";
    JsonNode done =
        json(post("/upload?name=large", "text/plain", lines.getBytes(StandardCharsets.UTF_8)))
            .at("/uploads/0");
    assertThat(done.path("lines").asLong()).isEqualTo(9_001);
    assertThat(done.at("/severities/ERROR").asLong()).isEqualTo(3_000);
    assertThat(done.at("/severities/WARN").asLong()).isEqualTo(3_000);
    long all = 0;
    for (JsonNode count : done.path("categories")) {
      all += count.asLong();
    }
    assertThat(all).isEqualTo(9_001);
    assertThat(json(get("/records?service=large&limit=1&total=1")).path("total").asLong())
        .isEqualTo(9_001);
  }

  @Test
  void trainsOnlyOnEnoughCorrections() throws Exception {
    HttpResponse<String> refused = post("/models/retrain", "{}");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("must be 5 or more");
  }

  @Test
  void aStoredRecordIsExplainedAsItWasClassified() throws Exception {
    for (String kind : List.of("EVENT", "LOG")) {
      JsonNode record =
          json(get("/records?limit=1&severity=ERROR&service=checkout&kind=" + kind))
              .at("/records/0");
      JsonNode verdict =
          json(get("/records/" + record.path("id").asText() + "/verdict")).at("/results/0");
      String severity = record.path("severity").asText();
      assertThat(verdict.path("severity").asText()).isEqualTo(severity);
      assertThat(verdict.at("/severityProbabilities/" + severity).asDouble())
          .isCloseTo(record.path("severityProbability").asDouble(), within(0.01));
      assertThat(verdict.path("category")).isEqualTo(record.path("category"));
      assertThat(verdict.path("reasons")).isNotEmpty();
    }
    assertThat(get("/records/999999999/verdict").statusCode()).isEqualTo(404);
  }

  @Test
  void saysWhatItShowsWhereThatIsNotTheUsersOwn() throws Exception {
    assertThat(json(get("/ready")).path("shows").asText()).isEqualTo("bundled sample");
  }

  @Test
  void aBodyOfWhiteSpaceIsEmpty() throws Exception {
    for (String path : List.of("/feedback", "/classify", "/ask", "/documents/sync")) {
      HttpResponse<String> refused = post(path, " \r\n\t");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("the body is empty");
    }
  }

  @Test
  void keepsCorrections() throws Exception {
    long id = json(get("/records?limit=1")).at("/records/0/id").asLong();
    JsonNode kept = json(post("/feedback", "{\"record\":" + id + ",\"category\":\"network_dns\"}"));
    assertThat(kept.path("corrections").asInt()).isPositive();
    assertThat(post("/feedback", "{\"record\":" + id + "}").statusCode()).isEqualTo(400);
    assertThat(post("/feedback", "{\"record\":999999999,\"category\":\"oom\"}").statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/classify | '' | 400 | empty",
        "/classify | {broken | 400 | not valid JSON",
        "/classify | [] | 400 | object",
        "/classify | {} | 400 | message",
        "/classify | {\"message\":5} | 400 | message is number",
        "/classify | {\"message\":\"x\",\"colour\":1} | 400 | colour",
        "/classify | {\"message\":\"x\",\"timestamp\":\"noon\"} | 400 | noon",
        "/classify | {\"records\":5} | 400 | records is number",
        "/classify | {\"records\":[5]} | 400 | found number",
        "/classify | {\"records\":[{}]} | 400 | message is missing",
        "/classify | {\"records\":[{\"message\":\"x\",\"records\":[]}]} | 400 | 'records'",
        "/classify | {\"records\":[],\"message\":\"x\"} | 400 | only field",
        "/classify | {\"message\":\"x\",\"records\":[]} | 400 | only field",
        "/classify | {\"message\":null} | 400 | message is missing",
        "/classify | {\"message\":\"x\",\"message\":\"y\"} | 400 | not valid JSON",
        "/classify | {\"message\":\"x\"} {} | 400 | goes on",
        "/classify | {\"message\":\"x\" | 400 | not valid JSON",
        "/ask | {\"question\":\" \"} | 400 | question",
        "/ask | {\"question\":\"x\",\"since\":\"soon\"} | 400 | soon",
        "/upload | '' | 400 | empty",
        "/nothing | {} | 404 | /nothing",
      })
  void badInputIsNamed(String path, String body, int status, String detail) throws Exception {
    HttpResponse<String> response = post(path, body);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    JsonNode problem = json(response);
    assertThat(problem.path("detail").asText()).contains(detail);
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(response.body()).doesNotContain("Exception").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/records?limit=0", "/records?limit=x", "/records?severity=LOUD", "/records?from=noon",
        "/records?fingerprint=zz", "/counts?bucket=0", "/records/x", "/records/1/context?before=-1",
        "/records?sevrity=ERROR", "/records?category=securty", "/counts?limt=5", "/groups?bucket=5",
        "/tail?service=a&pods=b", "/tail?limit=0", "/issues?state=OPEN", "/passages?text=x&k=5",
        "/records/1/context?limit=5"
      })
  void badParametersAreNamed(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(json(response).path("detail").asText()).contains("must be");
  }

  @Test
  void linesThatNoCategoryFitsAreFoundToo() throws Exception {
    assertThat(get("/records?category=unknown,none&limit=1").statusCode()).isEqualTo(200);
  }

  @Test
  void aTailIsForThoseWhoReadEvents() throws Exception {
    HttpResponse<String> response = get("/tail?service=a");
    assertThat(response.statusCode()).isEqualTo(406);
    assertThat(json(response).path("detail").asText()).contains("text/event-stream");
  }

  @Test
  void longLinesAndBinaryBytesAreNoTrouble() throws Exception {
    byte[] body = new byte[10 << 20];
    java.util.Arrays.fill(body, (byte) 'x');
    body[5] = 0;
    body[6] = (byte) 0xff;
    JsonNode done = json(post("/upload?name=wild", "application/octet-stream", body));
    assertThat(done.at("/uploads/0/lines").asInt()).isEqualTo(1);
    assertThat(done.at("/uploads/0/counters").path("bytes.cut").asLong()).isPositive();
    assertThat(
            post("/upload", "application/gzip", new byte[] {0x1f, (byte) 0x8b, 1, 2, 3})
                .statusCode())
        .isEqualTo(400);
  }

  /** A raw request, since the JDK's client forbids foreign Host headers. */
  private static String raw(String head) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(120_000);
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
    }
  }

  @Test
  void otherSitesAndNamesAreKeptOut() throws Exception {
    assertThat(raw("GET /records HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
        .endsWith("403");
    assertThat(
            raw(
                "GET /records HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
                    + "Connection: close\r\n\r\n"))
        .endsWith("403");
    assertThat(
            post("/classify", "text/plain", "{\"message\":\"x\"}".getBytes(StandardCharsets.UTF_8))
                .statusCode())
        .isEqualTo(415);
    HttpResponse<String> page = get("/");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("script-src 'self'")
        .doesNotContain("unsafe");
    assertThat(page.body()).doesNotContain("<script>").doesNotContain(" onclick");
    assertThat(page.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void beyondLoopbackATokenIsNeeded() throws Exception {
    try (WebServer guarded = new WebServer(app, "127.0.0.1", 0, Optional.of("s3cret"))) {
      URI uri = URI.create("http://127.0.0.1:" + guarded.port() + "/records?limit=1");
      assertThat(
              CLIENT
                  .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(401);
      assertThat(
              CLIENT
                  .send(
                      HttpRequest.newBuilder(uri).header("Authorization", "Bearer s3cret").build(),
                      HttpResponse.BodyHandlers.ofString())
                  .statusCode())
          .isEqualTo(200);
    }
    assertThat(Main.run("serve", "--host", "0.0.0.0", "--port", "0")).isEqualTo(2);
    assertThat(Main.run("serve", "--port", "70000")).isEqualTo(2);
  }

  @Test
  void everyRouteIsDescribed() throws Exception {
    String description = get("/openapi.yaml").body();
    for (String path :
        List.of(
            "/health",
            "/ready",
            "/metrics",
            "/classify",
            "/ask",
            "/upload",
            "/records",
            "/records/{id}",
            "/records/{id}/context",
            "/records/{id}/verdict",
            "/tail",
            "/counts",
            "/groups",
            "/issues",
            "/issues/{id}",
            "/issues/{id}/resolution",
            "/feedback",
            "/documents",
            "/passages/{id}",
            "/models",
            "/passages",
            "/documents/sync",
            "/models/retrain",
            "/mcp",
            "/openapi.yaml")) {
      assertThat(description).contains("\n  " + path + ":\n");
    }
    assertThat(get("/metrics").body()).contains("copilot_records_total");
    assertThat(get("/models").body()).contains("sha256");
    assertThat(get("/groups?limit=3").body()).contains("\"count\"");
    assertThat(get("/app.js").statusCode()).isEqualTo(200);
  }
}
