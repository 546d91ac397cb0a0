package io.devopscopilot.classifier;

import java.io.IOException;

/** When a busy stream paused: errors of the start after it (a restart, a gap) don't count. */
final class StreamPauses {
  private static final long PAUSE = 45_000;
  private static final long GRACE = 60_000;

  /** A stream with fewer lines since its last pause is not busy. */
  private static final int BUSY = 60;

  /** Lines since the stream paused last. */
  private long sincePause;

  /** Until when the start after it lasts. */
  private long graceUntil = Long.MIN_VALUE / 2;

  /** Takes a line, and the newest time before it. */
  void line(long millis, long newestBefore) {
    if (millis - newestBefore > PAUSE && sincePause > BUSY) {
      graceUntil = millis + GRACE;
      sincePause = 0;
    }
    sincePause++;
  }

  /** Whether a pause ended just before. Not so before the pause: its end may be a wrong clock's. */
  boolean starting(long millis) {
    return millis < graceUntil && millis >= graceUntil - GRACE;
  }

  void write(DetectorState.Writer to) throws IOException {
    to.out.writeLong(sincePause);
    to.out.writeLong(graceUntil);
  }

  void read(DetectorState.Reader from) throws IOException {
    sincePause = from.in.readLong();
    graceUntil = from.in.readLong();
  }
}
