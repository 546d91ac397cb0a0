package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures as programs write them. */
class NumberReaderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "heap used 312 MB of 624 MB | HEAP 0.50 of its limit",
        "socket pool: 2 active / 8 free | POOL 0.20 of its limit",
        "disk /data used 300 GB, free 100 GB | DISK 0.75 of its limit",
        "{\"msg\":\"pool: 8 free\",\"at\":\"2026-02-12T18:39:21.720Z\"} | POOL 8.00 left",
        "proc: open_fds=256 max_fds=1024 goroutines=150 | POOL 0.25 of its limit",
        "{\"num_fds\":1024,\"rlimit_nofile\":4096} | POOL 0.25 of its limit",
        "db pool 40 max, 10 active | POOL 0.25 of its limit",
        "rss=410MiB limit=820MiB | MEMORY 0.50 of its limit",
        "Pool-1 stats (total=20, active=18, idle=2, waiting=4) | POOL 0.90 of its limit",
        "pool-2: max 40, in_use 10 | POOL 0.25 of its limit",
        "open file descriptors: 1024 (limit 4096) | POOL 0.25 of its limit",
        "{\"acquired_conns\":9,\"max_conns\":12} | POOL 0.75 of its limit",
        "disk 91% used | DISK 0.91 of its limit",
        "data dir /srv/7/20 usage=62% free=38GB | DISK 0.62 of its limit",
        "volume /data free 25% | DISK 0.75 of its limit",
        "disk free_mb=256 total_mb=1024 | DISK 0.75 of its limit",
        "disk total_mb=1024 free_mb=256 | DISK 0.75 of its limit",
        "memory available=512Mi capacity=2Gi | MEMORY 0.75 of its limit",
        "volume /data has free space: 300 MB | DISK 314572800.00 left",
        "quota requests.memory used=24Gi hard=32Gi | QUOTA 0.75 of its limit",
        "storage used_gb=300 quota_gb=400 | QUOTA 0.75 of its limit",
        "ratelimit_limit=5000 ratelimit_remaining=1250 | QUOTA 0.75 of its limit",
        "queue size 300 | QUEUE 300.00",
        "lag=12000 | QUEUE 12000.00",
        "replay lag 90 s | QUEUE 90.00",
        "Seconds_Behind_Source=90 | QUEUE 90.00",
        "clock drift 1.25s | CLOCK 1250.00",
        "latency p99 340 ms | LATENCY 340.00",
        "disk free 38.0gb[19.0%] of 200gb | DISK 0.81 of its limit",
        "low disk watermark [85%] exceeded on [n1] free: 26.2gb[13.1%] | DISK 0.87 of its limit",
        "memory used 12Gi (60%), cpu 4 | MEMORY 0.60 of its limit",
        "volume /data: 42 GiB used of 50.0 GiB (84%) | DISK 0.84 of its limit",
        "{\"pvc\":\"data-a\",\"used_percent\":71.0} | DISK 0.71 of its limit",
        "{\"pvc\":\"a\",\"used_bytes\":710,\"capacity_bytes\":1000} | DISK 0.71 of its limit",
        "quota/store.go:149 namespace quota used=18 hard=40 | QUOTA 0.45 of its limit",
        "worker pool-7 ready, run 12 | -",
        "threads -8, slots | -",
      })
  void figuresAreRead(String text, String figure) {
    List<String> read = new ArrayList<>();
    NumberReader.Sink sink =
        new NumberReader.Sink() {
          @Override
          public void figure(NumberReader.Kind kind, double value, boolean bounded) {
            String of = bounded ? " of its limit" : "";
            read.add(String.format(Locale.ROOT, "%s %.2f%s", kind, value, of));
          }

          @Override
          public void left(NumberReader.Kind kind, double value) {
            read.add(String.format(Locale.ROOT, "%s %.2f left", kind, value));
          }

          @Override
          public void took(double millis) {}

          @Override
          public void retry() {}
        };
    new NumberReader().read(text, sink);
    assertThat(read).isEqualTo(figure == null ? List.of() : List.of(figure));
  }
}
