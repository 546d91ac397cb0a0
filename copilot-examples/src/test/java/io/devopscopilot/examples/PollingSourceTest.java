package io.devopscopilot.examples;

import io.devopscopilot.api.LogSource;
import io.devopscopilot.testkit.LogSourceContract;
import java.util.stream.IntStream;

class PollingSourceTest extends LogSourceContract {
  @Override
  protected LogSource newSource() {
    return new PollingSource(IntStream.range(0, 60).mapToObj(i -> "line " + i).toList());
  }
}
