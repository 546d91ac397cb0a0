package io.devopscopilot.flink;

/** Bytes that are no record; the message is the reason, in one line. */
final class Malformed extends Exception {
  private static final long serialVersionUID = 1L;

  Malformed(String reason) {
    super(reason, null, false, false);
  }
}
