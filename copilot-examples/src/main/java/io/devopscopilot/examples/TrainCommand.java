package io.devopscopilot.examples;

import io.devopscopilot.classifier.ClassPolicy;
import io.devopscopilot.classifier.ClassifierTrainer;
import io.devopscopilot.classifier.IssueTrainer;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code train}: trains a model from the bundled corpus and labelled data. */
@Command(
    name = "train",
    description = {
      "Trains the line classifier from the bundled corpus and your labelled data.",
      "Data: severity tables (*.tsv: system, raw_line, content, level) and events (JSON lines: type,"
          + " reason, message, category). The same input and seed give the same file.",
      "With --issues, the issue model of the detector instead, from made-up scenarios."
    },
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {
  static final int VARIANTS = 3;

  @Spec private CommandSpec command;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "The model file.")
  private Path out;

  @Option(
      names = "--data",
      arity = "1..*",
      paramLabel = "FILE",
      description = "Labelled data, may be gzipped.")
  private List<Path> data = List.of();

  @Option(names = "--seed", description = "Seed of all random choices, 42 by default.")
  private long seed = 42;

  @Option(names = "--id", description = "Name of the model, 'lines-1' or 'issues-1' by default.")
  private Optional<String> id = Optional.empty();

  @Option(names = "--issues", description = "Train the issue model; needs no --data.")
  private boolean issues;

  @Option(
      names = "--repeats",
      defaultValue = "8",
      description = "With --issues: scenarios of each kind, 2 to 100; default ${DEFAULT-VALUE}.")
  private int repeats;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the comparison here.")
  private Optional<Path> report = Optional.empty();

  @Option(
      names = "--no-compare",
      description = "Leave out the decision tree and the random forest: quicker.")
  private boolean noCompare;

  @Option(
      names = "--sources",
      description =
          "Write Tribuo's own models (protobuf) and the manifest (text) beside the file, too.")
  private boolean sources;

  @Option(
      names = "--policy",
      paramLabel = "CATEGORY=RECALL,PRECISION",
      description =
          "What verdicts are to keep on validation data; may be repeated. With a recall above 0 the"
              + " category is decided for as often as that takes, as long as the precision holds;"
              + " with 0 the probability is fitted from which on verdicts are precise enough for an"
              + " alert. Default: auth_security=0.95,0.5, and 0,0.9 for every other problem.")
  private Map<String, String> policies = Map.of();

  @Option(
      names = "--feedback",
      paramLabel = "DIR",
      description = "Learn from the corrections in this data folder; no server may be using it.")
  private Optional<Path> feedback = Optional.empty();

  @Override
  public Integer call() throws IOException {
    PrintWriter err = command.commandLine().getErr();
    Path folder = out.toAbsolutePath().getParent();
    if (folder == null || !Files.isWritable(folder)) {
      throw new Main.UsageException("--out " + out + ": there is no folder one may write to");
    }
    long start = System.nanoTime();
    if (issues) {
      return issues(err, start);
    }
    Map<String, String> manifest = new TreeMap<>();
    List<LabelledLine> lines = new ArrayList<>(TrainingCorpus.lines(seed, VARIANTS));
    manifest.put("data.corpus", TrainingCorpus.digest());
    Map<String, Integer> skipped = new TreeMap<>();
    for (Path file : data) {
      lines.addAll(TrainingData.read(file, manifest, why -> skipped.merge(why, 1, Integer::sum)));
    }
    if (feedback.isPresent()) {
      Path file = feedback.get().resolve("logs.duckdb");
      if (!Files.exists(file)) {
        throw new Main.UsageException("--feedback " + feedback.get() + " has no logs.duckdb");
      }
      try (DuckDbLogStore store = DuckDbLogStore.open(file)) {
        lines.addAll(Retrainer.labelled(store.corrections()));
        manifest.put("data.corrections", Integer.toString(store.corrections().size()));
      }
    }
    skipped.forEach((why, n) -> err.println("skipped " + n + ": " + why));
    err.println(lines.size() + " lines");
    err.flush();
    ClassifierTrainer trainer =
        new ClassifierTrainer(new TextFeatureExtractor())
            .seed(seed)
            .compare(!noCompare)
            .policies(policies())
            .progress(
                line -> {
                  err.println(line);
                  err.flush();
                });
    ClassifierTrainer.Trained trained = trainer.train(id.orElse("lines-1"), lines, manifest);
    trained.write(out);
    if (sources) {
      trained.writeSources(out);
    }
    return done(trained.report(), err, start);
  }

  private int issues(PrintWriter err, long start) throws IOException {
    if (repeats < 2 || repeats > 100) {
      throw new Main.UsageException("--repeats is " + repeats + ", must be 2 to 100");
    }
    if (!data.isEmpty() || feedback.isPresent()) {
      throw new Main.UsageException("--issues learns from scenarios: no --data, no --feedback");
    }
    IssueTrainer.Trained trained =
        TrainIssues.train(
            seed,
            repeats,
            id.orElse("issues-1"),
            line -> {
              err.println(line);
              err.flush();
            });
    trained.write(out);
    return done(trained.report(), err, start);
  }

  private int done(List<String> lines, PrintWriter err, long start) throws IOException {
    if (report.isPresent()) {
      Files.writeString(report.get(), String.join("\n", lines) + "\n");
    }
    err.printf("%s written in %.0f s%n", out, (System.nanoTime() - start) / 1e9);
    err.flush();
    return 0;
  }

  private List<ClassPolicy> policies() {
    Map<String, ClassPolicy> all = new LinkedHashMap<>();
    ClassPolicy.defaults().forEach(p -> all.put(p.category(), p));
    policies.forEach(
        (category, text) -> {
          try {
            String[] parts = text.split(",", -1);
            if (parts.length != 2) {
              throw new IllegalArgumentException("must be RECALL,PRECISION");
            }
            all.put(
                category,
                new ClassPolicy(
                    category, Double.parseDouble(parts[0]), Double.parseDouble(parts[1])));
          } catch (IllegalArgumentException e) {
            throw new Main.UsageException(
                "--policy is '" + category + "=" + text + "': " + e.getMessage());
          }
        });
    return List.copyOf(all.values());
  }
}
