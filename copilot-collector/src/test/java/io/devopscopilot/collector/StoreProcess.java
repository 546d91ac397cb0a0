package io.devopscopilot.collector;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The store in a process of its own, which tests kill. */
final class StoreProcess {
  private StoreProcess() {}

  /** Starts this class's main in another JVM; what it prints goes to a file. */
  static Process start(Path output, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-cp", System.getProperty("java.class.path")));
    command.add(StoreProcess.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }

  static void put(DuckDbLogStore store, long number) {
    store.accept(
        LogRecord.of(Instant.ofEpochSecond(number), "line " + number, Origin.ofService("s"))
            .at(new LogRecord.Position("numbers", Long.toString(number))),
        Classification.certain(Severity.INFO, Category.NONE, number % 5));
  }

  /**
   * {@code write FILE ACKNOWLEDGED ROWS [FLUSHES]}: goes on behind the stored position, with so
   * many records a flush, and dies after so many flushes; {@code open FILE}: opens, and dies.
   */
  public static void main(String[] args) throws IOException {
    try {
      DuckDbLogStore store = DuckDbLogStore.open(Path.of(args[1]));
      if (args[0].equals("open")) {
        Runtime.getRuntime().halt(0);
      }
      long number = Long.parseLong(store.positions().getOrDefault("numbers", "-1"));
      long flushes = args.length > 4 ? Long.parseLong(args[4]) : Long.MAX_VALUE;
      for (long flush = 0; flush < flushes; flush++) {
        for (int i = 0; i < Integer.parseInt(args[3]); i++) {
          put(store, ++number);
        }
        store.flush();
        Files.writeString(Path.of(args[2]), Long.toString(number)); // acknowledged
      }
      Runtime.getRuntime().halt(0);
    } catch (CopilotException e) {
      System.out.println("refused: " + e.getMessage());
      Runtime.getRuntime().halt(3);
    }
  }
}
