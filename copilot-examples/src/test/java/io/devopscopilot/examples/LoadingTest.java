package io.devopscopilot.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.CopilotException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadingTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir private Path folder;

  private final CompletableFuture<ServingModel> model = new CompletableFuture<>();
  private final CompletableFuture<App> app = new CompletableFuture<>();

  private AppOptions options() {
    AppOptions options = new AppOptions();
    options.dataDir = folder.resolve("data");
    return options;
  }

  private static HttpRequest.Builder request(WebServer server, String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
  }

  private static HttpResponse<String> get(WebServer server, String path) throws Exception {
    return CLIENT.send(request(server, path).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static CompletableFuture<HttpResponse<String>> classify(WebServer server) {
    return CLIENT.sendAsync(
        request(server, "/classify")
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"message\":\"ERROR it broke\"}"))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void requestsAreServedAsSoonAsTheirPartIsThere() throws Exception {
    try (WebServer server =
        new WebServer(new Loading(model, app), "127.0.0.1", 0, Optional.empty())) {
      assertThat(get(server, "/health").statusCode()).isEqualTo(200);
      assertThat(get(server, "/").statusCode()).isEqualTo(200);
      assertThat(get(server, "/ready").statusCode()).isEqualTo(503);
      CompletableFuture<HttpResponse<String>> early = classify(server);
      model.complete(new ServingModel(options()));
      assertThat(early.get().body()).contains("\"severity\":\"ERROR\"");
      assertThat(get(server, "/ready").statusCode()).isEqualTo(503);
      try (App made = new App(options(), model::join, List.of(), Optional.empty())) {
        app.complete(made);
        assertThat(get(server, "/records").statusCode()).isEqualTo(200);
        assertThat(get(server, "/ready").body()).contains("\"pipeline\":\"starting\"");
        made.start();
        assertThat(get(server, "/ready").body()).contains("\"pipeline\":\"UP\"");
      }
    }
  }

  @Test
  void whatCannotBeLoadedIsTold() throws Exception {
    Loading loading = new Loading(model, app);
    try (WebServer server = new WebServer(loading, "127.0.0.1", 0, Optional.empty())) {
      app.completeExceptionally(new CopilotException("the store is damaged"));
      HttpResponse<String> response = get(server, "/records");
      assertThat(response.statusCode()).isEqualTo(503);
      assertThat(response.body()).contains("can't be loaded");
      assertThat(get(server, "/ready").statusCode()).isEqualTo(503);
    }
    assertThatThrownBy(loading::join)
        .isInstanceOf(CopilotException.class)
        .hasMessage("the store is damaged");
    loading.close();
  }
}
