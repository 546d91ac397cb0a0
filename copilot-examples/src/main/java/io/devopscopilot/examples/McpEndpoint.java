package io.devopscopilot.examples;

import io.javalin.http.Context;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessServerFeatures;
import io.modelcontextprotocol.server.McpStatelessSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStatelessServerTransport;
import io.modelcontextprotocol.spec.McpSchema;
import jakarta.servlet.ServletException;
import java.io.IOException;

/** The same tools by streamable HTTP, without sessions, behind the guard of all other routes. */
final class McpEndpoint implements AutoCloseable {
  private final HttpServletStatelessServerTransport transport;
  private final McpStatelessSyncServer server;

  McpEndpoint(App app) {
    this.transport =
        HttpServletStatelessServerTransport.builder()
            .jsonMapper(McpJsonDefaults.getMapper())
            .messageEndpoint("/mcp")
            .build();
    this.server =
        McpServer.sync(transport)
            .serverInfo("devops-copilot", "0.1.0")
            .capabilities(McpSchema.ServerCapabilities.builder().tools(false).build())
            .tools(
                new McpTools(app)
                    .all().stream()
                        .map(
                            t ->
                                new McpStatelessServerFeatures.SyncToolSpecification(
                                    t.schema(),
                                    (exchange, request) -> t.call().apply(request.arguments())))
                        .toList())
            .build();
  }

  void serve(Context ctx) throws IOException, ServletException {
    if (ctx.req().getContentLengthLong() > Requests.MAX_BODY) {
      throw new Problem(413, "the body is larger than " + Requests.MAX_BODY + " bytes");
    }
    transport.service(ctx.req(), ctx.res());
  }

  @Override
  public void close() {
    server.close();
  }
}
