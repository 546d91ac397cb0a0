package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.devopscopilot.api.LogQuery;
import io.devopscopilot.collector.DuckDbLogStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code collect} as a process of its own, ended as a user ends it. */
class CollectProcessTest {
  @TempDir Path folder;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void ctrlCLeavesACleanFileWithEveryLine() throws Exception {
    // A test run in the background of a script inherits an ignored INT, and so would the JVM.
    Path env = Path.of("/usr/bin/env");
    assumeTrue(
        Files.isExecutable(env) && exit(env.toString(), "--default-signal=INT", "true") == 0,
        "SKIPPED: no env with --default-signal on this machine");
    Path log = folder.resolve("app.log");
    write(log, 0, 500);
    Path db = folder.resolve("logs.duckdb");
    Process collect =
        new ProcessBuilder(
                env.toString(),
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.devopscopilot.examples.Main",
                "collect",
                "--follow",
                "--db",
                db.toString(),
                log.toString())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<String> said = new ArrayList<>();
    try (BufferedReader err = collect.errorReader()) {
      boolean more = false;
      boolean interrupted = false;
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        said.add(line);
        if (!more && line.startsWith("500 lines stored")) {
          write(log, 500, 1_000);
          more = true;
        }
        if (more && !interrupted && line.startsWith("1,000 lines stored")) {
          interrupted = true;
          assertThat(exit("kill", "-INT", Long.toString(collect.pid()))).isZero();
        }
      }
      assertThat(interrupted).as(String.join("\n", said)).isTrue();
      assertThat(collect.waitFor()).as(String.join("\n", said)).isEqualTo(130);
    } finally {
      collect.destroyForcibly();
    }
    assertThat(said.get(said.size() - 1)).startsWith("1,000 lines stored").contains(" lines/s");
    assertThat(said).anySatisfy(line -> assertThat(line).containsPattern("lag \\d+\\.\\d s"));
    assertThat(said).noneSatisfy(line -> assertThat(line).contains("Exception"));
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("app.log", "logs.duckdb");
    }
    try (DuckDbLogStore store = DuckDbLogStore.open(db)) {
      assertThat(store.count(LogQuery.builder().build())).isEqualTo(1_000);
    }
  }

  private static void write(Path log, int from, int to) throws IOException {
    String lines =
        IntStream.range(from, to)
            .mapToObj(i -> Instant.now() + " INFO order " + i + " accepted\n")
            .collect(Collectors.joining());
    Files.writeString(log, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static int exit(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }
}
