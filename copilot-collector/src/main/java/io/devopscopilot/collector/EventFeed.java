package io.devopscopilot.collector;

import io.kubernetes.client.openapi.models.CoreV1Event;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events of a namespace in the order of their versions, each once and again when it changed:
 * what was had before is left out by its version.
 */
final class EventFeed implements ClusterWatch.Receiver<CoreV1Event> {
  private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);

  /** So many of a list are kept, the newest; the others are counted. */
  private static final int MAX_LISTED = 50_000;

  private static final int QUEUE = 1_024;

  final String namespace;
  final String stream;
  private final KubernetesCounters counters;
  private final BlockingQueue<ClusterEvent> queue = new ArrayBlockingQueue<>(QUEUE);
  private final TreeMap<Long, ClusterEvent> list = new TreeMap<>();
  private long newest;

  /**
   * @param token the position of the newest event that is stored, empty = none
   */
  EventFeed(String namespace, String token, KubernetesCounters counters) {
    this.namespace = namespace;
    this.stream = stream(namespace);
    this.newest = token.isEmpty() ? 0 : Long.parseLong(token);
    this.counters = counters;
  }

  static String stream(String namespace) {
    return "kubernetes-events:" + namespace;
  }

  /** What came since. Any thread. */
  List<ClusterEvent> take() {
    List<ClusterEvent> out = new ArrayList<>();
    queue.drainTo(out, QUEUE);
    return out;
  }

  @Override
  public void listBegins(String version) {
    list.clear();
    if (Long.parseLong(version) < newest) {
      LOG.warn("the cluster was built anew: events of {} are read from the start", namespace);
      newest = 0;
    }
  }

  @Override
  public void listed(CoreV1Event event) {
    long version = ClusterEvent.version(event);
    if (version > newest) {
      list.put(version, ClusterEvent.of(event));
    }
    if (list.size() > MAX_LISTED) {
      list.pollFirstEntry();
      counters.eventsSkipped.incrementAndGet();
    }
  }

  @Override
  public void listEnds() throws InterruptedException {
    for (ClusterEvent event : list.values()) {
      hand(event);
    }
    list.clear();
  }

  /** One that is deleted, after its hour, was had. */
  @Override
  public void changed(CoreV1Event event, boolean deleted) throws InterruptedException {
    if (!deleted && ClusterEvent.version(event) > newest) {
      hand(ClusterEvent.of(event));
    }
  }

  private void hand(ClusterEvent event) throws InterruptedException {
    queue.put(event);
    newest = event.version();
  }
}
