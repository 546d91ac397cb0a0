package io.devopscopilot.rag;

import com.fasterxml.jackson.databind.JsonNode;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase.Passage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The one gate to models and remote stores: what leaves the process is cleaned, redacted and
 * bounded here, hosts are checked here, redirects are never followed.
 *
 * <p>Allowed are hosts of this machine, and those named in the system property {@code
 * copilot.allowedHosts} or the environment variable {@code COPILOT_ALLOWED_HOSTS}, separated by
 * commas.
 */
final class ModelBoundary {
  /** Longest answer taken from a server, in bytes. */
  static final int MAX_ANSWER_BYTES = 64 << 20;

  private static final Redactor REDACTOR =
      new Redactor(
          Boolean.getBoolean("copilot.redactPersonal")
              || Boolean.parseBoolean(System.getenv("COPILOT_REDACT_PERSONAL")));
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private ModelBoundary() {}

  /**
   * Checks that a server may be talked to.
   *
   * @throws IllegalArgumentException naming the host and how to allow it
   */
  static void checkHost(URI server) {
    String scheme = String.valueOf(server.getScheme());
    String host = server.getHost();
    if (host == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException(
          "server is '" + server + "', must be an address like http://127.0.0.1:11434");
    }
    if (server.getUserInfo() != null) {
      throw new IllegalArgumentException("the address of " + host + " must not hold a password");
    }
    if (!allowed().contains(host.toLowerCase(Locale.ROOT)) && !local(host)) {
      throw new IllegalArgumentException(
          "host '"
              + host
              + "' is not allowed: name it in COPILOT_ALLOWED_HOSTS if logs may be sent there");
    }
  }

  private static boolean local(String host) {
    boolean literal = host.matches("[0-9.]+|\\[[0-9a-fA-F:.]+\\]") || host.equals("localhost");
    try {
      return literal && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static Set<String> allowed() {
    Set<String> out = new HashSet<>();
    String[] lists = {
      System.getProperty("copilot.allowedHosts"), System.getenv("COPILOT_ALLOWED_HOSTS")
    };
    for (String list : lists) {
      if (list != null) {
        for (String host : list.split(",")) {
          out.add(host.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return out;
  }

  /** A text as it may leave: visible characters only, without secrets. */
  static String outgoing(String text) {
    return REDACTOR.redact(CleanText.visible(text), new HashMap<>());
  }

  /** The same, counting what was replaced. */
  static String outgoing(String text, Map<String, Integer> counts) {
    return REDACTOR.redact(CleanText.visible(text), counts);
  }

  /** A passage as it may leave. */
  static Passage outgoing(Passage p) {
    return new Passage(
        p.id(),
        outgoing(p.document()),
        outgoing(p.heading()),
        outgoing(p.text()),
        p.firstLine(),
        p.lastLine(),
        p.weight());
  }

  /** A cause that says something: some clients throw with a blank message. */
  static String reason(Throwable failure) {
    StringBuilder out = new StringBuilder();
    int depth = 0;
    for (Throwable t = failure; t != null && depth < 8; t = t.getCause(), depth++) {
      String message = t.getMessage();
      String text = t.getClass().getSimpleName();
      if (message != null && !message.isBlank() && !message.strip().equals("HTTP error:")) {
        text = message.strip();
      }
      if (out.indexOf(text) < 0) {
        out.append(out.isEmpty() ? "" : ", since ").append(text);
      }
    }
    String line = CleanText.visible(out.toString()).replace('\n', ' ');
    return line.length() > 300 ? line.substring(0, 300) + "..." : line;
  }

  /** The answer to a GET, empty for 404. */
  static Optional<JsonNode> get(URI uri) {
    return send(uri, HttpRequest.newBuilder(uri).GET());
  }

  static JsonNode post(URI uri, String body) {
    return send(
            uri,
            HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)))
        .orElseThrow(() -> new CopilotException(uri + " answers 404: not found"));
  }

  static void delete(URI uri) {
    send(uri, HttpRequest.newBuilder(uri).DELETE());
  }

  private static Optional<JsonNode> send(URI uri, HttpRequest.Builder request) {
    checkHost(uri);
    try {
      HttpResponse<java.io.InputStream> response =
          HTTP.send(
              request.timeout(Duration.ofSeconds(15)).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (var in = response.body()) {
        byte[] body = in.readNBytes(MAX_ANSWER_BYTES);
        String text = new String(body, StandardCharsets.UTF_8);
        if (response.statusCode() == 404) {
          return Optional.empty();
        }
        if (response.statusCode() / 100 != 2) {
          String detail = CleanText.visible(text.substring(0, Math.min(200, text.length())));
          throw new CopilotException(
              uri + " answers " + response.statusCode() + ": " + detail,
              new IOException("status " + response.statusCode()),
              response.statusCode() >= 500);
        }
        return Optional.of(ChromaRecords.parse(text.isBlank() ? "{}" : text));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CopilotException("interrupted while waiting for " + uri, e, true);
    } catch (IOException e) {
      throw new CopilotException(uri + " can't be reached: " + reason(e), e, true);
    }
  }
}
