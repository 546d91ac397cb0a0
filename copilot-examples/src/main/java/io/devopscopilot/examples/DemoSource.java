package io.devopscopilot.examples;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The sample shop in accelerated time: a record comes when its moment has come, not before. */
final class DemoSource implements LogSource {
  private final List<LogRecord> records;
  private final double speed;
  private long began;
  private int next;

  /**
   * Begins with the first poll.
   *
   * @param speed seconds of the shop per second, above 0 to 10,000
   */
  DemoSource(Instant end, double speed) {
    if (!(speed > 0 && speed <= 10_000)) {
      throw new IllegalArgumentException(
          "--demo-speed is " + speed + ", must be above 0 and at most 10000");
    }
    this.records = new ShopSample(end).records();
    this.speed = speed;
  }

  /** How long it plays. */
  Duration length() {
    return Duration.between(records.get(0).timestamp(), records.get(records.size() - 1).timestamp())
        .dividedBy((long) Math.max(1, speed));
  }

  @Override
  public void resume(Map<String, String> positions) {
    next = Integer.parseInt(positions.getOrDefault(records.get(0).position().stream(), "0"));
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    if (next >= records.size()) {
      return ENDED;
    }
    long now = System.nanoTime();
    if (began == 0) {
      began = now;
    }
    Instant until =
        records.get(0).timestamp().plusNanos((long) Math.min(1e18, (now - began) * speed));
    int n = 0;
    for (; n < limit && next < records.size(); n++) {
      LogRecord record = records.get(next);
      if (record.timestamp().isAfter(until)) {
        break;
      }
      sink.accept(record);
      next++;
    }
    return n;
  }
}
