package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.LogSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CommandsTest {
  @TempDir Path folder;

  private String run(int status, Object command, String... args) {
    StringWriter out = new StringWriter();
    CommandLine line = new CommandLine(command);
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    assertThat(line.execute(args)).isEqualTo(status);
    return out.toString();
  }

  @Test
  void doctorNamesWhatIsMissingAndHowToMendIt() {
    String data = folder.resolve("d").toString();
    assertThat(run(0, new DoctorCommand(), "--data-dir", data)).contains("OK   model");
    String broken =
        run(
            1,
            new DoctorCommand(),
            "--data-dir",
            data,
            "--chroma",
            "http://127.0.0.1:1",
            "--ollama",
            "http://127.0.0.1:1",
            "--kubeconfig",
            folder.resolve("none").toString());
    assertThat(broken)
        .contains("FAIL chroma")
        .contains("WARN ollama")
        .contains("FAIL cluster")
        .contains("do: ");
    assertThat(run(1, new DoctorCommand(), "--data-dir", data, "--model", "pom.xml"))
        .contains("FAIL model");
  }

  @Test
  void issuesOfTheStoredLinesAreThereAfterARestart() throws Exception {
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("shop");
    try (App app = new App(options, List.of(new ShopSample(Instant.now())), Optional.empty())) {
      app.start();
      long deadline = System.nanoTime() + 180_000_000_000L;
      while (app.copilot().stats().counters().getOrDefault("store.rows.written", 0L) < 6_000) {
        assertThat(System.nanoTime()).isLessThan(deadline);
        LockSupport.parkNanos(20_000_000);
      }
    }
    String data = options.dataDir.toString();
    assertThat(run(0, new IssuesCommand(), "--data-dir", data)).contains("checkout: oom");
    assertThat(run(1, new IssuesCommand(), "--data-dir", data, "--json", "--exit-code"))
        .contains("\"category\" : \"oom\"");
    assertThat(run(0, new IndexCommand(), "--data-dir", data)).contains("documents, ready");
  }

  @Test
  void linesCanNotMoveTheCursor() throws Exception {
    Path file = folder.resolve("hostile.log");
    Files.writeString(file, "ERROR \u001b[2J\u001b]0;title\u0007 \u009b31m wiped\r\n\u0000x\n");
    String shown = run(0, new ClassifyCommand(), file.toString());
    assertThat(shown.chars())
        .noneMatch(c -> c < 0x20 && c != '\n' && c != '\t' || c >= 0x7f && c <= 0x9f);
    assertThat(shown).contains("wiped");
  }

  @Test
  void aBombIsRefusedBeforeItIsUnpacked() {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 'x';
          }
        };
    Uploads uploads = new Uploads(8 << 20);
    AtomicReference<Exception> failure = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                uploads.store("bomb", endless);
              } catch (IOException | InterruptedException | RuntimeException e) {
                failure.set(e);
              }
            });
    reader.start();
    long deadline = System.nanoTime() + 120_000_000_000L;
    while (reader.isAlive()) {
      uploads.poll(r -> {}, 100);
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
    assertThat(failure.get()).isInstanceOf(Uploads.TooLargeException.class);
  }

  @Test
  void theDemoPlaysEveryRecordInItsTime() throws Exception {
    Instant end = Instant.parse("2026-01-05T10:40:00Z");
    List<String> slow = new ArrayList<>();
    try (LogSource source = new DemoSource(end, 1)) {
      source.poll(r -> slow.add(r.message()), 10_000);
      assertThat(slow.size()).isLessThan(200);
    }
    List<String> all = new ArrayList<>();
    try (LogSource source = new DemoSource(end, 10_000)) {
      long deadline = System.nanoTime() + 120_000_000_000L;
      while (source.poll(r -> all.add(r.message()), 100) != LogSource.ENDED) {
        assertThat(System.nanoTime()).isLessThan(deadline);
      }
    }
    assertThat(all).hasSameSizeAs(new ShopSample(end).records());
    Assertions.assertThatIllegalArgumentException().isThrownBy(() -> new DemoSource(end, 0));
  }

  @Test
  void correctionsAreLabelsToTrainOn() throws Exception {
    Path file = folder.resolve("corrections.jsonl");
    Files.writeString(
        file,
        "{\"message\":\"it broke\",\"severity\":\"INFO\",\"rightSeverity\":\"ERROR\",\"rightCategory\":\"storage\"}\n");
    assertThat(TrainingData.read(file, new java.util.TreeMap<>(), why -> {}))
        .singleElement()
        .satisfies(
            l -> {
              assertThat(l.text()).isEqualTo("it broke");
              assertThat(l.category()).contains("storage");
            });
  }

  @Test
  void mcpAnswersOnStandardInputAndEndsWithIt() throws Exception {
    String lines =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\","
            + "\"capabilities\":{},\"clientInfo\":{\"name\":\"t\",\"version\":\"1\"}}}\n";
    InputStream before = System.in;
    System.setIn(
        new ByteArrayInputStream((lines + "no message\n").getBytes(StandardCharsets.UTF_8)));
    try {
      run(0, new McpCommand(), "--data-dir", folder.resolve("mcp").toString());
    } finally {
      System.setIn(before);
    }
  }
}
