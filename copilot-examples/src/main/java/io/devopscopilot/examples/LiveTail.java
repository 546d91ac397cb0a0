package io.devopscopilot.examples;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.LogStore.Stored;
import io.javalin.http.sse.SseClient;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends new records to pages that watch, twice a second, at most {@value #BATCH} at a time; what a
 * page misses of a burst is there by search. One thread for at most {@value #CLIENTS} pages.
 */
final class LiveTail implements AutoCloseable {
  static final int CLIENTS = 16;
  static final int BATCH = 200;

  private static final Logger LOG = LoggerFactory.getLogger(LiveTail.class);
  private static final long PERIOD_MILLIS = 500;

  private final LogStore store;
  private final Map<SseClient, LogQuery> clients = new ConcurrentHashMap<>();
  private final Map<SseClient, Long> sent = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          r -> {
            Thread thread = new Thread(r, "copilot-tail");
            thread.setDaemon(true);
            return thread;
          });

  LiveTail(LogStore store) {
    this.store = store;
    timer.scheduleWithFixedDelay(this::send, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  void add(SseClient client, LogQuery query) {
    if (clients.size() >= CLIENTS) {
      throw new Problem(503, CLIENTS + " pages watch already, close one");
    }
    List<Stored> newest = store.find(LogQuery.builder().limit(1).build());
    sent.put(client, newest.isEmpty() ? 0L : newest.get(0).id());
    clients.put(client, query);
    client.keepAlive();
    client.onClose(
        () -> {
          clients.remove(client);
          sent.remove(client);
        });
  }

  private void send() {
    clients.forEach(
        (client, query) -> {
          try {
            long last = sent.getOrDefault(client, 0L);
            List<Stored> found = store.find(after(query, last));
            if (!found.isEmpty()) {
              ArrayNode array = Views.JSON.createArrayNode();
              found.forEach(s -> array.add(Views.stored(s)));
              long newest = found.stream().mapToLong(Stored::id).max().orElse(last);
              sent.computeIfPresent(client, (c, old) -> newest);
              client.sendEvent("records", array.toString());
            }
          } catch (CopilotException e) {
            LOG.warn("live tail: {}", e.getMessage());
          } catch (RuntimeException e) {
            clients.remove(client);
            sent.remove(client);
          }
        });
  }

  private static LogQuery after(LogQuery q, long id) {
    return new LogQuery(
        q.from(),
        q.to(),
        q.namespace(),
        q.service(),
        q.pod(),
        q.severities(),
        q.categories(),
        q.kind(),
        q.fingerprint(),
        q.text(),
        OptionalLong.of(id),
        q.beforeId(),
        BATCH,
        false);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    clients.keySet().forEach(SseClient::close);
  }
}
