package io.devopscopilot.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scenarios}: writes scenario files for {@code evaluate prediction}. */
@Command(
    name = "scenarios",
    description = "Writes made-up scenarios of failing and of quiet services, from a seed.",
    mixinStandardHelpOptions = true)
final class ScenariosCommand implements Callable<Integer> {
  /** Which kinds are written. */
  enum Part {
    TRAINING,
    VALIDATION,
    REPORT,
    ALL
  }

  @Spec private CommandSpec command;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write to.")
  private Path out;

  @Option(names = "--seed", defaultValue = "1", description = "Seed; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--part",
      defaultValue = "REPORT",
      description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Part part;

  @Option(
      names = "--repeats",
      defaultValue = "2",
      description = "Scenarios of each kind, 1 to 100; default ${DEFAULT-VALUE}.")
  private int repeats;

  @Override
  public Integer call() throws IOException {
    if (repeats < 1 || repeats > 100) {
      throw new Main.UsageException("--repeats is " + repeats + ", must be 1 to 100");
    }
    Files.createDirectories(out);
    int files = 0;
    for (ScenarioKit.Kind kind : new ScenarioKit().kinds()) {
      if (part != Part.ALL && !kind.part().name().equals(part.name())) {
        continue;
      }
      for (int n = 1; n <= repeats; n++) {
        write(kind, n);
        files++;
      }
    }
    command.commandLine().getErr().println(files + " scenarios in " + out);
    return 0;
  }

  private void write(ScenarioKit.Kind kind, int n) throws IOException {
    Scenario scenario = Scenario.of(kind, n, seed);
    List<String> lines = new ArrayList<>();
    lines.add(scenario.head().toString());
    scenario.lines().forEach(l -> lines.add(l.json()));
    Files.write(out.resolve(scenario.name() + ".jsonl"), lines);
  }
}
