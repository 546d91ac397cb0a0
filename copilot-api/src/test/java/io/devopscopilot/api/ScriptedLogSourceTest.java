package io.devopscopilot.api;

import io.devopscopilot.testkit.LogSourceContract;
import io.devopscopilot.testkit.ScriptedLogSource;
import java.util.List;

class ScriptedLogSourceTest extends LogSourceContract {
  @Override
  protected LogSource newSource() {
    return new ScriptedLogSource(
        "script",
        List.of(
            LogRecord.of("first"),
            LogRecord.of(""),
            LogRecord.of("x".repeat(1 << 20)),
            LogRecord.of("\u0000\uFFFD binary"),
            LogRecord.of("last")));
  }
}
