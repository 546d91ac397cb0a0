package io.devopscopilot.classifier;

import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What is remembered about one service: counts of one minute, its usual rate, figures, forms. */
final class ServiceWindow {
  static final long BUCKET = 10_000;
  static final int BUCKETS = 6;
  private static final int FORMS = 128;
  private static final int SAMPLES = 12;
  private static final double FORGET = 1 / 60.0;

  final String namespace;
  final String service;
  final long[] forms = new long[FORMS];
  final Trend[] trends = new Trend[NumberReader.Kind.values().length * 2];
  final Deque<LogRecord> samples = new ArrayDeque<>();
  final Deque<Long> sampleForms = new ArrayDeque<>();
  final Map<String, Double> votes = new LinkedHashMap<>();

  /** The first line of each category. */
  final Map<String, String> lines = new LinkedHashMap<>();

  private final int[] errors = new int[BUCKETS];
  private final int[] fresh = new int[BUCKETS];
  private long bucket = Long.MIN_VALUE;
  private int formCount;

  /** Errors per bucket in ordinary times. */
  double usual;

  long firstSeen = Long.MAX_VALUE;
  long lastSign;
  long lastCheck;
  double severe;
  Optional<Issue> open = Optional.empty();
  Optional<Issue> expiry = Optional.empty();

  ServiceWindow(String namespace, String service) {
    this.namespace = namespace;
    this.service = service;
  }

  /** Moves the window to a time; returns false for a record that is too late to be counted. */
  boolean move(long millis) {
    firstSeen = Math.min(firstSeen, millis);
    long now = Math.floorDiv(millis, BUCKET);
    if (bucket == Long.MIN_VALUE) {
      bucket = now;
    }
    if (now <= bucket - BUCKETS) {
      return false;
    }
    long steps = now - bucket;
    for (long i = 0; i < Math.min(steps, 360); i++) {
      int slot = (int) Math.floorMod(bucket + 1 + i, (long) BUCKETS);
      if (open.isEmpty()) {
        usual += (errors[slot] - usual) * FORGET;
      }
      errors[slot] = 0;
      fresh[slot] = 0;
      severe *= 0.85;
    }
    if (steps >= BUCKETS && open.isEmpty()) {
      samples.clear();
      sampleForms.clear();
      votes.clear();
      lines.clear();
    } else if (steps > 0) {
      votes.replaceAll((k, v) -> v * Math.pow(0.85, Math.min(steps, 60)));
    }
    bucket = Math.max(bucket, now);
    return true;
  }

  void error(long millis, boolean isFresh) {
    int slot = (int) Math.floorMod(Math.floorDiv(millis, BUCKET), (long) BUCKETS);
    errors[slot]++;
    fresh[slot] += isFresh ? 1 : 0;
  }

  int errors() {
    int sum = 0;
    for (int n : errors) {
      sum += n;
    }
    return sum;
  }

  int fresh() {
    int sum = 0;
    for (int n : fresh) {
      sum += n;
    }
    return sum;
  }

  /**
   * Whether a form of line is new to this service; the oldest are forgotten when there are many.
   */
  boolean isNew(long form) {
    long key = form == 0 ? 1 : form;
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> 57);
    for (int i = 0; i < 8; i++) {
      int at = (slot + i) & (FORMS - 1);
      if (forms[at] == key) {
        return false;
      }
      if (forms[at] == 0) {
        forms[at] = key;
        formCount++;
        return true;
      }
    }
    forms[slot] = key;
    return formCount < FORMS;
  }

  void sample(LogRecord record, long form) {
    if (samples.size() == SAMPLES) {
      samples.removeFirst();
      sampleForms.removeFirst();
    }
    samples.addLast(record);
    sampleForms.addLast(form);
  }

  void vote(String category, double weight) {
    votes.merge(category, weight, Double::sum);
  }
}
