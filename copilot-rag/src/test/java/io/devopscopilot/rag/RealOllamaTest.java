package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.testkit.AnswererContract;
import java.net.URI;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Against the server and the model that the system properties {@code copilot.ollama} and {@code
 * copilot.ollama.model} name, else skipped. What a small model says is not asserted, only what
 * becomes of it.
 */
class RealOllamaTest {
  private static final Question QUESTION = Question.of("Why does orders fail?");
  private final PassageAnswerer passages = Shop.answerer();
  private URI server;
  private String model;

  @BeforeEach
  void server() {
    String url = System.getProperty("copilot.ollama", "");
    model = System.getProperty("copilot.ollama.model", "");
    assumeTrue(
        !url.isEmpty() && !model.isEmpty(),
        "SKIPPED: no Ollama given with -Dcopilot.ollama=http://127.0.0.1:PORT"
            + " -Dcopilot.ollama.model=NAME");
    server = URI.create(url);
  }

  @Test
  void improvesOrLeavesTheAnswer() {
    StringBuilder streamed = new StringBuilder();
    Answer answer = RagAnswerer.ollama(server, model, passages).answer(QUESTION, streamed::append);
    assertThat(answer.text()).startsWith(passages.answer(QUESTION).text());
    assertThat(streamed).hasToString(answer.text());
    assertThat(answer.model()).isEqualTo("ollama:" + model);
    AnswererContract.assertCited(answer);
  }

  @Test
  void saysHowToGetAModelThatIsMissing() {
    Answer answer = RagAnswerer.ollama(server, "no-such-model", passages).answer(QUESTION);
    assertThat(answer.text()).isEqualTo(passages.answer(QUESTION).text());
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains("ollama pull no-such-model"));
  }

  @Test
  void theSameQuestionGetsTheSameAnswer() {
    RagAnswerer answerer = RagAnswerer.ollama(server, model, passages);
    assertThat(answerer.answer(QUESTION).text()).isEqualTo(answerer.answer(QUESTION).text());
  }
}
