package io.devopscopilot.examples;

import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
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
                      McpJsonDefaults.getMapper(), new Watched(System.in, ended), System.out))
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

  /** Tells when the agent has closed our input: then there is nothing left to do. */
  private static final class Watched extends FilterInputStream {
    private final CountDownLatch ended;

    Watched(InputStream in, CountDownLatch ended) {
      super(in);
      this.ended = ended;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      if (b < 0) {
        ended.countDown();
      }
      return b;
    }

    @Override
    public int read(byte[] buffer, int from, int length) throws IOException {
      int n = super.read(buffer, from, length);
      if (n < 0) {
        ended.countDown();
      }
      return n;
    }
  }
}
