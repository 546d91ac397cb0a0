package io.devopscopilot.flink;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.util.ParameterTool;

/**
 * The job's command line, {@code --name value} each.
 *
 * @param brokers {@code --brokers}, must be given
 * @param lines {@code --lines}: topics with lines, default {@code logs}
 * @param format {@code --format}: auto (default), plain, fluentbit, vector, otlp-json,
 *     otlp-protobuf
 * @param verdicts {@code --verdicts}: topic, default {@code verdicts}; {@code none} = not written
 * @param issues {@code --issues}: topic, default {@code issues}
 * @param refused {@code --refused}: topic for what is no record, default {@code refused}
 * @param control {@code --control}: topic with models and mute lists, default {@code
 *     copilot-control}; {@code none} = no such topic
 * @param files {@code --files}: folder for Parquet files and issues, default {@code none}
 * @param perService {@code --scope}: namespace (default) or service: which lines one detector sees
 * @param disorder {@code --disorder-seconds}: how far record times go back and forth, 0 to 3600,
 *     default 10
 * @param fromLatest {@code --start}: earliest (default) or latest, where no checkpoint says more
 * @param stop {@code --stop-at-end}: true = end when all lines of now are done; default false
 * @param name {@code --name}: consumer group and begin of transaction ids, default {@code copilot}
 * @param checkpoint {@code --checkpoint-seconds}: 1 to 3600; 0 = not given, so what the cluster
 *     says, else 10
 */
record JobOptions(
    String brokers,
    List<String> lines,
    RecordParser.Format format,
    String verdicts,
    String issues,
    String refused,
    String control,
    String files,
    boolean perService,
    Duration disorder,
    boolean fromLatest,
    boolean stop,
    String name,
    int checkpoint) {
  /** A topic or folder that is not used. */
  static final String NONE = "none";

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("lines", "logs"),
          Map.entry("format", "auto"),
          Map.entry("verdicts", "verdicts"),
          Map.entry("issues", "issues"),
          Map.entry("refused", "refused"),
          Map.entry("control", "copilot-control"),
          Map.entry("files", NONE),
          Map.entry("scope", "namespace"),
          Map.entry("disorder-seconds", "10"),
          Map.entry("start", "earliest"),
          Map.entry("stop-at-end", "false"),
          Map.entry("name", "copilot"),
          Map.entry("checkpoint-seconds", ""),
          Map.entry("brokers", ""));

  static JobOptions of(String... args) {
    ParameterTool given = ParameterTool.fromArgs(args);
    for (String key : new TreeSet<>(given.toMap().keySet())) {
      if (!DEFAULTS.containsKey(key)) {
        throw new IllegalArgumentException(
            "--" + key + " is unknown; there are " + new TreeMap<>(DEFAULTS).keySet());
      }
    }
    Map<String, String> all = new TreeMap<>(DEFAULTS);
    all.putAll(given.toMap());
    if (all.getOrDefault("brokers", "").isBlank()) {
      throw new IllegalArgumentException("--brokers is missing: give HOST:PORT[,HOST:PORT]");
    }
    Set<String> topics = new HashSet<>();
    List<String> lines = new ArrayList<>();
    for (String topic : all.getOrDefault("lines", "").split(",", -1)) {
      lines.add(topic("lines", topic, false, topics));
    }
    return new JobOptions(
        all.getOrDefault("brokers", ""),
        lines,
        format(all.getOrDefault("format", "")),
        topic("verdicts", all.getOrDefault("verdicts", ""), true, topics),
        topic("issues", all.getOrDefault("issues", ""), false, topics),
        topic("refused", all.getOrDefault("refused", ""), false, topics),
        topic("control", all.getOrDefault("control", ""), true, topics),
        all.getOrDefault("files", ""),
        choice(all, "scope", "namespace", "service").equals("service"),
        Duration.ofSeconds(number(all, "disorder-seconds", 0, 3_600)),
        choice(all, "start", "earliest", "latest").equals("latest"),
        choice(all, "stop-at-end", "false", "true").equals("true"),
        all.getOrDefault("name", ""),
        all.getOrDefault("checkpoint-seconds", "").isEmpty()
            ? 0
            : number(all, "checkpoint-seconds", 1, 3_600));
  }

  /** A topic's name; two uses of one topic would mix what can't be told apart. */
  private static String topic(String key, String name, boolean maybeNone, Set<String> taken) {
    if (maybeNone && name.equals(NONE)) {
      return name;
    }
    if (!name.matches("[A-Za-z0-9._-]{1,249}") || name.equals(NONE)) {
      throw new IllegalArgumentException(
          "--"
              + key
              + " is '"
              + name
              + "', must be a topic, 1 to 249 of letters, digits, dot, dash, underscore"
              + (maybeNone ? ", or none" : ", and not none"));
    }
    if (!taken.add(name)) {
      throw new IllegalArgumentException(
          "--" + key + " is '" + name + "', which is another option's topic already");
    }
    return name;
  }

  private static RecordParser.Format format(String text) {
    String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(RecordParser.Format.values())
        .filter(f -> f.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--format is "
                        + text
                        + ", must be auto, plain, fluentbit, vector, otlp-json or otlp-protobuf"));
  }

  private static String choice(Map<String, String> all, String key, String... allowed) {
    String value = all.getOrDefault(key, "");
    if (!List.of(allowed).contains(value)) {
      throw new IllegalArgumentException(
          "--" + key + " is " + value + ", must be " + String.join(" or ", allowed));
    }
    return value;
  }

  private static int number(Map<String, String> all, String key, int least, int most) {
    String value = all.getOrDefault(key, "");
    if (value.matches("[0-9]{1,9}")) {
      int n = Integer.parseInt(value);
      if (n >= least && n <= most) {
        return n;
      }
    }
    throw new IllegalArgumentException(
        "--" + key + " is " + value + ", must be " + least + " to " + most);
  }
}
