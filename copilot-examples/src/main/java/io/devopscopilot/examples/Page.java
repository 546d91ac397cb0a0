package io.devopscopilot.examples;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/** The files of the page, read once and kept compressed; nobody needs a token for them. */
final class Page {
  private static final List<String> FILES =
      List.of(
          "index.html",
          "app.css",
          "favicon.svg",
          "app.js",
          "ui.js",
          "keys.js",
          "chart.js",
          "overview.js",
          "logs.js",
          "ask.js",
          "issues.js",
          "upload.js",
          "about.js",
          "openapi.yaml");

  private record Part(byte[] plain, byte[] packed, String type) {}

  /** The paths of the page. */
  static final Set<String> PATHS = paths();

  private final Map<String, Part> parts = new TreeMap<>();

  /** Reads all files. */
  Page() {
    for (String file : FILES) {
      parts.put("/" + file, part(file));
    }
  }

  private static Set<String> paths() {
    Set<String> all = new java.util.TreeSet<>(Set.of("/"));
    FILES.stream().filter(f -> !f.endsWith(".yaml")).forEach(f -> all.add("/" + f));
    return Set.copyOf(all);
  }

  private static Part part(String file) {
    try (InputStream in = Page.class.getResourceAsStream("/web/" + file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing in the jar");
      }
      byte[] plain = in.readAllBytes();
      java.io.ByteArrayOutputStream packed = new java.io.ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(plain);
      }
      return new Part(plain, packed.toByteArray(), type(file));
    } catch (IOException e) {
      throw new IllegalStateException(file + " can't be read", e);
    }
  }

  private static String type(String file) {
    return switch (file.substring(file.lastIndexOf('.') + 1)) {
      case "html" -> "text/html; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "svg" -> "image/svg+xml";
      default -> "application/yaml; charset=utf-8";
    };
  }

  void routes(RoutesConfig routes) {
    routes.get("/", ctx -> serve(ctx, "/index.html"));
    parts.keySet().forEach(path -> routes.get(path, ctx -> serve(ctx, path)));
  }

  private void serve(Context ctx, String path) {
    Part part = parts.get(path);
    if (part == null) {
      throw new Problem(404, path + " is missing in the jar");
    }
    ctx.contentType(part.type()).header("Vary", "Accept-Encoding");
    if (String.valueOf(ctx.header("Accept-Encoding")).contains("gzip")) {
      ctx.header("Content-Encoding", "gzip").result(part.packed());
    } else {
      ctx.result(part.plain());
    }
  }
}
