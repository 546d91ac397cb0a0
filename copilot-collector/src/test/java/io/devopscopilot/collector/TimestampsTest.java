package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimestampsTest {
  private static final String TIME = "2026-01-05T10:00:00.5Z";

  @Test
  void whatWasReadIsNotKept() {
    Timestamps times = new Timestamps(Instant.EPOCH);
    WeakReference<byte[]> read = new WeakReference<>(parse(times));
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (read.get() != null) {
      assertThat(System.nanoTime()).as("let go in time").isLessThan(deadline);
      System.gc();
    }
    assertThat(times.end()).isEqualTo(TIME.length());
  }

  private static byte[] parse(Timestamps times) {
    byte[] text = TIME.getBytes(StandardCharsets.UTF_8);
    assertThat(times.parse(text, 0, text.length)).isEqualTo(Instant.parse(TIME));
    return text;
  }
}
