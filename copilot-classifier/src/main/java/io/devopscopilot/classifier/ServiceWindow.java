package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is remembered about one service: counts of one minute, its usual rate, figures. */
final class ServiceWindow {
  static final long BUCKET = 10_000;
  static final int BUCKETS = 6;
  private static final int SAMPLES = 12;
  private static final int LINES = 0;
  private static final int ERRORS = 1;
  private static final int TIMED = 2;
  private static final int SLOW = 3;
  private static final int BROKEN = 4;
  private static final int TOOK = 5;
  private static final int LATE = 6;
  private static final int AGAIN = 7;

  /** How many kinds of things are counted. */
  private static final int COUNTED = 8;

  private static final double FORGET = 1 / 60.0;
  private static final double MOST_PAST = 3_000;
  private static final int MOST_WEIGHINGS = 1_000;

  /** So many records in a row that are an hour late: the clock was ahead, or was set back. */
  private static final int SET_BACK = 50;

  private static final long HOUR = 360;

  /** What passes by itself, like a cold start, is over within four sixths of a minute. */
  private static final int LASTING = 5;

  /** Events and FATAL lines of one trouble come again so late, and not so early. */
  private static final long SOON = 600_000;

  private static final long AT_ONCE = 20_000;

  final String namespace;
  final String service;
  final List<Figures> figures = new ArrayList<>(1);
  final Deque<LogRecord> samples = new ArrayDeque<>();
  final CategoryVotes votes = new CategoryVotes();

  /** The headline of the first line of each category. */
  final Map<String, String> lines = new LinkedHashMap<>();

  /** The fingerprints of the samples. */
  private final long[] sampleForms = new long[SAMPLES];

  /** For each bucket its counts, side by side as they are used. */
  private final int[] counts = new int[BUCKETS * COUNTED];

  private double pastLines;
  private double pastErrors;
  private double pastTimed;
  private double pastSlow;
  private double pastBroken;
  private double pastTook;
  private double pastLate;
  private double pastAgain;

  /** Lines so far. */
  private long total;

  /** Buckets with lines so far. */
  private int active;

  private @Nullable ErrorForms errorForms;
  private @Nullable StepGaps gaps;
  private @Nullable StepGaps durations;
  private @Nullable FollowingLines following;
  private @Nullable Restarts restarts;
  private @Nullable RisingWarnings warnings;
  private @Nullable RisingWarnings failures;
  private long bucket = Long.MIN_VALUE;

  /** Records in a row that were too late. */
  private int late;

  /** Errors per bucket in ordinary times. */
  double usual;

  /** When it was seen last, as {@link ServiceTable} counts, and when it was looked at for that. */
  long seen;

  long ranked;
  long lastSign;
  long lastCheck;

  /** When it was first weighed in this spell, and last. */
  private long weighedFrom = Long.MIN_VALUE / 2;

  private long weighedAt = Long.MIN_VALUE / 2;

  /** How often in this spell. */
  private int weighings;

  /** The newest error's form: how often within a minute, and whether it is new. */
  private int formCount;

  private boolean formNew;
  double severe;

  /** When a line told of a warning event, and when a FATAL line came and of which form. */
  private long eventAt = Long.MIN_VALUE / 2;

  private long fatalAt = Long.MIN_VALUE / 2;
  private long fatal;

  /** Whether the newest unusual form of error is one that many services had. */
  boolean spread;

  /** The form of a line of this service behind which traces ended; 0 if none. */
  long ending;

  /** The category that the open issue was predicted with, empty without a prediction. */
  String foretold = "";

  /** Whether an error or event of its own named a cause, of the open issue or soon before one. */
  boolean speaks;

  /** The service whose line is missing behind it. */
  String missing = "";

  Optional<Issue> open = Optional.empty();
  Optional<Issue> expiry = Optional.empty();

  ServiceWindow(String namespace, String service) {
    this.namespace = namespace;
    this.service = service;
  }

  /** Moves the window to a time; returns false for a record that is too late to be counted. */
  boolean move(long millis) {
    long now = Math.floorDiv(millis, BUCKET);
    if (bucket == Long.MIN_VALUE) {
      bucket = now;
    }
    if (now <= bucket - BUCKETS) {
      late++;
      if (late < SET_BACK || now > bucket - HOUR) {
        return false;
      }
      setBack(now);
    }
    late = 0;
    long steps = now - bucket;
    for (long i = 0; i < Math.min(steps, 360); i++) {
      int slot = slot((bucket + 1 + i) * BUCKET);
      if (open.isEmpty()) {
        usual += (counts[slot + ERRORS] - usual) * FORGET;
      }
      if (counts[slot + LINES] + counts[slot + ERRORS] + counts[slot + BROKEN] > 0) {
        pass(slot);
      }
      severe *= 0.85;
    }
    if (steps >= BUCKETS && open.isEmpty()) {
      samples.clear();
      votes.clear();
      lines.clear();
      speaks = false;
    } else if (steps > 0 && !votes.isEmpty()) {
      votes.fade(Math.pow(0.85, Math.min(steps, 60)));
    }
    bucket = Math.max(bucket, now);
    return true;
  }

  /** Goes on at an earlier time. */
  private void setBack(long now) {
    for (int slot = 0; slot < counts.length; slot += COUNTED) {
      pass(slot);
    }
    bucket = now;
    figures.clear();
    restarts = null;
    warnings = null;
    failures = null;
    lastSign = Math.min(lastSign, now * BUCKET);
    lastCheck = Math.min(lastCheck, now * BUCKET);
  }

  /** What a bucket held belongs to the past from now on. */
  private void pass(int slot) {
    active += counts[slot + LINES] > 0 && active < 1_000_000 ? 1 : 0;
    pastLines += counts[slot + LINES];
    pastErrors += counts[slot + ERRORS];
    pastTimed += counts[slot + TIMED];
    pastSlow += counts[slot + SLOW];
    // a lasting change is learned as what usually follows
    pastBroken += open.isEmpty() ? counts[slot + BROKEN] : 0;
    pastTook += counts[slot + TOOK];
    pastLate += counts[slot + LATE];
    pastAgain += counts[slot + AGAIN];
    if (errorForms != null && counts[slot + ERRORS] > 0) {
      errorForms.pass(slot / COUNTED);
    }
    Arrays.fill(counts, slot, slot + COUNTED, 0);
    if (pastLines > MOST_PAST) {
      pastLines /= 2;
      pastErrors /= 2;
      pastTimed /= 2;
      pastSlow /= 2;
      pastBroken /= 2;
      pastTook /= 2;
      pastLate /= 2;
      pastAgain /= 2;
      if (errorForms != null) {
        errorForms.halve();
      }
    }
  }

  /** Where the counts of a bucket begin. */
  private static int slot(long millis) {
    return (int) Math.floorMod(Math.floorDiv(millis, BUCKET), (long) BUCKETS) * COUNTED;
  }

  /** Whether there is enough past to compare with. */
  boolean mature() {
    return active >= 12 && pastLines >= 40;
  }

  void line(long millis) {
    counts[slot(millis) + LINES]++;
    total++;
  }

  /** Takes a warning or an error, see {@link RisingWarnings#add}. */
  double warned(LogRecord record, Classification c, boolean took, long millis) {
    if (warnings == null) {
      warnings = new RisingWarnings();
    }
    int minutes = active / BUCKETS;
    double surprise = warnings.add(record, c, took, total, minutes, millis);
    if (c.severity() == Severity.WARN) {
      return surprise;
    }
    if (failures == null) {
      failures = new RisingWarnings();
    }
    return Math.max(surprise, failures.add(record, c, took, total, minutes, millis));
  }

  /** What most warnings are about. */
  String warnedOf() {
    return warnings == null ? Category.APP_ERROR : warnings.category();
  }

  /** Takes the time between two lines of a trace; true = far slower than that step usually is. */
  boolean step(long step, long took, long millis) {
    if (gaps == null) {
      gaps = StepGaps.ofTraces();
    }
    int verdict = gaps.add(step, took, millis);
    counts[slot(millis) + TIMED] += verdict >= 0 ? 1 : 0;
    counts[slot(millis) + SLOW] += verdict > 0 ? 1 : 0;
    return verdict > 0;
  }

  /** Takes what a line says that it took; true = far longer than lines of its form usually do. */
  boolean took(long form, double took, long millis) {
    if (durations == null) {
      durations = StepGaps.ofLines();
    }
    int verdict = durations.add(form, (long) took, millis);
    counts[slot(millis) + TOOK] += verdict >= 0 ? 1 : 0;
    counts[slot(millis) + LATE] += verdict > 0 ? 1 : 0;
    return verdict > 0;
  }

  /** Counts a line that says that something is tried again. */
  void again(long millis) {
    counts[slot(millis) + AGAIN]++;
  }

  /** How surprising the number of lines is that say that it took far longer; 0 = not lasting. */
  double lateSurprise() {
    double share = Math.max(0.04, 1.5 * (pastLate + 1) / (pastTook + 50));
    return span(LATE) >= LASTING ? Surprise.of(sum(LATE), share * sum(TOOK)) : 0;
  }

  /** How surprising the number of retries is; 0 = few, or not lasting. */
  double againSurprise() {
    double expected = 1.5 * pastAgain / Math.max(1, pastLines) * sum(LINES);
    int count = span(AGAIN) >= LASTING ? sum(AGAIN) : 0;
    return count < 8 ? 0 : Surprise.of(count, Math.max(0.3, expected));
  }

  /** In how many sixths of the minute something was counted. */
  private int span(int what) {
    int span = 0;
    for (int slot = 0; slot < counts.length; slot += COUNTED) {
      span += counts[slot + what] > 0 ? 1 : 0;
    }
    return span;
  }

  /** Takes what followed a line of this service in its trace, see {@link FollowingLines#add}. */
  @Nullable String followed(long form, long by, @Nullable String owner, long millis) {
    if (following == null) {
      following = new FollowingLines();
    }
    return following.add(form, by, owner, (int) Math.floorDiv(millis, 60_000L));
  }

  /** Takes the origin of a line of a restarted instance, see {@link Restarts#add}. */
  int restarted(Origin origin, long millis) {
    if (restarts == null) {
      restarts = new Restarts();
    }
    return restarts.add(origin, millis);
  }

  /** Whether its trouble is over: no sign for a while, and no further restart that may come. */
  boolean over(long now) {
    return now - lastSign > WindowIssueDetector.QUIET.toMillis()
        && (restarts == null || now > restarts.due());
  }

  /** Counts a trace in which a line of this service is missing. */
  void broken(long millis) {
    counts[slot(millis) + BROKEN]++;
  }

  /** How surprising the number of traces is in which a line of this service is missing. */
  double brokenSurprise() {
    int count = sum(BROKEN);
    double expected = 1.5 * pastBroken / Math.max(1, pastLines) * sum(LINES);
    return count < 3 ? 0 : Surprise.of(count, Math.max(0.3, expected));
  }

  /** Counts an error and says how surprising its form is, see {@link Surprise}. */
  double error(long millis, long form) {
    int slot = slot(millis);
    counts[slot + ERRORS]++;
    if (errorForms == null) {
      errorForms = new ErrorForms();
    }
    int at = errorForms.add(form, slot / COUNTED);
    int count = errorForms.count(at);
    formCount = count;
    formNew = errorForms.before(at) == 0;
    double expected = 1.5 * errorForms.before(at) / Math.max(1, pastLines) * sum(LINES);
    return count < 3 ? 0 : Surprise.of(count, Math.max(0.3, expected));
  }

  /** How surprising the number of errors is. */
  double errorSurprise() {
    int count = errors();
    double share = 1.5 * pastErrors / Math.max(1, pastLines) * sum(LINES);
    double expected = Math.max(share, usual * BUCKETS);
    return count < 3 ? 0 : Surprise.of(count, Math.max(0.3, expected));
  }

  /** How surprising the number of slow steps is. */
  double slowSurprise() {
    int count = sum(SLOW);
    double share = Math.max(0.04, 1.5 * (pastSlow + 1) / (pastTimed + 50));
    return count < 4 ? 0 : Surprise.of(count, share * sum(TIMED));
  }

  /** Notes that it is weighed, and fills in what this window knows. */
  void weighed(long millis, IssueSignals to) {
    if (millis - weighedAt > WindowIssueDetector.QUIET.toMillis()) {
      weighedFrom = millis;
      weighings = 0;
    }
    weighings = Math.min(MOST_WEIGHINGS, weighings + 1);
    weighedAt = Math.max(weighedAt, millis);
    if (to.get(Signal.FIGURE) > 0) {
      return;
    }
    int timed = sum(TIMED);
    int slow = sum(SLOW);
    to.set(Signal.ERRORS, Math.log1p(errors()));
    to.set(Signal.FORM_COUNT, Math.log1p(formCount));
    to.set(Signal.FORM_NEW, formNew && formCount > 0);
    to.set(Signal.ERROR_SPAN, span(ERRORS));
    to.set(Signal.SLOW_STEPS, Math.log1p(slow));
    to.set(Signal.SLOW_SHARE, slow / (double) Math.max(1, timed));
    to.set(Signal.SEVERE, to.get(Signal.TRACE_SURPRISE) > 0 ? 0 : severe);
    to.set(Signal.VOTE_SHARE, votes.share());
    to.set(Signal.MATURE, mature());
    to.set(Signal.WEIGHINGS, Math.log1p(weighings));
    to.set(Signal.LASTING, (millis - weighedFrom) / 60_000.0);
  }

  private int sum(int what) {
    int sum = 0;
    for (int slot = 0; slot < counts.length; slot += COUNTED) {
      sum += counts[slot + what];
    }
    return sum;
  }

  int errors() {
    return sum(ERRORS);
  }

  /** Whether a line told of a warning event soon before, other than the same moment. */
  boolean eventAgain(long millis) {
    long pause = millis - eventAt;
    eventAt = pause > AT_ONCE ? millis : eventAt;
    return pause > AT_ONCE && pause < SOON;
  }

  /** The same of FATAL lines of one form. */
  boolean fatalAgain(long form, long millis) {
    long pause = form == fatal ? millis - fatalAt : Long.MAX_VALUE;
    fatalAt = pause > AT_ONCE ? millis : fatalAt;
    fatal = form;
    return pause > AT_ONCE && pause < SOON;
  }

  void sample(LogRecord record, long form) {
    if (samples.size() == SAMPLES) {
      samples.removeFirst();
      System.arraycopy(sampleForms, 1, sampleForms, 0, SAMPLES - 1);
    }
    sampleForms[samples.size()] = form;
    samples.addLast(record);
  }

  /** The fingerprints of the samples, in their order. */
  List<Long> sampleForms() {
    return Arrays.stream(sampleForms, 0, samples.size()).boxed().toList();
  }

  /** Writes all of it but the names; {@link #read} is its counterpart. */
  void write(DetectorState.Writer to) throws IOException {
    for (int n : counts) {
      to.count(n);
    }
    to.out.writeDouble(pastLines);
    to.out.writeDouble(pastErrors);
    to.out.writeDouble(pastTimed);
    to.out.writeDouble(pastSlow);
    to.out.writeDouble(pastBroken);
    to.out.writeDouble(pastTook);
    to.out.writeDouble(pastLate);
    to.out.writeDouble(pastAgain);
    to.count(active);
    to.out.writeBoolean(errorForms != null);
    if (errorForms != null) {
      errorForms.write(to);
    }
    to.out.writeBoolean(gaps != null);
    if (gaps != null) {
      gaps.write(to);
    }
    to.out.writeBoolean(durations != null);
    if (durations != null) {
      durations.write(to);
    }
    to.out.writeBoolean(following != null);
    if (following != null) {
      following.write(to);
    }
    to.out.writeBoolean(restarts != null);
    if (restarts != null) {
      restarts.write(to);
    }
    to.out.writeBoolean(warnings != null);
    if (warnings != null) {
      warnings.write(to);
    }
    to.out.writeBoolean(failures != null);
    if (failures != null) {
      failures.write(to);
    }
    to.out.writeBoolean(speaks);
    to.out.writeLong(eventAt);
    to.out.writeLong(fatalAt);
    to.out.writeLong(fatal);
    to.out.writeLong(total);
    to.out.writeLong(ending);
    to.text(missing);
    to.text(foretold);
    to.out.writeLong(bucket);
    to.count(late);
    Figures.write(figures, to);
    to.records(samples);
    to.forms(sampleForms());
    votes.write(to);
    to.count(lines.size());
    for (Map.Entry<String, String> line : lines.entrySet()) {
      to.text(line.getKey());
      to.text(line.getValue());
    }
    to.out.writeDouble(usual);
    to.out.writeLong(lastSign);
    to.out.writeLong(lastCheck);
    to.out.writeLong(weighedFrom);
    to.out.writeLong(weighedAt);
    to.out.writeShort(weighings);
    to.out.writeDouble(severe);
    to.out.writeBoolean(spread);
    to.issue(open);
    to.issue(expiry);
  }

  /** Takes over what {@link #write} wrote. */
  void read(DetectorState.Reader from) throws IOException {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = from.count();
    }
    pastLines = from.in.readDouble();
    pastErrors = from.in.readDouble();
    pastTimed = from.in.readDouble();
    pastSlow = from.in.readDouble();
    pastBroken = from.in.readDouble();
    pastTook = from.in.readDouble();
    pastLate = from.in.readDouble();
    pastAgain = from.in.readDouble();
    active = from.count();
    if (from.in.readBoolean()) {
      ErrorForms read = new ErrorForms();
      read.read(from);
      errorForms = read;
    }
    if (from.in.readBoolean()) {
      StepGaps read = StepGaps.ofTraces();
      read.read(from);
      gaps = read;
    }
    if (from.in.readBoolean()) {
      StepGaps read = StepGaps.ofLines();
      read.read(from);
      durations = read;
    }
    if (from.in.readBoolean()) {
      FollowingLines read = new FollowingLines();
      read.read(from);
      following = read;
    }
    if (from.in.readBoolean()) {
      Restarts read = new Restarts();
      read.read(from);
      restarts = read;
    }
    if (from.in.readBoolean()) {
      RisingWarnings read = new RisingWarnings();
      read.read(from);
      warnings = read;
    }
    if (from.in.readBoolean()) {
      RisingWarnings read = new RisingWarnings();
      read.read(from);
      failures = read;
    }
    speaks = from.in.readBoolean();
    eventAt = from.in.readLong();
    fatalAt = from.in.readLong();
    fatal = from.in.readLong();
    total = from.in.readLong();
    ending = from.in.readLong();
    missing = from.text();
    foretold = from.text();
    bucket = from.in.readLong();
    late = from.count();
    figures.addAll(Figures.read(from));
    List<LogRecord> records = from.records();
    List<Long> forms = from.forms();
    for (int i = 0; i < Math.min(records.size(), forms.size()); i++) {
      sample(records.get(i), forms.get(i));
    }
    votes.read(from);
    for (int n = from.count(); n > 0; n--) {
      lines.put(from.text(), from.text());
    }
    usual = from.in.readDouble();
    lastSign = from.in.readLong();
    lastCheck = from.in.readLong();
    weighedFrom = from.in.readLong();
    weighedAt = from.in.readLong();
    weighings = from.in.readUnsignedShort();
    severe = from.in.readDouble();
    spread = from.in.readBoolean();
    open = from.issue();
    expiry = from.issue();
  }
}
