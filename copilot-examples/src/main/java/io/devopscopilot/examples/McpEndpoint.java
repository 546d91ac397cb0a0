package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.Context;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessServerFeatures;
import io.modelcontextprotocol.server.McpStatelessSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStatelessServerTransport;
import io.modelcontextprotocol.spec.McpSchema;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

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

  /** Refuses what is no message of the protocol before the transport tells its own story of it. */
  void serve(Context ctx) throws IOException, ServletException {
    byte[] body = Requests.body(ctx);
    JsonNode message = Requests.parse(body);
    if (!message.path("jsonrpc").asText().equals("2.0") || !message.path("method").isTextual()) {
      throw Problem.badRequest("the body is no JSON-RPC 2.0 request or notification");
    }
    String accept = String.valueOf(ctx.header("Accept"));
    if (!accept.contains("application/json") || !accept.contains("text/event-stream")) {
      throw new Problem(406, "Accept must name application/json and text/event-stream");
    }
    transport.service(
        new HttpServletRequestWrapper(ctx.req()) {
          @Override
          public BufferedReader getReader() {
            return new BufferedReader(
                new InputStreamReader(new ByteArrayInputStream(body), StandardCharsets.UTF_8));
          }
        },
        ctx.res());
  }

  @Override
  public void close() {
    server.close();
  }
}
