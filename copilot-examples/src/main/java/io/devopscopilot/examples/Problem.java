package io.devopscopilot.examples;

import io.javalin.http.Context;

/** A request that can't be served: becomes an RFC 9457 problem. */
final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;

  Problem(int status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }

  static Problem badRequest(String detail) {
    return new Problem(400, detail);
  }

  /** That nothing has the id in the path. */
  static Problem missing(String what, Context ctx) {
    return new Problem(404, "there is no " + what + " " + Requests.clean(ctx.pathParam("id")));
  }

  static String title(int status) {
    return switch (status) {
      case 400 -> "Bad request";
      case 401 -> "Token required";
      case 403 -> "Forbidden";
      case 404 -> "Not found";
      case 405 -> "Method not allowed";
      case 406 -> "Not acceptable";
      case 413 -> "Too large";
      case 415 -> "Unsupported media type";
      case 503 -> "Not available now";
      default -> status < 500 ? "Request failed" : "Internal error";
    };
  }
}
