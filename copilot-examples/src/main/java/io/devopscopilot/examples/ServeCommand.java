package io.devopscopilot.examples;

import io.devopscopilot.api.LogSource;
import io.devopscopilot.collector.FileLogSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code serve}: collects, classifies and answers, with a REST interface and a page. */
@Command(
    name = "serve",
    description = {
      "Collects, classifies and answers, with a REST interface and a page.",
      "Without FILE, --context or --in-cluster it shows a bundled sample: a shop in trouble; with"
          + " --demo that plays before your eyes."
    },
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

  @Spec private CommandSpec spec;
  @Mixin private AppOptions options;
  @Mixin private RetentionOptions keep = new RetentionOptions(10_240);

  @Option(names = "--host", description = "Address to bind; default: ${DEFAULT-VALUE}.")
  private String host = "127.0.0.1";

  @Option(names = "--port", description = "Port, 0 = any free one; default: ${DEFAULT-VALUE}.")
  private int port = 8080;

  @Option(
      names = "--token",
      description =
          "Requests must bring it; needed for any --host but this machine itself. Also read from"
              + " the variable COPILOT_TOKEN.")
  private Optional<String> token = Optional.ofNullable(System.getenv("COPILOT_TOKEN"));

  @Mixin private ClusterOptions cluster;

  @Option(
      names = "--demo",
      description =
          "Play the bundled sample in accelerated time, into a data folder of its own that is gone"
              + " afterwards.")
  private boolean demo;

  @Option(
      names = "--demo-speed",
      paramLabel = "N",
      description = "Seconds of the sample per second; default: ${DEFAULT-VALUE}.")
  private double speed = 20;

  @Parameters(paramLabel = "FILE", description = "Log files, folders or globs to read and follow.")
  private List<String> files = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (port < 0 || port > 65_535) {
      throw new Main.UsageException("--port is " + port + ", must be 0 to 65535");
    }
    if (!LOOPBACK.contains(host) && token.isEmpty()) {
      throw new Main.UsageException(
          "--host is " + host + ": others can reach that, so --token must be given");
    }
    if (options.parquet.isPresent() && (demo || cluster.named() || !files.isEmpty())) {
      throw new Main.UsageException(
          "--parquet reads what the Flink job wrote: give it without FILE, cluster and --demo");
    }
    options.retention = keep.retention();
    if (demo && (cluster.named() || !files.isEmpty())) {
      throw new Main.UsageException(
          "--demo plays the bundled sample: give it without FILE and cluster");
    }
    PrintWriter err = spec.commandLine().getErr();
    if (demo) {
      options.dataDir = Files.createTempDirectory("copilot-demo");
      new DemoSource(Instant.now(), speed); // a wrong speed is told before anything is opened
      options.shows = Optional.of(String.format(Locale.ROOT, "demo at %sx speed", shown(speed)));
    } else if (files.isEmpty() && !cluster.named() && options.parquet.isEmpty()) {
      options.shows = Optional.of("bundled sample");
    }
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    // The port opens and the model is loaded while the store and the index are still being opened.
    CompletableFuture<ServingModel> model =
        CompletableFuture.supplyAsync(() -> new ServingModel(options));
    CompletableFuture<App> made =
        CompletableFuture.supplyAsync(
            () -> new App(options, model::join, sources(), cluster.documents()));
    try (Loading loading = new Loading(model, made);
        WebServer server = new WebServer(loading, host, port, token)) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    stop.countDown();
                    await(stopped);
                  }));
      loading.join().start();
      err.println("DevOps Copilot on http://" + shown() + ":" + server.port() + "  (Ctrl-C ends)");
      err.println("Data in " + options.dataDir.toAbsolutePath().normalize());
      err.flush();
      stop.await();
    } finally {
      if (demo) {
        delete(options.dataDir);
      }
      stopped.countDown();
    }
    return 0;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void await(CountDownLatch stopped) {
    try {
      if (!stopped.await(20, java.util.concurrent.TimeUnit.SECONDS)) {
        System.err.println("copilot: not everything ended within 20 s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String shown() {
    return host.equals("127.0.0.1") ? "localhost" : host;
  }

  private static String shown(double speed) {
    return speed == Math.rint(speed) ? String.valueOf((long) speed) : String.valueOf(speed);
  }

  private List<LogSource> sources() {
    List<LogSource> sources = new ArrayList<>();
    if (!files.isEmpty()) {
      FileLogSource.Builder builder = FileLogSource.builder().follow(true);
      files.forEach(builder::glob);
      sources.add(builder.build());
    }
    cluster.source().ifPresent(sources::add);
    if (demo) {
      sources.add(new DemoSource(Instant.now(), speed));
    } else if (sources.isEmpty() && options.parquet.isEmpty()) {
      sources.add(new ShopSample(Instant.now()));
    }
    return sources;
  }
}
