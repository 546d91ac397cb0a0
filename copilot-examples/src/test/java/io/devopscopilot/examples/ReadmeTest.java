package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README's Java is code of this module, so that it compiles and is tested. */
class ReadmeTest {
  private static String squeezed(String code) {
    return code.replaceAll("\\s+", " ").strip();
  }

  @Test
  void javaOfTheReadmeIsInTheSources() throws IOException {
    StringBuilder sources = new StringBuilder();
    for (Path root : List.of(Path.of("src/main/java"), Path.of("src/test/java"))) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          sources.append(squeezed(Files.readString(file))).append('\n');
        }
      }
    }
    Matcher blocks =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../README.md")));
    int n = 0;
    while (blocks.find()) {
      n++;
      assertThat(sources.toString()).contains(squeezed(blocks.group(1)));
    }
    assertThat(n).isEqualTo(2);
  }

  @Test
  void quickStartPrintsTheVerdict() {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      QuickStart.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    assertThat(out.toString(StandardCharsets.UTF_8).strip()).isEqualTo("ERROR oom");
  }
}
