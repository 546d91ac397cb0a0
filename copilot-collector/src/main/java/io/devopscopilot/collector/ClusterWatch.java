package io.devopscopilot.collector;

import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.common.KubernetesListObject;
import io.kubernetes.client.common.KubernetesObject;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.lang.reflect.Type;
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
  private final Type change;
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
   * @param pause between a watch's end and the next; after failures it grows to 10 s
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
    this.change = TypeToken.getParameterized(Watch.Response.class, kind).getType();
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
        boolean went = !from.isEmpty() || asker.ask("list", this::list);
        went = went && asker.ask("watch", this::watch);
        failures = went ? 0 : Math.min(failures + 1, 10);
        long longer = Math.min(pause.toMillis() << failures, LONGEST_PAUSE.toMillis());
        TimeUnit.MILLISECONDS.sleep(Math.max(pause.toMillis(), longer));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void list() throws ApiException {
    String version;
    String next = null;
    try {
      do {
        KubernetesListObject page = calls.list(next);
        for (KubernetesObject object : page.getItems()) {
          receiver.listed(kind.cast(object));
        }
        version = page.getMetadata() == null ? "" : page.getMetadata().getResourceVersion();
        next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
      } while (next != null && !next.isEmpty());
      receiver.listEnds();
      from = version == null ? "" : version;
    } catch (InterruptedException e) {
      close();
    }
  }

  private void watch() throws ApiException {
    Call call = calls.watch(from);
    this.call = call;
    try (Watch<T> watch = client.open(call, change)) {
      while (!closed && watch.hasNext()) {
        Watch.Response<T> said = watch.next();
        if (said.object == null || said.type.equals("ERROR")) {
          Integer code = said.status == null ? null : said.status.getCode();
          throw new ApiException(code == null ? 0 : code, "the watch was ended");
        }
        if (!said.type.equals("BOOKMARK")) { // which only says how far the watch is
          receiver.changed(said.object, said.type.equals("DELETED"));
        }
        String version = said.object.getMetadata().getResourceVersion();
        from = version == null ? from : version;
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
