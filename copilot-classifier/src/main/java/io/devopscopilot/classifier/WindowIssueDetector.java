package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.IssueDetector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
 * <p>A service has one open issue at a time, and one more for something that expires: further signs
 * update it. Errors about another service that has an issue belong to that one. An issue is
 * resolved {@link #QUIET} after its last sign. Memory: at most {@value #MAX_SERVICES} services, the
 * longest unseen is forgotten first; about 5 KB each. A record older than a minute before the
 * newest of its service counts as evidence only.
 */
public final class WindowIssueDetector implements IssueDetector {
  /** Services that are remembered. */
  public static final int MAX_SERVICES = 10_000;

  /** An issue without a sign for so long is resolved. */
  public static final Duration QUIET = Duration.ofMinutes(5);

  /** Predictions reach so far. */
  public static final Duration HORIZON = Duration.ofMinutes(20);

  private static final double MIN_SHARE = 0.55;
  private static final long MIN_SPAN = 60_000;
  private static final int MIN_POINTS = 5;
  private static final double EXPIRY_DAYS = 14;

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

  private final Map<String, ServiceWindow> services =
      new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ServiceWindow> eldest) {
          return size() > MAX_SERVICES;
        }
      };
  private final Set<Long> muted = new HashSet<>();
  private final NumberReader numbers = new NumberReader();
  private final Figures figures = new Figures();
  private long newest = Long.MIN_VALUE;
  private long swept = Long.MIN_VALUE;

  /** A detector that knows nothing yet. */
  public WindowIssueDetector() {}

  /** Ignores lines of this fingerprint from now on. */
  public void mute(long fingerprint) {
    muted.add(fingerprint);
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
      to.forms(new TreeSet<>(muted));
      to.count(services.size());
      for (ServiceWindow w : services.values()) { // the longest unseen first
        to.text(w.namespace);
        to.text(w.service);
        w.write(to);
      }
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
    try {
      DetectorState.Reader from = new DetectorState.Reader(snapshot);
      WindowIssueDetector detector = new WindowIssueDetector();
      detector.newest = from.in.readLong();
      detector.swept = from.in.readLong();
      detector.muted.addAll(from.forms());
      for (int n = from.count(); n > 0; n--) {
        ServiceWindow w = new ServiceWindow(from.text(), from.text());
        w.read(from);
        detector.services.put(w.service, w);
      }
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
    if (service.isEmpty() || muted.contains(c.fingerprint())) {
      return;
    }
    long millis = record.timestamp().toEpochMilli();
    ServiceWindow window = services.get(service);
    if (window == null) {
      window = new ServiceWindow(record.origin().namespace(), service);
      services.put(service, window);
    }
    settle(window, millis, out);
    boolean counted = window.move(millis);
    newest = Math.max(newest, millis);
    boolean event = record.kind() == LogRecord.Kind.EVENT;
    boolean bad =
        event
            ? "Warning".equals(record.attributes().get(LogRecord.ATTR_EVENT_TYPE))
                && !Category.NONE.equals(c.category())
            : c.severity().compareTo(Severity.ERROR) >= 0;
    boolean isNew = window.isNew(c.fingerprint());
    if (bad && counted) {
      window.error(millis, isNew);
      window.sample(record, c.fingerprint());
      double weight = CAUSE.getOrDefault(c.category(), 0.3);
      window.vote(c.category(), weight * Math.max(0.3, c.categoryProbability()));
      window.lines.putIfAbsent(c.category(), record.message());
      if (event || c.severity() == Severity.FATAL) {
        window.severe += weight >= 2 ? 1 : 0.4;
      }
      check(window, record, millis, out);
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

  @Override
  public void advance(Instant now, Consumer<? super Issue> out) {
    if (now.toEpochMilli() > newest) {
      newest = now.toEpochMilli();
      sweep(newest, out);
    }
  }

  private void sweep(long now, Consumer<? super Issue> out) {
    swept = now;
    for (ServiceWindow w : services.values()) {
      settle(w, now, out);
    }
  }

  /**
   * Resolves what is over. Also done before each use, so that the time of sweeping won't matter.
   */
  private static void settle(ServiceWindow w, long now, Consumer<? super Issue> out) {
    if (w.open.isPresent() && now - w.lastSign > QUIET.toMillis()) {
      Issue i = w.open.get();
      w.open = Optional.empty();
      w.votes.clear();
      w.severe = 0;
      out.accept(state(i, Issue.State.RESOLVED, Optional.of(Instant.ofEpochMilli(w.lastSign))));
    }
  }

  private static Issue state(Issue i, Issue.State state, Optional<Instant> resolved) {
    return new Issue(
        i.id(),
        state,
        i.category(),
        i.probability(),
        i.horizon(),
        i.namespace(),
        i.service(),
        i.title(),
        i.opened(),
        i.updated(),
        resolved,
        i.evidence(),
        i.fingerprints());
  }

  private void check(ServiceWindow w, LogRecord record, long millis, Consumer<? super Issue> out) {
    int errors = w.errors();
    double expected = w.usual * ServiceWindow.BUCKETS;
    boolean young = millis - w.firstSeen < 120_000;
    double surplus = errors - (expected + 3 * Math.sqrt(expected + 1));
    boolean burst = young ? errors >= 12 : errors >= 5 && surplus > 2;
    boolean unseen = !young && w.fresh() >= 2 && errors >= 3;
    boolean severe = w.severe >= 1;
    if (!burst && !unseen && !severe) {
      return;
    }
    ServiceWindow cause = w;
    if (!severe) {
      cause = causeElsewhere(w, millis).orElse(w);
    }
    double probability =
        Math.min(
            0.98,
            0.5 + 0.1 * Math.log1p(Math.max(0, surplus)) + (unseen ? 0.1 : 0) + (severe ? 0.3 : 0));
    update(cause, w, probability, Duration.ZERO, millis, Optional.empty(), record, out);
  }

  /** Another service that most of the errors name, and which has or just had trouble of its own. */
  private Optional<ServiceWindow> causeElsewhere(ServiceWindow w, long millis) {
    Map<ServiceWindow, Integer> named = new LinkedHashMap<>();
    for (ServiceWindow other : services.values()) {
      if (other == w || other.service.length() < 3) {
        continue;
      }
      int n = 0;
      for (LogRecord sample : w.samples) {
        n += names(sample.message(), other.service) ? 1 : 0;
      }
      if (n * 2 >= w.samples.size() && n > 0) {
        boolean troubled = other.open.isPresent() && millis - other.lastSign <= QUIET.toMillis();
        named.put(other, troubled ? n + 100 : n);
      }
    }
    return named.entrySet().stream()
        .filter(e -> e.getValue() > 2)
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }

  private static boolean names(String message, String service) {
    int at = message.indexOf(service);
    while (at >= 0) {
      int end = at + service.length();
      boolean begins = at == 0 || !Character.isLetterOrDigit(message.charAt(at - 1));
      if (begins && (end == message.length() || !Character.isLetterOrDigit(message.charAt(end)))) {
        return true;
      }
      at = message.indexOf(service, at + 1);
    }
    return false;
  }

  private void predict(
      ServiceWindow w,
      LogRecord record,
      long form,
      long millis,
      int touched,
      Consumer<? super Issue> out) {
    for (NumberReader.Kind kind : NumberReader.Kind.values()) {
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
                ? t.last() >= MIN_SHARE && t.last() - t.first() > 0.05
                : t.last() >= 100 && t.last() >= 2.5 * Math.max(1, t.first());
        if (near && t.agreement() >= 0.75 && until <= HORIZON.toMillis()) {
          double probability =
              Math.min(0.95, 0.35 + 0.4 * t.agreement() + 0.2 * Math.min(1, t.last()));
          w.sample(record, form);
          w.vote(category(kind), 1.2);
          update(
              w,
              w,
              probability,
              Duration.ofMillis(until),
              millis,
              Optional.of(title(kind, t, bounded == 1)),
              record,
              out);
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
      ServiceWindow cause,
      ServiceWindow seen,
      double probability,
      Duration horizon,
      long millis,
      Optional<String> title,
      LogRecord record,
      Consumer<? super Issue> out) {
    settle(cause, millis, out);
    cause.lastSign = Math.max(cause.lastSign, millis);
    if (cause != seen) {
      seen.votes.forEach((k, v) -> cause.vote(k, v * 0.1));
    }
    boolean first = cause.open.isEmpty();
    if (!first && millis - cause.lastCheck < 10_000 && !horizon.isZero()) {
      return; // one update in ten seconds is enough
    }
    String category = winner(cause);
    boolean changed =
        first
            || !cause.open.get().category().equals(category)
            || cause.open.get().horizon().isZero() != horizon.isZero()
            || millis - cause.lastCheck >= 30_000;
    if (!changed) {
      return;
    }
    cause.lastCheck = millis;
    Instant now = record.timestamp();
    @org.jspecify.annotations.Nullable Issue before = cause.open.orElse(null);
    boolean happened = before != null && before.horizon().isZero();
    Optional<String> kept = title;
    if (before != null && happened) {
      kept =
          Optional.of(cause.lines.containsKey(category) ? title(category, cause) : before.title());
    }
    List<LogRecord> evidence = evidence(before, seen);
    Set<Long> fingerprints = new TreeSet<>(seen.sampleForms);
    if (before != null && fingerprints.size() < 100) {
      fingerprints.addAll(before.fingerprints());
    }
    Instant opened = before == null ? now : before.opened();
    Issue issue =
        new Issue(
            before == null ? id(cause.service, "", opened) : before.id(),
            Issue.State.OPEN,
            category,
            before == null ? probability : Math.max(probability, before.probability()),
            happened ? Duration.ZERO : horizon,
            cause.namespace,
            cause.service,
            kept.orElseGet(() -> title(category, seen)),
            opened,
            now.isBefore(opened) ? opened : now,
            Optional.empty(),
            evidence,
            fingerprints);
    cause.open = Optional.of(issue);
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
    all.sort(java.util.Comparator.comparing(LogRecord::timestamp));
    return all;
  }

  private static String winner(ServiceWindow w) {
    return w.votes.entrySet().stream()
        .filter(e -> !e.getKey().equals(Category.NONE) && !e.getKey().equals(Category.UNKNOWN))
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(Category.APP_ERROR);
  }

  private static String title(String category, ServiceWindow seen) {
    String line = seen.lines.getOrDefault(category, seen.samples.getLast().message());
    String text = line.strip().lines().findFirst().orElse("");
    String shown = text.length() > 120 ? text.substring(0, 120) + "..." : text;
    return category.replace('_', ' ') + ": " + shown;
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
