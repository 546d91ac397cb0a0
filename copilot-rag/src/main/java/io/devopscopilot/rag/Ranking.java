package io.devopscopilot.rag;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;

/**
 * The weights of the fused ranking. Each kind of match is scaled to its own best match of the
 * query, then summed: reciprocal ranks would throw away how far the best match leads (measured in
 * docs/knowledge.md).
 */
final class Ranking {
  static final double ALL = 1;
  static final double WHOLE = 0.5;
  static final double HEAD = 0.3;
  static final double PLAIN = 0.3;
  static final double PHRASE = 0.2;
  static final double HEAD_PHRASE = 0.5;
  static final double COSINE = 0.5;
  static final double QUESTION_NEAR = 0.5;
  static final double QUESTION_TITLE = 0.3;

  static final Comparator<Map.Entry<Integer, Double>> ORDER =
      Comparator.comparingDouble((Map.Entry<Integer, Double> e) -> -e.getValue())
          .thenComparing(Map.Entry::getKey);

  private static final Pattern QUESTION =
      Pattern.compile(
          "(?i)\\s*([^:]{0,40}:\\s*)?(how|what|why|when|where|which|who|is|are|can|could|do|does"
              + "|did|should|will)\\b.*",
          Pattern.DOTALL);

  private Ranking() {}

  /** Whether a text is a question rather than a name, a heading or a message. */
  static boolean isQuestion(String text) {
    return text.strip().endsWith("?") || QUESTION.matcher(text).matches();
  }

  /** The same scores, the best of them 1. */
  static <K> Map<K, Double> scaled(Map<K, Double> scores) {
    double max = Math.max(max(scores.values()), 1e-9);
    Map<K, Double> out = new HashMap<>();
    scores.forEach((key, score) -> out.put(key, score / max));
    return out;
  }

  static <K> double share(Map<K, Double> scaled, K key) {
    return scaled.getOrDefault(key, 0.0);
  }

  static double max(Collection<Double> values) {
    double max = 0;
    for (double v : values) {
      max = Math.max(max, v);
    }
    return max;
  }

  static double kthBest(Collection<Double> values, int k) {
    if (values.isEmpty()) {
      return 0;
    }
    List<Double> sorted = new ArrayList<>(values);
    sorted.sort(Comparator.reverseOrder());
    return sorted.get(Math.min(k, sorted.size()) - 1);
  }

  /** For each document the mean of its three nearest passages, above the least seen. */
  static Map<String, Double> documentNearness(
      Map<Integer, Double> cosine, Map<Integer, String> owner) {
    double least = kthBest(cosine.values(), Integer.MAX_VALUE);
    Map<String, List<Double>> found = new HashMap<>();
    cosine.forEach(
        (doc, c) ->
            found.computeIfAbsent(owner.getOrDefault(doc, ""), d -> new ArrayList<>()).add(c));
    Map<String, Double> out = new HashMap<>();
    found.forEach(
        (document, values) -> {
          values.sort(Comparator.reverseOrder());
          double sum = 0;
          for (double v : values.subList(0, Math.min(3, values.size()))) {
            sum += v - least;
          }
          out.put(document, sum / 3);
        });
    return scaled(out);
  }

  /**
   * How well a passage fits a query, 0 to 1, whatever else the index holds: half the cosine, half
   * the share of the query's terms it has, rare ones counting more.
   */
  static double fit(List<String> terms, String text, double cosine, IndexSearcher searcher)
      throws IOException {
    Set<String> have = new HashSet<>(SearchText.terms(SearchText.WORDS, text));
    double n = Math.max(1, searcher.getIndexReader().numDocs());
    double sum = 0;
    double found = 0;
    for (String term : new HashSet<>(terms)) {
      double df = searcher.getIndexReader().docFreq(new Term("all", term));
      double idf = Math.log(1 + (n - df + 0.5) / (df + 0.5));
      sum += idf;
      found += have.contains(term) ? idf : 0;
    }
    double covered = sum > 0 ? found / sum : 0;
    return Math.max(0, Math.min(1, 0.5 * Math.max(0, cosine) + 0.5 * covered));
  }
}
