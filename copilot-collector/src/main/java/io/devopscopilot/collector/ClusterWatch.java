package io.devopscopilot.collector;

import com.google.gson.JsonObject;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ListMeta;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind in a namespace, on a thread of its own: first those that are there, page
 * by page, then what changes. A watch that ends or breaks is begun anew where it was; one that is
 * refused, for example because its begin is too old by now, with the list.
 *
 * @param <T> the kind
 */
final class ClusterWatch<T extends KubernetesObject> implements Runnable, AutoCloseable {
  private static final int GONE = 410;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** What is done with the objects, on the watch's thread; may wait. */
  interface Receiver<T> {
    /** A list of all begins; one that had begun before is not given whole. */
    void listBegins(String version);

    /** One of a list, in no order. */
    void listed(T object) throws InterruptedException;

    /** The list was given whole. */
    void listEnds() throws InterruptedException;

    void changed(T object, boolean deleted) throws InterruptedException;
  }

  /** Asks the cluster and tells what goes wrong; false = it did. */
  interface Asker {
    boolean ask(String verb, Question question);
  }

  /** A question to the cluster. */
  interface Question {
    void ask() throws ApiException;
  }

  private final ClusterClient client;
  private final Class<T> kind;
  private final ClusterClient.Calls calls;
  private final Receiver<T> receiver;
  private final Asker asker;
  private final Duration pause;
  private final KubernetesCounters counters;
  private final Thread thread;

  /** Where the next watch begins; empty = with a list. */
  private String from = "";

  private volatile boolean closed;
  private volatile @Nullable Call call;

  /**
   * Begins at once.
   *
   * @param pause at least, from the begin of a watch to that of the next; after failures it grows
   *     to 10 s
   */
  ClusterWatch(
      ClusterClient client,
      Class<T> kind,
      ClusterClient.Calls calls,
      Receiver<T> receiver,
      Asker asker,
      Duration pause,
      KubernetesCounters counters) {
    this.client = client;
    this.kind = kind;
    this.calls = calls;
    this.receiver = receiver;
    this.asker = asker;
    this.pause = pause;
    this.counters = counters;
    this.thread = new Thread(this, "copilot-watch");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void run() {
    try {
      for (int failures = 0; !closed; ) {
        long begin = System.nanoTime();
        boolean went = !from.isEmpty() || asker.ask("list", this::list);
        went = went && asker.ask("watch", this::watch);
        failures = went ? 0 : Math.min(failures + 1, 10);
        long longer = Math.min(pause.toMillis() << failures, LONGEST_PAUSE.toMillis());
        long took = (System.nanoTime() - begin) / 1_000_000;
        TimeUnit.MILLISECONDS.sleep(Math.max(pause.toMillis(), longer) - took);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it looks; it does until it is closed. */
  boolean alive() {
    return thread.isAlive();
  }

  private void list() throws ApiException {
    String version = "";
    String next = null;
    try {
      do {
        KubernetesListObject page = calls.list(next);
        V1ListMeta meta = page.getMetadata();
        if (next == null) {
          version = meta.getResourceVersion();
          receiver.listBegins(version);
        }
        for (KubernetesObject object : page.getItems()) {
          receiver.listed(kind.cast(object));
        }
        next = meta.getContinue();
      } while (next != null && !next.isEmpty());
      receiver.listEnds();
      from = version;
    } catch (InterruptedException e) {
      close();
    }
  }

  private void watch() throws ApiException {
    Call call = calls.watch(from);
    this.call = call;
    try (Watch<JsonObject> watch = client.open(call)) {
      while (!closed && watch.hasNext()) {
        Watch.Response<JsonObject> said = watch.next();
        JsonObject object = said.object;
        if (object == null || said.type.equals("ERROR")) {
          Integer code = said.status == null ? null : said.status.getCode();
          throw new ApiException(code == null ? 0 : code, "the watch was ended");
        }
        // A bookmark only says how far the watch is: its object lacks what the client requires.
        if (!said.type.equals("BOOKMARK")) {
          receiver.changed(JSON.getGson().fromJson(object, kind), said.type.equals("DELETED"));
        }
        from = object.getAsJsonObject("metadata").get("resourceVersion").getAsString();
      }
    } catch (ApiException e) {
      from = "";
      if (e.getCode() != GONE) { // too old a begin is no fault
        throw e;
      }
    } catch (InterruptedException e) {
      close();
    } catch (IOException e) {
      throw new ApiException(e);
    } catch (RuntimeException e) { // the client's own words for a connection that broke
      if (e.getCause() instanceof SocketTimeoutException) {
        counters.stalled.incrementAndGet();
      } else if (e.getCause() instanceof IOException) {
        throw new ApiException(e.getCause());
      } else {
        from = "";
        throw e;
      }
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
