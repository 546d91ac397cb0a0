package io.devopscopilot.collector;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one container, instance after instance: reads it, resumes it, knows when it is over.
 *
 * <p>The API names a pod's current log and its previous one, and moves both on when a container is
 * started anew; the status that tells so may come seconds later. So a log is known by its lines: if
 * the last line delivered stands in it, it is the same instance. If not, the previous log is looked
 * at: that line in it means that the current one is the next instance's, and the rest of the
 * previous one is read first.
 */
final class PodStream {
  private static final Logger LOG = LoggerFactory.getLogger(PodStream.class);
  private static final int MAX_REPEATED = 200_000;
  private static final long MAX_BACKOFF = 30_000;
  private static final int GIVE_UP = 6;

  /** How often an answer that contradicts the pod's status is asked for again, once a second. */
  private static final int PATIENCE = 30;

  /** A follow that jumps so far in time without a wait may have left a rotated file out. */
  private static final Duration JUMP = Duration.ofSeconds(2);

  /** So late after a follow's end a kubelet may have gone and come back unseen. */
  private static final long LATE_NANOS = 5_000_000_000L;

  /** Beyond this a log is read on without following: only a follow can leave a file out. */
  private static final long SHORT_NANOS = 1_000_000_000L;

  /** How often to ask for a pod that is not among the watched any more: it may come back. */
  private static final long ASK_NANOS = 600_000_000_000L;

  /** Takes records, and holds the reading thread back when there are too many. */
  interface Output {
    void put(LogRecord record) throws InterruptedException;
  }

  /** Asks the API server for a container's state at this moment; empty = its pod is not there. */
  interface States {
    Optional<ContainerState> now() throws ApiException;
  }

  /** What the kubelet answers and what the API server tells do not go together yet. */
  private static final class Unsettled extends IOException {
    private static final long serialVersionUID = 1;

    Unsettled(String message) {
      super(message);
    }
  }

  final String key;
  final Origin origin;
  private final KubernetesCounters counters;
  private final ClusterClient client;
  private final States states;
  private final Output out;
  private final Timestamps times = new Timestamps(Instant.now());
  private final Set<Call> calls = ConcurrentHashMap.newKeySet();
  private ResumePoint point;
  private Instant newest;
  private Origin instance;

  private volatile ContainerState state;

  /** Whether its pod is not among the watched any more: deleted, or no longer selected. */
  volatile boolean gone;

  volatile boolean running;

  /** Whether the API server has no such pod any more; it never comes back. */
  private volatile boolean deleted;

  /** The state in which nothing was left to read. */
  private volatile @Nullable ContainerState drained;

  private volatile long notBefore;
  private volatile long asked = System.nanoTime() - ASK_NANOS;
  private int failures;
  private int unsettled;
  private int undecided = -1;
  private int fragment;

  /** Whether all that the instance printed was delivered, or told as lost. */
  private boolean complete;

  /**
   * Whether a follow ended as that of a container that is no more, and nothing came or failed
   * since: if the log can't be had any more, nothing of it is missing. After the death of a kubelet
   * a follow ends alike, but then the next requests fail.
   */
  private boolean seenOut;

  /**
   * @param token the stored position; empty = read from the oldest instance that is served
   */
  PodStream(
      String key,
      Origin origin,
      ContainerState state,
      String token,
      ClusterClient client,
      States states,
      KubernetesCounters counters,
      Output out) {
    this.key = key;
    this.origin = origin;
    this.state = state;
    this.client = client;
    this.states = states;
    this.counters = counters;
    this.out = out;
    this.point = token.isEmpty() ? ResumePoint.startOf(state.first()) : ResumePoint.parse(token);
    this.newest = point.last();
    this.instance = origin;
  }

  void state(ContainerState now) {
    state = now;
  }

  /** Whether there may be more to read. */
  boolean active() {
    return drained == null;
  }

  /** Whether nothing will ever be read again. */
  boolean done() {
    return deleted && drained != null;
  }

  boolean due() {
    ContainerState read = drained;
    long now = System.nanoTime();
    if (running || done()) {
      return false;
    }
    if (read != null && gone) {
      return now - asked >= ASK_NANOS;
    }
    // One that ran was left while its pod was not selected.
    boolean more = read == null || read.running() || !read.equals(state);
    return more && now - notBefore >= 0;
  }

  void cancel() {
    calls.forEach(Call::cancel);
  }

  /** Reads until the log ends or breaks; runs on a thread of the source's pool. */
  void read(boolean follow) {
    seenOut &= System.nanoTime() - notBefore < LATE_NANOS;
    ContainerState listed = state;
    boolean ended = false;
    try {
      boolean away = gone;
      if (away) {
        listed = now().orElse(listed);
        if (drained != null) {
          return;
        }
      }
      ended = deleted || !listed.running();
      drained = null;
      boolean all = catchUp(ended, listed);
      if (drained == null && follow && !ended && !away) {
        pass(true, false, listed);
        pause(100);
      } else if (drained == null) {
        complete = all && ended && listed.restarts() == point.instance();
        drained = complete || all && away && !ended ? listed : null;
        pause(1_000);
      }
      failures = 0;
      unsettled = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (SocketTimeoutException e) {
      seenOut = false;
      counters.stalled.incrementAndGet();
      pause(failures++ == 0 ? 0 : 1_000);
    } catch (Unsettled e) {
      unsettled++;
      LOG.debug("{}: {}", key, e.toString());
      pause(1_000);
    } catch (IOException | ApiException | RuntimeException e) { // or an answer that is none
      failures++;
      seenOut &= e instanceof LogAnswer.NotServed;
      counters.reconnects.incrementAndGet();
      LOG.debug("{}: {}", key, e.toString());
      pause(Math.min(seenOut ? 1_000 : MAX_BACKOFF, 125L << Math.min(failures, 9)));
      // Of a pod that is there, what the kubelet has can be had once it is reached again.
      boolean none = deleted || e instanceof LogAnswer.NotServed;
      if (ended && none && failures >= GIVE_UP) {
        giveUp(listed, "its log could not be read: " + e.getMessage());
      }
    } finally {
      running = false;
    }
  }

  private void pause(long millis) {
    long jitter = millis == 0 ? 0 : ThreadLocalRandom.current().nextLong(millis / 4 + 1);
    notBefore = System.nanoTime() + (millis + jitter) * 1_000_000;
  }

  /** Gives up on what may be left, until the container is started anew. */
  private void giveUp(ContainerState listed, String why) {
    if (!seenOut) {
      lost(why);
    }
    failures = 0;
    complete = true;
    drained = listed;
  }

  /** Asks for the state at this moment; empty = the pod is deleted. */
  private Optional<ContainerState> now() throws ApiException {
    asked = System.nanoTime();
    Optional<ContainerState> now = states.now();
    deleted = now.isEmpty();
    return now;
  }

  private void lost(String why) {
    counters.instancesLost.incrementAndGet();
    LOG.warn("{}: the end of its log may be lost, {}", name(), why);
  }

  private void gap(Instant until) {
    counters.gaps.incrementAndGet();
    LOG.warn(
        "{}: lines between {} and {} may be lost, the file was rotated while nobody read",
        name(),
        point.last(),
        until);
  }

  private String name() {
    return "%s/%s %s restart %d"
        .formatted(origin.namespace(), origin.pod(), origin.container(), point.instance());
  }

  /** Reads what is there without following, until little time passes meanwhile. */
  private boolean catchUp(boolean ended, ContainerState listed)
      throws IOException, ApiException, InterruptedException {
    undecided = -1;
    boolean all = false;
    for (int tries = 0; tries < 3 && !all; ) {
      long began = System.nanoTime();
      all = pass(false, ended, listed);
      if (System.nanoTime() - began > SHORT_NANOS && !ended) {
        all = false;
      } else {
        tries++;
      }
      if (drained != null) {
        return true;
      }
    }
    return all;
  }

  private LogAnswer ask(boolean previous, boolean follow) throws IOException, ApiException {
    Optional<Instant> since = point.isStart() ? Optional.empty() : Optional.of(point.since());
    Call call =
        client.log(origin.namespace(), origin.pod(), origin.container(), previous, follow, since);
    return new LogAnswer(call, calls, times, counters);
  }

  /**
   * Reads one answer.
   *
   * @return whether all of the log was read that there is now
   */
  private boolean pass(boolean follow, boolean ended, ContainerState listed)
      throws IOException, ApiException, InterruptedException {
    try (LogAnswer answer = ask(false, follow)) {
      if (answer.status() != 200) {
        return refused(answer, ended, listed);
      }
      List<LogAnswer.Line> first = new ArrayList<>();
      boolean known = false;
      Instant before = Instant.MAX;
      LogAnswer.Line line = next(answer, ended);
      while (line != null) {
        if (known) {
          if (follow && skipped(before, line.time(), answer.waited())) {
            return false;
          }
          if (follow && gone && !deleted && now().isPresent()) {
            return false; // no longer selected
          }
          before = line.time();
          deliver(line);
        } else {
          first.add(line);
          if (enough(first)) {
            identify(first, listed);
            known = true;
          }
        }
        line = next(answer, ended);
      }
      if (follow) {
        seenOut = answer.endedInOrder() && (known || first.isEmpty() && point.isStart());
      }
      if (known) {
        undecided = -1;
      } else if (follow || !twice(first)) {
        return false;
      } else {
        identify(first, listed);
      }
      return !ended || fragment == 0;
    }
  }

  /** The next line; one without an end only if the log has one, not if the answer broke there. */
  private LogAnswer.@Nullable Line next(LogAnswer answer, boolean ended) throws IOException {
    LogAnswer.Line line = answer.next();
    if (line != null || !ended) {
      return line;
    }
    LogAnswer.Line rest = answer.rest();
    if (rest == null) {
      fragment = 0;
      return null;
    }
    boolean again = rest.checksum() == fragment;
    fragment = again ? 0 : rest.checksum();
    return again || point.isLast(rest.time(), rest.checksum()) ? rest : null;
  }

  /**
   * Whether the answer ended with the same few lines before: one that broke is another each time.
   */
  private boolean twice(List<LogAnswer.Line> lines) {
    int now = lines.size() * 31 + (lines.isEmpty() ? 0 : lines.get(lines.size() - 1).checksum());
    boolean again = now == undecided;
    undecided = now;
    return again;
  }

  private static boolean skipped(Instant before, Instant now, long waited) {
    return before.isBefore(now)
        && Duration.between(before, now).minusNanos(waited).compareTo(JUMP) >= 0;
  }

  private boolean refused(LogAnswer answer, boolean ended, ContainerState listed)
      throws IOException {
    int status = answer.status();
    if (status == 204) {
      return false;
    }
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
    if (status == 400 && ended && listed.began() || status == 404 && deleted) {
      giveUp(listed, deleted ? "its pod is deleted" : "it is not there");
      return true;
    }
    if (status == 400) {
      return false; // the container waits
    }
    throw status == 404
        ? new LogAnswer.NotServed("status 404")
        : new IOException("status " + status);
  }

  /** Whether so many lines tell which log this is. */
  private boolean enough(List<LogAnswer.Line> first) {
    return point.isStart()
        || first.size() >= Math.min(MAX_REPEATED, point.delivered())
        // Later than all that was delivered: those lines stand in a file that is not served.
        || first.get(first.size() - 1).time().isAfter(point.last().plusSeconds(2));
  }

  /** Finds out which instance's log begins with these lines, and delivers what is new in them. */
  private void identify(List<LogAnswer.Line> first, ContainerState listed)
      throws IOException, ApiException, InterruptedException {
    int from = read(first);
    if (from > 0) {
      // The kubelet knows at least what was listed before it was asked.
      point.instance(Math.max(point.instance(), listed.restarts()));
    } else {
      settle(first.isEmpty() ? null : first.get(0), listed);
    }
    for (LogAnswer.Line line : first.subList(from, first.size())) {
      deliver(line);
    }
  }

  /** How many of the lines were delivered before; 0 = the last one delivered is not there. */
  private int read(List<LogAnswer.Line> first) {
    for (int i = first.size() - 1; i >= 0; i--) {
      if (point.isLast(first.get(i).time(), first.get(i).checksum())) {
        return i + 1;
      }
    }
    return 0;
  }

  /**
   * The current log does not go on from the last line delivered: it is a later instance's, or the
   * file was rotated. What the previous log holds decides, and is delivered first.
   */
  private void settle(LogAnswer.@Nullable Line head, ContainerState listed)
      throws IOException, ApiException, InterruptedException {
    PreviousLog previous = previous(head);
    Optional<ContainerState> now = now();
    if (now.isEmpty()) {
      giveUp(listed, "its pod is deleted");
      throw new Unsettled("its pod is deleted");
    }
    int number = point.instance();
    boolean patient = unsettled < PATIENCE;
    if (!previous.there()) {
      if (listed.previous() >= 0 && patient) {
        throw new Unsettled("the previous instance is listed, and not served");
      }
      goOn(listed.restarts(), head);
    } else if (previous.read() >= 0) {
      deliverPrevious(previous);
      next(Math.max(number + 1, listed.restarts()));
    } else if (previous.isOlder(newest)) {
      if (newest.equals(Instant.MIN) && listed.previous() < 0 && patient) {
        throw new Unsettled("a previous instance is served, and not listed");
      }
      goOn(listed.restarts(), head);
    } else {
      // Where both are one log the container has ended, and waits to be started anew.
      boolean one = previous.current();
      boolean fits =
          now.get().previous() >= number
              && now.get().previousHolds(previous.first(), previous.last())
              && (one
                  ? !now.get().running()
                  : head == null || !head.time().isBefore(previous.last()));
      if (!fits && patient) {
        throw new Unsettled("the previous instance is another than the listed one");
      }
      goOn(Math.max(now.get().previous(), number), lineOf(previous));
      if (!one) {
        deliverPrevious(previous);
        next(Math.max(point.instance() + 1, listed.restarts()));
      }
    }
  }

  private static LogAnswer.Line lineOf(PreviousLog previous) {
    return new LogAnswer.Line(previous.first(), "", 0, 0);
  }

  /** Goes on in a log without the last line delivered, of this instance or of a later one. */
  private void goOn(int number, LogAnswer.@Nullable Line head) {
    if (number > point.instance()) {
      if (!complete) {
        lost("newer instances took its place");
      }
      for (int i = point.instance() + 1; i < number; i++) {
        next(i);
        lost("newer instances took its place");
      }
      next(number);
    } else if (!point.isStart() && head != null) {
      gap(head.time());
    }
  }

  private void next(int number) {
    complete = false;
    seenOut = false;
    point = ResumePoint.startOf(number);
    undecided = -1;
  }

  /** Reads the previous log to its end, as often as needed to be sure of it. */
  private PreviousLog previous(LogAnswer.@Nullable Line head) throws IOException, ApiException {
    PreviousLog before = scan(head);
    for (int i = 0; i < 4 && before.there() && !before.exhausted(); i++) {
      PreviousLog again = scan(head);
      if (again.same(before)) {
        return again;
      }
      before = again;
    }
    if (before.there() && !before.exhausted()) {
      throw new Unsettled("the previous log is another each time");
    }
    return before;
  }

  private PreviousLog scan(LogAnswer.@Nullable Line head) throws IOException, ApiException {
    try (LogAnswer answer = ask(true, false)) {
      if (answer.status() == 400) {
        return PreviousLog.NONE;
      }
      if (answer.status() != 200) {
        throw new IOException("status " + answer.status());
      }
      return PreviousLog.of(answer, point, head);
    } catch (LogAnswer.NotServed e) {
      return PreviousLog.NONE;
    }
  }

  /** Delivers what was not delivered of the previous log. */
  private void deliverPrevious(PreviousLog previous)
      throws IOException, ApiException, InterruptedException {
    long skip = Math.max(0, previous.read());
    if (skip == previous.lines()) {
      return;
    }
    try (LogAnswer answer = ask(true, false)) {
      long n = 0;
      LogAnswer.Line line = answer.next();
      while (line != null) {
        n++;
        if (n == 1 && !line.time().equals(previous.first())) {
          throw new Unsettled("the previous instance is another one by now");
        }
        if (n > skip) {
          deliver(line);
        }
        line = answer.next();
        if (line == null && n + 1 == previous.lines()) {
          line = answer.rest();
        }
      }
      if (n < previous.lines()) {
        throw new IOException("the previous log broke off");
      }
    }
  }

  private void deliver(LogAnswer.Line line) throws InterruptedException {
    if (point.instance() != instance.restartCount()) {
      instance = of(point.instance());
    }
    complete = false;
    seenOut = false;
    point.add(line.time(), line.checksum());
    newest = line.time().isAfter(newest) ? line.time() : newest;
    counters.cut.addAndGet(line.cut());
    out.put(
        new LogRecord(
            line.time(),
            line.text(),
            LogRecord.Kind.LOG,
            instance,
            new LogRecord.Position(key, point.toString()),
            Map.of(),
            line.cut() > 0 ? Set.of(LogRecord.Flag.TRUNCATED) : Set.of()));
  }

  private Origin of(int restarts) {
    return new Origin(
        origin.namespace(),
        origin.service(),
        origin.pod(),
        origin.podUid(),
        origin.container(),
        origin.node(),
        origin.owner(),
        restarts,
        origin.labels());
  }
}
