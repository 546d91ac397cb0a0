package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** A service that classifies its own log events in-process, and reacts to the serious ones. */
public final class EmbedInService {
  private EmbedInService() {}

  /** Hands events that are worse than their level says, or name a cause, to {@code alarm}. */
  static Handler handler(Copilot copilot, Consumer<String> alarm) {
    return new Handler() {
      @Override
      public void publish(LogRecord event) {
        Classification verdict = copilot.classify(String.valueOf(event.getMessage()));
        boolean known = !verdict.category().equals("none") && !verdict.category().equals("unknown");
        if (verdict.severity().compareTo(Severity.ERROR) >= 0 && known) {
          alarm.accept(verdict.category() + ": " + event.getMessage());
        }
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }

  /** Logs two events; the second one raises the alarm. */
  public static void main(String[] args) {
    Copilot copilot =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(TreeLogClassifier.loadDefault())
            .build();
    Logger log = Logger.getLogger("orders");
    log.setUseParentHandlers(false);
    log.addHandler(handler(copilot, alarm -> System.out.println("ALARM " + alarm)));
    log.info("order 4711 stored in 12 ms");
    log.log(Level.INFO, "OOMKilled: container orders exceeded memory limit");
    copilot.close();
  }
}
