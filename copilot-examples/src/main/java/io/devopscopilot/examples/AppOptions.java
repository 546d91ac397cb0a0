package io.devopscopilot.examples;

import io.devopscopilot.collector.DuckDbLogStore.Retention;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of every command that works on a data folder; a picocli mixin. */
final class AppOptions {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where lines and index are kept; default: .devops-copilot in the home folder.")
  Path dataDir = Path.of(System.getProperty("user.home", "."), ".devops-copilot");

  @Option(
      names = "--parquet",
      paramLabel = "DIR",
      description =
          "Search, chart and answer over the Parquet files and issues that the Flink job writes"
              + " into DIR (its --files) instead of lines of one's own; DIR is only read.")
  Optional<Path> parquet = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "A trained model instead of the default one.")
  Optional<Path> model = Optional.empty();

  @Option(
      names = "--docs",
      paramLabel = "PATH",
      description =
          "A folder, file or glob with runbooks, .clinerules or other documents; may be repeated. "
              + "They weigh more than the bundled runbooks.")
  List<Path> docs = new ArrayList<>();

  @Option(
      names = "--chroma",
      paramLabel = "URL",
      description = "Keep passages in this Chroma server instead of the data folder.")
  Optional<URI> chroma = Optional.empty();

  @Option(
      names = "--ollama",
      paramLabel = "URL",
      description =
          "Let this Ollama server word the answers, for example http://127.0.0.1:11434; "
              + "default: no model.")
  Optional<URI> ollama = Optional.empty();

  @Option(
      names = "--ollama-model",
      paramLabel = "NAME",
      description = "The model to use there; default: ${DEFAULT-VALUE}.")
  String ollamaModel = "llama3.2";

  /** How much of the lines is kept, by a command that collects. */
  Retention retention = Retention.FOREVER;

  /** What the page says it shows, where that is not the user's own. */
  Optional<String> shows = Optional.empty();
}
