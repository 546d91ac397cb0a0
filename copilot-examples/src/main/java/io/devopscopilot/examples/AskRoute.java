package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.CopilotException;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** {@code /ask}: answers as JSON, or piece by piece as events. */
final class AskRoute implements Handler {
  /** Questions that are answered at the same time at most. */
  private static final int MAX_ASKS = 4;

  /** Characters of a question or a search at most. */
  static final int MAX_QUESTION = 4_000;

  private final Semaphore asks = new Semaphore(MAX_ASKS);
  private final Loading loading;

  AskRoute(Loading loading) {
    this.loading = loading;
  }

  @Override
  public void handle(Context ctx) throws IOException {
    JsonNode body = Requests.object(ctx, Set.of("question", "namespace", "service", "since"));
    String text = Requests.required(body, "question");
    if (text.length() > MAX_QUESTION) {
      throw Problem.badRequest(
          "question has " + text.length() + " characters, must have at most " + MAX_QUESTION);
    }
    Optional<String> since =
        body.hasNonNull("since") ? Optional.of(Requests.text(body, "since")) : Optional.empty();
    Question question =
        new Question(
            text,
            Requests.text(body, "namespace"),
            Requests.text(body, "service"),
            since.map(t -> Requests.instant("since", t)));
    if (!asks.tryAcquire()) {
      throw new Problem(503, MAX_ASKS + " questions are being answered, ask again in a second");
    }
    try {
      if (String.valueOf(ctx.header("Accept")).contains(Requests.EVENTS)) {
        stream(ctx, question);
      } else {
        Views.send(ctx, Views.answer(loading.app().answerer().answer(question)));
      }
    } finally {
      asks.release();
    }
  }

  private void stream(Context ctx, Question question) throws IOException {
    ctx.res().setContentType(Requests.EVENTS + "; charset=utf-8");
    OutputStream out = ctx.res().getOutputStream();
    Answer answer =
        loading
            .app()
            .answerer()
            .answer(question, piece -> event(out, "text", Views.JSON.valueToTree(piece)));
    event(out, "answer", Views.answer(answer));
  }

  private static void event(OutputStream out, String name, JsonNode data) {
    try {
      out.write(("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new CopilotException("the page went away", e);
    }
  }
}
