package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.ClusterHealth;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.rag.LuceneKnowledgeBase;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code doctor}: looks at everything the app needs and says how to mend what is missing. */
@Command(
    name = "doctor",
    description =
        "Checks Java, disk, store, index, model and, where named, the cluster's permissions, Ollama"
            + " and Chroma; says how to mend each. Exit status 1 if something is broken.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private static final long FREE_BYTES = 2L << 30;
  private static final long HEAP_BYTES = 256L << 20;
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  @Spec private CommandSpec spec;
  @Mixin private AppOptions options;
  @Mixin private ClusterOptions cluster;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  private final List<Check> checks = new ArrayList<>();

  private enum State {
    OK,
    WARN,
    FAIL
  }

  private record Check(String name, State state, String found, String mend) {}

  @Override
  public Integer call() {
    java();
    disk();
    model();
    store();
    index();
    options.chroma.ifPresent(this::chroma);
    options.ollama.ifPresent(this::ollama);
    cluster();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ArrayNode array = Views.JSON.createArrayNode();
      checks.forEach(
          c ->
              array
                  .addObject()
                  .put("check", c.name)
                  .put("state", c.state.name())
                  .put("found", c.found)
                  .put("mend", c.mend));
      out.println(Views.object().set("checks", array).toPrettyString());
    } else {
      for (Check c : checks) {
        out.printf("%-4s %-18s %s%n", c.state, c.name, Terminal.plain(c.found));
        if (!c.mend.isEmpty()) {
          out.printf("     %-18s do: %s%n", "", Terminal.plain(c.mend));
        }
      }
    }
    out.flush();
    return checks.stream().anyMatch(c -> c.state == State.FAIL) ? 1 : 0;
  }

  private void add(String name, boolean good, State otherwise, String found, String mend) {
    checks.add(new Check(name, good ? State.OK : otherwise, found, good ? "" : mend));
  }

  private void java() {
    long heap = Runtime.getRuntime().maxMemory();
    add(
        "java",
        heap >= HEAP_BYTES,
        State.WARN,
        Runtime.version() + ", heap " + (heap >> 20) + " MB",
        "start with java -Xmx512m");
  }

  private void disk() {
    Path folder = options.dataDir.toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
      boolean writable = Files.isWritable(folder);
      long free = Files.getFileStore(folder).getUsableSpace();
      add(
          "data folder",
          writable,
          State.FAIL,
          folder.toString(),
          "make it writable, or name another --data-dir");
      add(
          "disk",
          free >= FREE_BYTES,
          State.WARN,
          (free >> 20) + " MB free",
          "free some space: 2 GB are advised");
    } catch (IOException e) {
      add(
          "data folder",
          false,
          State.FAIL,
          folder + " can't be made: " + Main.reason(e),
          "name another --data-dir");
    }
  }

  private void model() {
    try {
      TreeLogClassifier model =
          options.model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault);
      add(
          "model",
          true,
          State.FAIL,
          model.model().id() + ", SHA-256 " + model.model().sha256(),
          "");
    } catch (CopilotException e) {
      add("model", false, State.FAIL, Main.reason(e), "train it anew, or leave --model away");
    }
  }

  private void store() {
    Path file = options.dataDir.resolve("logs.duckdb");
    if (!Files.exists(file)) {
      add("store", true, State.FAIL, "none yet, serve or collect makes it", "");
      return;
    }
    try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
      long lines = store.count(io.devopscopilot.api.LogQuery.builder().build());
      add("store", true, State.FAIL, lines + " lines", "");
    } catch (CopilotException e) {
      add(
          "store",
          false,
          e.retryable() ? State.WARN : State.FAIL,
          Main.reason(e),
          e.retryable() ? "nothing, if serve or collect runs" : "name another --data-dir");
    }
  }

  private void index() {
    Path folder = options.dataDir.resolve("index");
    if (options.chroma.isPresent()) {
      return;
    }
    if (!Files.exists(folder)) {
      add("index", true, State.FAIL, "none yet, serve or index makes it", "");
      return;
    }
    try (LuceneKnowledgeBase index = LuceneKnowledgeBase.open(folder)) {
      add("index", true, State.FAIL, index.documents().size() + " documents", "");
    } catch (CopilotException e) {
      add(
          "index",
          false,
          e.retryable() ? State.WARN : State.FAIL,
          Main.reason(e),
          e.retryable()
              ? "nothing, if serve runs"
              : "delete " + folder + " and run: copilot index --docs DIR");
    }
    for (Path docs : options.docs) {
      add("documents", Files.isReadable(docs), State.FAIL, docs.toString(), "mend --docs " + docs);
    }
  }

  private static JsonNode get(URI uri) throws IOException {
    try {
      HttpResponse<byte[]> response =
          HttpClient.newBuilder()
              .connectTimeout(TIMEOUT)
              .build()
              .send(
                  HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(),
                  HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200) {
        throw new IOException(uri + " answers with status " + response.statusCode());
      }
      return Views.JSON.readTree(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (java.net.ConnectException | java.net.http.HttpTimeoutException e) {
      throw new IOException("nothing answers at " + uri, e);
    }
  }

  private void chroma(URI base) {
    try {
      get(base.resolve("/api/v2/heartbeat"));
      add("chroma", true, State.FAIL, base + " answers", "");
    } catch (IOException | IllegalArgumentException e) {
      add(
          "chroma",
          false,
          State.FAIL,
          Main.reason(e),
          "start it: chroma run --path DIR, or mend --chroma");
    }
  }

  private void ollama(URI base) {
    try {
      List<String> names = new ArrayList<>();
      get(base.resolve("/api/tags"))
          .path("models")
          .forEach(m -> names.add(m.path("name").asText()));
      boolean has =
          names.stream()
              .anyMatch(
                  n -> n.equals(options.ollamaModel) || n.startsWith(options.ollamaModel + ":"));
      add(
          "ollama",
          has,
          State.FAIL,
          base + " has " + names,
          "ollama pull " + options.ollamaModel + ", or name another --ollama-model");
    } catch (IOException | IllegalArgumentException e) {
      add(
          "ollama",
          false,
          State.WARN,
          Main.reason(e),
          "ollama serve; until then answers come without a model");
    }
  }

  private void cluster() {
    Optional<ClusterHealth> health;
    try {
      health = cluster.health();
    } catch (Main.UsageException e) {
      throw e;
    } catch (CopilotException e) {
      add("cluster", false, State.FAIL, Main.reason(e), "mend --kubeconfig or --context");
      return;
    }
    if (health.isEmpty()) {
      return;
    }
    for (String namespace : health.get().namespaces()) {
      try {
        for (Map.Entry<String, Boolean> p : health.get().permissions(namespace).entrySet()) {
          boolean optional = p.getKey().endsWith("configmaps");
          String[] parts = p.getKey().split(" ");
          add(
              "cluster",
              p.getValue(),
              optional ? State.WARN : State.FAIL,
              p.getKey() + " in " + namespace + (p.getValue() ? "" : ": forbidden"),
              (optional ? "only for --docs-configmaps: " : "")
                  + "kubectl -n "
                  + namespace
                  + " create role copilot --verb="
                  + parts[0]
                  + " --resource="
                  + parts[1]
                  + ", and bind it");
        }
      } catch (CopilotException e) {
        add("cluster", false, State.FAIL, Main.reason(e), "is the API server reachable from here?");
      }
    }
  }
}
