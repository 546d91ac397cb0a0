package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.FileLogSource;
import io.devopscopilot.features.TextFeatureExtractor;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code classify}: verdicts for files or standard input, line by line. */
@Command(
    name = "classify",
    description = "Prints severity and category before each line of files or standard input.",
    mixinStandardHelpOptions = true)
final class ClassifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--only",
      split = ",",
      description = "Only lines of these severities, for example ERROR,WARN.")
  private Set<Severity> only = EnumSet.noneOf(Severity.class);

  @Option(names = "--category", split = ",", description = "Only lines of these categories.")
  private Set<String> categories = Set.of();

  @Option(names = "--json", description = "One JSON object per line.")
  private boolean json;

  @Option(names = "--model", description = "A trained model instead of the default one.")
  private Optional<Path> model = Optional.empty();

  @Parameters(paramLabel = "FILE", description = "Files or folders; none or - = standard input.")
  private List<String> files = new ArrayList<>();

  private long lines;
  private long shown;

  @Override
  public Integer call() throws Exception {
    for (String file : files) {
      if (!file.equals("-") && !Files.isReadable(Path.of(file))) {
        throw new Main.UsageException(file + " does not exist or can't be read");
      }
    }
    TreeLogClassifier classifier =
        model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault);
    for (String category : categories) {
      if (!classifier.categories().contains(category)) {
        throw new Main.UsageException(
            "--category is " + category + ", must be one of " + classifier.categories());
      }
    }
    FileLogSource.Builder builder = FileLogSource.builder();
    List<InputStream> streams = new ArrayList<>(files.isEmpty() ? List.of(System.in) : List.of());
    for (String file : files) {
      Path path = Path.of(file);
      if (file.equals("-")) {
        streams.add(System.in);
      } else if (Files.isRegularFile(path) || Files.isDirectory(path)) {
        builder.path(path);
      } else {
        streams.add(Files.newInputStream(path)); // a pipe of the shell, as in <(kubectl logs web)
      }
    }
    if (!streams.isEmpty()) {
      builder.stdin(new SequenceInputStream(Collections.enumeration(streams)));
    }
    boolean colours = System.console() != null && System.getenv("NO_COLOR") == null;
    PrintWriter out = spec.commandLine().getOut();
    StringBuilder chunk = new StringBuilder();
    try (LogSource source = builder.build();
        Copilot copilot =
            Copilot.builder().features(new TextFeatureExtractor()).classifier(classifier).build()) {
      while (source.poll(r -> print(chunk, copilot, r, colours), 1024) != LogSource.ENDED) {
        out.print(chunk);
        chunk.setLength(0);
        if (out.checkError()) {
          return 0; // the reader of our output has gone, as with "| head"
        }
      }
      out.print(chunk);
      out.flush();
      spec.commandLine().getErr().println(shown + " of " + lines + " lines" + skipped(source));
    }
    return 0;
  }

  private static String skipped(LogSource source) {
    StringBuilder text = new StringBuilder();
    source
        .counters()
        .forEach(
            (name, count) -> {
              if (count > 0 && !name.endsWith(".read")) {
                text.append(", ").append(name).append(' ').append(count);
              }
            });
    return text.toString();
  }

  private void print(StringBuilder out, Copilot copilot, LogRecord record, boolean colours) {
    lines++;
    Classification c = copilot.classify(record);
    if ((!only.isEmpty() && !only.contains(c.severity()))
        || (!categories.isEmpty() && !categories.contains(c.category()))) {
      return;
    }
    shown++;
    if (json) {
      out.append(
          Views.record(record)
              .put("severity", c.severity().name())
              .put("severityProbability", c.severityProbability())
              .put("category", c.category())
              .put("categoryProbability", c.categoryProbability())
              .put("fingerprint", Views.fingerprint(c.fingerprint())));
    } else {
      out.append(Terminal.severity(c.severity(), colours)).append(' ');
      out.append(c.category()).append(" ".repeat(Math.max(1, 14 - c.category().length())));
      String pod = record.origin().pod();
      out.append(pod).append(pod.isEmpty() ? "" : " ").append(Terminal.plain(record.message()));
    }
    out.append(System.lineSeparator());
  }
}
