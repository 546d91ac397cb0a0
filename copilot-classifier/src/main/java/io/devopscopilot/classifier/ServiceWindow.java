package io.devopscopilot.classifier;

import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is remembered about one service: counts of one minute, its usual rate, figures, forms. */
final class ServiceWindow {
  static final long BUCKET = 10_000;
  static final int BUCKETS = 6;
  private static final int FORMS = 128;
  private static final int SAMPLES = 12;
  private static final double FORGET = 1 / 60.0;
  private static final double MOST_PAST = 3_000;

  final String namespace;
  final String service;
  final long[] forms = new long[FORMS];
  final Trend[] trends = new Trend[NumberReader.Kind.values().length * 2];
  final Deque<LogRecord> samples = new ArrayDeque<>();
  final Deque<Long> sampleForms = new ArrayDeque<>();
  final Map<String, Double> votes = new LinkedHashMap<>();

  /** The first line of each category. */
  final Map<String, String> lines = new LinkedHashMap<>();

  private final int[] errors = new int[BUCKETS];
  private final int[] fresh = new int[BUCKETS];
  private final int[] lineCounts = new int[BUCKETS];
  private final int[] timed = new int[BUCKETS];
  private final int[] slow = new int[BUCKETS];
  private double pastLines;
  private double pastErrors;
  private double pastTimed;
  private double pastSlow;

  /** Buckets with lines so far. */
  private int active;

  private @Nullable ErrorForms errorForms;
  private @Nullable StepGaps gaps;
  private long bucket = Long.MIN_VALUE;
  private int formCount;

  /** Errors per bucket in ordinary times. */
  double usual;

  long firstSeen = Long.MAX_VALUE;
  long lastSign;
  long lastCheck;
  double severe;

  /** Whether the newest unusual form of error is one that many services had. */
  boolean spread;

  Optional<Issue> open = Optional.empty();
  Optional<Issue> expiry = Optional.empty();

  ServiceWindow(String namespace, String service) {
    this.namespace = namespace;
    this.service = service;
  }

  /** Moves the window to a time; returns false for a record that is too late to be counted. */
  boolean move(long millis) {
    firstSeen = Math.min(firstSeen, millis);
    long now = Math.floorDiv(millis, BUCKET);
    if (bucket == Long.MIN_VALUE) {
      bucket = now;
    }
    if (now <= bucket - BUCKETS) {
      return false;
    }
    long steps = now - bucket;
    for (long i = 0; i < Math.min(steps, 360); i++) {
      int slot = (int) Math.floorMod(bucket + 1 + i, (long) BUCKETS);
      if (open.isEmpty()) {
        usual += (errors[slot] - usual) * FORGET;
      }
      pass(slot);
      errors[slot] = 0;
      fresh[slot] = 0;
      severe *= 0.85;
    }
    if (steps >= BUCKETS && open.isEmpty()) {
      samples.clear();
      sampleForms.clear();
      votes.clear();
      lines.clear();
    } else if (steps > 0) {
      votes.replaceAll((k, v) -> v * Math.pow(0.85, Math.min(steps, 60)));
    }
    bucket = Math.max(bucket, now);
    return true;
  }

  /** What a bucket held belongs to the past from now on. */
  private void pass(int slot) {
    active += lineCounts[slot] > 0 && active < 1_000_000 ? 1 : 0;
    pastLines += lineCounts[slot];
    pastErrors += errors[slot];
    pastTimed += timed[slot];
    pastSlow += slow[slot];
    lineCounts[slot] = 0;
    timed[slot] = 0;
    slow[slot] = 0;
    if (errorForms != null) {
      errorForms.pass(slot);
    }
    if (pastLines > MOST_PAST) {
      pastLines /= 2;
      pastErrors /= 2;
      pastTimed /= 2;
      pastSlow /= 2;
      if (errorForms != null) {
        errorForms.halve();
      }
    }
  }

  private static int slot(long millis) {
    return (int) Math.floorMod(Math.floorDiv(millis, BUCKET), (long) BUCKETS);
  }

  /** Whether there is enough past to compare with. */
  boolean mature() {
    return active >= 12 && pastLines >= 40;
  }

  void line(long millis) {
    lineCounts[slot(millis)]++;
  }

  /** Takes the time between two lines of a trace; true = far slower than that step usually is. */
  boolean step(long step, long took, long millis) {
    if (gaps == null) {
      gaps = new StepGaps();
    }
    int verdict = gaps.add(step, took);
    timed[slot(millis)] += verdict >= 0 ? 1 : 0;
    slow[slot(millis)] += verdict > 0 ? 1 : 0;
    return verdict > 0;
  }

  /** Counts an error and says how surprising its form is, see {@link Surprise}. */
  double error(long millis, boolean isFresh, long form) {
    int slot = slot(millis);
    errors[slot]++;
    fresh[slot] += isFresh ? 1 : 0;
    if (errorForms == null) {
      errorForms = new ErrorForms();
    }
    int at = errorForms.add(form, slot);
    int count = errorForms.count(at);
    double expected = 1.5 * errorForms.before(at) / Math.max(1, pastLines) * sum(lineCounts);
    return count < 3 ? 0 : Surprise.of(count, Math.max(0.3, expected));
  }

  /** How surprising the number of errors is. */
  double errorSurprise() {
    int count = errors();
    double share = 1.5 * pastErrors / Math.max(1, pastLines) * sum(lineCounts);
    double expected = Math.max(share, usual * BUCKETS);
    return count < 3 ? 0 : Surprise.of(count, Math.max(0.3, expected));
  }

  /** How surprising the number of slow steps is. */
  double slowSurprise() {
    int count = sum(slow);
    double share = Math.max(0.04, 1.5 * (pastSlow + 1) / (pastTimed + 50));
    return count < 4 ? 0 : Surprise.of(count, share * sum(timed));
  }

  private static int sum(int[] counts) {
    int sum = 0;
    for (int n : counts) {
      sum += n;
    }
    return sum;
  }

  int errors() {
    int sum = 0;
    for (int n : errors) {
      sum += n;
    }
    return sum;
  }

  int fresh() {
    int sum = 0;
    for (int n : fresh) {
      sum += n;
    }
    return sum;
  }

  /**
   * Whether a form of line is new to this service; the oldest are forgotten when there are many.
   */
  boolean isNew(long form) {
    long key = form == 0 ? 1 : form;
    int slot = (int) (key * 0x9E3779B97F4A7C15L >>> 57);
    for (int i = 0; i < 8; i++) {
      int at = (slot + i) & (FORMS - 1);
      if (forms[at] == key) {
        return false;
      }
      if (forms[at] == 0) {
        forms[at] = key;
        formCount++;
        return true;
      }
    }
    forms[slot] = key;
    return formCount < FORMS;
  }

  void sample(LogRecord record, long form) {
    if (samples.size() == SAMPLES) {
      samples.removeFirst();
      sampleForms.removeFirst();
    }
    samples.addLast(record);
    sampleForms.addLast(form);
  }

  void vote(String category, double weight) {
    votes.merge(category, weight, Double::sum);
  }

  /** Writes all of it but the names; {@link #read} is its counterpart. */
  void write(DetectorState.Writer to) throws IOException {
    for (int i = 0; i < BUCKETS; i++) {
      to.count(errors[i]);
      to.count(fresh[i]);
      to.count(lineCounts[i]);
      to.count(timed[i]);
      to.count(slow[i]);
    }
    to.out.writeDouble(pastLines);
    to.out.writeDouble(pastErrors);
    to.out.writeDouble(pastTimed);
    to.out.writeDouble(pastSlow);
    to.count(active);
    to.out.writeBoolean(errorForms != null);
    if (errorForms != null) {
      errorForms.write(to);
    }
    to.out.writeBoolean(gaps != null);
    if (gaps != null) {
      gaps.write(to);
    }
    to.out.writeLong(bucket);
    to.count(formCount);
    int used = 0;
    for (long form : forms) {
      used += form == 0 ? 0 : 1;
    }
    to.count(used);
    for (int i = 0; i < FORMS; i++) {
      if (forms[i] != 0) {
        to.out.writeByte(i);
        to.out.writeLong(forms[i]);
      }
    }
    for (Trend trend : trends) {
      to.out.writeBoolean(trend != null);
      if (trend != null) {
        trend.write(to.out);
      }
    }
    to.records(samples);
    to.forms(sampleForms);
    to.count(votes.size());
    for (Map.Entry<String, Double> vote : votes.entrySet()) {
      to.text(vote.getKey());
      to.out.writeDouble(vote.getValue());
    }
    to.count(lines.size());
    for (Map.Entry<String, String> line : lines.entrySet()) {
      to.text(line.getKey());
      to.text(line.getValue());
    }
    to.out.writeDouble(usual);
    to.out.writeLong(firstSeen);
    to.out.writeLong(lastSign);
    to.out.writeLong(lastCheck);
    to.out.writeDouble(severe);
    to.out.writeBoolean(spread);
    to.issue(open);
    to.issue(expiry);
  }

  /** Takes over what {@link #write} wrote. */
  void read(DetectorState.Reader from) throws IOException {
    for (int i = 0; i < BUCKETS; i++) {
      errors[i] = from.count();
      fresh[i] = from.count();
      lineCounts[i] = from.count();
      timed[i] = from.count();
      slow[i] = from.count();
    }
    pastLines = from.in.readDouble();
    pastErrors = from.in.readDouble();
    pastTimed = from.in.readDouble();
    pastSlow = from.in.readDouble();
    active = from.count();
    if (from.in.readBoolean()) {
      ErrorForms read = new ErrorForms();
      read.read(from);
      errorForms = read;
    }
    if (from.in.readBoolean()) {
      StepGaps read = new StepGaps();
      read.read(from);
      gaps = read;
    }
    bucket = from.in.readLong();
    formCount = from.count();
    for (int n = from.count(); n > 0; n--) {
      forms[from.in.readUnsignedByte() % FORMS] = from.in.readLong();
    }
    for (int i = 0; i < trends.length; i++) {
      if (from.in.readBoolean()) {
        Trend trend = new Trend();
        trend.read(from.in);
        trends[i] = trend;
      }
    }
    samples.addAll(from.records());
    sampleForms.addAll(from.forms());
    for (int n = from.count(); n > 0; n--) {
      votes.put(from.text(), from.in.readDouble());
    }
    for (int n = from.count(); n > 0; n--) {
      lines.put(from.text(), from.text());
    }
    usual = from.in.readDouble();
    firstSeen = from.in.readLong();
    lastSign = from.in.readLong();
    lastCheck = from.in.readLong();
    severe = from.in.readDouble();
    spread = from.in.readBoolean();
    open = from.issue();
    expiry = from.issue();
  }
}
