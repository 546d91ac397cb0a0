package io.devopscopilot.rag;

import io.devopscopilot.api.Answerer.Citation;

/**
 * A line that may be cited.
 *
 * @param id citation id
 * @param source where it stands, for people
 * @param text the line, word for word
 * @param log whether a program wrote it; else the cluster did
 * @param count how often it was seen, 1 or more
 * @param verdict category that the line's classifier was sure of, empty where none was
 */
record EvidenceLine(
    String id, String source, String text, boolean log, long count, String verdict) {
  /** A line that nobody classified. */
  EvidenceLine(String id, String source, String text, boolean log, long count) {
    this(id, source, text, log, count, "");
  }

  Citation citation(double score) {
    return new Citation(id, Citation.LOG, source, text, Math.max(0, Math.min(1, score)));
  }
}
