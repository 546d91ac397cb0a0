package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Citation;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.Answerer.Suggestion;
import java.io.PrintWriter;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ask}: answers one question from the data folder and the documents. */
@Command(
    name = "ask",
    description = "Answers a question from stored lines and documents, with sources.",
    mixinStandardHelpOptions = true)
final class AskCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private AppOptions options;

  @Option(names = "--namespace", description = "Only lines of this namespace.")
  private String namespace = "";

  @Option(names = "--service", description = "Only lines of this service.")
  private String service = "";

  @Option(
      names = "--since",
      description = "Only lines from then, for example 2026-01-31T10:00:00Z.")
  private Optional<String> since = Optional.empty();

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Parameters(paramLabel = "QUESTION", arity = "1..*", description = "In plain words.")
  private List<String> words = List.of();

  @Override
  public Integer call() {
    Optional<Instant> from = since.map(AskCommand::instant);
    try (App app = new App(options, List.of(), Optional.empty())) {
      app.index();
      Answer answer =
          app.answerer().answer(new Question(String.join(" ", words), namespace, service, from));
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.println(Views.answer(answer).toPrettyString());
      } else {
        print(out, answer);
      }
      out.flush();
      return answer.answered() ? 0 : 1;
    }
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new Main.UsageException("--since is '" + text + "', must be like 2026-01-31T10:00:00Z");
    }
  }

  private static void print(PrintWriter out, Answer answer) {
    out.println(answer.answered() ? answer.text() : "Not enough evidence to answer.");
    if (!answer.suggestions().isEmpty()) {
      out.println();
      out.println("What to do:");
      for (Suggestion s : answer.suggestions()) {
        out.println("  - " + s.action());
      }
    }
    if (!answer.citations().isEmpty()) {
      out.println();
      int n = 1;
      for (Citation c : answer.citations()) {
        out.println("[" + n++ + "] " + c.source());
        out.println("    " + Terminal.plain(c.text().strip().replace("\n", "\n    ")));
      }
    }
    for (String note : answer.notes()) {
      out.println("Note: " + note);
    }
  }
}
