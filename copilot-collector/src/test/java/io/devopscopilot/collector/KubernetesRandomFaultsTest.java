package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.devopscopilot.api.LogRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A container that prints, ends, begins anew and has its file rotated at random, behind a kubelet
 * and an API server that go down and tell old states; read by a source that is killed again and
 * again. Nothing may come twice, and each run of lines that is missing must be told.
 */
class KubernetesRandomFaultsTest {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");

  /** The node; each step is 100 ms of its own time. */
  private static final class Node {
    private final FakeCluster cluster;
    private final Random random;
    private final boolean restarts;
    private final boolean rotates;
    private final List<List<String>> instances = new ArrayList<>();
    private final List<Integer> from = new ArrayList<>();
    private final List<Long> began = new ArrayList<>();
    private final List<Long> ended = new ArrayList<>();
    private long step;
    private long serial;
    private int down;
    private int stale;
    private int rest = -1;

    Node(FakeCluster cluster, long seed, boolean restarts, boolean rotates) {
      this.cluster = cluster;
      this.random = new Random(seed);
      this.restarts = restarts;
      this.rotates = rotates;
      begin();
      publish();
      cluster.logs = this::serve;
      cluster.previous = this::serve;
    }

    private void begin() {
      instances.add(new ArrayList<>());
      from.add(0);
      began.add(step);
      ended.add(-1L);
      print(); // one that prints nothing at all may be taken for the one before
    }

    private void print() {
      // Some of one instant, some a little late.
      String time = at(step).plusMillis(1 + random.nextInt(3) * 30L).toString();
      instances.get(newest()).add(time + " line " + serial++);
    }

    private int newest() {
      return instances.size() - 1;
    }

    private static Instant at(long step) {
      return START.plusMillis(step * 100);
    }

    private void publish() {
      int n = newest();
      // Ended and not begun anew: it waits, and its own end is the last one.
      int last = ended.get(n) >= 0 ? n : n - 1;
      String times =
          last < 0
              ? ""
              : ",\"startedAt\":\"%s\",\"finishedAt\":\"%s\",\"containerID\":\"containerd://x\""
                  .formatted(seconds(began.get(last)), seconds(ended.get(last)));
      cluster.started = seconds(began.get(n)).toString();
      cluster.pod("db-0", "u1", n, ended.get(n) >= 0 ? "waiting" : "running", times);
    }

    private static Instant seconds(long step) {
      return Instant.ofEpochSecond(at(step).getEpochSecond());
    }

    synchronized void step(boolean calm) {
      step++;
      int n = newest();
      down = calm ? 0 : Math.max(0, down - 1);
      stale = calm ? 0 : Math.max(0, stale - 1);
      if (ended.get(n) < 0) {
        for (int i = random.nextInt(5); i > 0; i--) {
          print();
        }
        if (!calm && restarts && random.nextInt(60) == 0) {
          ended.set(n, step);
          rest = 15 + random.nextInt(40);
        } else if (!calm && rotates && random.nextInt(40) == 0) {
          from.set(n, instances.get(n).size());
        }
      } else if (--rest < 0 || calm) {
        begin();
      }
      if (!calm && random.nextInt(100) == 0) {
        down = 5 + random.nextInt(20);
        stale = down + random.nextInt(60); // who was down tells old states for a while
      }
      if (stale == 0) {
        publish();
      }
      notifyAll();
    }

    private boolean serve(HttpExchange exchange, Map<String, String> query) throws IOException {
      int number;
      int sent;
      synchronized (this) {
        if (down > 0) {
          return FakeCluster.send(exchange, 500, "");
        }
        boolean waits = ended.get(newest()) >= 0;
        number = newest() - (query.containsKey("previous") && !waits ? 1 : 0);
        if (number < 0) {
          return false;
        }
        sent = from.get(number);
      }
      Instant since = Instant.parse(query.getOrDefault("sinceTime", "1970-01-01T00:00:00Z"));
      boolean follow = query.get("follow").equals("true");
      try (OutputStream out = FakeCluster.begin(exchange)) {
        out.flush();
        while (true) {
          StringBuilder text = new StringBuilder();
          boolean over;
          synchronized (this) {
            List<String> lines = instances.get(number);
            for (; sent < lines.size(); sent++) {
              String line = lines.get(sent);
              if (!Instant.parse(line.substring(0, line.indexOf(' '))).isBefore(since)) {
                text.append(line).append('\n');
              }
            }
            over = !follow || ended.get(number) >= 0 || random.nextInt(300) == 0;
            if (down > 0) { // ends cleanly, wherever it is
              text.setLength(text.length() - random.nextInt(text.length() + 1));
              over = true;
            }
            if (!over && text.isEmpty()) {
              wait(1_000);
              continue;
            }
          }
          out.write(text.toString().getBytes(StandardCharsets.UTF_8));
          out.flush();
          if (over) {
            return true;
          }
        }
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    /** All that was printed, with the number of its instance. */
    synchronized List<String> printed() {
      List<String> all = new ArrayList<>();
      for (int i = 0; i < instances.size(); i++) {
        for (String line : instances.get(i)) {
          all.add(i + " " + line.substring(line.indexOf(' ') + 1));
        }
      }
      return all;
    }
  }

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"1,false,false", "2,true,false", "3,true,true"})
  void nothingComesTwiceAndWhatIsMissingIsTold(long seed, boolean restarts, boolean rotates)
      throws Exception {
    int steps = 500;
    Random kills = new Random(seed + 1_000);
    List<String> stored = new ArrayList<>();
    Map<String, String> positions = new HashMap<>();
    long told = 0;
    try (FakeCluster cluster = new FakeCluster()) {
      Path config = cluster.kubeconfig(folder, "{token: first}");
      Node node = new Node(cluster, seed, restarts, rotates);
      KubernetesLogSource source = open(config, positions);
      long deadline = System.nanoTime() + 300_000_000_000L;
      for (int i = 0; ; i++) {
        boolean calm = i >= steps;
        if (i < steps + 10) {
          node.step(calm);
        }
        Thread.sleep(20);
        if (!calm && kills.nextInt(60) == 0) {
          told += told(source);
          source.close();
          source = open(config, positions);
        }
        source.poll(
            r -> {
              if (r.kind() == LogRecord.Kind.LOG) {
                stored.add(r.origin().restartCount() + " " + r.message());
                positions.put(r.position().stream(), r.position().token());
              }
            },
            1_000);
        List<String> printed = node.printed();
        if (i > steps + 10 && stored.contains(printed.get(printed.size() - 1))) {
          break;
        }
        assertThat(System.nanoTime()).as("in time; %s", source.counters()).isLessThan(deadline);
      }
      told += told(source);
      source.close();
      Set<String> seen = new HashSet<>();
      assertThat(stored.stream().filter(l -> !seen.add(l)).toList()).as("doubled").isEmpty();
      List<String> printed = node.printed();
      Map<String, String> instances = new HashMap<>();
      printed.forEach(l -> instances.put(l.substring(l.lastIndexOf(' ')), l));
      assertThat(
              stored.stream()
                  .filter(l -> !l.equals(instances.get(l.substring(l.lastIndexOf(' ')))))
                  .map(l -> l + " in place of " + instances.get(l.substring(l.lastIndexOf(' ')))))
          .as("of the wrong instance")
          .isEmpty();
      // What was rotated away before an instance's first line was read can't be told.
      int runs = 0;
      boolean open = false;
      Set<String> begun = new HashSet<>();
      for (String line : printed) {
        String instance = line.substring(0, line.indexOf(' '));
        boolean missing = !seen.contains(line);
        runs += missing && !open && begun.contains(instance) ? 1 : 0;
        open = missing && begun.contains(instance);
        if (!missing) {
          begun.add(instance);
        }
      }
      assertThat(runs).as("runs of lines missing, told %s", told).isLessThanOrEqualTo((int) told);
      if (!restarts && !rotates) {
        assertThat(stored).hasSameSizeAs(printed);
        assertThat(told).isZero();
      }
    }
  }

  private static long told(KubernetesLogSource source) {
    Map<String, Long> counters = source.counters();
    return counters.get("kubernetes.gaps") + counters.get("kubernetes.instances.lost");
  }

  private static KubernetesLogSource open(Path config, Map<String, String> positions) {
    KubernetesLogSource source =
        KubernetesLogSource.builder()
            .kubeconfig(config)
            .interval(Duration.ofMillis(200))
            .stallTimeout(Duration.ofSeconds(10))
            .build();
    source.resume(positions);
    return source;
  }
}
