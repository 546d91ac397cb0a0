package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scenarios}: writes scenario files for {@code evaluate prediction}. */
@Command(
    name = "scenarios",
    description = "Writes made-up scenarios of failing and of quiet services, from a seed.",
    mixinStandardHelpOptions = true)
final class ScenariosCommand implements Callable<Integer> {
  /** Which kinds are written; training kinds, services and formats never meet the others. */
  enum Part {
    TRAINING,
    REPORT,
    ALL
  }

  private static final String[][] SERVICES = {
    {"orders", "stock", "ledger", "mailer"}, {"booking", "fares", "seats", "notify"}
  };

  @Spec private CommandSpec command;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write to.")
  private Path out;

  @Option(names = "--seed", defaultValue = "1", description = "Seed; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--part",
      defaultValue = "REPORT",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Part part;

  @Option(
      names = "--repeats",
      defaultValue = "2",
      description = "Scenarios of each kind, 1 to 100; default ${DEFAULT-VALUE}.")
  private int repeats;

  @Override
  public Integer call() throws IOException {
    if (repeats < 1 || repeats > 100) {
      throw new Main.UsageException("--repeats is " + repeats + ", must be 1 to 100");
    }
    Files.createDirectories(out);
    int files = 0;
    for (ScenarioKit.Kind kind : new ScenarioKit().kinds()) {
      if (part != Part.ALL && kind.training() != (part == Part.TRAINING)) {
        continue;
      }
      for (int n = 1; n <= repeats; n++) {
        write(kind, n);
        files++;
      }
    }
    command.commandLine().getErr().println(files + " scenarios in " + out);
    return 0;
  }

  private void write(ScenarioKit.Kind kind, int n) throws IOException {
    Random random = new Random(seed * 1_000_003 + kind.name().hashCode() * 31L + n);
    String[] services = SERVICES[kind.training() ? 0 : 1];
    String service = services[random.nextInt(services.length)];
    int format = (kind.training() ? 0 : 2) + random.nextInt(2);
    int failure = 60 * (38 + random.nextInt(8));
    Instant start = Instant.parse("2026-03-02T02:00:00Z").plusSeconds(random.nextInt(2_000_000));
    String name = kind.name() + "_" + n;
    List<String> lines = new ArrayList<>();
    ObjectNode head = Views.JSON.createObjectNode().put("scenario", name);
    if (kind.fails()) {
      head.put("failure_at", start.plusSeconds(failure).toString());
      head.put("category", kind.category());
      kind.others().forEach(o -> head.withArray("/category_alt").add(o));
      head.put("service", service).put("lead_seconds", kind.leadSeconds());
    }
    lines.add(head.toString());
    int end = kind.fails() ? failure : ScenarioKit.MINUTES * 60;
    for (int second = 0; second < end; second++) {
      for (String other : services) {
        if (random.nextInt(4) == 0) {
          String text = ordinary(random);
          lines.add(line(start, second, other, "INFO", text, format, random));
        }
        if (random.nextInt(400) == 0) {
          String text = "item " + random.nextInt(99) + " could not be shown, skipped";
          lines.add(line(start, second, other, "ERROR", text, format, random));
        }
      }
      double progress = Math.max(0, (second - 600) / (double) (failure - 600));
      int now = second;
      kind.story()
          .tell(
              second,
              progress,
              random,
              (level, text) -> lines.add(line(start, now, service, level, text, format, random)));
    }
    Files.write(out.resolve(name + ".jsonl"), lines);
  }

  private static String ordinary(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "GET /v1/items/" + random.nextInt(9_000) + " 200 in " + random.nextInt(40) + " ms";
      case 1 -> "stored record " + Integer.toHexString(random.nextInt());
      case 2 -> "session s" + random.nextInt(900) + " refreshed";
      default -> "handled message " + random.nextInt(70_000) + " from topic events";
    };
  }

  private static String line(
      Instant start,
      int second,
      String service,
      String level,
      String text,
      int format,
      Random random) {
    Instant time = start.plusSeconds(second).plusMillis(random.nextInt(3));
    String shown =
        switch (format) {
          case 0 ->
              time.toString().replace('T', ' ').replace("Z", "")
                  + " "
                  + level
                  + " [main] c.s."
                  + service.substring(0, 1).toUpperCase(Locale.ROOT)
                  + service.substring(1)
                  + " - "
                  + text;
          case 1 ->
              "time=" + time + " level=" + level.toLowerCase(Locale.ROOT) + " msg=\"" + text + "\"";
          case 2 ->
              Views.JSON
                  .createObjectNode()
                  .put("ts", time.toString())
                  .put("level", level.toLowerCase(Locale.ROOT))
                  .put("message", text)
                  .toString();
          default ->
              level.charAt(0)
                  + "0302 "
                  + time.toString().substring(11, 19)
                  + ".000001       1 main.go:77] "
                  + text;
        };
    return Views.JSON
        .createObjectNode()
        .put("ts", time.toString())
        .put("service", service)
        .put("pod", service + "-6d9f")
        .put("text", shown)
        .toString();
  }
}
