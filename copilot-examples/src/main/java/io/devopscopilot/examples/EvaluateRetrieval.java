package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.KnowledgeBase.Hit;
import io.devopscopilot.rag.ChromaKnowledgeBase;
import io.devopscopilot.rag.DocumentFolder;
import io.devopscopilot.rag.LuceneKnowledgeBase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code evaluate retrieval}: does a query find its document. */
@Command(
    name = "retrieval",
    description = "Measures whether queries find their documents.",
    mixinStandardHelpOptions = true)
final class EvaluateRetrieval implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int DEPTH = 100;

  @Mixin private EvaluationOptions options;

  @Option(
      names = "--docs",
      required = true,
      paramLabel = "DIR",
      description = "Folder with the documents.")
  private Path docs;

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines: doc_id, path.")
  private Path corpus;

  @Option(
      names = "--queries",
      required = true,
      paramLabel = "FILE",
      description = "JSON lines: query, type, relevant.")
  private Path queries;

  @Option(
      names = "--store",
      paramLabel = "STORE",
      description = "embedded (default) or chroma=URL.")
  private String store = "embedded";

  private record Query(String text, String type, Set<String> relevant) {}

  @Override
  public Integer call() throws IOException {
    EvaluationReport report = new EvaluationReport("evaluate retrieval");
    report.model(LuceneKnowledgeBase.embeddingModel(), LuceneKnowledgeBase.embeddingSha256());
    if (!store.equals("embedded") && !store.startsWith("chroma=")) {
      throw new Main.UsageException(
          "--store is '"
              + store
              + "', must be embedded or chroma=URL, for example "
              + "chroma=http://127.0.0.1:8000");
    }
    try (LuceneKnowledgeBase embedded = LuceneKnowledgeBase.inMemory()) {
      if (store.equals("embedded")) {
        measure(report, embedded, embedded);
      } else {
        URI uri = URI.create(store.substring("chroma=".length()));
        String name = "evaluate-" + Long.toString(System.nanoTime(), 36);
        try (ChromaKnowledgeBase chroma = ChromaKnowledgeBase.open(uri, name)) {
          try {
            measure(report, chroma, embedded);
          } finally {
            chroma.drop();
          }
        }
      }
    }
    report.write(options);
    return 0;
  }

  private void measure(EvaluationReport report, KnowledgeBase knowledge, LuceneKnowledgeBase plain)
      throws IOException {
    Map<String, List<KnowledgeBase.Passage>> documents = documents(report);
    index(report, knowledge, documents, "indexSeconds");
    long again = System.nanoTime();
    documents.forEach(knowledge::put);
    report.json().put("secondIndexSeconds", (System.nanoTime() - again) / 1e9);
    if (plain != knowledge) {
      documents.forEach(plain::put);
    }
    List<Query> asked = queries(report, documents.keySet());
    Map<String, List<Integer>> ranks = new TreeMap<>();
    Map<String, List<Integer>> rival = new TreeMap<>();
    double[] millis = new double[asked.size()];
    for (int i = 0; i < asked.size(); i++) {
      Query q = asked.get(i);
      long start = System.nanoTime();
      List<Hit> hits = knowledge.search(q.text(), DEPTH);
      millis[i] = (System.nanoTime() - start) / 1e6;
      add(ranks, q, rank(q, hits));
      add(rival, q, rank(q, plain.bm25(q.text(), DEPTH * 2)));
      if ((i + 1) % 100 == 0 || i + 1 == asked.size()) {
        options.err().printf("%d of %d queries%n", i + 1, asked.size());
        options.err().flush();
      }
    }
    report.addRows(asked.size());
    figures(report.json(), ranks);
    figures(report.baseline("bm25"), rival);
    Arrays.sort(millis);
    report.json().put("p50Millis", quantile(millis, 0.5));
    report.json().put("p99Millis", quantile(millis, 0.99));
    report.json().put("documents", documents.size());
    report.json().put("store", store);
    report.text("Documents: " + documents.size() + "; a document counts by its best passage.");
    report.table("Ranking of this product", header(), lines(ranks));
    report.table("Plain BM25 over the same passages", header(), lines(rival));
    report.plot(
        "Share of queries whose document is among the first k",
        "k",
        "share",
        List.of(curve("fused", ranks), curve("bm25", rival)));
    for (List<String> line : lines(ranks)) {
      options.err().println(String.join("  ", line));
    }
  }

  private Map<String, List<KnowledgeBase.Passage>> documents(EvaluationReport report)
      throws IOException {
    Map<String, List<KnowledgeBase.Passage>> out = new LinkedHashMap<>();
    for (JsonNode row : rows(corpus, report)) {
      String id = row.path("doc_id").asText();
      String path = row.path("path").asText();
      Optional<Path> file = locate(path);
      if (id.isEmpty() || file.isEmpty()) {
        report.skip("document not found in " + docs);
        continue;
      }
      List<KnowledgeBase.Passage> passages =
          DocumentFolder.passages(id, path, Files.readString(file.get()), 1);
      if (passages.isEmpty()) {
        report.skip("document without text");
      } else {
        out.put(id, passages);
      }
    }
    return out;
  }

  private Optional<Path> locate(String path) {
    int slash = path.indexOf('/');
    Path parent = Optional.ofNullable(docs.toAbsolutePath().getParent()).orElse(docs);
    return Stream.of(
            docs.resolve(path), docs.resolve(path.substring(slash + 1)), parent.resolve(path))
        .filter(Files::isRegularFile)
        .findFirst();
  }

  private void index(
      EvaluationReport report,
      KnowledgeBase knowledge,
      Map<String, List<KnowledgeBase.Passage>> documents,
      String name) {
    long start = System.nanoTime();
    int done = 0;
    long passages = 0;
    for (var document : documents.entrySet()) {
      knowledge.put(document.getKey(), document.getValue());
      passages += document.getValue().size();
      if (++done % 50 == 0 || done == documents.size()) {
        options.err().printf("%d of %d documents indexed%n", done, documents.size());
        options.err().flush();
      }
    }
    report.json().put(name, (System.nanoTime() - start) / 1e9);
    report.json().put("passages", passages);
  }

  private List<Query> queries(EvaluationReport report, Set<String> known) throws IOException {
    List<Query> out = new ArrayList<>();
    for (JsonNode row : rows(queries, report)) {
      Set<String> relevant = new LinkedHashSet<>();
      row.path("relevant").forEach(r -> relevant.add(r.asText()));
      relevant.retainAll(known);
      String text = row.path("query").asText();
      if (text.isBlank() || relevant.isEmpty()) {
        report.skip("query without text or without a known relevant document");
      } else {
        out.add(new Query(text, row.path("type").asText("other"), relevant));
      }
    }
    return out;
  }

  static List<JsonNode> rows(Path file, EvaluationReport report) throws IOException {
    List<JsonNode> out = new ArrayList<>();
    for (String line : EvaluationFiles.lines(file)) {
      if (line.isBlank()) {
        continue;
      }
      try {
        out.add(JSON.readTree(line));
      } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
        report.skip("line is not JSON");
      }
    }
    return out;
  }

  /** Rank of the first relevant document, a large number if it is not found. */
  private static int rank(Query query, List<Hit> hits) {
    Set<String> seen = new LinkedHashSet<>();
    for (Hit hit : hits) {
      seen.add(hit.passage().document());
      if (query.relevant().contains(hit.passage().document())) {
        return seen.size();
      }
    }
    return Integer.MAX_VALUE;
  }

  private static void add(Map<String, List<Integer>> ranks, Query query, int rank) {
    ranks.computeIfAbsent(query.type(), t -> new ArrayList<>()).add(rank);
    ranks.computeIfAbsent("all", t -> new ArrayList<>()).add(rank);
  }

  private static void figures(ObjectNode into, Map<String, List<Integer>> ranks) {
    ranks.forEach(
        (type, list) ->
            into.putObject(type)
                .put("queries", list.size())
                .put("hit1", hit(list, 1))
                .put("hit5", hit(list, 5))
                .put("mrr", list.stream().mapToDouble(r -> 1.0 / r).average().orElse(0)));
  }

  private static double hit(List<Integer> ranks, int k) {
    return ranks.stream().filter(r -> r <= k).count() / (double) Math.max(1, ranks.size());
  }

  private static List<String> header() {
    return List.of("query type", "queries", "hit@1", "hit@5", "MRR");
  }

  private static List<List<String>> lines(Map<String, List<Integer>> ranks) {
    return ranks.entrySet().stream()
        .sorted(Comparator.comparing(e -> e.getKey().equals("all") ? "~" : e.getKey()))
        .map(
            e ->
                List.of(
                    e.getKey(),
                    Integer.toString(e.getValue().size()),
                    three(hit(e.getValue(), 1)),
                    three(hit(e.getValue(), 5)),
                    three(e.getValue().stream().mapToDouble(r -> 1.0 / r).average().orElse(0))))
        .toList();
  }

  private static EvaluationReport.Series curve(String name, Map<String, List<Integer>> ranks) {
    List<double[]> points = new ArrayList<>();
    for (int k = 1; k <= 20; k++) {
      points.add(new double[] {k, hit(ranks.getOrDefault("all", List.of()), k)});
    }
    return new EvaluationReport.Series(name, points);
  }

  static double quantile(double[] sorted, double q) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  }

  private static String three(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
