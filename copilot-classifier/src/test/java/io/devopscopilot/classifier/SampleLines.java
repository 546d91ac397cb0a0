package io.devopscopilot.classifier;

import io.devopscopilot.api.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Generated lines of six made-up systems. */
final class SampleLines {
  private static final String[] GOOD = {"started", "ready", "served", "saved", "joined"};
  private static final String[] BAD = {"failed", "broken", "refused", "crashed", "lost"};
  private static final String[] THING = {"disk", "peer", "login", "queue", "cache", "index"};
  private static final String[] CATEGORY = {
    "storage", "network_dns", "auth_security", "performance", "app_error", "app_error"
  };

  private SampleLines() {}

  static List<LabelledLine> make(int n, long seed) {
    Random random = new Random(seed);
    List<LabelledLine> out = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int thing = random.nextInt(THING.length);
      boolean bad = random.nextInt(3) == 0;
      String verb = bad ? BAD[random.nextInt(5)] : GOOD[random.nextInt(5)];
      StringBuilder text = new StringBuilder(THING[thing] + " " + verb);
      for (int w = random.nextInt(8); w > 0; w--) {
        text.append(" w").append(random.nextInt(400));
      }
      out.add(
          new LabelledLine(
              "system" + random.nextInt(6),
              text.toString(),
              Optional.of(bad ? Severity.ERROR : Severity.INFO),
              Optional.of(bad ? CATEGORY[thing] : "none"),
              1));
    }
    return out;
  }
}
