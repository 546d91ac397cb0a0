package io.devopscopilot.examples;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code mcp}: the tools of {@link McpTools} on standard input and output. */
@Command(
    name = "mcp",
    description = {
      "Serves classify_logs, search_logs, ask, list_issues and get_issue to agents, by the Model"
          + " Context Protocol on standard input and output; read-only.",
      "While serve runs on the same data folder, use its address /mcp instead."
    },
    mixinStandardHelpOptions = true)
final class McpCommand implements Callable<Integer> {
  @Mixin private AppOptions options;

  @Override
  public Integer call() throws InterruptedException {
    CountDownLatch ended = new CountDownLatch(1);
    try (App app = new App(options, List.of(), Optional.empty())) {
      app.start();
      McpSyncServer server =
          McpServer.sync(
                  new StdioServerTransportProvider(
                      McpJsonDefaults.getMapper(),
                      new SequenceInputStream(new Messages(ended)),
                      System.out))
              .serverInfo("devops-copilot", "0.1.0")
              .capabilities(McpSchema.ServerCapabilities.builder().tools(false).build())
              .tools(
                  new McpTools(app)
                      .all().stream()
                          .map(
                              t ->
                                  new McpServerFeatures.SyncToolSpecification(
                                      t.schema(),
                                      (exchange, request) -> t.call().apply(request.arguments())))
                          .toList())
              .build();
      ended.await();
      server.closeGracefully();
    }
    return 0;
  }

  /**
   * The lines of the input that are messages, one stream each; others would end the transport of
   * the library, without an answer and without an end.
   */
  private static final class Messages implements Enumeration<InputStream> {
    private final BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final CountDownLatch ended;
    private Optional<String> next = Optional.empty();

    Messages(CountDownLatch ended) {
      this.ended = ended;
    }

    @Override
    public boolean hasMoreElements() {
      try {
        while (next.isEmpty()) {
          String line = in.readLine();
          if (line == null) {
            ended.countDown(); // the agent has gone: then there is nothing left to do
            return false;
          }
          if (isMessage(line)) {
            next = Optional.of(line + "\n");
          } else if (!line.isBlank()) {
            System.err.println("copilot: a line that is no message of JSON-RPC was skipped");
          }
        }
        return true;
      } catch (IOException e) {
        ended.countDown();
        return false;
      }
    }

    private static boolean isMessage(String line) {
      try {
        McpSchema.deserializeJsonRpcMessage(McpJsonDefaults.getMapper(), line);
        return true;
      } catch (IOException | RuntimeException e) {
        return false;
      }
    }

    @Override
    public InputStream nextElement() {
      if (!hasMoreElements()) {
        throw new NoSuchElementException();
      }
      String line = next.orElseThrow();
      next = Optional.empty();
      return new ByteArrayInputStream(line.getBytes(StandardCharsets.UTF_8));
    }
  }
}
