package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.KnowledgeBase;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Set;

/** {@code /documents} and their passages. */
final class DocumentRoutes {
  private final Loading loading;

  DocumentRoutes(Loading loading) {
    this.loading = loading;
  }

  void routes(RoutesConfig routes) {
    routes.get("/documents", this::documents);
    routes.post("/documents/sync", HttpGuard.json(this::sync));
    routes.get("/passages", this::passages);
    routes.get("/passages/{id}", this::passage);
  }

  private void documents(Context ctx) throws IOException {
    ObjectNode node = Views.object();
    node.put("state", loading.app().indexState());
    loading.app().synced().ifPresent(t -> node.put("synced", t.toString()));
    ArrayNode skipped = node.putArray("skipped");
    loading.app().skipped().forEach(skipped::add);
    ArrayNode array = node.putArray("documents");
    loading.app().knowledge().documents().stream().sorted().forEach(array::add);
    Views.send(ctx, node);
  }

  private void sync(Context ctx) throws IOException {
    Requests.object(ctx, Set.of());
    loading.app().sync();
    ctx.status(202);
    Views.send(ctx, Views.object().put("state", loading.app().indexState()));
  }

  private void passages(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("text", "limit"));
    String text =
        Requests.param(ctx, "text")
            .filter(t -> !t.isBlank())
            .orElseThrow(() -> Problem.badRequest("text must be given"));
    if (text.length() > AskRoute.MAX_QUESTION) {
      throw Problem.badRequest(
          "text has " + text.length() + " characters, must have at most " + AskRoute.MAX_QUESTION);
    }
    int limit = (int) Requests.bounded(ctx, "limit", 10, 1, 100);
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("passages");
    for (KnowledgeBase.Hit hit : loading.app().knowledge().search(text, limit)) {
      array.add(Views.passage(hit.passage()).put("score", hit.score()));
    }
    Views.send(ctx, node);
  }

  private void passage(Context ctx) throws IOException {
    Views.send(
        ctx,
        Views.passage(
            loading
                .app()
                .knowledge()
                .passage(ctx.pathParam("id"))
                .orElseThrow(() -> Problem.missing("passage", ctx))));
  }
}
