package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.testkit.AnswererContract;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A model that helps, and one that fails in every way measured on real servers. */
@Timeout(180)
class RagAnswererTest extends AnswererContract {
  private static final Question QUESTION = Question.of("Why does orders fail?");
  private static final String GOOD =
      "The pod could not connect to orders-db:5432 because the connection was refused [1].";

  /** For a model that falls silent. */
  private static final ModelClient.Limits SHORT =
      new ModelClient.Limits(
          Duration.ofMillis(700), Duration.ofSeconds(5), 2, Duration.ofMillis(100));

  /** For one that answers, however slow the machine is. */
  private static final ModelClient.Limits LONG =
      new ModelClient.Limits(
          Duration.ofSeconds(60), Duration.ofSeconds(60), 2, Duration.ofSeconds(60));

  private final PassageAnswerer passages = Shop.answerer();
  private StubOllama stub;

  @AfterEach
  void close() {
    if (stub != null) {
      stub.close();
    }
  }

  private RagAnswerer against(StubOllama.Chat chat) throws IOException {
    stub = new StubOllama(chat);
    return asking(stub.uri(), LONG);
  }

  private RagAnswerer againstSilence(StubOllama.Chat chat) throws IOException {
    stub = new StubOllama(chat);
    return asking(stub.uri(), SHORT);
  }

  private RagAnswerer asking(URI uri, ModelClient.Limits limits) {
    return new RagAnswerer(ModelClient.ollama(uri, "tiny", limits), "ollama:tiny", passages);
  }

  @Override
  protected Answerer newAnswerer() throws Exception {
    close();
    return against(StubOllama.saying(GOOD));
  }

  @Override
  protected Question answerable() {
    return QUESTION;
  }

  @Override
  protected Question unanswerable() {
    return Question.of("What is wrong with pod billing-77c9d-abcde?");
  }

  private void fallsBack(RagAnswerer answerer, String note) {
    Answer answer = answerer.answer(QUESTION);
    assertThat(answer.text()).isEqualTo(passages.answer(QUESTION).text());
    assertThat(answer.model()).isEqualTo("none");
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains(note));
    assertThat(answer.notes()).allSatisfy(n -> assertThat(n).isNotBlank());
  }

  @Test
  void addsWhatTheModelSaysAndTheLineSupports() throws Exception {
    Answer answer = against(StubOllama.saying(GOOD)).answer(QUESTION);
    assertThat(answer.text()).startsWith(passages.answer(QUESTION).text()).endsWith(GOOD);
    assertThat(answer.model()).isEqualTo("ollama:tiny");
    assertCited(answer);
  }

  @Test
  void findsTheCitationThatTheModelForgotOrGotWrong() throws Exception {
    Answer answer = against(StubOllama.saying(GOOD.replace("[1]", "[93]"))).answer(QUESTION);
    assertThat(answer.text()).endsWith(GOOD);
  }

  @Test
  void dropsWhatTheModelInvents() throws Exception {
    String invented =
        "The node worker-9 is down [1]. The disk is full [2]. Call 555-0100 at once [1]. "
            + "The connection to orders-db:5432 is not refused.";
    Answer answer = against(StubOllama.saying(invented)).answer(QUESTION);
    assertThat(answer.text()).isEqualTo(passages.answer(QUESTION).text());
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains("sentences of the model"));
  }

  @Test
  void isNotAskedWithoutEvidence() throws Exception {
    RagAnswerer answerer = against(StubOllama.saying(GOOD));
    assertThat(answerer.answer(unanswerable()).answered()).isFalse();
    assertThat(stub.received).isEmpty();
  }

  @Test
  void sendsTheContextAndABoundedPrompt() throws Exception {
    stub = new StubOllama(StubOllama.saying(GOOD), 400);
    Answer answer = asking(stub.uri(), LONG).answer(QUESTION);
    String chat = stub.received.stream().filter(r -> r.startsWith("/api/chat")).findFirst().get();
    assertThat(chat).contains("\"num_ctx\" : 400");
    assertThat(chat.length()).isLessThan(3000);
    assertThat(answer.notes())
        .anySatisfy(n -> assertThat(n).contains("were not shown to the model"));
  }

  @Test
  void modelMissing() throws Exception {
    fallsBack(
        against(e -> StubOllama.send(e, 404, "{\"error\":\"model 'tiny' not found\"}")),
        "ollama pull tiny");
  }

  @Test
  void busyOnce() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RagAnswerer answerer =
        against(
            e -> {
              if (calls.incrementAndGet() == 1) {
                StubOllama.send(e, 503, "{\"error\":\"server busy, please try again\"}");
              } else {
                StubOllama.saying(GOOD).answer(e);
              }
            });
    assertThat(answerer.answer(QUESTION).text()).endsWith(GOOD);
    assertThat(calls).hasValue(2);
  }

  @Test
  void busyForGood() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    fallsBack(
        against(
            e -> {
              calls.incrementAndGet();
              StubOllama.send(e, 503, "{\"error\":\"server busy\"}");
            }),
        "busy");
    assertThat(calls).hasValue(2);
  }

  @Test
  void blankError() throws Exception {
    fallsBack(against(e -> StubOllama.send(e, 500, "")), "answered without the model: model tiny");
  }

  @Test
  void silentBeforeTheHeaders() throws Exception {
    fallsBack(againstSilence(e -> stub.hang()), "answered without the model");
  }

  @Test
  void streamThatHangs() throws Exception {
    fallsBack(
        againstSilence(
            e -> {
              StubOllama.piece(StubOllama.stream(e), "The ");
              stub.hang();
            }),
        "fell silent");
  }

  @Test
  void streamThatEndsWithoutDone() throws Exception {
    fallsBack(
        againstSilence(
            e -> {
              try (OutputStream out = StubOllama.stream(e)) {
                StubOllama.piece(out, "The ");
              }
            }),
        "fell silent");
  }

  @Test
  void errorLineInTheStream() throws Exception {
    fallsBack(
        againstSilence(
            e -> {
              try (OutputStream out = StubOllama.stream(e)) {
                StubOllama.piece(out, "The ");
                out.write("{\"error\":\"unexpected EOF\"}\n".getBytes(StandardCharsets.UTF_8));
              }
            }),
        "answered without the model");
  }

  @Test
  void connectionCut() throws Exception {
    fallsBack(
        againstSilence(
            e -> {
              StubOllama.piece(StubOllama.stream(e), "The ");
              e.close();
            }),
        "answered without the model");
  }

  @Test
  void noJson() throws Exception {
    fallsBack(
        againstSilence(
            e -> {
              try (OutputStream out = StubOllama.stream(e)) {
                out.write("<html>proxy</html>\n".getBytes(StandardCharsets.UTF_8));
              }
            }),
        "answered without the model");
  }

  @Test
  void serverDown() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    fallsBack(asking(URI.create("http://127.0.0.1:" + port), LONG), "ollama serve");
  }

  @Test
  void promptCutByTheServer() throws Exception {
    Answer answer =
        against(
                e -> {
                  OutputStream out = StubOllama.stream(e);
                  StubOllama.piece(out, GOOD);
                  StubOllama.done(out, "stop", 2048);
                })
            .answer(QUESTION);
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains("context was full"));
  }

  @Test
  void answerCutByTheLimit() throws Exception {
    Answer answer =
        against(
                e -> {
                  OutputStream out = StubOllama.stream(e);
                  StubOllama.piece(out, GOOD + " The pod could not connect to orders-db:54");
                  StubOllama.done(out, "length", 100);
                })
            .answer(QUESTION);
    assertThat(answer.text()).endsWith(GOOD);
    assertThat(answer.notes()).anySatisfy(n -> assertThat(n).contains("was cut at its limit"));
  }

  @Test
  void endlessAnswer() throws Exception {
    Answer answer =
        against(
                e -> {
                  OutputStream out = StubOllama.stream(e);
                  for (int i = 0; i < 100_000; i++) {
                    StubOllama.piece(out, "word ");
                  }
                })
            .answer(QUESTION);
    assertThat(answer.text()).isEqualTo(passages.answer(QUESTION).text());
  }

  @Test
  void redirectIsNotFollowed() throws Exception {
    AtomicInteger reached = new AtomicInteger();
    try (StubOllama other = new StubOllama(e -> reached.incrementAndGet())) {
      fallsBack(
          against(
              (HttpExchange e) -> {
                e.getResponseHeaders().set("Location", other.uri() + "/api/chat");
                StubOllama.send(e, 307, "");
              }),
          "answered without the model");
    }
    assertThat(reached).hasValue(0);
  }

  @Test
  void strangeHostsAreRefused() {
    for (String uri :
        new String[] {
          "http://example.org:11434",
          "http://user:secret@127.0.0.1:1",
          "file:///etc/passwd",
          "http://169.254.169.254",
          "http://127.0.0.1.example.org"
        }) {
      assertThatThrownBy(() -> RagAnswerer.ollama(URI.create(uri), "tiny", passages))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(
            () -> RagAnswerer.ollama(URI.create("http://127.0.0.1:1"), "a b;c", passages))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anyOtherChatModel() {
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse chat(ChatRequest request) {
            return ChatResponse.builder().aiMessage(AiMessage.from(GOOD)).build();
          }
        };
    Answer answer = RagAnswerer.of("mine", model, passages).answer(QUESTION);
    assertThat(answer.text()).endsWith(GOOD);
    assertThat(answer.model()).isEqualTo("mine");
  }
}
