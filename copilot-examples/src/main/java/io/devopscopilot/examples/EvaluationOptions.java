package io.devopscopilot.examples;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every {@code evaluate} command has; a picocli mixin. */
final class EvaluationOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the figures as JSON; - = standard output.")
  Optional<String> json = Optional.empty();

  @Option(
      names = {"--html", "--report"},
      paramLabel = "FILE",
      description = "Write a self-contained report page.")
  Optional<Path> html = Optional.empty();

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description = "Use this trained model instead of the default one.")
  Optional<Path> model = Optional.empty();

  /** Progress and messages go here: standard error. */
  PrintWriter err() {
    return command.commandLine().getErr();
  }

  /** Figures go here when asked for: standard output. */
  PrintWriter out() {
    return command.commandLine().getOut();
  }
}
