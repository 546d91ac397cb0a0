package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.IssueDetector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Finds issues from what each service logs within a minute, compared with its own past, and
 * predicts them from figures in the lines that approach a limit. Reckons in record time only; needs
 * no training. Used by one thread.
 *
 * <p>Signs: errors, and each form of error, more frequent than the service's own past lets expect
 * (Poisson); steps of a trace (the time between two consecutive lines of one trace id) that take
 * more than three times their usual 0.9 quantile; warning events and FATAL lines of a known cause
 * (events of what Kubernetes tries again by itself once they go on for 20 s).
 *
 * <p>Who started: an error of a trace belongs to the service whose error came first in that trace;
 * one about a call, to the service it names. Weak signs of other services within a minute of a new
 * issue are taken for its consequences. A form of error that three services had points to what is
 * around them and must be three times as surprising. When a busy stream pauses for 45 s (a restart,
 * a gap in collecting), errors of the minute after the pause don't count.
 *
 * <p>A service has one open issue at a time, and one more for something that expires: further signs
 * update it. An issue is resolved {@link #QUIET} after its last sign. Memory: at most {@value
 * #MAX_SERVICES} services, the longest unseen is forgotten first; about 5 KB each, 10 KB with
 * traces and errors; the newest 4,096 traces. A record older than a minute before the newest of its
 * service counts as evidence only.
 */
public final class WindowIssueDetector implements IssueDetector {
  /** Services that are remembered. */
  public static final int MAX_SERVICES = 10_000;

  /** An issue without a sign for so long is resolved. */
  public static final Duration QUIET = Duration.ofMinutes(3);

  /** Predictions reach so far. */
  public static final Duration HORIZON = Duration.ofMinutes(20);

  /** What a figure must show to be weighed. */
  private static final double MIN_SHARE = 0.4;

  private static final double MIN_RISE = 0.03;
  private static final double MIN_SIZE = 50;
  private static final double MIN_GROWTH = 1.8;
  private static final double MIN_AGREEMENT = 0.6;
  private static final long MIN_SPAN = 20_000;
  private static final int MIN_POINTS = 5;
  private static final double EXPIRY_DAYS = 14;

  /**
   * How surprising errors or slow steps must be to be weighed: minus the decimal logarithm of a
   * chance.
   */
  private static final double WEIGHED = 1.5;

  /** A line that says so much about a cause is weighed however rare it is. */
  private static final double TELLING = 1.5;

  /** What a caller's line, and all of them, say about the cause, in lines of the service itself. */
  private static final double CALLER = 0.1;

  private static final double CALLERS = 1.5;

  /** An unusual form of error, for {@link SpreadForms}: once in 10,000 minutes. */
  private static final double UNUSUAL_FORM = 4;

  private static final double BROKEN = 4;

  /** Weak signs of other services so soon after an issue began are taken for its consequences. */
  private static final long FOLLOWS = 60_000;

  /** A form of error that so many services had points to what is around them. */
  private static final int SPREAD = 3;

  /** After a busy stream paused for so long, errors count only once the start is over. */
  private static final long PAUSE = 45_000;

  private static final long GRACE = 60_000;
  private static final long LONGEST_STEP = 20_000;

  /** A trace without a line for so long is at its end. */
  private static final long TRACE_END = 10_000;

  /** Causes before their symptoms: how much a line of a category says about the cause. */
  private static final Map<String, Double> CAUSE =
      Map.ofEntries(
          Map.entry(Category.OOM, 4.0),
          Map.entry(Category.IMAGE_PULL, 4.0),
          Map.entry(Category.QUOTA, 4.0),
          Map.entry(Category.STORAGE, 3.5),
          Map.entry(Category.CONFIG_ERROR, 3.0),
          Map.entry(Category.AUTH_SECURITY, 3.0),
          Map.entry(Category.SCHEDULING, 3.0),
          Map.entry(Category.NODE, 2.5),
          Map.entry(Category.NETWORK_DNS, 2.0),
          Map.entry(Category.PERFORMANCE, 1.5),
          Map.entry(Category.PROBE_FAILURE, 1.0),
          Map.entry(Category.CRASH_LOOP, 0.8),
          Map.entry(Category.APP_ERROR, 0.7),
          Map.entry(Category.OTHER, 0.2));

  private static final Comparator<ServiceWindow> BY_END =
      Comparator.comparingLong((ServiceWindow w) -> w.lastSign).thenComparing(w -> w.service);

  private final IssueWeigher weigher;
  private final IssueSignals signals = new IssueSignals();
  private final @org.jspecify.annotations.Nullable Log log;
  private final TraceTable traces = new TraceTable();

  private final ServiceTable services = new ServiceTable();

  /** Those with an open issue. */
  private final Set<ServiceWindow> troubled = new LinkedHashSet<>();

  private final CallReader calls = new CallReader();

  /** In rising order. */
  private long[] muted = {};

  private final NumberReader numbers = new NumberReader();
  private final Figures figures = new Figures();

  /** The service whose trouble began last, and when: what follows at once belongs to it. */
  private String leader = "";

  private long ledFrom = Long.MIN_VALUE / 2;

  /** Lines since the stream paused last, and until when the start after it lasts. */
  private long sincePause;

  private long graceUntil = Long.MIN_VALUE / 2;
  private final SpreadForms spread = new SpreadForms();
  private long newest = Long.MIN_VALUE;
  private long swept = Long.MIN_VALUE;

  /** Traces whose newest line is from before this are at their end. */
  private long ended = Long.MIN_VALUE;

  /** Takes what is weighed, before it is known how it ends. */
  interface Log {
    void weighed(String service, long millis, IssueSignals signals);
  }

  /** A detector that knows nothing yet, with fixed bars. */
  public WindowIssueDetector() {
    this(new IssueRules(), null);
  }

  /** A detector that knows nothing yet, with a trained model instead of the bars. */
  public WindowIssueDetector(IssueModel model) {
    this(model.weigher(), null);
  }

  WindowIssueDetector(IssueWeigher weigher, @org.jspecify.annotations.Nullable Log log) {
    this.weigher = weigher;
    this.log = log;
  }

  /** How much lines of a category say about a cause, 0.2 to 4. */
  static double cause(String category) {
    return CAUSE.getOrDefault(category, 0.3);
  }

  /** Ignores lines of this fingerprint from now on. */
  public void mute(long fingerprint) {
    int at = Arrays.binarySearch(muted, fingerprint);
    if (at < 0) {
      long[] more = new long[muted.length + 1];
      System.arraycopy(muted, 0, more, 0, -1 - at);
      more[-1 - at] = fingerprint;
      System.arraycopy(muted, -1 - at, more, -at, muted.length + 1 + at);
      muted = more;
    }
  }

  /**
   * All that is remembered, for {@link #restore}: an engine can keep it, or move it to another
   * machine. About 1 to 10 KB for each service with trouble, less than 1 KB for one without.
   */
  public byte[] snapshot() {
    try {
      DetectorState.Writer to = new DetectorState.Writer();
      to.out.writeLong(newest);
      to.out.writeLong(swept);
      to.out.writeLong(ended);
      to.forms(Arrays.stream(muted).boxed().toList());
      List<ServiceWindow> all = services.inOrder();
      to.count(all.size());
      for (ServiceWindow w : all) {
        to.text(w.namespace);
        to.text(w.service);
        w.write(to);
      }
      traces.write(to);
      to.text(leader);
      to.out.writeLong(ledFrom);
      to.out.writeLong(sincePause);
      to.out.writeLong(graceUntil);
      spread.write(to);
      return to.done();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A detector that goes on where another one was when it gave its {@link #snapshot()}.
   *
   * @throws CopilotException in one line, where the bytes are damaged or of another version
   */
  public static WindowIssueDetector restore(byte[] snapshot) {
    return restore(snapshot, new WindowIssueDetector());
  }

  /** The same with a trained model; a snapshot holds no model. */
  public static WindowIssueDetector restore(byte[] snapshot, IssueModel model) {
    return restore(snapshot, new WindowIssueDetector(model));
  }

  private static WindowIssueDetector restore(byte[] snapshot, WindowIssueDetector detector) {
    try {
      DetectorState.Reader from = new DetectorState.Reader(snapshot);
      detector.newest = from.in.readLong();
      detector.swept = from.in.readLong();
      detector.ended = from.in.readLong();
      from.forms().forEach(detector::mute);
      for (int n = from.count(); n > 0; n--) {
        ServiceWindow w = new ServiceWindow(from.text(), from.text());
        w.read(from);
        detector.services.add(w);
        detector.calls.know(w.service, detector.services.byName());
        if (w.open.isPresent()) {
          detector.troubled.add(w);
        }
      }
      detector.traces.read(from, detector.services.byName());
      detector.leader = from.text();
      detector.ledFrom = from.in.readLong();
      detector.sincePause = from.in.readLong();
      detector.graceUntil = from.in.readLong();
      detector.spread.read(from);
      return detector;
    } catch (IOException | IllegalArgumentException e) {
      throw new CopilotException("the detector's snapshot is refused: " + e.getMessage(), e);
    }
  }

  /** Takes the figures of one line; kept as a field so that a line allocates nothing. */
  private static final class Figures implements NumberReader.Sink {
    private @org.jspecify.annotations.Nullable ServiceWindow window;
    private long millis;
    private int touched;

    @Override
    public void figure(NumberReader.Kind kind, double value, boolean bounded) {
      ServiceWindow w = window;
      if (w == null || value < 0 || Double.isNaN(value)) {
        return;
      }
      int slot = kind.ordinal() * 2 + (bounded ? 1 : 0);
      Trend trend = w.trends[slot];
      if (trend == null) {
        trend = new Trend();
        w.trends[slot] = trend;
      }
      trend.add(millis, value);
      touched |= 1 << slot;
    }
  }

  @Override
  public void observe(LogRecord record, Classification c, Consumer<? super Issue> out) {
    String service = record.origin().service();
    if (service.isEmpty() || Arrays.binarySearch(muted, c.fingerprint()) >= 0) {
      return;
    }
    long millis = record.timestamp().toEpochMilli();
    ServiceWindow window = services.see(service);
    if (window == null) {
      window = new ServiceWindow(record.origin().namespace(), service);
      services.add(window);
      calls.know(service, services.byName());
      forgetEldest(out);
    }
    settle(window, millis, out);
    boolean counted = window.move(millis);
    long newestBefore = newest == Long.MIN_VALUE ? millis : newest;
    newest = Math.max(newest, millis);
    endTraces(millis, out);
    boolean event = record.kind() == LogRecord.Kind.EVENT;
    boolean bad =
        event
            ? "Warning".equals(record.attributes().get(LogRecord.ATTR_EVENT_TYPE))
                && !Category.NONE.equals(c.category())
                && !TransientEvents.mayPass(record)
            : c.severity().compareTo(Severity.ERROR) >= 0;
    if (millis - newestBefore > PAUSE && sincePause > 60) {
      graceUntil = millis + GRACE;
      sincePause = 0;
    }
    sincePause++;
    if (counted) {
      window.line(millis);
      follow(window, record, c, bad, event, millis, out);
    }
    figures.window = window;
    figures.millis = millis;
    figures.touched = 0;
    numbers.read(record.message(), figures);
    if (figures.touched != 0) {
      predict(window, record, c.fingerprint(), millis, figures.touched, out);
    }
    if (millis - swept >= 10_000 || swept == Long.MIN_VALUE) {
      sweep(newest, out);
    }
  }

  /** Trace, errors and slow steps of a line that counts. */
  private void follow(
      ServiceWindow window,
      LogRecord record,
      Classification c,
      boolean bad,
      boolean event,
      long millis,
      Consumer<? super Issue> out) {
    long trace = event ? 0 : TraceReader.of(record);
    long form = trace != 0 || bad ? LineForm.of(record.message()) : 0;
    int place = -1;
    boolean late = false;
    if (trace != 0) {
      place = traces.find(trace);
      long took = traces.time(place) == Long.MIN_VALUE ? -1 : millis - traces.time(place);
      ServiceWindow last = traces.last(place);
      if (took >= 0 && last != null) {
        String missing = last.followed(traces.form(place), form, window.service, millis);
        if (missing != null && !bad) { // an error tells by itself where the trace broke
          ServiceWindow broken = broken(place, missing, millis, out);
          if (broken != null) {
            tellBroken(broken, record, c, millis, out);
          }
        }
      }
      if (form == window.ending) {
        window.ending = 0;
        ServiceWindow broken = services.get(window.missing);
        if (broken != null) {
          tellBroken(broken, record, c, millis, out);
        }
      }
      if (took >= 0 && took < LONGEST_STEP) {
        long step = traces.form(place) * 31 + form ^ window.service.hashCode();
        late = window.step(step, took, millis);
      }
      if (took >= 0 || traces.time(place) == Long.MIN_VALUE) {
        traces.line(place, millis, form, window);
      }
    }
    if (bad) {
      ServiceWindow named = event ? null : calls.named(record.message(), services.byName(), window);
      ServiceWindow cause = named == null ? window : named;
      if (place >= 0 && traces.first(place, cause) != cause) {
        return; // a symptom: another service's error came first in this trace
      }
      if (cause != window) {
        settle(cause, millis, out);
        if (!cause.move(millis)) {
          return;
        }
      }
      boolean starting = starting(millis) && !event;
      double surprise = starting ? 0 : cause.error(millis, form);
      if (surprise >= UNUSUAL_FORM && spread.add(form, cause.service) >= SPREAD) {
        surprise /= 3;
        cause.spread = true;
      } else if (surprise >= UNUSUAL_FORM) {
        cause.spread = false;
      }
      cause.sample(record, c.fingerprint());
      double weight = cause(c.category());
      double says = weight * Math.max(0.3, c.categoryProbability());
      if (cause == window) {
        cause.votes.add(c.category(), says);
      } else { // callers are many and see the symptom
        cause.votes.add(c.category(), says * CALLER, says * CALLERS);
      }
      if (!cause.lines.containsKey(c.category())) {
        cause.lines.put(c.category(), Headline.of(record.message()));
      }
      if (event || c.severity() == Severity.FATAL) {
        cause.severe += weight >= 2 ? 1 : 0.4;
      }
      double all = cause.spread ? 0 : cause.errorSurprise();
      if (Math.max(surprise, all) >= WEIGHED
          || says >= TELLING && !starting
          || cause.severe >= 0.4) {
        signals.clear();
        signals.set(Signal.FORM_SURPRISE, surprise);
        signals.set(Signal.ERROR_SURPRISE, all);
        signals.set(Signal.SPREAD, cause.spread);
        signals.set(Signal.EVENT, event);
        signals.set(Signal.FATAL, c.severity() == Severity.FATAL);
        signals.set(Signal.CAUSE, weight);
        double probability = weigh(cause, true, millis, out);
        if (probability > 0) {
          update(cause, probability, Duration.ZERO, millis, Optional.empty(), record, out);
        }
      }
    } else if (late) {
      double surprise = window.slowSurprise();
      if (surprise >= WEIGHED) {
        signals.clear();
        signals.set(Signal.TRACE_SURPRISE, surprise);
        double probability = weigh(window, true, millis, out);
        if (probability > 0) {
          window.sample(record, c.fingerprint());
          window.votes.add(Category.PERFORMANCE, 1.5);
          Optional<String> title = Optional.of("steps of " + window.service + " take far longer");
          update(window, probability, Duration.ZERO, millis, title, record, out);
        }
      }
    }
  }

  /** Whether a pause ended just before. Not so before the pause: its end may be a wrong clock's. */
  private boolean starting(long millis) {
    return millis < graceUntil && millis >= graceUntil - GRACE;
  }

  /**
   * A line is missing in a trace: counts it for its service, unless the trace broke before.
   *
   * @return that service, null if it doesn't count
   */
  private @org.jspecify.annotations.Nullable ServiceWindow broken(
      int place, String missing, long millis, Consumer<? super Issue> out) {
    ServiceWindow broken = services.get(missing);
    if (broken == null || traces.broken(place)) {
      return null;
    }
    traces.first(place, broken);
    settle(broken, millis, out);
    if (starting(millis) || !broken.move(millis)) {
      return null;
    }
    broken.broken(millis);
    return broken;
  }

  private void tellBroken(
      ServiceWindow w,
      LogRecord record,
      Classification c,
      long millis,
      Consumer<? super Issue> out) {
    settle(w, millis, out);
    double surprise = w.move(millis) ? w.brokenSurprise() : 0;
    if (surprise >= BROKEN && w.mature()) {
      signals.clear();
      signals.set(Signal.TRACE_SURPRISE, surprise);
      double probability = weigh(w, true, millis, out);
      if (probability > 0) {
        w.sample(record, c.fingerprint());
        w.votes.add(Category.APP_ERROR, 0.7);
        Optional<String> title =
            Optional.of("traces go on without the usual lines of " + w.service);
        update(w, probability, Duration.ZERO, millis, title, record, out);
      }
    }
  }

  /**
   * Learns which lines end a trace. Where others usually follow, that is told with the next line of
   * that form. Reckoned at full ten seconds of the records only, so that it doesn't matter how they
   * are cut.
   */
  private void endTraces(long millis, Consumer<? super Issue> out) {
    long due = Math.floorDiv(millis, TRACE_END) * TRACE_END - TRACE_END;
    // no line is newer than twenty seconds behind the last end: two steps reach all of them
    for (int step = 0; step < 2 && ended != Long.MIN_VALUE && ended < due; step++) {
      ended += TRACE_END;
      for (int place = 0; place < traces.size(); place++) {
        ServiceWindow last = traces.last(place);
        if (last != null && traces.time(place) < ended) {
          long then = traces.time(place) + TRACE_END;
          long form = traces.form(place);
          traces.end(place);
          String missing = last.followed(form, 0, null, then);
          if (missing != null && broken(place, missing, then, out) != null) {
            last.ending = form;
            last.missing = missing;
          }
        }
      }
    }
    ended = Math.max(ended, due);
  }

  /** Makes room; an issue of the service that goes ends with it. */
  private void forgetEldest(Consumer<? super Issue> out) {
    services
        .forgetEldest()
        .ifPresent(
            gone -> {
              traces.forget(gone);
              gone.open.ifPresent(issue -> resolve(gone, issue, out));
            });
  }

  @Override
  public void advance(Instant now, Consumer<? super Issue> out) {
    if (now.toEpochMilli() > newest) {
      newest = now.toEpochMilli();
      sweep(newest, out);
    }
  }

  private void sweep(long now, Consumer<? super Issue> out) {
    swept = now;
    List<ServiceWindow> over = new ArrayList<>(0);
    for (ServiceWindow w : troubled) {
      if (now - w.lastSign > QUIET.toMillis()) {
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
  private void settle(ServiceWindow w, long now, Consumer<? super Issue> out) {
    if (w.open.isPresent() && now - w.lastSign > QUIET.toMillis()) {
      resolve(w, w.open.get(), out);
    }
  }

  private void resolve(ServiceWindow w, Issue i, Consumer<? super Issue> out) {
    w.open = Optional.empty();
    w.votes.clear();
    w.lines.clear();
    w.foretold = "";
    w.severe = 0;
    troubled.remove(w);
    out.accept(i.resolved(Instant.ofEpochMilli(w.lastSign)));
  }

  /**
   * Weighs what is in the signals.
   *
   * @param now whether it breaks already
   * @return the probability, 0 where it is not to be told
   */
  private double weigh(ServiceWindow w, boolean now, long millis, Consumer<? super Issue> out) {
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

  private void predict(
      ServiceWindow w,
      LogRecord record,
      long form,
      long millis,
      int touched,
      Consumer<? super Issue> out) {
    for (NumberReader.Kind kind : NumberReader.KINDS) {
      for (int bounded = 0; bounded < 2; bounded++) {
        int slot = kind.ordinal() * 2 + bounded;
        Trend t = w.trends[slot];
        if (t == null || (touched & 1 << slot) == 0) {
          continue;
        }
        if (kind == NumberReader.Kind.EXPIRY) {
          if (t.last() < EXPIRY_DAYS) {
            expires(w, record, form, t.last(), millis, out);
          }
          continue;
        }
        if (t.size() < MIN_POINTS || t.span() < MIN_SPAN) {
          continue;
        }
        long until = bounded == 1 ? t.until(1) : t.until(2 * t.last());
        boolean near =
            bounded == 1
                ? t.last() >= MIN_SHARE && t.last() - t.first() >= MIN_RISE
                : t.last() >= MIN_SIZE && t.last() >= MIN_GROWTH * Math.max(1, t.first());
        if (near && t.agreement() >= MIN_AGREEMENT && until <= 2 * HORIZON.toMillis()) {
          signals.clear();
          t.signals(bounded == 1, signals);
          double probability = weigh(w, false, millis, out);
          if (probability > 0) {
            w.sample(record, form);
            w.votes.add(category(kind), 1.2);
            w.foretold = category(kind);
            Duration horizon = Duration.ofMillis(Math.min(until, HORIZON.toMillis()));
            Optional<String> title = Optional.of(title(kind, t, bounded == 1));
            update(w, probability, horizon, millis, title, record, out);
          }
        }
      }
    }
  }

  private static String category(NumberReader.Kind kind) {
    return switch (kind) {
      case MEMORY -> Category.OOM;
      case DISK -> Category.STORAGE;
      case EXPIRY -> Category.AUTH_SECURITY;
      case POOL, QUEUE -> Category.PERFORMANCE;
    };
  }

  private static String title(NumberReader.Kind kind, Trend t, boolean bounded) {
    String what = kind.name().toLowerCase(Locale.ROOT);
    return bounded
        ? what + " use at " + Math.round(t.last() * 100) + " % of its limit and rising"
        : what + " grew from " + Math.round(t.first()) + " to " + Math.round(t.last());
  }

  private void expires(
      ServiceWindow w,
      LogRecord record,
      long form,
      double days,
      long millis,
      Consumer<? super Issue> out) {
    if (w.expiry.isPresent()
        && Duration.between(w.expiry.get().updated(), record.timestamp()).toHours() < 24) {
      return;
    }
    Instant opened = w.expiry.map(Issue::opened).orElse(record.timestamp());
    Issue issue =
        new Issue(
            id(w.service, "expiry", opened),
            Issue.State.OPEN,
            Category.AUTH_SECURITY,
            0.9,
            Duration.ofMinutes(Math.max(0, (long) (days * 1440))),
            w.namespace,
            w.service,
            "something expires in " + Math.round(days) + " days",
            opened,
            record.timestamp(),
            Optional.empty(),
            List.of(record),
            Set.of(form));
    w.expiry = Optional.of(issue);
    out.accept(issue);
  }

  private void update(
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
    if (!first && millis - w.lastCheck < 10_000 && !horizon.isZero()) {
      return; // one update in ten seconds is enough
    }
    String category = category(w);
    boolean changed =
        first
            || !w.open.get().category().equals(category)
            || w.open.get().horizon().isZero() != horizon.isZero()
            || millis - w.lastCheck >= 30_000;
    if (!changed) {
      return;
    }
    w.lastCheck = millis;
    Instant now = record.timestamp();
    @org.jspecify.annotations.Nullable Issue before = w.open.orElse(null);
    boolean happened = before != null && before.horizon().isZero();
    Optional<String> kept = title;
    if (before != null && (happened || title.isEmpty())) {
      kept = Optional.of(w.lines.containsKey(category) ? title(category, w) : before.title());
    }
    List<LogRecord> evidence = evidence(before, w);
    Set<Long> fingerprints = new TreeSet<>(w.sampleForms());
    if (before != null && fingerprints.size() < 100) {
      fingerprints.addAll(before.fingerprints());
    }
    Instant opened = before == null ? now : before.opened();
    Issue issue =
        new Issue(
            before == null ? id(w.service, "", opened) : before.id(),
            Issue.State.OPEN,
            category,
            before == null ? probability : Math.max(probability, before.probability()),
            happened ? Duration.ZERO : horizon,
            w.namespace,
            w.service,
            kept.orElseGet(() -> title(category, w)),
            opened,
            now.isBefore(opened) ? opened : now,
            Optional.empty(),
            evidence,
            fingerprints);
    w.open = Optional.of(issue);
    troubled.add(w);
    out.accept(issue);
  }

  private static List<LogRecord> evidence(
      @org.jspecify.annotations.Nullable Issue before, ServiceWindow seen) {
    List<LogRecord> all = new ArrayList<>();
    if (before != null) {
      List<LogRecord> old = before.evidence();
      all.addAll(old.subList(0, Math.min(8, old.size())));
    }
    for (LogRecord r : seen.samples) {
      if (!all.contains(r) && all.size() < Issue.MAX_EVIDENCE) {
        all.add(r);
      }
    }
    all.sort(Comparator.comparing(LogRecord::timestamp));
    return all;
  }

  /** What most speaks for; only symptoms come after a prediction, unless a line names a cause. */
  private static String category(ServiceWindow w) {
    String winner = w.votes.winner();
    return !w.foretold.isEmpty() && cause(winner) < cause(w.foretold) ? w.foretold : winner;
  }

  private static String title(String category, ServiceWindow seen) {
    @org.jspecify.annotations.Nullable String line = seen.lines.get(category);
    return category.replace('_', ' ')
        + ": "
        + (line == null ? Headline.of(seen.samples.getLast().message()) : line);
  }

  private static String id(String service, String slot, Instant opened) {
    long hash = 1125899906842597L;
    String key = service + "\n" + slot + "\n" + opened;
    for (int i = 0; i < key.length(); i++) {
      hash = 31 * hash + key.charAt(i);
    }
    return String.format("%012x", hash >>> 16);
  }
}
