package io.devopscopilot.classifier;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The services that are remembered; where there are more than {@link
 * WindowIssueDetector#MAX_SERVICES}, the longest unseen makes room. When each was seen is a number
 * of its own window and not a place in a list, whose neighbours would have to be fetched from
 * memory with each line.
 */
final class ServiceTable {
  /** So many that may have to go soon are looked for at once. */
  private static final int RANKED = WindowIssueDetector.MAX_SERVICES / 16;

  private static final Comparator<ServiceWindow> BY_SEEN = Comparator.comparingLong(w -> w.seen);

  private final Map<String, ServiceWindow> byName = new HashMap<>();

  /** Those that were unseen for longest when that was looked for last. */
  private final Deque<ServiceWindow> eldest = new ArrayDeque<>();

  private long uses;

  Map<String, ServiceWindow> byName() {
    return byName;
  }

  /** A service, which does not count as seeing it. */
  @Nullable ServiceWindow get(String service) {
    return byName.get(service);
  }

  /** A service, which is seen now. */
  @Nullable ServiceWindow see(String service) {
    ServiceWindow w = byName.get(service);
    if (w != null) {
      w.seen = ++uses;
    }
    return w;
  }

  void add(ServiceWindow w) {
    w.seen = ++uses;
    byName.put(w.service, w);
  }

  /** The longest unseen first. */
  List<ServiceWindow> inOrder() {
    List<ServiceWindow> all = new ArrayList<>(byName.values());
    all.sort(BY_SEEN);
    return all;
  }

  /** Removes the longest unseen, where there are too many. */
  Optional<ServiceWindow> forgetEldest() {
    if (byName.size() <= WindowIssueDetector.MAX_SERVICES) {
      return Optional.empty();
    }
    while (true) {
      for (ServiceWindow w = eldest.poll(); w != null; w = eldest.poll()) {
        if (w.seen == w.ranked) { // all others were seen later
          byName.remove(w.service);
          return Optional.of(w);
        }
      }
      for (ServiceWindow w : inOrder().subList(0, RANKED)) {
        w.ranked = w.seen;
        eldest.add(w);
      }
    }
  }
}
