package io.devopscopilot.collector;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What the Kubernetes source read, retried and may have lost. */
final class KubernetesCounters {
  /** So many kinds of text of the kubelet are told apart. */
  private static final int MAX_KINDS = 16;

  final AtomicLong lines = new AtomicLong();
  final AtomicLong events = new AtomicLong();
  final AtomicLong eventsSkipped = new AtomicLong();
  final AtomicLong reconnects = new AtomicLong();
  final AtomicLong stalled = new AtomicLong();
  final AtomicLong gaps = new AtomicLong();
  final AtomicLong cut = new AtomicLong();
  private final AtomicLong foreign = new AtomicLong();
  private final Set<String> kinds = ConcurrentHashMap.newKeySet();
  final AtomicLong forbidden = new AtomicLong();
  final AtomicLong instancesLost = new AtomicLong();
  final AtomicLong streams = new AtomicLong();
  final AtomicLong pods = new AtomicLong();

  /** Counts text of the kubelet among lines; true for the first that begins with these words. */
  boolean foreign(String text) {
    foreign.incrementAndGet();
    int end = 0;
    while (end < text.length()
        && (Character.isLetter(text.charAt(end)) || text.charAt(end) == ' ')) {
      end++;
    }
    return kinds.size() < MAX_KINDS && kinds.add(text.substring(0, end));
  }

  Map<String, Long> all() {
    Map<String, Long> all = new TreeMap<>();
    all.put("kubernetes.lines.read", lines.get());
    all.put("kubernetes.events.read", events.get());
    all.put("kubernetes.events.skipped", eventsSkipped.get());
    all.put("kubernetes.reconnects", reconnects.get());
    all.put("kubernetes.stalled", stalled.get());
    all.put("kubernetes.gaps", gaps.get());
    all.put("kubernetes.bytes.cut", cut.get());
    all.put("kubernetes.lines.foreign", foreign.get());
    all.put("kubernetes.forbidden", forbidden.get());
    all.put("kubernetes.instances.lost", instancesLost.get());
    all.put("kubernetes.streams", streams.get());
    all.put("kubernetes.pods", pods.get());
    return all;
  }
}
