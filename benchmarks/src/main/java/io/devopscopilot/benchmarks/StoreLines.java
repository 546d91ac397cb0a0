package io.devopscopilot.benchmarks;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Random;

/** Lines of 137 bytes of 20 pods, made from a seed, for the measures of the store. */
final class StoreLines {
  /** Line {@code i} has the form and the service of line {@code i % POOL}, with other figures. */
  static final int POOL = 20_000;

  static final int BYTES = 137;
  static final int PODS = 20;

  private static final String[] FORMS = {
    "INFO GET /api/v1/products/%d 200 in %d ms, %d bytes, client 10.244.%d.%d, trace %016x",
    "INFO order %d of customer %d placed, total %d.%02d EUR, %d items, trace %016x",
    "DEBUG cache has %d entries after %d lookups, %d evicted, heap %d MB, turn %d, trace %016x",
    "WARN slow query: select * from orders where id = %d took %d ms, limit %d, pool %d of %d,"
        + " trace %016x",
    "ERROR payment %d failed: connection to bank-db:5432 refused, customer %d, after %d ms, try %d"
        + " of %d, trace %016x",
    "INFO accepted connection %d of client %d after %d ms, %d open, worker %d, trace %016x",
    "INFO partition %d committed, lag %d, after %d ms, member %d of %d, trace %016x"
  };

  /** How often each form comes, of 20. */
  private static final int[] SHARE = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 4, 5, 5, 6, 6};

  private static final String TAIL = " region=eu-central-1 zone=b build=2026.11.3 status=complete";

  private StoreLines() {}

  static String message(int i) {
    int form = SHARE[new Random(i % POOL).nextInt(SHARE.length)];
    Random random = new Random(i * 31L + 7);
    StringBuilder line =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                FORMS[form],
                random.nextInt(100_000),
                random.nextInt(5_000),
                random.nextInt(1_000),
                random.nextInt(90),
                random.nextInt(90),
                random.nextLong()));
    while (line.length() < BYTES) {
      line.append(TAIL);
    }
    line.setLength(BYTES);
    return line.toString();
  }

  static int pod(int i) {
    return new Random(i % POOL + 1L).nextInt(PODS);
  }

  static String service(int pod) {
    return "service" + (char) ('a' + pod % 10);
  }

  static String podName(int pod) {
    return service(pod) + "-5d8f7c6b9-x2x4" + (pod < 10 ? 'z' : 'v');
  }

  /** The lines as {@code kubectl logs --prefix --timestamps} writes them, evenly over a time. */
  static void write(Path file, int lines, Instant from, long seconds) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < lines; i++) {
        out.write("[pod/");
        out.write(podName(pod(i)));
        out.write("/main] ");
        long nanos = (long) (seconds * 1e9 / lines * i);
        out.write(from.plusNanos(nanos).toString().replaceFirst("(\\.\\d+)?Z$", ""));
        out.write(String.format(Locale.ROOT, ".%09dZ ", from.plusNanos(nanos).getNano()));
        out.write(message(i));
        out.newLine();
      }
    }
  }
}
