package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.CopilotException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST interface and the page; routes and shapes are those of {@code openapi.yaml}. */
final class WebServer implements AutoCloseable {
  private static final int THREADS = 48;
  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private final Loading loading;
  private final ClassifyRoute classify;
  private final RecordRoutes records;
  private @Nullable McpEndpoint mcp;
  private final Javalin javalin;

  /** Binds and serves an app that is there. */
  WebServer(App app, String host, int port, Optional<String> token) {
    this(Loading.of(app), host, port, token);
  }

  /**
   * Binds and serves; requests wait for the parts they need.
   *
   * @param port 0 = any free one
   * @param token needed by all requests, if given
   * @throws CopilotException if the port is taken
   */
  WebServer(Loading loading, String host, int port, Optional<String> token) {
    this.loading = loading;
    this.classify = new ClassifyRoute(loading);
    this.records = new RecordRoutes(loading, classify);
    this.javalin = Javalin.create(config -> configure(config, token));
    try {
      javalin.start(host, port);
    } catch (JavalinBindException e) {
      throw new CopilotException(
          "port " + port + " on " + host + " can't be used, try --port 0 for any free one", e);
    }
  }

  int port() {
    return javalin.port();
  }

  private void configure(JavalinConfig config, Optional<String> token) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.maxRequestSize = Requests.MAX_BODY;
    QueuedThreadPool pool = new QueuedThreadPool(THREADS, 4, 60_000);
    pool.setName("copilot-http");
    pool.setDaemon(true);
    config.jetty.threadPool = pool;
    config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    RoutesConfig routes = config.routes;
    routes.before(new HttpGuard(token));
    new Page().routes(routes);
    routes.get("/health", ctx -> Views.send(ctx, Views.object().put("status", "UP")));
    routes.get("/ready", this::ready);
    routes.get("/metrics", this::metrics);
    routes.post("/classify", HttpGuard.json(classify));
    routes.post("/ask", HttpGuard.json(new AskRoute(loading)));
    routes.post("/upload", new UploadRoute(loading));
    records.routes(routes);
    new IssueRoutes(loading).routes(routes);
    new DocumentRoutes(loading).routes(routes);
    routes.get("/models", this::models);
    routes.post("/models/retrain", HttpGuard.json(this::retrain));
    routes.post("/mcp", HttpGuard.json(ctx -> mcp().serve(ctx)));
    routes.exception(Problem.class, (e, ctx) -> problem(ctx, e.status(), e.getMessage()));
    routes.exception(
        HttpResponseException.class,
        (e, ctx) -> {
          if (e.getStatus() == 405) {
            ctx.header("Allow", e.getDetails().getOrDefault("availableMethods", "GET, POST"));
          }
          problem(ctx, e.getStatus(), e.getMessage());
        });
    routes.exception(IllegalArgumentException.class, (e, ctx) -> problem(ctx, 400, e.getMessage()));
    routes.exception(
        CopilotException.class,
        (e, ctx) -> {
          LOG.warn("{} {}: {}", ctx.method(), Requests.clean(ctx.path()), e.getMessage());
          problem(ctx, e.retryable() ? 503 : 500, e.getMessage());
        });
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("{} {} failed", ctx.method(), Requests.clean(ctx.path()), e);
          problem(ctx, 500, "an internal error, see the log of the app");
        });
    routes.error(
        404,
        ctx -> {
          if (ctx.resultInputStream() == null
              || !String.valueOf(ctx.res().getContentType()).contains("problem")) {
            problem(ctx, 404, "nothing is at " + Requests.clean(ctx.path()));
          }
        });
  }

  private static void problem(Context ctx, int status, @Nullable String detail) {
    ObjectNode node = Views.object();
    node.put("type", "about:blank");
    node.put("title", Problem.title(status));
    node.put("status", status);
    node.put("detail", detail == null ? Problem.title(status) : detail);
    if (status == 503) {
      ctx.header("Retry-After", "1");
    }
    ctx.status(status)
        .contentType("application/problem+json")
        .result(node.toString().getBytes(StandardCharsets.UTF_8));
  }

  private App app() {
    return loading.app();
  }

  private synchronized McpEndpoint mcp() {
    McpEndpoint made = mcp;
    if (made == null) {
      made = new McpEndpoint(app());
      mcp = made;
    }
    return made;
  }

  private void ready(Context ctx) throws IOException {
    ObjectNode node = Views.object();
    Optional<App> app = loading.now();
    String failure = app.map(a -> a.copilot().stats().failure()).orElse("");
    boolean started = app.filter(App::started).isPresent();
    boolean ready = started && app.filter(App::indexed).isPresent() && failure.isEmpty();
    node.put("status", ready ? "UP" : "DOWN");
    node.put("documents", app.map(App::indexState).orElse("being loaded"));
    app.flatMap(a -> a.options().shows).ifPresent(s -> node.put("shows", s));
    node.put("pipeline", !failure.isEmpty() ? failure : started ? "UP" : "starting");
    ctx.status(ready ? 200 : 503);
    Views.send(ctx, node);
  }

  private void metrics(Context ctx) {
    ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(Metrics.text(app()));
  }

  private void retrain(Context ctx) throws IOException {
    Requests.object(ctx, Set.of());
    try {
      if (!app().retrainer().start()) {
        throw new Problem(409, "a training is running already: GET /models tells how it ends");
      }
    } catch (CopilotException e) {
      throw new Problem(409, String.valueOf(e.getMessage()));
    }
    ctx.status(202);
    Views.send(ctx, Views.object().put("training", app().retrainer().state()));
  }

  private void models(Context ctx) throws IOException {
    ObjectNode node = Views.object();
    ObjectNode model = node.putArray("models").addObject();
    model.put("id", app().copilot().model().id());
    model.put("sha256", app().copilot().model().sha256());
    ObjectNode details = model.putObject("details");
    app().copilot().model().details().forEach(details::put);
    node.put("corrections", app().own().corrections().size());
    node.put("training", app().retrainer().state());
    node.put("correctionsNeeded", Retrainer.LEAST);
    node.put(
        "train",
        "java -jar copilot.jar train --feedback "
            + app().options().dataDir.toAbsolutePath().normalize()
            + " --data YOUR_LABELS --out my.model");
    Reports reports = new Reports(app().options().dataDir.resolve("reports"));
    node.put("folder", reports.folder().toString());
    node.set("reports", reports.all());
    Views.send(ctx, node);
  }

  @Override
  public synchronized void close() {
    records.close();
    javalin.stop();
    if (mcp != null) {
      mcp.close();
    }
  }
}
