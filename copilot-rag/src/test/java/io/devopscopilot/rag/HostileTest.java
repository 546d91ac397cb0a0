package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import io.devopscopilot.testkit.AnswererContract;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Log lines that give orders, carry markup, or hold secrets. */
class HostileTest {
  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = HostileTest.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<String> out = new ArrayList<>();
      for (String line : text.split("\n")) {
        if (!line.isBlank()) {
          out.add(unescaped(line));
        }
      }
      return out;
    }
  }

  /** Unicode escapes and line feeds, so that the file itself holds none. */
  private static String unescaped(String line) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      if (line.startsWith("\\u", i)) {
        out.append((char) Integer.parseInt(line.substring(i + 2, i + 6), 16));
        i += 5;
      } else if (line.startsWith("\\n", i)) {
        out.append('\n');
        i += 1;
      } else if (line.startsWith("~~", i)) {
        i += 1; // keeps a made-up secret from looking like a real one in the file
      } else {
        out.append(line.charAt(i));
      }
    }
    return out.toString();
  }

  private static ListLogStore store(String line) {
    ListLogStore store = new ListLogStore();
    store.add(Severity.ERROR, LogRecord.of(Shop.NOW.minusSeconds(60), line, Shop.ORDERS));
    return store;
  }

  private static void assertInert(String text) {
    assertThat(text)
        .doesNotContainPattern("(?i)<[/!a-z]")
        .doesNotContain("](")
        .doesNotContainPattern("(?i)(?:javascript|vbscript|data):\\S")
        .doesNotContainPattern("[\\p{Cntrl}&&[^\\n]]|\\p{Cf}");
  }

  @Test
  void noOrderInALineIsObeyedAndNothingActiveIsShown() throws Exception {
    List<String> hostile = lines("hostile.txt");
    assertThat(hostile).hasSizeGreaterThanOrEqualTo(50);
    KnowledgeBase knowledge = Shop.knowledge();
    for (String line : hostile) {
      PassageAnswerer passages =
          new PassageAnswerer(knowledge, Optional.of(store(line)), Optional.empty(), Shop.CLOCK);
      Question question = Question.of("Why does orders fail?");
      Answer plain = passages.answer(question);
      AnswererContract.assertCited(plain);
      assertInert(plain.text().replaceAll("<(?:namespace|host|node)>", ""));
      // The worst model: it repeats the line as its own words, citing it.
      String parrot = line.replace('\n', ' ') + " [1]. " + line.replace('\n', ' ');
      try (StubOllama stub = new StubOllama(StubOllama.saying(parrot))) {
        Answer answer = RagAnswerer.ollama(stub.uri(), "tiny", passages).answer(question);
        assertThat(answer.text()).as(line).isEqualTo(plain.text());
        assertThat(answer.suggestions()).isEqualTo(plain.suggestions());
        for (String request : stub.received) {
          assertThat(request).doesNotContainPattern("\\p{Cf}");
        }
      }
    }
  }

  @Test
  void noSecretReachesAModelOrARemoteStore() throws Exception {
    List<String> planted = lines("secrets.txt");
    assertThat(planted).hasSizeGreaterThanOrEqualTo(30);
    assertThat(Redactor.kinds()).hasSizeGreaterThanOrEqualTo(30);
    for (String row : planted) {
      String secret = row.substring(0, row.indexOf(" | "));
      String line = row.substring(row.indexOf(" | ") + 3).replace("{}", secret);
      PassageAnswerer passages =
          new PassageAnswerer(
              Shop.knowledge(),
              Optional.of(store("error: connection refused " + line)),
              Optional.empty(),
              Shop.CLOCK);
      try (StubOllama stub = new StubOllama(StubOllama.saying("ok"))) {
        RagAnswerer.ollama(stub.uri(), "tiny", passages)
            .answer(Question.of("Why does orders fail? I saw " + line));
        assertThat(stub.received).as(line).hasSize(2);
        String all = String.join("\n", stub.received);
        for (String part : secret.split("\n")) {
          assertThat(all).as(line).doesNotContain(part.strip());
        }
      }
      KnowledgeBase.Passage sent =
          ModelBoundary.outgoing(
              new KnowledgeBase.Passage("id", "doc " + line, "head " + line, line, 1, 2, 1));
      assertThat(sent.toString()).as(line).doesNotContain(secret);
    }
  }
}
