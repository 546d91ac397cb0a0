package io.devopscopilot.rag;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.chroma.ChromaApiVersion;
import dev.langchain4j.store.embedding.chroma.ChromaEmbeddingStore;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Passages in a Chroma server (API V2, 1.0 or newer), ranked by the same fusion as {@link
 * LuceneKnowledgeBase}: vectors are searched by the server, words by an index in memory that is
 * filled from the server when it is opened.
 *
 * <p>Ids are those of the passages, so that storing again after an unanswered request leaves no
 * duplicate. Thread-safe. Texts are redacted before they leave the process; a passage found is
 * returned as the server holds it. The collection should be written by one process only; it is made
 * with cosine distance where it does not exist.
 */
public final class ChromaKnowledgeBase implements KnowledgeBase {
  /** So many passages are sent in one request. */
  public static final int BATCH = 200;

  /** A request is given up after this. */
  public static final Duration TIMEOUT = Duration.ofSeconds(15);

  private static final int ATTEMPTS = 3;

  private final URI server;
  private final String collection;
  private final ChromaRecords records;
  private final PassageIndex words = new PassageIndex(new ByteBuffersDirectory(), false);
  private ChromaEmbeddingStore store;

  private ChromaKnowledgeBase(URI server, String collection) {
    this.server = server;
    this.collection = collection;
    this.records = new ChromaRecords(server, collection);
    this.store = connect();
    load();
  }

  /**
   * Connects to a server on this machine or one that {@link ModelBoundary} allows.
   *
   * @param server for example {@code http://127.0.0.1:8000}
   * @param collection 3 to 512 letters, digits, dots, hyphens and underscores
   * @throws CopilotException if the server can't be reached or refuses the name
   */
  public static ChromaKnowledgeBase open(URI server, String collection) {
    ModelBoundary.checkHost(server);
    if (!collection.matches("[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]")) {
      throw new IllegalArgumentException(
          "collection is '"
              + collection
              + "', must be 3 to 512 letters, digits, dots, hyphens, underscores");
    }
    return new ChromaKnowledgeBase(server, collection);
  }

  private ChromaEmbeddingStore connect() {
    // The builder makes tenant, database and collection, and races: one at a time, tried again.
    synchronized (ChromaKnowledgeBase.class) {
      return calling(
          "connect",
          () ->
              ChromaEmbeddingStore.builder()
                  .apiVersion(ChromaApiVersion.V2)
                  .baseUrl(server.toString())
                  .tenantName(ChromaRecords.TENANT)
                  .databaseName(ChromaRecords.DATABASE)
                  .collectionName(collection)
                  .timeout(TIMEOUT)
                  .build());
    }
  }

  private void load() {
    Map<String, List<Passage>> documents = new HashMap<>();
    for (Passage p : calling("read", records::all)) {
      documents.computeIfAbsent(p.document(), d -> new ArrayList<>()).add(p);
    }
    documents.forEach(words::put);
  }

  @Override
  public List<Hit> search(String query, int limit) {
    return words.search(query, limit, Optional.of(this::nearest));
  }

  private List<Map.Entry<String, Double>> nearest(float[] query, int limit) {
    EmbeddingSearchRequest request =
        EmbeddingSearchRequest.builder()
            .queryEmbedding(Embedding.from(query))
            .maxResults(limit)
            .build();
    List<Map.Entry<String, Double>> out = new ArrayList<>();
    for (EmbeddingMatch<TextSegment> match :
        onCollection("search", () -> store.search(request).matches())) {
      out.add(Map.entry(match.embeddingId(), 2 * match.score() - 1));
    }
    return out;
  }

  @Override
  public synchronized void put(String document, List<Passage> passages) {
    Map<String, Passage> wanted = new HashMap<>();
    passages.forEach(p -> wanted.put(p.id(), ModelBoundary.outgoing(p)));
    Map<String, Passage> held = new HashMap<>();
    words.of(document).forEach(p -> held.put(p.id(), p));
    List<String> gone = new ArrayList<>();
    held.forEach(
        (id, p) -> {
          if (!p.equals(wanted.get(id))) {
            gone.add(id);
          }
        });
    List<Passage> fresh = new ArrayList<>();
    for (Passage p : passages) {
      Passage sent = wanted.getOrDefault(p.id(), p);
      if (!sent.equals(held.get(p.id()))) {
        fresh.add(sent);
      }
    }
    if (gone.isEmpty() && fresh.isEmpty()) {
      return;
    }
    // add() of an id that exists keeps the old text, silently: remove first, also what a request
    // without an answer may have stored.
    Set<String> ids = new LinkedHashSet<>(gone);
    fresh.forEach(p -> ids.add(p.id()));
    List<String> remove = new ArrayList<>(ids);
    for (int i = 0; i < remove.size(); i += BATCH) {
      List<String> part = remove.subList(i, Math.min(remove.size(), i + BATCH));
      onCollection(
          "remove",
          () -> {
            store.removeAll(part);
            return true;
          });
    }
    for (int i = 0; i < fresh.size(); i += BATCH) {
      List<Passage> part = fresh.subList(i, Math.min(fresh.size(), i + BATCH));
      List<Embedding> vectors = new ArrayList<>();
      Embedder.passages(part.stream().map(PassageIndex::embedded).toList())
          .forEach(v -> vectors.add(Embedding.from(v)));
      onCollection("add", () -> add(part, vectors));
    }
    words.put(document, List.copyOf(wanted.values()));
  }

  private boolean add(List<Passage> passages, List<Embedding> vectors) {
    List<String> ids = passages.stream().map(Passage::id).toList();
    store.removeAll(ids);
    store.addAll(ids, vectors, passages.stream().map(ChromaRecords::segment).toList());
    return true;
  }

  @Override
  public Set<String> documents() {
    return words.documents();
  }

  @Override
  public Optional<Passage> passage(String id) {
    return words.passage(id);
  }

  /** Removes the collection from the server; the object is of no use afterwards. */
  public void drop() {
    calling(
        "drop",
        () -> {
          records.drop();
          return true;
        });
  }

  /** A call that, where somebody dropped the collection, makes it anew and fills it again. */
  private <T> T onCollection(String what, Supplier<T> call) {
    try {
      return calling(what, call);
    } catch (CopilotException e) {
      if (!String.valueOf(e.getMessage()).contains("does not exist")) {
        throw e;
      }
      rebuild();
      return calling(what, call);
    }
  }

  private synchronized void rebuild() {
    store = connect();
    List<Passage> all = words.passages();
    for (int i = 0; i < all.size(); i += BATCH) {
      List<Passage> part = all.subList(i, Math.min(all.size(), i + BATCH));
      List<Embedding> vectors = new ArrayList<>();
      Embedder.passages(part.stream().map(PassageIndex::embedded).toList())
          .forEach(v -> vectors.add(Embedding.from(v)));
      calling("rebuild", () -> add(part, vectors));
    }
  }

  private <T> T calling(String what, Supplier<T> call) {
    RuntimeException last = new IllegalStateException("not called");
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        return call.get();
      } catch (CopilotException e) {
        throw e;
      } catch (RuntimeException e) {
        last = e;
        String message = String.valueOf(e.getMessage());
        boolean race = what.equals("connect") && message.contains("already exists");
        if (!race
            && message.startsWith("HTTP error")
            && !message.matches("(?s).*\\b50[0-9]\\b.*")) {
          break;
        }
      }
    }
    throw new CopilotException(
        "Chroma at "
            + server
            + ", collection "
            + collection
            + ": "
            + what
            + " failed: "
            + ModelBoundary.reason(last)
            + "; is the server running, version 1.0 or newer?",
        last,
        true);
  }

  @Override
  public void close() {
    words.close();
  }
}
