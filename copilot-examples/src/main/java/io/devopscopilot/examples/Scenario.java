package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * One scenario of a kind: its lines in time order, among ordinary ones of all services.
 *
 * @param failure when the service fails, empty for a quiet one
 * @param service the one the story is about
 */
record Scenario(
    ScenarioKit.Kind kind,
    String name,
    Optional<Instant> failure,
    String service,
    List<Line> lines) {
  private static final String[][] SERVICES = {
    {"orders", "stock", "ledger", "mailer"},
    {"depot", "parcels", "routes", "customs", "labels"},
    {"booking", "fares", "seats", "notify"}
  };

  /** The first of the two formats of each part. */
  private static final int[] FORMATS = {0, 4, 2};

  /** Formats of varied training kinds beside the two. */
  private static final int[] MORE_FORMATS = {0, 1, 6, 7};

  /** What may be said and means nothing. */
  private static final String[] HARMLESS = {
    "item %d could not be shown, skipped",
    "no translation for key k%d, showing the key",
    "client %d went away before the answer was written",
    "thumbnail %d is broken, using a placeholder"
  };

  /**
   * A line.
   *
   * @param restarts of its container; negative for the instance that is never restarted
   * @param warning whether it is a warning event and not a line of a log
   */
  record Line(Instant time, String service, int restarts, String text, boolean warning) {
    private String pod() {
      return service + (restarts < 0 ? "-6d9f" : "-k2vx");
    }

    String json() {
      ObjectNode row = Views.JSON.createObjectNode().put("ts", time.toString());
      row.put("service", service).put("pod", pod());
      if (restarts >= 0) {
        row.put("restarts", restarts);
      }
      row.put("text", text);
      return (warning ? row.put("warning", true) : row).toString();
    }

    LogRecord record() {
      Origin origin =
          Origin.builder().service(service).pod(pod()).restartCount(Math.max(0, restarts)).build();
      return warning
          ? LogRecord.event(time, text, origin, Map.of(LogRecord.ATTR_EVENT_TYPE, "Warning"))
          : LogRecord.of(time, text, origin);
    }
  }

  /** What surrounds a story. */
  private record World(
      List<String> services,
      int format,
      int begin,
      int failure,
      int end,
      double talk,
      double harmless,
      String noise) {}

  static Scenario of(ScenarioKit.Kind kind, int n, long seed) {
    Random random = new Random(seed * 1_000_003 + kind.name().hashCode() * 31L + n);
    int part = kind.part().ordinal();
    String[] services = SERVICES[part];
    String service = services[random.nextInt(services.length)];
    int format = FORMATS[part] + random.nextInt(2);
    int failure = 60 * (38 + random.nextInt(8));
    Instant start = Instant.parse("2026-03-02T02:00:00Z").plusSeconds(random.nextInt(2_000_000));
    World world =
        kind.varied()
            ? varied(kind, random, service, format)
            : new World(
                List.of(services),
                format,
                600,
                failure,
                kind.fails() ? failure : ScenarioKit.MINUTES * 60,
                0,
                0,
                HARMLESS[0]);
    List<Line> lines = new ArrayList<>();
    ScenarioKit.Story story = kind.story().apply(random);
    for (int second = 0; second < world.end(); second++) {
      for (String other : world.services()) {
        if (kind.varied() ? random.nextDouble() < world.talk() : random.nextInt(4) == 0) {
          lines.add(line(start, second, other, "INFO", ordinary(random), world.format(), random));
        }
        if (kind.varied() ? random.nextDouble() < world.harmless() : random.nextInt(400) == 0) {
          String text = String.format(Locale.ROOT, world.noise(), random.nextInt(99));
          lines.add(line(start, second, other, "ERROR", text, world.format(), random));
        }
      }
      double span = world.failure() - world.begin();
      double progress = Math.max(0, (second - world.begin()) / span);
      story.tell(
          second, progress, random, new Writer(start, second, service, world, random, lines));
    }
    if (kind.varied()) {
      lines.sort(Comparator.comparing(Line::time));
    }
    Optional<Instant> fails =
        kind.fails() ? Optional.of(start.plusSeconds(world.failure())) : Optional.empty();
    return new Scenario(kind, kind.name() + "_" + n, fails, service, lines);
  }

  /** Few or many services, talkative or not, a trouble that takes minutes or half an hour. */
  private static World varied(ScenarioKit.Kind kind, Random random, String service, int oneOfTwo) {
    int part = kind.part().ordinal();
    Set<String> services = new LinkedHashSet<>(List.of(service));
    for (int i = random.nextInt(5); i > 0; i--) {
      services.add(SERVICES[part][random.nextInt(SERVICES[part].length)]);
    }
    int format =
        kind.part() == ScenarioKit.Part.TRAINING
            ? MORE_FORMATS[random.nextInt(MORE_FORMATS.length)]
            : oneOfTwo;
    int begin = 60 * (5 + random.nextInt(9));
    int failure = begin + (int) (60 * Math.exp(random.nextDouble() * Math.log(30)));
    int end = kind.fails() ? failure + random.nextInt(240) : begin + 60 * (15 + random.nextInt(20));
    return new World(
        List.copyOf(services),
        format,
        begin,
        kind.fails() ? failure : end,
        end,
        random.nextInt(6) == 0 ? 0 : 0.03 * Math.exp(3.5 * random.nextDouble()),
        random.nextInt(3) == 0 ? 0 : 0.0004 * Math.exp(4 * random.nextDouble()),
        HARMLESS[random.nextInt(HARMLESS.length)]);
  }

  /** The first line of a scenario's file. */
  ObjectNode head() {
    ObjectNode head = Views.JSON.createObjectNode().put("scenario", name);
    failure.ifPresent(
        at -> {
          head.put("failure_at", at.toString()).put("category", kind.category());
          kind.others().forEach(o -> head.withArray("/category_alt").add(o));
          head.put("service", service).put("lead_seconds", kind.leadSeconds());
        });
    return head;
  }

  /** Writes the lines of one second. */
  private record Writer(
      Instant start, int second, String service, World world, Random random, List<Line> lines)
      implements ScenarioKit.Pen {
    @Override
    public void line(String level, String text) {
      lines.add(Scenario.line(start, second, service, level, text, world.format(), random));
    }

    @Override
    public void later(int millis, String level, String text) {
      Instant at = start.plusMillis(millis);
      lines.add(Scenario.line(at, second, service, level, text, world.format(), random));
    }

    @Override
    public void caller(String level, String text) {
      List<String> all = world.services();
      String caller = all.get(all.size() - 1);
      if (!caller.equals(service)) {
        lines.add(Scenario.line(start, second, caller, level, text, world.format(), random));
      }
    }

    @Override
    public void instance(int restarts, String level, String text) {
      Line line = Scenario.line(start, second, service, level, text, world.format(), random);
      lines.add(new Line(line.time(), service, restarts, line.text(), false));
    }

    @Override
    public void event(String text) {
      lines.add(new Line(start.plusSeconds(second), service, -1, text, true));
    }
  }

  private static String ordinary(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> "GET /v1/items/" + random.nextInt(9_000) + " 200 in " + random.nextInt(40) + " ms";
      case 1 -> "stored record " + Integer.toHexString(random.nextInt());
      case 2 -> "session s" + random.nextInt(900) + " refreshed";
      default -> "handled message " + random.nextInt(70_000) + " from topic events";
    };
  }

  private static Line line(
      Instant start,
      int second,
      String service,
      String level,
      String text,
      int format,
      Random random) {
    Instant time = start.plusSeconds(second).plusMillis(random.nextInt(3));
    String clock = time.toString().substring(11, 19);
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
          case 3 -> level.charAt(0) + "0302 " + clock + ".000001       1 main.go:77] " + text;
          case 4 -> "[" + clock + " " + level + "] " + service + ": " + text;
          case 5 ->
              Views.JSON
                  .createObjectNode()
                  .put("severity", level)
                  .put("time", time.toString())
                  .put("msg", text)
                  .toString();
          case 6 -> clock + " [" + level.toLowerCase(Locale.ROOT) + "] " + text;
          default -> level + ":" + service + ".core:" + text;
        };
    return new Line(time, service, -1, shown, false);
  }
}
