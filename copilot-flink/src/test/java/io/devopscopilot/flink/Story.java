package io.devopscopilot.flink;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.classifier.WindowIssueDetector;
import io.devopscopilot.features.TextFeatureExtractor;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Generated lines of three namespaces in trouble, and what the single process makes of them. */
final class Story {
  static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final String[] NAMESPACES = {"shop", "bank", ""};
  private static final String[][] SERVICES = {
    {"cart", "payments", "db", "front-end"},
    {"ledger", "teller", "bank-db", "audit"},
    {"cron", "mailer", "other-db", "proxy"}
  };

  private Story() {}

  /** Lines in the order of their time, with bursts, blame, silences and figures that rise. */
  static List<Line> lines(int count) {
    Random random = new Random(7);
    List<Line> lines = new ArrayList<>();
    Instant time = START;
    for (int i = 0; i < count; i++) {
      time = time.plusMillis(random.nextInt(300));
      if (i % 3_000 == 2_999) {
        time = time.plusSeconds(700);
      }
      int which = random.nextInt(3);
      String namespace = NAMESPACES[which];
      String service = SERVICES[which][random.nextInt(4)];
      boolean trouble = i / 1_000 % 3 == 1;
      String text =
          switch (random.nextInt(8)) {
            case 0 ->
                trouble && namespace.equals("shop") && !service.equals("payments")
                    ? "ERROR call to payments:8080 failed: connection refused"
                    : "INFO call to payments:8080 took " + random.nextInt(90) + " ms";
            case 1 ->
                trouble && service.endsWith("db")
                    ? "FATAL OutOfMemoryError: Java heap space in worker " + random.nextInt(9)
                    : "INFO checkpoint done in " + random.nextInt(900) + " ms";
            case 2 -> "INFO memory used " + (150 + i % 3_000 / 9) + " MiB of 512 MiB";
            case 3 -> "WARN slow request of user " + random.nextInt(1_000);
            default -> "INFO request " + random.nextInt(100_000) + " done";
          };
      Origin origin = Origin.builder().namespace(namespace).service(service).build();
      lines.add(Line.of("logs", 0, i, 0, LogRecord.of(time, text, origin)));
    }
    return lines;
  }

  static Copilot copilot() {
    return Copilot.builder()
        .features(new TextFeatureExtractor())
        .classifier(TreeLogClassifier.loadDefault())
        .build();
  }

  /** What one detector that sees every line says, as the app runs it. */
  static List<Issue> issues(List<Line> lines) {
    List<Issue> issues = new ArrayList<>();
    WindowIssueDetector detector = new WindowIssueDetector();
    try (Copilot copilot = copilot()) {
      for (Line line : lines) {
        detector.observe(line.record(), copilot.classify(line.record()), issues::add);
      }
    }
    Instant last = lines.get(lines.size() - 1).record().timestamp();
    detector.advance(last.plus(Duration.ofHours(1)), issues::add);
    return issues;
  }
}
