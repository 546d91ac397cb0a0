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
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds issues from what each service logs within a minute, compared with its own past, and
 * predicts them from figures in the lines that approach a limit. Reckons in record time only; needs
 * no training. Used by one thread.
 *
 * <p>Signs: errors, and each form of error, more frequent than the service's own past lets expect
 * (Poisson); steps of a trace (the time between two consecutive lines of one trace id) that take
 * more than three times their usual 0.9 quantile, and lines that say so of what they tell; lines
 * that say that something is tried again; warning events and FATAL lines of a known cause (events
 * of what Kubernetes tries again by itself once they go on for 20 s); a container that restarts
 * again and again, also where no line and no event says so; warnings and errors that grow over
 * minutes.
 *
 * <p>Who started: an error of a trace belongs to the service whose error came first in that trace;
 * one about a call, to the service it names. An event that comes as a line belongs to the service
 * whose name or instance it names (of a node, to the kubelet), figures of memory, disk, queue or
 * quota to the one whose instance their line names. Weak signs of other services within a minute of
 * a new issue are taken for its consequences. A form of error that three services had points to
 * what is around them and must be three times as surprising. When a busy stream pauses for 45 s (a
 * restart, a gap in collecting), errors of the minute after the pause don't count.
 *
 * <p>A service has one open issue at a time, and one more for something that expires: further signs
 * update it. An issue is resolved {@link #QUIET} after its last sign, that of a container that
 * restarts again and again once its next restart is overdue (10 minutes at most). Memory: at most
 * {@value #MAX_SERVICES} services, the longest unseen is forgotten first; about 5 KB each, 10 KB
 * with traces and errors; the newest 4,096 traces. A record older than a minute before the newest
 * of its service counts as evidence only.
 */
public final class WindowIssueDetector implements IssueDetector {
  /** Services that are remembered. */
  public static final int MAX_SERVICES = 10_000;

  /** An issue without a sign for so long is resolved, unless a further restart may come. */
  public static final Duration QUIET = Duration.ofMinutes(3);

  /** Predictions reach so far. */
  public static final Duration HORIZON = Duration.ofMinutes(20);

  /** Issues that are over are looked for so often. */
  private static final long SWEEP = 10_000;

  private final OpenIssues issues;
  private final ServiceTable services = new ServiceTable();
  private final StreamPauses pauses = new StreamPauses();
  private final TraceWatch traces;
  private final ErrorWatch errors;
  private final FigureWatch figures;

  /** In rising order. */
  private long[] muted = {};

  private long newest = Long.MIN_VALUE;
  private long swept = Long.MIN_VALUE;

  /** A detector that knows nothing yet, with fixed bars. */
  public WindowIssueDetector() {
    this(new IssueRules(), null);
  }

  /** A detector that knows nothing yet, with a trained model instead of the bars. */
  public WindowIssueDetector(IssueModel model) {
    this(model.weigher(), null);
  }

  WindowIssueDetector(IssueWeigher weigher, OpenIssues.@Nullable Log log) {
    issues = new OpenIssues(weigher, log);
    traces = new TraceWatch(issues, services, pauses);
    CallReader calls = new CallReader();
    errors = new ErrorWatch(issues, services, calls, pauses, traces);
    figures = new FigureWatch(issues, services, calls, new StrainWatch(issues));
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
      to.out.writeLong(traces.ended);
      to.forms(Arrays.stream(muted).boxed().toList());
      List<ServiceWindow> all = services.inOrder();
      to.count(all.size());
      for (ServiceWindow w : all) {
        to.text(w.namespace);
        to.text(w.service);
        w.write(to);
      }
      traces.write(to);
      issues.write(to);
      pauses.write(to);
      errors.write(to);
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
      detector.traces.ended = from.in.readLong();
      from.forms().forEach(detector::mute);
      for (int n = from.count(); n > 0; n--) {
        ServiceWindow w = new ServiceWindow(from.text(), from.text());
        w.read(from);
        detector.services.add(w);
        detector.errors.know(w);
      }
      detector.traces.read(from);
      detector.issues.read(from, detector.services.inOrder());
      detector.pauses.read(from);
      detector.errors.read(from);
      return detector;
    } catch (IOException | IllegalArgumentException e) {
      throw new CopilotException("the detector's snapshot is refused: " + e.getMessage(), e);
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
      errors.know(window);
      forgetEldest(out);
    }
    issues.settle(window, millis, out);
    boolean counted = window.move(millis);
    long newestBefore = newest == Long.MIN_VALUE ? millis : newest;
    newest = Math.max(newest, millis);
    traces.end(millis, out);
    pauses.line(millis, newestBefore);
    boolean bad = bad(record, c);
    if (counted) {
      window.line(millis);
      errors.restarts(window, record, c, millis, out);
      follow(window, record, c, bad, millis, out);
    }
    boolean line = counted && record.kind() == LogRecord.Kind.LOG;
    boolean warning = line && c.severity().compareTo(Severity.WARN) >= 0;
    figures.line(window, record, c, line && !bad, warning, millis, out);
    if (millis - swept >= SWEEP || swept == Long.MIN_VALUE) {
      sweep(out);
    }
  }

  /** Whether it is an error, or a warning event of a known cause that does not pass by itself. */
  private static boolean bad(LogRecord record, Classification c) {
    return record.kind() == LogRecord.Kind.EVENT
        ? "Warning".equals(record.attributes().get(LogRecord.ATTR_EVENT_TYPE))
            && !Category.NONE.equals(c.category())
            && !TransientEvents.mayPass(record)
        : c.severity().compareTo(Severity.ERROR) >= 0
            || c.severity() == Severity.WARN
                && !Category.NONE.equals(c.category())
                && !TextEvents.reason(record.message()).isEmpty();
  }

  /** Trace, errors and slow steps of a line that counts. */
  private void follow(
      ServiceWindow window,
      LogRecord record,
      Classification c,
      boolean bad,
      long millis,
      Consumer<? super Issue> out) {
    long trace = record.kind() == LogRecord.Kind.EVENT ? 0 : TraceReader.of(record);
    long form = trace != 0 || bad ? LineForm.of(record.message()) : 0;
    int place = trace == 0 ? -1 : traces.line(window, record, c, trace, form, bad, millis, out);
    if (bad) {
      errors.line(window, record, c, place, form, millis, out);
    } else if (trace != 0) {
      traces.tellSlow(window, record, c, millis, out);
    }
  }

  /** Makes room; an issue of the service that goes ends with it. */
  private void forgetEldest(Consumer<? super Issue> out) {
    services
        .forgetEldest()
        .ifPresent(
            gone -> {
              traces.forget(gone);
              issues.forget(gone, out);
            });
  }

  @Override
  public void advance(Instant now, Consumer<? super Issue> out) {
    if (now.toEpochMilli() > newest) {
      newest = now.toEpochMilli();
      sweep(out);
    }
  }

  private void sweep(Consumer<? super Issue> out) {
    swept = newest;
    issues.sweep(newest, out);
  }
}
