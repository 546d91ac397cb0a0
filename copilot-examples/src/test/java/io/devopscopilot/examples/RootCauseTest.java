package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.classifier.TreeLogClassifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RootCauseTest {
  private final Copilot copilot = LineModels.copilot(TreeLogClassifier.loadDefault());
  private final RootCause cause = new RootCause(copilot);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "starting;java.lang.IllegalStateException: no database;\tat demo.Main.open(Main.java:17) | no database",
        "INFO up;Exception in thread \"main\" x.A: outer;\tat a.B(C.java:1);Caused by: x.B: disk full;\t... 3 more | disk full",
        "Traceback (most recent call last):;  File \"a.py\", line 3;KeyError: 'DB_URL' | DB_URL",
        "listening;panic: runtime error: index out of range;goroutine 1 [running]: | panic: runtime",
        "INFO a;INFO b;ERROR connection to db:5432 refused;INFO bye | db:5432 refused",
        "only;plain;words | words"
      })
  void namesTheLineThatSaysWhy(String log, String part) {
    assertThat(cause.of(Arrays.asList(log.split(";"))).orElseThrow().line()).contains(part);
  }

  @Test
  void saysNothingOfNothingAndEscapes() {
    assertThat(cause.of(List.of())).isEmpty();
    assertThat(cause.of(List.of("ERROR \u001b[31mred")).orElseThrow().line())
        .doesNotContain("\u001b");
  }
}
