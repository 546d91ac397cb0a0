package io.devopscopilot.testkit;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A source that plays given records once, in order, and ends. For tests; one thread. */
public final class ScriptedLogSource implements LogSource {
  private final String stream;
  private final List<LogRecord> records = new ArrayList<>();
  private int next;
  private boolean closed;

  /** Plays the records as the stream of this name, with positions of its own. */
  public ScriptedLogSource(String stream, List<LogRecord> records) {
    this.stream = stream;
    for (LogRecord record : records) {
      String token = Integer.toString(this.records.size() + 1);
      this.records.add(record.at(new LogRecord.Position(stream, token)));
    }
  }

  @Override
  public int poll(Consumer<? super LogRecord> sink, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit is " + limit + ", must be 1 or more");
    }
    if (closed || next == records.size()) {
      return ENDED;
    }
    int end = Math.min(records.size(), next + limit);
    int start = next;
    while (next < end) {
      sink.accept(records.get(next));
      next++;
    }
    return next - start;
  }

  @Override
  public void resume(Map<String, String> positions) {
    next = Integer.parseInt(positions.getOrDefault(stream, "0"));
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of("lines.read", (long) next);
  }

  @Override
  public void close() {
    closed = true;
  }
}
