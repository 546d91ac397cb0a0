package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GateTest {
  private static final String LINE =
      "orders-7c9f could not connect to orders-db:5432: connection refused after 3 attempts";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "orders-7c9f cannot connect to orders-db:5432",
        "The connection to orders-db:5432 is refused after 3 attempts",
        "orders-7c9f fails: connection refused"
      })
  void letsThroughWhatTheLineSays(String sentence) {
    assertThat(Gate.objection(sentence, List.of(LINE))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "The connection to orders-db:5432 is refused after 7 attempts|names what is not there",
        "orders-7c9f cannot connect to users-db:5432|names what is not there",
        "orders-7c9f connects to orders-db:5432|asserts what is denied there",
        "The disk of the node is full and the pod was evicted|says more",
        "\u201Cconnection accepted\u201D to orders-db:5432|quotes what is not there",
        "CrashLoopBackOff of orders-7c9f|names what is not there"
      })
  void stopsWhatTheLineDoesNotSay(String sentence, String why) {
    assertThat(Gate.objection(sentence, List.of(LINE)))
        .hasValueSatisfying(o -> assertThat(o).contains(why));
  }

  @Test
  void stopsADenialOfWhatIsNotDenied() {
    assertThat(Gate.objection("The job did not finish", List.of("the job finished at noon")))
        .isPresent();
    assertThat(Gate.objection("The job finished", List.of("the job has not finished"))).isPresent();
    assertThat(Gate.objection("The job finished", List.of())).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Why since 10:00?|2026-03-02T10:00:00Z|",
        "Why since 23:15?|2026-03-01T23:15:00Z|",
        "errors last night|2026-03-01T18:00:00Z|2026-03-02T08:00:00Z",
        "in the past hour|2026-03-02T09:30:00Z|",
        "in the last 15 minutes|2026-03-02T10:15:00Z|",
        "past 2h|2026-03-02T08:30:00Z|",
        "yesterday|2026-03-01T00:00:00Z|2026-03-02T00:00:00Z",
        "between 09:00 and 10:00|2026-03-02T09:00:00Z|2026-03-02T10:00:00Z",
        "at 10:20|2026-03-02T10:05:00Z|2026-03-02T10:35:00Z",
        "on 2026-02-27|2026-02-27T00:00:00Z|2026-02-28T00:00:00Z",
        "since 2026-02-27T08:30:00Z|2026-02-27T08:30:00Z|",
        "before 09:00|   |2026-03-02T09:00:00Z",
        "why at all||"
      })
  void readsTimes(String question, String from, String to) {
    QuestionReader.Read read = read(question);
    assertThat(read.from().map(Instant::toString).orElse(null)).isEqualTo(from);
    assertThat(read.to().map(Instant::toString).orElse(null)).isEqualTo(to);
  }

  private static QuestionReader.Read read(String question) {
    return QuestionReader.read(question, ZonedDateTime.ofInstant(Shop.NOW, ZoneOffset.UTC));
  }

  @Test
  void readsNames() {
    assertThat(read("{ \"type\": \"pod\", \"name\": \"a-b-c\" }").names()).containsExactly("a-b-c");
    assertThat(read("what about pod default/orders-7c9f-x?").names())
        .containsExactly("orders-7c9f-x");
    assertThat(read("errors in namespace blue").namespace()).isEqualTo("blue");
    assertThat(read("errors in the blue namespace").namespace()).isEqualTo("blue");
    assertThat(read("why is pod blue/web-1 down").namespace()).isEqualTo("blue");
    assertThat(read("why is deployment web down").kind()).isEqualTo("deployment");
    assertThat(read("on 2026-02-27 at 10:30").names()).isEmpty();
  }
}
