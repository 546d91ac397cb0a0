package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSink;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The line of progress that {@code collect} shows: stored, per second, pods, how old lines were at
 * most when they were stored, and whatever is lost. Stands behind the sink that stores.
 */
final class CollectProgress implements LogSink {
  // Older than this a line is history, no measure of how far behind the collector is.
  private static final Duration LIVE = Duration.ofHours(1);
  private static final Duration NOTHING = Duration.ofMillis(-1);

  private Instant oldest = Instant.MAX;
  private final AtomicReference<Duration> lag = new AtomicReference<>(NOTHING);
  private long before = -1;
  private long at;

  @Override
  public void accept(LogRecord record, Classification classification) {
    if (record.kind() == LogRecord.Kind.LOG && record.timestamp().isBefore(oldest)) {
      oldest = record.timestamp();
    }
  }

  @Override
  public void flush() {
    if (!oldest.equals(Instant.MAX)) {
      Duration ago = Duration.between(oldest, Instant.now());
      lag.accumulateAndGet(
          ago.isNegative() ? Duration.ZERO : ago, (a, b) -> a.compareTo(b) < 0 ? b : a);
      oldest = Instant.MAX;
    }
  }

  /** What to show now; one thread. */
  String line(Map<String, Long> counters) {
    long rows =
        counters.getOrDefault("store.rows.written", counters.getOrDefault("kafka.lines.sent", 0L));
    long now = System.nanoTime();
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%,d lines stored", rows));
    if (before >= 0) {
      double seconds = Math.max(1e-3, (now - at) / 1e9);
      text.append(
          String.format(Locale.ROOT, ", %,d lines/s", Math.round((rows - before) / seconds)));
    }
    before = rows;
    at = now;
    boolean cluster = counters.containsKey("kubernetes.pods");
    show(text, counters, "kubernetes.pods", " pods", cluster);
    Duration most = lag.getAndSet(NOTHING);
    if (!most.isNegative() && most.compareTo(LIVE) < 0) {
      text.append(String.format(Locale.ROOT, ", lag %.1f s", most.toMillis() / 1e3));
    }
    show(text, counters, "kubernetes.gaps", " gaps", cluster);
    show(text, counters, "kubernetes.instances.lost", " logs perhaps cut", false);
    show(text, counters, "bytes.lost", " bytes lost", false);
    show(text, counters, "files.lost", " files lost", false);
    show(text, counters, "files.unreadable", " files unreadable", false);
    show(text, counters, "files.beyond-limit", " files too many", false);
    return text.toString();
  }

  private static void show(
      StringBuilder text, Map<String, Long> counters, String name, String what, boolean always) {
    long count = counters.getOrDefault(name, 0L);
    if (always || count > 0) {
      text.append(String.format(Locale.ROOT, ", %,d%s", count, what));
    }
  }
}
