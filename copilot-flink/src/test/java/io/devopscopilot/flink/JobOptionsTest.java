package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobOptionsTest {
  @Test
  void theBrokersAreEnough() {
    assertThat(JobOptions.of("--brokers", "k:9092"))
        .isEqualTo(
            new JobOptions(
                "k:9092",
                List.of("logs"),
                RecordParser.Format.AUTO,
                "verdicts",
                "issues",
                "refused",
                "copilot-control",
                "none",
                false,
                Duration.ofSeconds(10),
                false,
                false,
                "copilot",
                0));
  }

  @Test
  void eachOptionIsHeard() {
    String given =
        "--brokers k:9092 --lines a,b --format otlp-json --verdicts none --issues i --refused r"
            + " --control none --files file:///f --scope service --disorder-seconds 3600"
            + " --start latest --stop-at-end true --name n --checkpoint-seconds 1";
    assertThat(JobOptions.of(given.split(" ")))
        .isEqualTo(
            new JobOptions(
                "k:9092",
                List.of("a", "b"),
                RecordParser.Format.OTLP_JSON,
                "none",
                "i",
                "r",
                "none",
                "file:///f",
                true,
                Duration.ofHours(1),
                true,
                true,
                "n",
                1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--lines logs                       | --brokers is missing",
        "--brokers k --colour red           | --colour is unknown",
        "--brokers k --lines a,,b           | --lines is '', must be a topic",
        "--brokers k --issues none          | --issues is 'none', must be a topic",
        "--brokers k --verdicts a/b         | --verdicts is 'a/b', must be a topic",
        "--brokers k --verdicts logs        | --verdicts is 'logs', which is another option's",
        "--brokers k --lines a,a            | --lines is 'a', which is another option's",
        "--brokers k --format xml           | --format is xml, must be auto",
        "--brokers k --scope pod            | --scope is pod, must be namespace or service",
        "--brokers k --disorder-seconds -1  | --disorder-seconds is -1, must be 0 to 3600",
        "--brokers k --checkpoint-seconds 0 | --checkpoint-seconds is 0, must be 1 to 3600",
        "--brokers k --stop-at-end maybe    | --stop-at-end is maybe, must be false or true",
      })
  void aWrongOneIsNamed(String given, String why) {
    assertThatThrownBy(() -> JobOptions.of(given.split(" ")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }
}
