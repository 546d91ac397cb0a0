package io.devopscopilot.collector;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One container's files as a kubelet serves them: the newest instance's and the one before. */
final class ContainerFiles {
  static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

  private final List<List<String>> instances = new ArrayList<>(List.of(new ArrayList<>()));
  private boolean waiting;

  /** A line some seconds after the start. */
  synchronized void print(double seconds, String text) {
    instances
        .get(instances.size() - 1)
        .add(START.plusNanos(Math.round(seconds * 1e9)) + " " + text);
  }

  synchronized void restart() {
    instances.add(new ArrayList<>());
    waiting = false;
  }

  /** The newest instance has ended, and waits to be started anew. */
  synchronized void waits() {
    waiting = true;
  }

  /** What was printed is in a file that is not served any more. */
  synchronized void rotate() {
    instances.get(instances.size() - 1).clear();
  }

  synchronized boolean serve(HttpExchange exchange, Map<String, String> query) throws IOException {
    boolean previous = query.containsKey("previous");
    int number = instances.size() - (previous && !waiting ? 2 : 1);
    return number >= 0 && FakeCluster.send(exchange, 200, since(number, query));
  }

  /** The lines of the newest instance that a request asks for. */
  synchronized String current(Map<String, String> query) {
    return since(instances.size() - 1, query);
  }

  private String since(int number, Map<String, String> query) {
    Instant since = Instant.parse(query.getOrDefault("sinceTime", "1970-01-01T00:00:00Z"));
    StringBuilder text = new StringBuilder();
    for (String line : instances.get(number)) {
      if (!Instant.parse(line.substring(0, line.indexOf(' '))).isBefore(since)) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }
}
