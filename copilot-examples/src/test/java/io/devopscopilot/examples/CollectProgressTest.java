package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CollectProgressTest {
  private static final Classification VERDICT =
      Classification.certain(Severity.INFO, Category.UNKNOWN, 0);

  private final CollectProgress progress = new CollectProgress();

  private void accept(Duration age, LogRecord.Kind kind) {
    progress.accept(
        new LogRecord(
            Instant.now().minus(age),
            "a line",
            kind,
            Origin.UNKNOWN,
            LogRecord.Position.NONE,
            Map.of(),
            java.util.Set.of()),
        VERDICT);
  }

  private double lag() {
    Matcher found = Pattern.compile("lag (\\d+\\.\\d) s").matcher(progress.line(Map.of()));
    return found.find() ? Double.parseDouble(found.group(1)) : -1;
  }

  @Test
  void theOldestLineStoredSinceItWasShownIsTheLag() {
    accept(Duration.ofMinutes(20), LogRecord.Kind.LOG);
    accept(Duration.ofMinutes(1), LogRecord.Kind.LOG);
    assertThat(lag()).as("not stored yet").isEqualTo(-1);
    progress.flush();
    accept(Duration.ofSeconds(1), LogRecord.Kind.LOG);
    progress.flush();
    assertThat(lag()).isGreaterThanOrEqualTo(1_200);
    assertThat(lag()).as("shown once").isEqualTo(-1);
    accept(Duration.ofMinutes(2), LogRecord.Kind.LOG);
    progress.flush();
    assertThat(lag()).isBetween(120.0, 1_199.0);
  }

  @Test
  void eventsAndHistoryAreNoLag() {
    accept(Duration.ofMinutes(20), LogRecord.Kind.EVENT);
    progress.flush();
    assertThat(lag()).isEqualTo(-1);
    accept(Duration.ofHours(2), LogRecord.Kind.LOG);
    progress.flush();
    assertThat(lag()).isEqualTo(-1);
  }
}
