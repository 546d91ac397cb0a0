package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What every {@link LogSource} must do. Extend it, and answer with a source over the same finite,
 * non-empty material each time; JUnit Jupiter and AssertJ must be on the test class path.
 */
public abstract class LogSourceContract {
  private static final long LIMIT_NANOS = 60_000_000_000L;

  /** A new source over the same finite material; it ends, and holds at least three records. */
  protected abstract LogSource newSource() throws Exception;

  /** Whether the source resumes after a position; true unless overridden. */
  protected boolean resumes() {
    return true;
  }

  @Test
  @DisplayName("gives the same records however few are asked for at a time")
  void limitOne() throws Exception {
    List<LogRecord> one = readAll(newSource(), 1);
    assertThat(one).hasSizeGreaterThanOrEqualTo(3);
    assertThat(streams(one)).isEqualTo(streams(readAll(newSource(), 1000)));
  }

  @Test
  @DisplayName("never hands over more than the limit and says how many it handed over")
  void respectsLimit() throws Exception {
    try (LogSource source = newSource()) {
      long deadline = System.nanoTime() + LIMIT_NANOS;
      int moved = 0;
      while (moved != LogSource.ENDED) {
        assertThat(System.nanoTime()).as("the source must end").isLessThan(deadline);
        List<LogRecord> got = new ArrayList<>();
        moved = source.poll(got::add, 2);
        assertThat(got).hasSize(Math.max(0, moved)).hasSizeLessThanOrEqualTo(2);
      }
    }
  }

  @Test
  @DisplayName("refuses a limit below 1 and names it")
  void refusesLimitZero() throws Exception {
    try (LogSource source = newSource()) {
      assertThatThrownBy(() -> source.poll(r -> {}, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0");
    }
  }

  @Test
  @DisplayName("delivers a record again when the sink threw, and loses none")
  void sinkThatThrows() throws Exception {
    Map<String, List<String>> expected = streams(readAll(newSource(), 1000));
    List<LogRecord> got = new ArrayList<>();
    IllegalStateException refusal = new IllegalStateException("not now");
    try (LogSource source = newSource()) {
      long deadline = System.nanoTime() + LIMIT_NANOS;
      boolean[] refuse = {true};
      int moved = 0;
      while (moved != LogSource.ENDED) {
        assertThat(System.nanoTime()).as("the source must end").isLessThan(deadline);
        try {
          moved =
              source.poll(
                  record -> {
                    refuse[0] = !refuse[0];
                    if (!refuse[0]) {
                      throw refusal;
                    }
                    got.add(record);
                  },
                  10);
        } catch (IllegalStateException e) {
          assertThat(e).isSameAs(refusal);
        }
      }
    }
    assertThat(streams(got)).isEqualTo(expected);
  }

  @Test
  @DisplayName("resumes exactly behind every position")
  void resumesExactly() throws Exception {
    if (!resumes()) {
      return;
    }
    List<LogRecord> all = readAll(newSource(), 1000);
    for (int cut = 0; cut <= all.size(); cut++) {
      Map<String, String> positions = new HashMap<>();
      for (LogRecord record : all.subList(0, cut)) {
        positions.put(record.position().stream(), record.position().token());
      }
      LogSource source = newSource();
      source.resume(positions);
      assertThat(streams(readAll(source, 7)))
          .as("after %d records", cut)
          .isEqualTo(streams(all.subList(cut, all.size())));
    }
  }

  @Test
  @DisplayName("may be closed twice")
  void closeTwice() throws Exception {
    LogSource source = newSource();
    source.close();
    source.close();
    assertThat(source.counters()).isNotNull();
  }

  private static List<LogRecord> readAll(LogSource source, int limit) throws Exception {
    List<LogRecord> got = new ArrayList<>();
    long deadline = System.nanoTime() + LIMIT_NANOS;
    try (source) {
      while (source.poll(got::add, limit) != LogSource.ENDED) {
        assertThat(System.nanoTime()).as("the source must end").isLessThan(deadline);
      }
    }
    return got;
  }

  /** The messages of each stream in their order; streams may overtake each other. */
  private static Map<String, List<String>> streams(List<LogRecord> records) {
    Map<String, List<String>> streams = new HashMap<>();
    for (LogRecord record : records) {
      streams
          .computeIfAbsent(record.position().stream(), s -> new ArrayList<>())
          .add(record.message());
    }
    return streams;
  }
}
