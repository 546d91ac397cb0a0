package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32;
import okhttp3.Call;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of one instance of one container: reads it, resumes it, knows when it is over. */
final class PodStream {
  private static final Logger LOG = LoggerFactory.getLogger(PodStream.class);
  private static final int MAX_LINE = FileLogSource.DEFAULT_MAX_LINE;
  private static final int MAX_REPEATED = 200_000;
  private static final long MAX_BACKOFF = 30_000;

  /** Takes records, and holds the reading thread back when there are too many. */
  interface Output {
    void put(LogRecord record) throws InterruptedException;
  }

  private record Line(Instant time, String text, int checksum) {}

  final String key;
  final Origin origin;
  private final KubernetesCounters counters;
  private final Timestamps times = new Timestamps(Instant.now());
  private final ResumePoint point;

  volatile boolean previous;
  volatile boolean terminated;
  volatile boolean gone;
  volatile boolean done;
  volatile boolean running;
  private volatile @Nullable Call call;
  private volatile long notBefore;
  private int failures;

  PodStream(String key, Origin origin, String token, KubernetesCounters counters) {
    this.key = key;
    this.origin = origin;
    this.counters = counters;
    this.point = ResumePoint.parse(token);
  }

  boolean due() {
    return !done && !running && System.nanoTime() - notBefore >= 0;
  }

  void cancel() {
    Call now = call;
    if (now != null) {
      now.cancel();
    }
  }

  /** Reads until the log ends or breaks; runs on a thread of the source's pool. */
  void read(ClusterClient client, boolean follow, Output out) {
    boolean last = terminated || previous || gone;
    try {
      boolean complete = request(client, follow && !last, last, out);
      failures = 0;
      if (last && complete) {
        done = true;
      }
      pause(last ? 0 : 1_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SocketTimeoutException e) {
      counters.stalled.incrementAndGet();
      pause(failures++ == 0 ? 0 : 1_000);
    } catch (IOException | ApiException e) {
      failures++;
      counters.reconnects.incrementAndGet();
      LOG.debug("{}: {}", key, e.toString());
      pause(Math.min(MAX_BACKOFF, 500L << Math.min(failures, 7)));
      if (last && failures >= 6) {
        lost("its log could not be read: " + e.getMessage());
      }
    } finally {
      call = null;
      running = false;
    }
  }

  private void pause(long millis) {
    long jitter = millis == 0 ? 0 : ThreadLocalRandom.current().nextLong(millis / 4 + 1);
    notBefore = System.nanoTime() + (millis + jitter) * 1_000_000;
  }

  /** Gives up on what may be left. */
  void lost(String why) {
    if (!done) {
      done = true;
      counters.instancesLost.incrementAndGet();
      LOG.warn(
          "{}/{} {} restart {}: the end of its log may be lost, {}",
          origin.namespace(),
          origin.pod(),
          origin.container(),
          origin.restartCount(),
          why);
    }
  }

  private boolean request(ClusterClient client, boolean follow, boolean last, Output out)
      throws IOException, ApiException, InterruptedException {
    Optional<Instant> since = point.isStart() ? Optional.empty() : Optional.of(point.since());
    Call now =
        client.log(origin.namespace(), origin.pod(), origin.container(), previous, follow, since);
    call = now;
    try (Response response = now.execute()) {
      ResponseBody body = response.body();
      int status = response.code();
      if (status == 204) {
        return false;
      }
      if (status != 200) {
        return refused(client, status, body == null ? "" : body.string(), last);
      }
      return body == null || lines(body.byteStream(), last, out);
    }
  }

  private boolean refused(ClusterClient client, int status, String body, boolean last)
      throws IOException {
    if (status == 401) {
      client.renew();
      throw new IOException("401: the credentials are not accepted");
    }
    if (status == 403) {
      counters.forbidden.incrementAndGet();
      throw new IOException(
          "403: reading logs is forbidden, grant the verb get on pods/log in namespace "
              + origin.namespace());
    }
    if (status == 400 && (previous || last)) {
      lost(
          body.toLowerCase(Locale.ROOT).contains("previous")
              ? "it was removed"
              : "it is not there");
      return true;
    }
    if (status == 404 && gone) {
      lost("its pod is deleted");
      return true;
    }
    if (status == 400) {
      return false; // the container waits
    }
    throw new IOException("status " + status);
  }

  private boolean lines(InputStream in, boolean last, Output out)
      throws IOException, InterruptedException {
    LineReader reader = new LineReader(in, 0, MAX_LINE);
    long repeated = point.isStart() ? 0 : point.delivered();
    List<Line> again = new ArrayList<>();
    while (reader.next(last)) {
      byte[] b = reader.bytes();
      int from = reader.from();
      int to = reader.to();
      Instant time = times.parse(b, from, to);
      if (time == null || times.end() - from < 20) {
        counters.foreign.incrementAndGet();
        LOG.warn("{}: the kubelet says: {}", key, text(b, from, Math.min(to, from + 200)));
        continue;
      }
      CRC32 crc = new CRC32();
      crc.update(b, from, to - from);
      int start = Math.min(to, times.end() + 1);
      Line line = new Line(time, text(b, start, to), (int) crc.getValue());
      if (again.size() < repeated && again.size() < MAX_REPEATED) {
        again.add(line);
        // Later than all that was delivered: those lines stand in a file that is not served.
        boolean later = line.time().isAfter(point.last().plusSeconds(2));
        if (later || again.size() == repeated && !point.isLast(line.time(), line.checksum())) {
          for (Line l : rotated(again)) {
            deliver(l, reader.cut() > 0, out);
          }
          repeated = 0;
          again.clear();
        }
        continue;
      }
      deliver(line, reader.cut() > 0, out);
      counters.cut.addAndGet(reader.cut());
    }
    if (again.size() < repeated && last) {
      for (Line l : rotated(again)) {
        deliver(l, false, out);
      }
    }
    return reader.ended();
  }

  /** What is new in lines that are not the ones delivered before: the file was rotated. */
  private List<Line> rotated(List<Line> again) {
    counters.gaps.incrementAndGet();
    for (int i = again.size() - 1; i >= 0; i--) {
      if (point.isLast(again.get(i).time(), again.get(i).checksum())) {
        return again.subList(i + 1, again.size());
      }
    }
    return again.stream().filter(l -> l.time().isAfter(point.last())).toList();
  }

  private static String text(byte[] b, int from, int to) {
    return new String(b, from, to - from, java.nio.charset.StandardCharsets.UTF_8);
  }

  private void deliver(Line line, boolean cut, Output out) throws InterruptedException {
    point.add(line.time(), line.checksum());
    LogRecord record =
        new LogRecord(
            line.time(),
            line.text(),
            LogRecord.Kind.LOG,
            origin,
            new LogRecord.Position(key, point.toString()),
            java.util.Map.of(),
            cut ? java.util.Set.of(LogRecord.Flag.TRUNCATED) : java.util.Set.of());
    out.put(record);
  }
}
