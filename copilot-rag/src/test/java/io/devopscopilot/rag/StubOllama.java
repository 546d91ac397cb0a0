package io.devopscopilot.rag;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A server that speaks enough of Ollama's API to fail like it; keeps all it receives. */
final class StubOllama implements AutoCloseable {
  /** Answers a chat request. */
  @FunctionalInterface
  interface Chat {
    void answer(HttpExchange exchange) throws IOException;
  }

  final Queue<String> received = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  StubOllama(Chat chat) throws IOException {
    this(chat, 2048);
  }

  StubOllama(Chat chat, int context) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          received.add(exchange.getRequestURI() + " " + body);
          if (exchange.getRequestURI().getPath().equals("/api/show")) {
            send(exchange, 200, "{\"model_info\":{\"llama.context_length\":" + context + "}}");
          } else {
            chat.answer(exchange);
          }
        });
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Holds a request until the server is closed. */
  void hang() throws IOException {
    try {
      if (!closed.await(60, TimeUnit.SECONDS)) {
        throw new IOException("the test did not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /** Begins a stream. */
  static OutputStream stream(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
    exchange.sendResponseHeaders(200, 0);
    return exchange.getResponseBody();
  }

  static void piece(OutputStream out, String text) throws IOException {
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("model", "m").put("done", false);
    line.putObject("message").put("role", "assistant").put("content", text);
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  static void done(OutputStream out, String reason, int promptTokens) throws IOException {
    ObjectNode line =
        JsonNodeFactory.instance
            .objectNode()
            .put("model", "m")
            .put("done", true)
            .put("done_reason", reason)
            .put("prompt_eval_count", promptTokens)
            .put("eval_count", 5);
    line.putObject("message").put("role", "assistant").put("content", "");
    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    out.close();
  }

  /** A chat that says this, in pieces of a few characters. */
  static Chat saying(String text) {
    return exchange -> {
      OutputStream out = stream(exchange);
      for (int i = 0; i < text.length(); i += 7) {
        piece(out, text.substring(i, Math.min(text.length(), i + 7)));
      }
      done(out, "stop", 100);
    };
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
