package io.devopscopilot.examples;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps other web sites and other machines out: Host must be a name of this machine (against DNS
 * rebinding), Origin must be the page itself, writes must be JSON, and beyond the loopback
 * interface a token is needed. Sets the headers that forbid inline script and framing.
 */
final class HttpGuard implements Handler {
  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Set<String> PROBES = Set.of("/health", "/ready");
  private static final String CSP =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Optional<String> token;

  /**
   * @param token needed for everything but the page and the probes, if given; then any Host is
   *     served
   */
  HttpGuard(Optional<String> token) {
    this.token = token;
  }

  @Override
  public void handle(Context ctx) {
    ctx.header("Content-Security-Policy", CSP);
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Referrer-Policy", "no-referrer");
    ctx.header("Cross-Origin-Resource-Policy", "same-origin");
    ctx.header("Cache-Control", "no-store");
    String host = Optional.ofNullable(ctx.header("Host")).orElse("");
    if (token.isEmpty() && !LOCAL.contains(name(host))) {
      throw new Problem(403, "Host is '" + shown(host) + "', must be localhost or 127.0.0.1");
    }
    String origin = ctx.header("Origin");
    if (origin != null && !sameHost(origin, host)) {
      throw new Problem(403, "requests from the page " + shown(origin) + " are not served");
    }
    if (token.isPresent() && !Page.PATHS.contains(ctx.path()) && !PROBES.contains(ctx.path())) {
      String given = Optional.ofNullable(ctx.header("Authorization")).orElse("");
      byte[] wanted = ("Bearer " + token.get()).getBytes(StandardCharsets.UTF_8);
      if (!MessageDigest.isEqual(wanted, given.getBytes(StandardCharsets.UTF_8))) {
        ctx.header("WWW-Authenticate", "Bearer");
        throw new Problem(401, "send the header 'Authorization: Bearer TOKEN'");
      }
    }
  }

  /** A handler behind the check that the body says it is JSON, which no foreign form can say. */
  static Handler json(Handler handler) {
    return ctx -> {
      String type = Optional.ofNullable(ctx.contentType()).orElse("");
      if (!type.toLowerCase(Locale.ROOT).split(";")[0].strip().equals("application/json")) {
        throw new Problem(415, "Content-Type is '" + shown(type) + "', must be application/json");
      }
      handler.handle(ctx);
    };
  }

  private static String name(String host) {
    int port = host.lastIndexOf(':');
    String name = port > host.lastIndexOf(']') ? host.substring(0, port) : host;
    return name.toLowerCase(Locale.ROOT);
  }

  private static boolean sameHost(String origin, String host) {
    try {
      return host.equalsIgnoreCase(URI.create(origin).getAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String shown(String text) {
    String clean = text.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() > 80 ? clean.substring(0, 80) + "..." : clean;
  }
}
