package io.devopscopilot.classifier;

import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Weighs signs, and opens, updates and resolves the issue of a service by them. Whose trouble began
 * last leads: weak signs of others soon after are taken for its consequences.
 */
final class OpenIssues {
  /**
   * How surprising errors or slow steps must be to be weighed: minus the decimal logarithm of a
   * chance.
   */
  static final double WEIGHED = 1.5;

  /** Weak signs of other services so soon after an issue began are taken for its consequences. */
  private static final long FOLLOWS = 60_000;

  /** Predictions are updated no more often, and other issues that did not change. */
  private static final long UPDATE = 10_000;

  private static final long UNCHANGED = 30_000;

  private static final Comparator<ServiceWindow> BY_END =
      Comparator.comparingLong((ServiceWindow w) -> w.lastSign).thenComparing(w -> w.service);

  private final IssueWeigher weigher;
  private final @Nullable Log log;

  /** What is to be weighed next. */
  final IssueSignals signals = new IssueSignals();

  private final Set<ServiceWindow> troubled = new LinkedHashSet<>();

  /** The service whose trouble began last, and when. */
  private String leader = "";

  private long ledFrom = Long.MIN_VALUE / 2;

  /** Takes what is weighed, before it is known how it ends. */
  interface Log {
    void weighed(String service, long millis, IssueSignals signals);
  }

  OpenIssues(IssueWeigher weigher, @Nullable Log log) {
    this.weigher = weigher;
    this.log = log;
  }

  /**
   * Weighs what is in the signals.
   *
   * @param now whether it breaks already
   * @return the probability, 0 where it is not to be told
   */
  double weigh(ServiceWindow w, boolean now, long millis, Consumer<? super Issue> out) {
    settle(w, millis, out);
    boolean open = w.open.isPresent();
    w.weighed(millis, signals);
    boolean led = !leader.equals(w.service) && Math.abs(millis - ledFrom) < FOLLOWS;
    signals.set(Signal.LED, now && led && !open);
    if (log != null) {
      log.weighed(w.service, millis, signals);
    }
    if (!weigher.tells(signals, open)) {
      return 0;
    }
    if (!open && now) {
      leader = w.service;
      ledFrom = millis;
    }
    return weigher.probability(signals);
  }

  /** A sign that is to be told. */
  void update(
      ServiceWindow w,
      double probability,
      Duration horizon,
      long millis,
      Optional<String> title,
      LogRecord record,
      Consumer<? super Issue> out) {
    settle(w, millis, out);
    w.lastSign = Math.max(w.lastSign, millis);
    boolean first = w.open.isEmpty();
    if (!first && millis - w.lastCheck < UPDATE && !horizon.isZero()) {
      return;
    }
    boolean changed =
        first
            || !w.open.get().category().equals(IssueWriter.category(w))
            || w.open.get().horizon().isZero() != horizon.isZero()
            || millis - w.lastCheck >= UNCHANGED;
    if (changed) {
      w.lastCheck = millis;
      Issue issue = IssueWriter.next(w, probability, horizon, title, record);
      w.open = Optional.of(issue);
      troubled.add(w);
      out.accept(issue);
    }
  }

  /** Something expires: told once a day. */
  void expires(
      ServiceWindow w, double days, LogRecord record, long form, Consumer<? super Issue> out) {
    if (w.expiry.isPresent()
        && Duration.between(w.expiry.get().updated(), record.timestamp()).toHours() < 24) {
      return;
    }
    Issue issue = IssueWriter.expires(w, days, record, form);
    w.expiry = Optional.of(issue);
    out.accept(issue);
  }

  /** Resolves what is over, of all services. */
  void sweep(long now, Consumer<? super Issue> out) {
    List<ServiceWindow> over = new ArrayList<>(0);
    for (ServiceWindow w : troubled) {
      if (w.over(now)) {
        over.add(w);
      }
    }
    if (!over.isEmpty()) {
      over.sort(BY_END);
      over.forEach(w -> settle(w, now, out));
    }
  }

  /**
   * Resolves what is over. Also done before each use, so that the time of sweeping won't matter.
   */
  void settle(ServiceWindow w, long now, Consumer<? super Issue> out) {
    if (w.open.isPresent() && w.over(now)) {
      resolve(w, w.open.get(), out);
    }
  }

  /** Ends the issue of a service that is forgotten. */
  void forget(ServiceWindow gone, Consumer<? super Issue> out) {
    gone.open.ifPresent(issue -> resolve(gone, issue, out));
  }

  private void resolve(ServiceWindow w, Issue i, Consumer<? super Issue> out) {
    w.open = Optional.empty();
    w.votes.clear();
    w.lines.clear();
    w.foretold = "";
    w.speaks = false;
    w.severe = 0;
    troubled.remove(w);
    out.accept(i.resolved(Instant.ofEpochMilli(w.lastSign)));
  }

  void write(DetectorState.Writer to) throws IOException {
    to.text(leader);
    to.out.writeLong(ledFrom);
  }

  /** Takes over what {@link #write} wrote, and the services that have open issues. */
  void read(DetectorState.Reader from, List<ServiceWindow> services) throws IOException {
    for (ServiceWindow w : services) {
      if (w.open.isPresent()) {
        troubled.add(w);
      }
    }
    leader = from.text();
    ledFrom = from.in.readLong();
  }
}
