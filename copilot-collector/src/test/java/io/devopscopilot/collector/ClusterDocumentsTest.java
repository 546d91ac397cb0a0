package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.devopscopilot.api.CopilotException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterDocumentsTest {
  private static final String MAPS =
      "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMapList\",\"metadata\":{},\"items\":[{\"metadata\":"
          + "{\"name\":\"books\",\"namespace\":\"shop\"},\"data\":{\"oom.md\":\"# Memory\"}},"
          + "{\"metadata\":{\"name\":\"empty\",\"namespace\":\"shop\"}}]}";

  @TempDir private Path folder;
  private HttpServer server;
  private volatile int status = 200;
  private volatile String asked = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked = URLDecoder.decode(exchange.getRequestURI().toString(), StandardCharsets.UTF_8);
          byte[] body = MAPS.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private ClusterDocuments documents() throws IOException {
    Path kubeconfig = folder.resolve("config");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: fake
        clusters: [{name: fake, cluster: {server: "http://127.0.0.1:%s"}}]
        users: [{name: fake, user: {token: abc}}]
        contexts: [{name: fake, context: {cluster: fake, user: fake, namespace: shop}}]
        """
            .formatted(server.getAddress().getPort()));
    return KubernetesLogSource.builder().kubeconfig(kubeconfig).documents("runbook=true");
  }

  @Test
  void readsEveryEntryOfTheLabelledMaps() throws IOException {
    assertThat(documents().read())
        .containsOnly(java.util.Map.entry("shop/books/oom.md", "# Memory"));
    assertThat(asked)
        .contains("/namespaces/shop/configmaps")
        .contains("labelSelector=runbook=true");
  }

  @Test
  void namesTheMissingRight() throws IOException {
    status = 403;
    ClusterDocuments documents = documents();
    assertThatThrownBy(documents::read)
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("list on configmaps in namespace shop");
  }
}
