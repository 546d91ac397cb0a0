package io.devopscopilot.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Passages of documents, found by meaning and by words. Thread-safe; may hold files or connections.
 */
public interface KnowledgeBase extends AutoCloseable {
  /**
   * The passages that fit best, best first.
   *
   * @param limit at most so many, 1 to 100
   * @throws CopilotException if the index can't be reached; retryable where waiting may help
   */
  List<Hit> search(String query, int limit);

  /**
   * Makes these the passages of one document: new ones are added, changed ones replaced, those no
   * longer there removed. No passages = the document is gone. Doing it twice changes nothing.
   *
   * @param document the document's id; every passage must name it
   */
  void put(String document, List<Passage> passages);

  /** The ids of all documents. */
  Set<String> documents();

  /** The passage with this id, where it is there. */
  Optional<Passage> passage(String id);

  @Override
  void close();

  /**
   * A piece of a document, small enough to cite.
   *
   * @param id the same for the same text at the same place
   * @param document the document's id, a path most often
   * @param heading heading trail, for example {@code Troubleshooting > Image cannot be pulled}
   * @param text its text, code blocks and tables whole
   * @param firstLine number of its first line in the document, from 1; 0 = unknown
   * @param lastLine number of its last line, included; 0 = unknown
   * @param weight how much its source is trusted, above 0; 1 = as any other, own runbooks more
   */
  record Passage(
      String id,
      String document,
      String heading,
      String text,
      int firstLine,
      int lastLine,
      double weight) {}

  /**
   * A passage that fits.
   *
   * @param passage the passage
   * @param score how well it fits, 0 to 1; comparable within one knowledge base only
   */
  record Hit(Passage passage, double score) {}
}
