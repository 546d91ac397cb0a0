package io.devopscopilot.examples;

import io.devopscopilot.collector.DuckDbLogStore.Retention;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How much of the stored lines is kept; a picocli mixin. */
final class RetentionOptions {
  private static final int MAX_DAYS = 36_500;
  private static final long MAX_MB = 100_000_000;

  @Option(
      names = "--keep-days",
      paramLabel = "N",
      description =
          "Remove lines whose own time is longer ago, 1 to 36500; 0 = none. Default:"
              + " ${DEFAULT-VALUE}.")
  private int days;

  @Option(
      names = "--keep-mb",
      paramLabel = "N",
      description =
          "Remove the oldest lines while the file holds more MiB, 1 to 100000000; 0 = none."
              + " Default: ${DEFAULT-VALUE}.")
  private long mebibytes;

  /**
   * @param mebibytes the size that is kept by default, 0 = all
   */
  RetentionOptions(long mebibytes) {
    this.mebibytes = mebibytes;
  }

  Retention retention() {
    if (days < 0 || days > MAX_DAYS) {
      throw new Main.UsageException("--keep-days is " + days + ", must be 0 to " + MAX_DAYS);
    }
    if (mebibytes < 0 || mebibytes > MAX_MB) {
      throw new Main.UsageException("--keep-mb is " + mebibytes + ", must be 0 to " + MAX_MB);
    }
    return new Retention(Duration.ofDays(days), mebibytes << 20);
  }
}
