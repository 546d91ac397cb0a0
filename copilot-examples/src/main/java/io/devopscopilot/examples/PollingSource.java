package io.devopscopilot.examples;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Origin;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A log source of one's own: hands over what a service keeps in a list, and resumes by number. */
public final class PollingSource implements LogSource {
  private final List<String> lines;
  private int next;

  /** A source of these lines. */
  public PollingSource(List<String> lines) {
    this.lines = List.copyOf(lines);
  }

  @Override
  public void resume(Map<String, String> positions) {
    next = Integer.parseInt(positions.getOrDefault("audit", "0"));
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    int n = 0;
    for (; n < limit && next < lines.size(); n++, next++) {
      LogRecord.Position position = new LogRecord.Position("audit", String.valueOf(next + 1));
      sink.accept(
          LogRecord.of(Instant.now(), lines.get(next), Origin.ofService("audit")).at(position));
    }
    return n > 0 || next < lines.size() ? n : ENDED;
  }
}
