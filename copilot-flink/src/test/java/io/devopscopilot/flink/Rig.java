package io.devopscopilot.flink;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TimeoutException;

/** The real servers that {@code e2e/flink/start.sh} started, and their REST interface. */
final class Rig {
  private static final Duration STEP = Duration.ofSeconds(180);

  final String kafka = System.getProperty("copilot.kafka", "");
  private final String flink = System.getProperty("copilot.flink", "");
  final Path folder = Path.of(System.getProperty("copilot.rig", "."));
  private final Path job = Path.of(System.getProperty("copilot.job", "."));
  private final HttpClient http = HttpClient.newHttpClient();
  private final ObjectMapper json = new ObjectMapper();
  private String jar = "";

  static boolean there() {
    return System.getProperty("copilot.kafka") != null;
  }

  void report(String line) {
    try {
      Files.writeString(
          folder.resolve("report.txt"),
          line + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Runs a function of servers.sh. */
  void server(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", System.getProperty("copilot.servers")));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("servers.log").toFile())
            .start();
    boolean done = process.waitFor() == 0;
    assumeTrue(done, command + ": " + Files.readString(folder.resolve("servers.log")));
  }

  void topics(int partitions, String... names) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
      List<NewTopic> topics = new ArrayList<>();
      for (String name : names) {
        topics.add(new NewTopic(name, partitions, (short) 1));
      }
      admin.createTopics(topics).all().get();
    } catch (ExecutionException e) {
      assumeTrue(!(e.getCause() instanceof TimeoutException), "the broker does not answer in time");
      throw e;
    }
  }

  JsonNode get(String path) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(flink + path)).GET());
  }

  private JsonNode post(String path, Object body) throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(flink + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body))));
  }

  private JsonNode send(HttpRequest.Builder request) throws Exception {
    HttpResponse<String> answer;
    try {
      answer =
          http.send(
              request.timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (HttpTimeoutException e) {
      return abort("the job manager does not answer in time");
    }
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(answer.statusCode() + " " + answer.body());
    }
    return json.readTree(answer.body());
  }

  private void upload() throws Exception {
    String edge = "copilot-edge";
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(
        ("--"
                + edge
                + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\"job.jar\"\r\n"
                + "Content-Type: application/x-java-archive\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    body.write(Files.readAllBytes(job));
    body.write(("\r\n--" + edge + "--\r\n").getBytes(StandardCharsets.UTF_8));
    JsonNode answer =
        send(
            HttpRequest.newBuilder(URI.create(flink + "/jars/upload"))
                .header("Content-Type", "multipart/form-data; boundary=" + edge)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
    String file = answer.path("filename").asText();
    jar = file.substring(file.lastIndexOf('/') + 1);
  }

  /** Submits the packaged job; returns its id. */
  String submit(int parallelism, String savepoint, String... args) throws Exception {
    upload(); // each time: a job manager forgets its jars when it ends
    Map<String, Object> body = new java.util.HashMap<>();
    body.put("parallelism", parallelism);
    body.put("programArgsList", List.of(args));
    if (!savepoint.isEmpty()) {
      body.put("savepointPath", savepoint);
    }
    return post("/jars/" + jar + "/run", body).path("jobid").asText();
  }

  boolean runs(String id) {
    try {
      for (JsonNode vertex : get("/jobs/" + id).path("vertices")) {
        if (!vertex.path("status").asText().matches("RUNNING|FINISHED")) {
          return false;
        }
      }
      return get("/jobs/" + id).path("state").asText().equals("RUNNING");
    } catch (Exception e) {
      return false; // the job manager is away
    }
  }

  /**
   * When a job was last restarted, in ms, 0 = never. It may run again before anybody has seen that
   * it did not.
   */
  long restarted(String id) {
    try {
      return get("/jobs/" + id).path("timestamps").path("RESTARTING").asLong();
    } catch (Exception e) {
      return 0; // the job manager is away
    }
  }

  String state(String id) {
    try {
      return get("/jobs/" + id).path("state").asText();
    } catch (Exception e) {
      return "AWAY";
    }
  }

  /** Stops a job with a savepoint; returns the savepoint's place. */
  String stop(String id, boolean drain) throws Exception {
    String request =
        post("/jobs/" + id + "/stop", Map.of("drain", drain)).path("request-id").asText();
    String[] place = {""};
    until(
        "savepoint",
        () -> {
          JsonNode operation;
          try {
            operation = get("/jobs/" + id + "/savepoints/" + request).path("operation");
          } catch (Exception e) {
            return false; // the job manager is away
          }
          String cause = operation.path("failure-cause").path("stack-trace").asText("");
          assumeTrue(cause.isEmpty(), () -> "no savepoint: " + cause);
          place[0] = operation.path("location").asText("");
          return !place[0].isEmpty();
        });
    return place[0];
  }

  /**
   * Waits for a step. One that does not come says nothing about lines: the rest of the test is left
   * out, and {@code ci.sh} says so.
   */
  static void until(String what, BooleanSupplier condition) {
    assumeTrue(within(STEP, condition), () -> what + ": not within " + STEP.toSeconds() + " s");
  }

  /** Whether a condition comes true in time. */
  static boolean within(Duration limit, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(100_000_000);
    }
    return true;
  }
}
