package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.LogStore.Count;
import io.devopscopilot.collector.Correction;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.sse.SseHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /records} and what is counted, grouped, followed and corrected of them. */
final class RecordRoutes implements AutoCloseable {
  private @Nullable LiveTail tail;
  private final Loading loading;
  private final ClassifyRoute classify;

  RecordRoutes(Loading loading, ClassifyRoute classify) {
    this.loading = loading;
    this.classify = classify;
  }

  void routes(RoutesConfig routes) {
    routes.get("/records", this::records);
    routes.get("/records/{id}", this::record);
    routes.get("/records/{id}/context", this::context);
    routes.get("/records/{id}/verdict", this::verdict);
    routes.get("/tail", this::tail);
    routes.get("/counts", this::counts);
    routes.get("/groups", this::groups);
    routes.post("/feedback", HttpGuard.json(this::feedback));
  }

  private void records(Context ctx) throws IOException {
    LogQuery query = Requests.query(ctx, "total");
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("records");
    loading.app().store().find(query).forEach(s -> array.add(Views.stored(s)));
    if (Requests.param(ctx, "total").isPresent()) {
      node.put("total", loading.app().store().count(query));
    }
    Views.send(ctx, node);
  }

  private void record(Context ctx) throws IOException {
    Views.send(ctx, Views.stored(stored(ctx)));
  }

  private void verdict(Context ctx) throws IOException {
    classify.answer(ctx, List.of(stored(ctx).record()), 1);
  }

  private LogStore.Stored stored(Context ctx) {
    return loading.app().store().get(id(ctx)).orElseThrow(() -> Problem.missing("record", ctx));
  }

  private void context(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("before", "after"));
    int before = (int) Requests.bounded(ctx, "before", 20, 0, 500);
    int after = (int) Requests.bounded(ctx, "after", 20, 0, 500);
    ArrayNode array = Views.JSON.createArrayNode();
    loading.app().store().context(id(ctx), before, after).forEach(s -> array.add(Views.stored(s)));
    if (array.isEmpty()) {
      throw Problem.missing("record", ctx);
    }
    ObjectNode node = Views.object();
    node.set("records", array);
    Views.send(ctx, node);
  }

  private static long id(Context ctx) {
    return Requests.number("id", ctx.pathParam("id"));
  }

  private void counts(Context ctx) throws IOException {
    long bucket = Requests.bounded(ctx, "bucket", 60, 1, 86_400);
    ObjectNode node = Views.object();
    node.put("bucketSeconds", bucket);
    ArrayNode array = node.putArray("counts");
    for (Count c :
        loading.app().store().counts(Requests.query(ctx, "bucket"), Duration.ofSeconds(bucket))) {
      array
          .addObject()
          .put("start", c.start().toString())
          .put("service", c.service())
          .put("severity", c.severity().name())
          .put("category", c.category())
          .put("count", c.count());
    }
    Views.send(ctx, node);
  }

  private void groups(Context ctx) throws IOException {
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("groups");
    loading.app().store().groups(Requests.query(ctx)).forEach(g -> array.add(Views.group(g)));
    Views.send(ctx, node);
  }

  private void feedback(Context ctx) throws IOException {
    JsonNode body = Requests.object(ctx, Set.of("record", "severity", "category"));
    if (!body.path("record").canConvertToLong()) {
      throw Problem.badRequest("record is missing, must be the id of a stored record");
    }
    long id = body.get("record").longValue();
    String severity = Requests.text(body, "severity");
    String category = Requests.text(body, "category");
    if (severity.isEmpty() && category.isEmpty()) {
      throw Problem.badRequest("severity or category must be given");
    }
    var stored =
        loading
            .app()
            .store()
            .get(id)
            .orElseThrow(() -> new Problem(404, "there is no record " + id));
    loading
        .app()
        .own()
        .correct(
            new Correction(
                id,
                stored.record().message(),
                severity.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Requests.severity("severity", severity)),
                category.isEmpty() ? Optional.empty() : Optional.of(Requests.category(category))));
    Views.send(ctx, Views.object().put("corrections", loading.app().own().corrections().size()));
  }

  /** Looks at the request before the answer has begun, when it can't say what is wrong any more. */
  private void tail(Context ctx) throws Exception {
    LogQuery query = Requests.query(ctx);
    String accept = Optional.ofNullable(ctx.header("Accept")).orElse("");
    if (!accept.contains(Requests.EVENTS)) {
      throw new Problem(
          406, "Accept is '" + Requests.clean(accept) + "', must be " + Requests.EVENTS);
    }
    new SseHandler(client -> tail().add(client, query)).handle(ctx);
  }

  private synchronized LiveTail tail() {
    LiveTail made = tail;
    if (made == null) {
      made = new LiveTail(loading.app().store());
      tail = made;
    }
    return made;
  }

  @Override
  public synchronized void close() {
    if (tail != null) {
      tail.close();
    }
  }
}
