package io.devopscopilot.api;

import java.util.List;
import java.util.Map;

/**
 * Names the category of a whole piece of evidence: events, a describe output, a window of lines of
 * one pod. Thread-safe.
 */
@FunctionalInterface
public interface EvidenceClassifier {
  /** Weighs all pieces together; no pieces give {@link Category#UNKNOWN}. */
  Diagnosis classify(List<Evidence> evidence);

  /**
   * A piece of evidence.
   *
   * @param kind {@code event}, {@code events}, {@code describe}, {@code logs} or {@code other}
   * @param text its text, of any length, lines separated by line feeds
   */
  record Evidence(String kind, String text) {}

  /**
   * What the evidence says.
   *
   * @param category most probable category, or {@link Category#UNKNOWN}
   * @param probability its probability, 0 to 1
   * @param probabilities probability by category
   * @param findings the lines that decided, strongest first
   */
  record Diagnosis(
      String category,
      double probability,
      Map<String, Double> probabilities,
      List<Finding> findings) {
    /** Copies the findings and the probabilities. */
    public Diagnosis {
      probabilities = Map.copyOf(probabilities);
      findings = List.copyOf(findings);
    }
  }

  /**
   * A line that decided.
   *
   * @param piece number of the piece, from 0
   * @param line the line's text
   * @param category the category it speaks for
   * @param weight how strongly, above 0
   */
  record Finding(int piece, String line, String category, double weight) {}
}
