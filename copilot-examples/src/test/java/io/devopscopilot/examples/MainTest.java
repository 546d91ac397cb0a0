package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void exitsWith2OnWrongUsageAnd0OnHelp() {
    assertThat(Main.run("no-such-command")).isEqualTo(2);
    assertThat(Main.run()).isEqualTo(2);
    assertThat(Main.run("--help")).isEqualTo(0);
  }
}
