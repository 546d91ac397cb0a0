package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.testkit.LogSourceContract;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShopSampleTest extends LogSourceContract {
  private static final Instant END = Instant.parse("2026-01-05T10:40:00Z");

  @Override
  protected LogSource newSource() {
    return new ShopSample(END);
  }

  @Test
  void hasEnoughLinesOfEnoughServices() {
    List<LogRecord> records = new ShopSample(END).records();
    assertThat(records).hasSizeGreaterThan(5_000);
    assertThat(records.stream().map(r -> r.origin().service()).distinct()).hasSize(11);
    assertThat(records.get(0).timestamp()).isAfter(END.minus(Duration.ofMinutes(41)));
    assertThat(records.get(records.size() - 1).timestamp()).isBefore(END.plusSeconds(5));
    assertThat(records)
        .filteredOn(r -> r.attributes().containsValue("OOMKilled"))
        .hasSize(3)
        .allMatch(r -> r.origin().service().equals("checkout"));
  }

  @Test
  void isTheSameEachTime() {
    assertThat(new ShopSample(END).records()).isEqualTo(new ShopSample(END).records());
  }
}
