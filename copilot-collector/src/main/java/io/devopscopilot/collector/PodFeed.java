package io.devopscopilot.collector;

import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** The pods of a namespace as they come, change and go. */
final class PodFeed implements ClusterWatch.Receiver<V1Pod> {
  private static final int QUEUE = 256;

  /**
   * A change.
   *
   * @param pod null = the list was given whole
   * @param deleted whether the pod is gone
   * @param all the UIDs of the list, where it was given whole
   */
  record Change(@Nullable V1Pod pod, boolean deleted, Set<String> all) {}

  final String namespace;
  private final BlockingQueue<Change> queue = new ArrayBlockingQueue<>(QUEUE);
  private Set<String> list = new HashSet<>();

  PodFeed(String namespace) {
    this.namespace = namespace;
  }

  /** The next one; null = none yet. Any thread. */
  @Nullable Change poll() {
    return queue.poll();
  }

  @Override
  public void listBegins(String version) {
    list = new HashSet<>();
  }

  @Override
  public void listed(V1Pod pod) throws InterruptedException {
    V1ObjectMeta meta = pod.getMetadata();
    if (meta != null && meta.getUid() != null) {
      list.add(meta.getUid());
      changed(pod, false);
    }
  }

  @Override
  public void listEnds() throws InterruptedException {
    queue.put(new Change(null, false, list));
  }

  @Override
  public void changed(V1Pod pod, boolean deleted) throws InterruptedException {
    queue.put(new Change(pod, deleted, Set.of()));
  }
}
