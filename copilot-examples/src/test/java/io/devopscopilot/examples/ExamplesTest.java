package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each example runs and prints what its documentation says. */
class ExamplesTest {
  @TempDir Path folder;

  private interface Body {
    void run() throws Exception;
  }

  private static String printed(Body body) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      body.run();
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void embedded() throws Exception {
    assertThat(printed(() -> EmbedInService.main(new String[0])).strip())
        .isEqualTo("ALARM oom: OOMKilled: container orders exceeded memory limit");
  }

  @Test
  void asksRunbooks() throws Exception {
    Files.writeString(
        folder.resolve("disk.md"),
        "# Disk of the mail server\n\nWhen the disk of the mail server is full, empty /var/spool/old"
            + " with mailclean.\n");
    String said =
        printed(
            () ->
                AskRunbooks.main(
                    new String[] {
                      folder.toString(), "What do I do when the disk of the mail server is full?"
                    }));
    assertThat(said).contains("mailclean").contains("disk.md");
  }

  @Test
  void predictsFromAFile() throws Exception {
    Path file = folder.resolve("checkout.log");
    Files.writeString(
        file,
        new ShopSample(Instant.parse("2026-01-05T10:40:00Z"))
            .records().stream()
                .filter(r -> r.origin().service().equals("checkout"))
                .filter(r -> r.kind() == io.devopscopilot.api.LogRecord.Kind.LOG)
                .map(r -> r.message())
                .collect(Collectors.joining("\n", "", "\n")));
    String said = printed(() -> PredictFromFile.main(new String[] {file.toString()}));
    assertThat(said).contains("expected in").contains("oom");
  }

  @Test
  void trainsOnOwnLabels() throws Exception {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      rows.append("app")
          .append(i % 4)
          .append("\tERROR\tquota\tERROR disk quota exceeded on /data")
          .append(i)
          .append('\n');
      rows.append("app")
          .append(i % 4)
          .append("\tINFO\tnone\tINFO request ")
          .append(i)
          .append(" served in ")
          .append(i)
          .append(" ms\n");
    }
    Path labels = Files.writeString(folder.resolve("labels.tsv"), rows);
    Path model = folder.resolve("my.model");
    String said =
        printed(() -> TrainClassifier.main(new String[] {labels.toString(), model.toString()}));
    assertThat(said).contains("ERROR").contains("quota");
    assertThat(model).isNotEmptyFile();
  }
}
