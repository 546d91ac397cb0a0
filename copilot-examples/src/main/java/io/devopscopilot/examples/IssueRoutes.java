package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.rag.Resolution;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.Set;

/** {@code /issues} and what resolved them. */
final class IssueRoutes {
  private final Loading loading;

  IssueRoutes(Loading loading) {
    this.loading = loading;
  }

  void routes(RoutesConfig routes) {
    routes.get("/issues", this::issues);
    routes.get("/issues/{id}", this::issue);
    routes.post("/issues/{id}/resolution", HttpGuard.json(this::resolution));
  }

  private void issues(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("limit"));
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("issues");
    long limit = Requests.bounded(ctx, "limit", 100, 1, IssueBoard.MAX);
    loading.app().issues().all().stream().limit(limit).forEach(e -> array.add(Views.issue(e)));
    Views.send(ctx, node);
  }

  private void issue(Context ctx) throws IOException {
    Views.send(
        ctx,
        Views.issue(
            loading
                .app()
                .issue(ctx.pathParam("id"))
                .orElseThrow(() -> Problem.missing("issue", ctx))));
  }

  private void resolution(Context ctx) throws IOException {
    IssueBoard.Entry entry =
        loading
            .app()
            .issues()
            .get(ctx.pathParam("id"))
            .orElseThrow(() -> Problem.missing("issue", ctx));
    JsonNode body = Requests.object(ctx, Set.of("text"));
    String text = Requests.required(body, "text");
    if (text.length() > Resolution.MAX_TEXT) {
      throw Problem.badRequest(
          "text has " + text.length() + " characters, must have 1 to " + Resolution.MAX_TEXT);
    }
    String document =
        new Resolution(
                entry.issue().id(),
                entry.issue().title(),
                entry.issue().service(),
                entry.issue().category(),
                text)
            .putInto(loading.app().knowledge());
    Views.send(ctx, Views.object().put("document", document));
  }
}
