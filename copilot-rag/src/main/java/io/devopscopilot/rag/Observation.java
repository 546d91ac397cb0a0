package io.devopscopilot.rag;

import java.util.List;

/**
 * Something that the evidence shows.
 *
 * @param category category id
 * @param weight how near to the cause, above 0; a symptom of something else weighs less
 * @param sentence what it is, for people, without mark and full stop
 * @param lines the lines that show it, never empty
 */
record Observation(String category, double weight, String sentence, List<EvidenceLine> lines) {
  Observation {
    lines = List.copyOf(lines);
  }
}
