package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.LogStore.Count;
import io.devopscopilot.collector.Correction;
import io.devopscopilot.rag.Resolution;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.UploadedFile;
import io.javalin.http.sse.SseHandler;
import io.javalin.util.JavalinBindException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The REST interface and the page; routes and shapes are those of {@code openapi.yaml}. */
final class WebServer implements AutoCloseable {
  /** Questions that are answered, and uploads that are read, at the same time at most. */
  static final int MAX_ASKS = 4;

  static final int MAX_UPLOADS = 4;
  private static final int MAX_QUESTION = 4_000;
  private static final String EVENTS = "text/event-stream";
  private static final int THREADS = 48;
  private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);
  private final Loading loading;
  private @Nullable LiveTail tail;
  private @Nullable McpEndpoint mcp;
  private final Semaphore asks = new Semaphore(MAX_ASKS);
  private final Semaphore uploads = new Semaphore(MAX_UPLOADS);
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
    routes.get("/health", ctx -> json(ctx, Views.object().put("status", "UP")));
    routes.get("/ready", this::ready);
    routes.get("/metrics", this::metrics);
    ClassifyRoute classify = new ClassifyRoute(loading);
    routes.post("/classify", HttpGuard.json(classify));
    routes.post("/ask", HttpGuard.json(this::ask));
    routes.post("/upload", this::upload);
    routes.get("/records", this::records);
    routes.get("/records/{id}", this::record);
    routes.get("/records/{id}/context", this::context);
    routes.get(
        "/records/{id}/verdict", ctx -> classify.answer(ctx, List.of(stored(ctx).record()), 1));
    routes.get("/tail", this::tail);
    routes.get("/counts", this::counts);
    routes.get("/groups", this::groups);
    routes.get("/issues", this::issues);
    routes.get("/issues/{id}", this::issue);
    routes.post("/issues/{id}/resolution", HttpGuard.json(this::resolution));
    routes.post("/feedback", HttpGuard.json(this::feedback));
    routes.post("/models/retrain", HttpGuard.json(this::retrain));
    routes.get("/documents", this::documents);
    routes.post("/documents/sync", HttpGuard.json(this::sync));
    routes.get("/passages", this::passages);
    routes.get("/passages/{id}", this::passage);
    routes.get("/models", this::models);
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

  private static void json(Context ctx, JsonNode node) throws IOException {
    ctx.contentType("application/json").result(Views.JSON.writeValueAsBytes(node));
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

  /** Looks at the request before the answer has begun, when it can't say what is wrong any more. */
  private void tail(Context ctx) throws Exception {
    LogQuery query = Requests.query(ctx);
    String accept = Optional.ofNullable(ctx.header("Accept")).orElse("");
    if (!accept.contains(EVENTS)) {
      throw new Problem(406, "Accept is '" + Requests.clean(accept) + "', must be " + EVENTS);
    }
    new SseHandler(client -> tail().add(client, query)).handle(ctx);
  }

  private synchronized LiveTail tail() {
    LiveTail made = tail;
    if (made == null) {
      made = new LiveTail(app().store());
      tail = made;
    }
    return made;
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
    json(ctx, node);
  }

  private void metrics(Context ctx) {
    ctx.contentType("text/plain; version=0.0.4; charset=utf-8").result(Metrics.text(app()));
  }

  private void ask(Context ctx) throws IOException {
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
      if (String.valueOf(ctx.header("Accept")).contains(EVENTS)) {
        stream(ctx, question);
      } else {
        json(ctx, Views.answer(app().answerer().answer(question)));
      }
    } finally {
      asks.release();
    }
  }

  private void stream(Context ctx, Question question) throws IOException {
    ctx.res().setContentType(EVENTS + "; charset=utf-8");
    OutputStream out = ctx.res().getOutputStream();
    Answer answer =
        app()
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

  private void upload(Context ctx) throws IOException, InterruptedException {
    if (app().options().parquet.isPresent()) {
      throw new Problem(409, "lines of --parquet are only read: give them to the Flink job");
    }
    Requests.only(ctx, Set.of("name"));
    if (!uploads.tryAcquire()) {
      throw new Problem(503, MAX_UPLOADS + " uploads are running, try again in a second");
    }
    try {
      List<Uploads.Summary> done = new ArrayList<>();
      if (ctx.isMultipartFormData()) {
        List<UploadedFile> files = files(ctx);
        if (files.isEmpty()) {
          throw Problem.badRequest("the form has no file");
        }
        if (ctx.req().getParts().stream()
            .anyMatch(p -> !p.getName().equals("file") || p.getSubmittedFileName() == null)) {
          throw Problem.badRequest("the form may hold files in fields named 'file' only");
        }
        for (UploadedFile file : files) {
          try (InputStream in = file.content()) {
            done.add(app().uploads().store(name(file.filename()), in));
          }
        }
      } else {
        String name = Requests.param(ctx, "name").map(WebServer::name).orElse("upload");
        done.add(app().uploads().store(name, ctx.bodyInputStream()));
      }
      if (done.stream().allMatch(s -> s.bytes() == 0)) {
        throw Problem.badRequest("the body is empty, must be log text, plain or gzip");
      }
      ObjectNode node = Views.object();
      ArrayNode array = node.putArray("uploads");
      done.forEach(s -> array.add(Views.JSON.valueToTree(s)));
      json(ctx, node);
    } catch (Uploads.TooLargeException e) {
      throw new Problem(413, String.valueOf(e.getMessage()));
    } catch (jakarta.servlet.ServletException e) {
      throw Problem.badRequest("the form can't be read, must be multipart/form-data with files");
    } catch (java.util.zip.ZipException | java.io.EOFException e) {
      throw Problem.badRequest("the gzip data is damaged or cut; lines before that are stored");
    } finally {
      uploads.release();
    }
  }

  /** Javalin's helper is Kotlin: it throws what the servlet throws, undeclared. */
  private static List<UploadedFile> files(Context ctx) throws jakarta.servlet.ServletException {
    return ctx.uploadedFiles();
  }

  private static String name(String file) {
    String last = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    String clean = last.replaceAll("[^A-Za-z0-9._-]", "_");
    clean = clean.replaceFirst("\\.(log|txt|gz|log\\.gz)$", "");
    return clean.isEmpty() ? "upload" : clean.substring(0, Math.min(100, clean.length()));
  }

  private void records(Context ctx) throws IOException {
    LogQuery query = Requests.query(ctx, "total");
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("records");
    app().store().find(query).forEach(s -> array.add(Views.stored(s)));
    if (Requests.param(ctx, "total").isPresent()) {
      node.put("total", app().store().count(query));
    }
    json(ctx, node);
  }

  private void record(Context ctx) throws IOException {
    json(ctx, Views.stored(stored(ctx)));
  }

  private LogStore.Stored stored(Context ctx) {
    return app().store().get(id(ctx)).orElseThrow(() -> missing("record", ctx));
  }

  private void context(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("before", "after"));
    int before = (int) Requests.bounded(ctx, "before", 20, 0, 500);
    int after = (int) Requests.bounded(ctx, "after", 20, 0, 500);
    ArrayNode array = Views.JSON.createArrayNode();
    app().store().context(id(ctx), before, after).forEach(s -> array.add(Views.stored(s)));
    if (array.isEmpty()) {
      throw missing("record", ctx);
    }
    ObjectNode node = Views.object();
    node.set("records", array);
    json(ctx, node);
  }

  private static long id(Context ctx) {
    return Requests.number("id", ctx.pathParam("id"));
  }

  private static Problem missing(String what, Context ctx) {
    return new Problem(404, "there is no " + what + " " + Requests.clean(ctx.pathParam("id")));
  }

  private void counts(Context ctx) throws IOException {
    long bucket = Requests.bounded(ctx, "bucket", 60, 1, 86_400);
    ObjectNode node = Views.object();
    node.put("bucketSeconds", bucket);
    ArrayNode array = node.putArray("counts");
    for (Count c :
        app().store().counts(Requests.query(ctx, "bucket"), Duration.ofSeconds(bucket))) {
      array
          .addObject()
          .put("start", c.start().toString())
          .put("service", c.service())
          .put("severity", c.severity().name())
          .put("category", c.category())
          .put("count", c.count());
    }
    json(ctx, node);
  }

  private void groups(Context ctx) throws IOException {
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("groups");
    app().store().groups(Requests.query(ctx)).forEach(g -> array.add(Views.group(g)));
    json(ctx, node);
  }

  private void issues(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("limit"));
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("issues");
    long limit = Requests.bounded(ctx, "limit", 100, 1, IssueBoard.MAX);
    app().issues().all().stream().limit(limit).forEach(e -> array.add(Views.issue(e)));
    json(ctx, node);
  }

  private void issue(Context ctx) throws IOException {
    json(
        ctx,
        Views.issue(app().issue(ctx.pathParam("id")).orElseThrow(() -> missing("issue", ctx))));
  }

  private void resolution(Context ctx) throws IOException {
    IssueBoard.Entry entry =
        app().issues().get(ctx.pathParam("id")).orElseThrow(() -> missing("issue", ctx));
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
            .putInto(app().knowledge());
    json(ctx, Views.object().put("document", document));
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
        app().store().get(id).orElseThrow(() -> new Problem(404, "there is no record " + id));
    app()
        .own()
        .correct(
            new Correction(
                id,
                stored.record().message(),
                severity.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Requests.severity("severity", severity)),
                category.isEmpty() ? Optional.empty() : Optional.of(Requests.category(category))));
    json(ctx, Views.object().put("corrections", app().own().corrections().size()));
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
    json(ctx, Views.object().put("training", app().retrainer().state()));
  }

  private void documents(Context ctx) throws IOException {
    ObjectNode node = Views.object();
    node.put("state", app().indexState());
    app().synced().ifPresent(t -> node.put("synced", t.toString()));
    ArrayNode skipped = node.putArray("skipped");
    app().skipped().forEach(skipped::add);
    ArrayNode array = node.putArray("documents");
    app().knowledge().documents().stream().sorted().forEach(array::add);
    json(ctx, node);
  }

  private void sync(Context ctx) throws IOException {
    Requests.object(ctx, Set.of());
    app().sync();
    ctx.status(202);
    json(ctx, Views.object().put("state", app().indexState()));
  }

  private void passages(Context ctx) throws IOException {
    Requests.only(ctx, Set.of("text", "limit"));
    String text =
        Requests.param(ctx, "text")
            .filter(t -> !t.isBlank())
            .orElseThrow(() -> Problem.badRequest("text must be given"));
    if (text.length() > MAX_QUESTION) {
      throw Problem.badRequest(
          "text has " + text.length() + " characters, must have at most " + MAX_QUESTION);
    }
    int limit = (int) Requests.bounded(ctx, "limit", 10, 1, 100);
    ObjectNode node = Views.object();
    ArrayNode array = node.putArray("passages");
    for (KnowledgeBase.Hit hit : app().knowledge().search(text, limit)) {
      array.add(Views.passage(hit.passage()).put("score", hit.score()));
    }
    json(ctx, node);
  }

  private void passage(Context ctx) throws IOException {
    json(
        ctx,
        Views.passage(
            app()
                .knowledge()
                .passage(ctx.pathParam("id"))
                .orElseThrow(() -> missing("passage", ctx))));
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
    json(ctx, node);
  }

  @Override
  public synchronized void close() {
    if (tail != null) {
      tail.close();
    }
    javalin.stop();
    if (mcp != null) {
      mcp.close();
    }
  }
}
