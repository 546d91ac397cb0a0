package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import java.util.Locale;
import java.util.Map;

/** The pipeline's counters in the Prometheus text format, version 0.0.4. */
final class Metrics {
  private Metrics() {}

  static String text(App app) {
    Copilot.Stats s = app.copilot().stats();
    StringBuilder out = new StringBuilder();
    counter(out, "records", "Records taken from the sources.", s.records());
    counter(out, "failed", "Records stored with an unknown verdict.", s.failed());
    counter(out, "issue_updates", "Issues opened, updated or resolved.", s.issues());
    counter(out, "unanswered", "Issue updates without an answer.", s.unanswered());
    counter(out, "retries", "Sources or sinks tried again.", s.retries());
    for (Map.Entry<String, Long> c : s.counters().entrySet()) {
      counter(out, c.getKey(), "Counter of a source or sink.", c.getValue());
    }
    gauge(out, "pipeline_running", "Whether the pipeline runs.", s.running() ? 1 : 0);
    gauge(out, "ready", "Whether the documents are indexed.", app.indexed() ? 1 : 0);
    Runtime vm = Runtime.getRuntime();
    gauge(out, "heap_used_bytes", "Heap in use.", vm.totalMemory() - vm.freeMemory());
    return out.toString();
  }

  private static void counter(StringBuilder out, String name, String help, long value) {
    write(out, name(name) + "_total", help, "counter", value);
  }

  private static void gauge(StringBuilder out, String name, String help, long value) {
    write(out, name(name), help, "gauge", value);
  }

  private static String name(String name) {
    return "copilot_" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "_");
  }

  private static void write(StringBuilder out, String name, String help, String type, long value) {
    out.append("# HELP ").append(name).append(' ').append(help).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    out.append(name).append(' ').append(value).append('\n');
  }
}
