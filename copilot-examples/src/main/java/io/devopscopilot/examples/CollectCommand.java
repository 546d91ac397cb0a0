package io.devopscopilot.examples;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.collector.FileLogSource;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

  @Spec private CommandSpec spec;
  @Mixin private ClusterOptions cluster;

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
              + " host's name.")
  private String name = Optional.ofNullable(System.getenv("HOSTNAME")).orElse("collector");

  @Option(names = "--follow", description = "Wait for more lines of the files, and for more files.")
  private boolean follow;

  @Option(names = "--model", description = "A trained model instead of the default one.")
  private Optional<Path> model = Optional.empty();

  @Parameters(paramLabel = "FILE", description = "Files, folders or globs; - = standard input.")
  private List<String> files = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    List<LogSource> sources = new ArrayList<>();
    cluster.source().ifPresent(sources::add);
    if (!files.isEmpty()) {
      FileLogSource.Builder builder = FileLogSource.builder().follow(follow);
      files.forEach(f -> open(builder, f));
      sources.add(builder.build());
    }
    if (sources.isEmpty()) {
      throw new Main.UsageException("nothing to collect: give --context, --in-cluster or files");
    }
    if (db.isPresent() == to.isPresent()) {
      throw new Main.UsageException("give either --db FILE or --to kafka=HOST:PORT/TOPIC");
    }
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
    CollectProgress progress = new CollectProgress();
    Copilot.Builder builder =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(
                model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault))
            .sink(
                to.isPresent()
                    ? KafkaLogSink.open(to.get(), name)
                    : DuckDbLogStore.open(db.orElseThrow()))
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
    } catch (CopilotException e) {
      spec.commandLine().getErr().println("copilot: " + e.getMessage());
      return 1;
    } finally {
      copilot.close();
      show(progress.line(copilot.stats().counters()));
      stopped.countDown();
    }
    return 0;
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
