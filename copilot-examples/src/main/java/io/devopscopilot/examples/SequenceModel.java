package io.devopscopilot.examples;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How usual a sequence of events is: how often training sequences held the same events, and how
 * often each event stood at its place among these. Learns from normal sequences only. Immutable.
 */
final class SequenceModel {
  private static final double SMOOTH = 0.3;

  private record Counts(List<Integer> sorted) {}

  private record Place(Counts counts, int at, int event) {}

  private final Map<Counts, Integer> known = new HashMap<>();
  private final Map<Place, Integer> places = new HashMap<>();
  private final Map<Integer, Integer> events = new HashMap<>();
  private final int rows;
  private final double unseen;

  private SequenceModel(List<int[]> sequences) {
    this.rows = sequences.size();
    for (int[] sequence : sequences) {
      Counts counts = counts(sequence);
      known.merge(counts, 1, Integer::sum);
      for (int i = 0; i < sequence.length; i++) {
        places.merge(new Place(counts, i, sequence[i]), 1, Integer::sum);
        events.merge(sequence[i], 1, Integer::sum);
      }
    }
    long once = known.values().stream().filter(n -> n == 1).count();
    this.unseen = (once + 0.5) / Math.max(1, rows) / 50; // Good and Turing, shared by many kinds
  }

  static SequenceModel train(List<int[]> sequences) {
    return new SequenceModel(sequences);
  }

  private static Counts counts(int[] sequence) {
    int[] sorted = sequence.clone();
    Arrays.sort(sorted);
    return new Counts(Arrays.stream(sorted).boxed().toList());
  }

  /** Whether a training sequence held the same events, each as often. */
  boolean knows(int[] sequence) {
    return known.containsKey(counts(sequence));
  }

  /** How odd a sequence is, 0 or more; in nats. */
  double score(int[] sequence) {
    Counts counts = counts(sequence);
    int n = known.getOrDefault(counts, 0);
    if (n == 0) {
      return 1_000 - 2 * Math.log(unseen);
    }
    double worst = 0;
    for (int i = 0; i < sequence.length; i++) {
      worst = Math.max(worst, odd(counts, n, i, sequence[i]));
    }
    return worst - 2 * Math.log(n / (double) rows);
  }

  private double odd(Counts counts, int n, int at, int event) {
    int seen = places.getOrDefault(new Place(counts, at, event), 0);
    return -Math.log((seen + SMOOTH) / (n + 10 * SMOOTH));
  }

  /** The place of the event that is the least usual there, from 0. */
  int oddest(int[] sequence) {
    Counts counts = counts(sequence);
    int n = known.getOrDefault(counts, 0);
    int best = 0;
    double worst = -1;
    for (int i = 0; i < sequence.length; i++) {
      double odd =
          n == 0 ? 1.0 / (1 + events.getOrDefault(sequence[i], 0)) : odd(counts, n, i, sequence[i]);
      if (odd > worst) {
        worst = odd;
        best = i;
      }
    }
    return best;
  }
}
