package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.collector.DuckDbLogStore.Retention;
import io.devopscopilot.collector.FileLogSource;
import io.devopscopilot.collector.ShardLeases;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code collect}: classifies and stores, without server and answers. */
@Command(
    name = "collect",
    description =
        "Stores the lines of a cluster, of files or of standard input with their verdicts.",
    mixinStandardHelpOptions = true)
final class CollectCommand implements Callable<Integer> {
  /** A commit costs as much as thousands of lines, and nobody reads the file meanwhile. */
  private static final Duration COMMIT = Duration.ofMillis(500);

  /** What is no name of one file: a glob, and standard input. */
  private static final Pattern PATTERN = Pattern.compile("[*?{\\[]|^-$");

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

  /** What is named on purpose is not removed again unless that is asked for. */
  @Mixin private RetentionOptions keep = new RetentionOptions(0);

  @Option(names = "--db", paramLabel = "FILE", description = "Store in this DuckDB file.")
  private Optional<Path> db = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "kafka=HOST:PORT/TOPIC",
      description = "Send the lines to a Kafka topic instead, each exactly once.")
  private Optional<String> to = Optional.empty();

  @Option(
      names = "--name",
      description =
          "Tells collectors of one topic apart, and finds one's positions again; default: the"
              + " host's name. With --shards: the one name of all that share.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "Share the cluster's pods with other collectors of the same --name: N parts, 1 to "
              + ShardLeases.MAX_SHARDS
              + ", each read by the holder of its Lease. Needs --to kafka.")
  private Optional<Integer> shards = Optional.empty();

  @Option(names = "--follow", description = "Wait for more lines of the files, and for more files.")
  private boolean follow;

  @Option(names = "--model", description = "A trained model instead of the default one.")
  private Optional<Path> model = Optional.empty();

  @Parameters(paramLabel = "FILE", description = "Files, folders or globs; - = standard input.")
  private List<String> files = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    check();
    LogClassifier classifier =
        model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault);
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  stop.countDown();
                  try {
                    stopped.await(15, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    try {
      if (shards.isPresent()) {
        share(shards.get(), classifier, stop);
      } else {
        collect(classifier, stop);
      }
    } catch (Main.UsageException e) {
      throw e;
    } catch (CopilotException e) {
      spec.commandLine().getErr().println("copilot: " + e.getMessage());
      return 1;
    } finally {
      stopped.countDown();
    }
    return 0;
  }

  private void collect(LogClassifier classifier, CountDownLatch stop) throws InterruptedException {
    List<LogSource> sources = sources();
    CollectProgress progress = new CollectProgress();
    Copilot.Builder builder =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(classifier)
            .sink(
                to.isPresent()
                    ? KafkaLogSink.open(to.get(), name.orElseGet(CollectCommand::host))
                    : DuckDbLogStore.open(db.orElseThrow(), keep.retention()))
            .sink(progress)
            .batch(2048)
            .flushInterval(COMMIT);
    sources.forEach(builder::source);
    Copilot copilot = builder.build();
    try {
      copilot.start();
      while (!copilot.await(Duration.ofMillis(10)) && !stop.await(1, TimeUnit.SECONDS)) {
        show(progress.line(copilot.stats().counters()));
      }
    } finally {
      copilot.close();
      show(progress.line(copilot.stats().counters()));
    }
  }

  private List<LogSource> sources() {
    List<LogSource> sources = new ArrayList<>();
    cluster.source().ifPresent(sources::add);
    if (!files.isEmpty()) {
      FileLogSource.Builder builder = FileLogSource.builder().follow(follow);
      files.forEach(f -> open(builder, f));
      sources.add(builder.build());
    }
    return sources;
  }

  private void share(int parts, LogClassifier classifier, CountDownLatch stop)
      throws InterruptedException {
    String shared = name.orElseThrow();
    ShardLeases leases;
    try {
      leases = cluster.leases(shared, parts);
    } catch (IllegalArgumentException e) {
      throw new Main.UsageException(String.valueOf(e.getMessage()));
    }
    ShardedCollect work = new ShardedCollect(cluster, to.orElseThrow(), shared, parts, classifier);
    CollectProgress progress = new CollectProgress();
    Runnable shows =
        () ->
            show(
                progress.line(work.counters()) + ", " + leases.held() + " of " + parts + " shards");
    Timer timer = new Timer("copilot-progress", true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            shows.run();
          }
        },
        1_000,
        1_000);
    try {
      leases.run(work, stop);
    } finally {
      timer.cancel();
      shows.run();
    }
  }

  private static String host() {
    return Optional.ofNullable(System.getenv("HOSTNAME")).orElse("collector");
  }

  private void check() {
    if (!cluster.named() && files.isEmpty()) {
      throw new Main.UsageException("nothing to collect: give --context, --in-cluster or files");
    }
    if (db.isPresent() == to.isPresent()) {
      throw new Main.UsageException("give either --db FILE or --to kafka=HOST:PORT/TOPIC");
    }
    if (to.isPresent() && !keep.retention().equals(Retention.FOREVER)) {
      throw new Main.UsageException("--keep-days and --keep-mb are for --db FILE");
    }
    to.ifPresent(KafkaLogSink::check);
    if (shards.isEmpty()) {
      checkFiles();
      return;
    }
    if (db.isPresent()) {
      throw new Main.UsageException(
          "--shards needs --to kafka=HOST:PORT/TOPIC: a part that changes hands takes its positions"
              + " along, and those of --db stay in the file");
    }
    if (!cluster.named() || !files.isEmpty()) {
      throw new Main.UsageException(
          "--shards shares the pods of a cluster: give --context or --in-cluster, and no files");
    }
    if (name.isEmpty()) {
      throw new Main.UsageException(
          "--shards needs --name, the same for all collectors that share the pods");
    }
  }

  private void checkFiles() {
    for (String file : files) {
      if (!follow && !PATTERN.matcher(file).find() && !Files.exists(Path.of(file))) {
        throw new Main.UsageException(file + " does not exist");
      }
    }
  }

  private static void open(FileLogSource.Builder builder, String file) {
    if (file.equals("-")) {
      builder.stdin(System.in);
    } else {
      builder.glob(file);
    }
  }

  private void show(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println(line);
    err.flush();
  }
}
