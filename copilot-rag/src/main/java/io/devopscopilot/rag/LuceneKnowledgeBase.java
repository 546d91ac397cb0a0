package io.devopscopilot.rag;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.FSDirectory;

/**
 * Passages in one folder on disk, or in memory: words (BM25), headings, phrases and vectors of an
 * in-process model (all-MiniLM-L6-v2, quantised), fused into one ranking. Nothing leaves the
 * process.
 *
 * <p>Thread-safe; one process at a time may open a folder. What was put is durable at {@link
 * #close()} and at least every 5 s while documents are put. An index made with another embedding
 * model is built anew from the passages it holds when it is opened.
 */
public final class LuceneKnowledgeBase implements KnowledgeBase {
  private final PassageIndex index;

  private LuceneKnowledgeBase(PassageIndex index) {
    this.index = index;
  }

  /**
   * Opens an index, or makes one.
   *
   * @param folder is made where it does not exist
   * @throws CopilotException if it can't be opened, or another process has it open
   */
  public static LuceneKnowledgeBase open(Path folder) {
    try {
      Files.createDirectories(folder);
      return new LuceneKnowledgeBase(new PassageIndex(FSDirectory.open(folder), true));
    } catch (IOException e) {
      throw new CopilotException("the knowledge index " + folder + " can't be opened: " + e, e);
    }
  }

  /** An index in memory, gone when closed. */
  public static LuceneKnowledgeBase inMemory() {
    return new LuceneKnowledgeBase(new PassageIndex(new ByteBuffersDirectory(), true));
  }

  @Override
  public List<Hit> search(String query, int limit) {
    return index.search(query, limit, Optional.empty());
  }

  /**
   * The plain rival for measurements: BM25 over the same passages, no stemming, no vectors.
   *
   * @param limit at most so many, 1 or more
   */
  public List<Hit> bm25(String query, int limit) {
    return index.bm25(query, limit);
  }

  /** The id of the in-process embedding model. */
  public static String embeddingModel() {
    return Embedder.ID;
  }

  /** The SHA-256 of its weights. */
  public static String embeddingSha256() {
    return Embedder.sha256();
  }

  @Override
  public void put(String document, List<Passage> passages) {
    index.put(document, passages);
  }

  @Override
  public Set<String> documents() {
    return index.documents();
  }

  @Override
  public Optional<Passage> passage(String id) {
    return index.passage(id);
  }

  @Override
  public void close() {
    index.close();
  }
}
