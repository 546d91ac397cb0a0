package io.devopscopilot.collector;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/** An API server that plays what the real one was seen to do, and breaks where told to. */
final class FakeCluster implements AutoCloseable {
  /** Answers a request; false = answer as usual. */
  interface Answer {
    boolean to(HttpExchange exchange, Map<String, String> query) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  final Map<String, String> pods = Collections.synchronizedMap(new LinkedHashMap<>());

  /** Names of pods that no longer have the labels asked for. */
  final Set<String> unselected = ConcurrentHashMap.newKeySet();

  volatile Answer logs = (exchange, query) -> false;
  volatile Answer previous = (exchange, query) -> false;
  volatile Answer lists = (exchange, query) -> false;
  volatile Answer podWatches = (exchange, query) -> false;
  volatile Answer watches = (exchange, query) -> false;

  /** Events, each with its version; a watch for those behind a version ends after a moment. */
  volatile List<String> events = List.of();

  volatile String token = "first";

  /** The value of the label {@code app} of the pods put there next, as JSON. */
  volatile String label = "\"x\"";

  /** When the newest instances of the pods put there next began; empty = not said. */
  volatile String started = "";

  FakeCluster() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** A kubeconfig whose user is given as YAML. */
  Path kubeconfig(Path folder, String user) throws IOException {
    return Files.writeString(
        folder.resolve("config"),
        "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster:"
            + " c, user: u, namespace: shop}}], clusters: [{name: c, cluster: {server:"
            + " 'http://127.0.0.1:"
            + server.getAddress().getPort()
            + "'}}], users: [{name: u, user: "
            + user
            + "}]}");
  }

  /** Puts a pod of one container there; state: running, waiting or terminated. */
  void pod(String name, String uid, int restarts, String state) {
    pod(name, uid, restarts, state, "");
  }

  /**
   * The same with times of the instance before.
   *
   * @param times JSON members that follow its exit code
   */
  void pod(String name, String uid, int restarts, String state, String times) {
    String status =
        switch (state) {
          case "running" ->
              started.isEmpty()
                  ? "{\"running\":{}}"
                  : "{\"running\":{\"startedAt\":\"" + started + "\"}}";
          case "waiting" -> "{\"waiting\":{\"reason\":\"ContainerCreating\"}}";
          default -> "{\"terminated\":{\"exitCode\":0}}";
        };
    pods.put(
        name,
        "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"shop\",\"uid\":\"%s\",\"resourceVersion\":\"9\",\"labels\":{\"app\":%s},\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"name\":\"db\",\"uid\":\"1\"}]},\"spec\":{\"nodeName\":\"n1\",\"containers\":[]},\"status\":{\"containerStatuses\":[{\"name\":\"app\",\"image\":\"i\",\"imageID\":\"i\",\"ready\":true,\"restartCount\":%s,\"state\":%s,\"lastState\":%s}]}}"
            .formatted(
                name,
                uid,
                label,
                restarts,
                status,
                restarts > 0 || state.equals("waiting") && !times.isEmpty()
                    ? "{\"terminated\":{\"exitCode\":1" + times + "}}"
                    : "{}"));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> query = new LinkedHashMap<>();
      String raw = exchange.getRequestURI().getQuery();
      for (String pair : raw == null ? new String[0] : raw.split("&")) {
        String[] parts = pair.split("=", 2);
        query.put(parts[0], parts.length > 1 ? parts[1] : "");
      }
      String path = exchange.getRequestURI().getPath();
      requests.add(path + (raw == null ? "" : "?" + raw));
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (!("Bearer " + token).equals(given)) {
        send(exchange, 401, status(401, "Unauthorized", "Unauthorized"));
      } else if (path.endsWith("/log") && query.containsKey("previous")) {
        if (!previous.to(exchange, query)) {
          send(exchange, 400, status(400, "BadRequest", "previous terminated container not found"));
        }
      } else if (path.endsWith("/log")) {
        if (!logs.to(exchange, query)) {
          send(exchange, 200, "");
        }
      } else if (query.containsKey("watch")) {
        if (path.endsWith("/pods")) {
          if (!podWatches.to(exchange, query)) { // pods are listed anew all the time
            send(exchange, 410, status(410, "Expired", "too old resource version"));
          }
        } else if (!watches.to(exchange, query)) {
          long after = Long.parseLong(query.get("resourceVersion"));
          StringBuilder changes = new StringBuilder();
          for (String event : events) {
            changes.append(version(event) > after ? change("ADDED", event) : "");
          }
          send(exchange, 200, changes.toString());
        }
      } else if (!lists.to(exchange, query)) {
        boolean ofPods = path.endsWith("/pods");
        send(
            exchange,
            200,
            "{\"kind\":\"%s\",\"apiVersion\":\"v1\",\"metadata\":%s,\"items\":[%s]}"
                .formatted(
                    ofPods ? "PodList" : "EventList",
                    ofPods ? "{\"resourceVersion\":\"9\"}" : page(query, true),
                    ofPods ? pods(query.getOrDefault("fieldSelector", "")) : page(query, false)));
      }
    }
  }

  /** What a list of events says of itself, or the events of a page of it. */
  private String page(Map<String, String> query, boolean meta) {
    List<String> all = events;
    int from = Integer.parseInt(query.getOrDefault("continue", "0"));
    int to = Math.min(all.size(), from + Integer.parseInt(query.getOrDefault("limit", "100000")));
    if (!meta) {
      return String.join(",", all.subList(from, to));
    }
    long newest = all.stream().mapToLong(FakeCluster::version).max().orElse(1);
    String more = to < all.size() ? ",\"continue\":\"" + to + "\"" : "";
    return "{\"resourceVersion\":\"" + newest + "\"" + more + "}";
  }

  private static long version(String event) {
    return Long.parseLong(event.replaceAll(".*?\"resourceVersion\":\"(\\d+)\".*", "$1"));
  }

  /** A line of a watch. */
  static String change(String type, String object) {
    return "{\"type\":\"" + type + "\",\"object\":" + object + "}\n";
  }

  private String pods(String selector) {
    String name = "metadata.name=";
    if (selector.startsWith(name)) {
      return pods.getOrDefault(selector.substring(name.length()), "");
    }
    synchronized (pods) {
      return pods.entrySet().stream()
          .filter(p -> !unselected.contains(p.getKey()))
          .map(Map.Entry::getValue)
          .collect(Collectors.joining(","));
    }
  }

  static String status(int code, String reason, String message) {
    return "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":%s,\"reason\":\"%s\",\"message\":\"%s\"}"
        .formatted(code, reason, message);
  }

  static boolean send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      if (bytes.length > 0) {
        out.write(bytes);
      }
    }
    return true;
  }

  /** Begins a log without a length, as a follow has it. */
  static OutputStream begin(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  long logRequests() {
    synchronized (requests) {
      return requests.stream().filter(r -> r.contains("/log?")).count();
    }
  }

  long logFollows() {
    synchronized (requests) {
      return requests.stream().filter(r -> r.contains("follow=true")).count();
    }
  }

  /** Requests for all of the current log, behind so many of any kind. */
  long logsFromTheStart(int behind) {
    synchronized (requests) {
      return requests.stream()
          .skip(behind)
          .filter(r -> r.contains("/log?") && !r.contains("sinceTime") && !r.contains("previous"))
          .count();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
