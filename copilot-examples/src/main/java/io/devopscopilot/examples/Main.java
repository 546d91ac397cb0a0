package io.devopscopilot.examples;

import io.devopscopilot.api.CopilotException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: exit status 0 = done, 1 = failed, 2 = wrong usage. */
@Command(
    name = "copilot",
    description = "Classifies logs, answers questions about them and predicts issues.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      ServeCommand.class,
      CollectCommand.class,
      ClassifyCommand.class,
      AskCommand.class,
      IssuesCommand.class,
      IndexCommand.class,
      DoctorCommand.class,
      McpCommand.class,
      ExportCommand.class,
      EvaluateCommand.class,
      ScenariosCommand.class,
      TrainCommand.class,
      picocli.AutoComplete.GenerateCompletion.class,
      CommandLine.HelpCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  static int run(String... args) {
    CommandLine line = line();
    return args.length == 0 ? usage(line) : line.execute(args);
  }

  /** The command line with its exit statuses, for tests to give it other outputs. */
  static CommandLine line() {
    CommandLine line = new CommandLine(new Main());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          command.getErr().println("copilot: " + reason(e));
          boolean usage = e instanceof IllegalArgumentException || e instanceof UsageException;
          return usage ? 2 : 1;
        });
    line.setParameterExceptionHandler(
        (e, parsed) -> {
          e.getCommandLine().getErr().println("copilot: " + wrong(e));
          e.getCommandLine()
              .getErr()
              .println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
          return 2;
        });
    return line;
  }

  private static String wrong(CommandLine.ParameterException e) {
    if (!(e instanceof CommandLine.UnmatchedArgumentException unmatched)) {
      return String.valueOf(e.getMessage());
    }
    String first = unmatched.getUnmatched().get(0);
    List<String> like = unmatched.getSuggestions();
    return "there is no "
        + (first.startsWith("-") ? "option " : "command ")
        + first
        + (like.isEmpty() ? "" : ", did you mean " + String.join(" or ", like) + "?");
  }

  /** What went wrong, in words where Java says no more than a file's name. */
  static String reason(Throwable e) {
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + " does not exist";
    }
    if (e instanceof FileAlreadyExistsException) {
      return e.getMessage() + " is no folder";
    }
    if (e instanceof AccessDeniedException) {
      return e.getMessage() + ": permission denied";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static int usage(CommandLine line) {
    line.usage(line.getErr());
    return 2;
  }

  /** A value on the command line, or a file it names, that can't be used: exit status 2. */
  static final class UsageException extends CopilotException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
      super(message);
    }
  }

  /** Reads the version from the jar's manifest. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"copilot " + (version == null ? "(not packaged)" : version)};
    }
  }
}
