package io.devopscopilot.collector;

import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.CoreV1Event;
import io.kubernetes.client.openapi.models.CoreV1EventList;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * The events of a namespace, on a thread of its own: first those that are there, page by page, then
 * as they come. A watch that ends or breaks is begun anew where it was; one that is refused, for
 * example because its begin is too old by now, with the list. What was had before is left out by its
 * version. A namespace that is busy has thousands of events, for an hour each, so that listing them
 * every few seconds cost more than all logs.
 */
final class EventWatch implements Runnable, AutoCloseable {
  /** So many of a list are kept, the newest; the others are counted. */
  static final int MAX_LISTED = 50_000;

  private static final int QUEUE = 1_024;
  private static final int GONE = 410;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** Asks the cluster and tells what goes wrong; false = it did. */
  interface Asker {
    boolean ask(String verb, Question question);
  }

  /** A question to the cluster. */
  interface Question {
    void ask() throws ApiException;
  }

  final String namespace;
  private final ClusterClient client;
  private final KubernetesCounters counters;
  private final Asker asker;
  private final Duration pause;
  private final BlockingQueue<ClusterEvent> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread = new Thread(this, "copilot-events");

  /** Of the newest event handed on. */
  private long seen;

  /** Where the next watch begins; empty = with a list. */
  private String from = "";

  private volatile boolean closed;
  private volatile @Nullable Call call;

  /**
   * Asks nothing before {@link #start}.
   *
   * @param token the position of the newest event that is stored, empty = none
   * @param pause between a watch's end and the next; after failures it grows to 30 s
   */
  EventWatch(
      ClusterClient client,
      String namespace,
      String token,
      KubernetesCounters counters,
      Asker asker,
      Duration pause) {
    this.client = client;
    this.namespace = namespace;
    this.seen = token.isEmpty() ? 0 : Long.parseLong(token);
    this.counters = counters;
    this.asker = asker;
    this.pause = pause;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  static String stream(String namespace) {
    return "kubernetes-events:" + namespace;
  }

  /** The next event in the order of versions; null = none yet. Any thread. */
  @Nullable ClusterEvent poll() {
    return queue.poll();
  }

  @Override
  public void run() {
    try {
      for (int failures = 0; !closed; ) {
        boolean went =
            from.isEmpty() ? asker.ask("list", this::list) : asker.ask("watch", this::watch);
        failures = went ? 0 : Math.min(failures + 1, 10);
        TimeUnit.MILLISECONDS.sleep(
            Math.min(pause.toMillis() << failures, LONGEST_PAUSE.toMillis()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Pages come in the order of names: handed on are events in the order of versions, at the end. */
  private void list() throws ApiException {
    TreeMap<Long, ClusterEvent> fresh = new TreeMap<>();
    String version = "";
    String next = null;
    do {
      CoreV1EventList page = client.events(namespace, next);
      for (CoreV1Event event : page.getItems()) {
        long of = ClusterEvent.version(event);
        if (of > seen) {
          fresh.put(of, ClusterEvent.of(event));
        }
        if (fresh.size() > MAX_LISTED) {
          fresh.pollFirstEntry();
          counters.eventsSkipped.incrementAndGet();
        }
      }
      version = page.getMetadata() == null ? "" : page.getMetadata().getResourceVersion();
      next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
    fresh.values().forEach(this::hand);
    from = version == null ? "" : version;
  }

  private void watch() throws ApiException {
    Call call = client.watchEvents(namespace, from);
    this.call = call;
    try (Watch<CoreV1Event> watch = client.open(call)) {
      while (!closed && watch.hasNext()) {
        Watch.Response<CoreV1Event> change = watch.next();
        if (change.object == null || change.type.equals("ERROR")) {
          Integer code = change.status == null ? null : change.status.getCode();
          throw new ApiException(code == null ? 0 : code, "the watch was ended");
        }
        long version = ClusterEvent.version(change.object);
        // One that is deleted was had; a bookmark only says how far the watch is.
        if (version > seen && (change.type.equals("ADDED") || change.type.equals("MODIFIED"))) {
          hand(ClusterEvent.of(change.object));
        }
        from = version == 0 ? from : Long.toString(version);
      }
    } catch (ApiException e) {
      from = "";
      if (e.getCode() != GONE) { // too old a begin is no fault
        throw e;
      }
    } catch (IOException e) {
      throw new ApiException(e);
    } catch (RuntimeException e) { // the client's own words for a connection that broke
      if (closed || e.getCause() instanceof SocketTimeoutException) {
        counters.stalled.incrementAndGet();
      } else if (e.getCause() instanceof IOException) {
        throw new ApiException(e.getCause());
      } else {
        from = "";
        throw e;
      }
    }
  }

  private void hand(ClusterEvent event) {
    try {
      while (!closed && !queue.offer(event, 1, TimeUnit.SECONDS)) {}
      seen = event.version();
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    Call last = call;
    if (last != null) {
      last.cancel();
    }
    thread.interrupt();
  }
}
