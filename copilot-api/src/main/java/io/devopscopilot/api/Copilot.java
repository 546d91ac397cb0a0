package io.devopscopilot.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Wires sources, extractor, classifier, sinks, detector and answerer into one pipeline.
 *
 * <p>Without {@link #start()} it has no thread and serves {@link #classify}. With it, one daemon
 * thread polls the sources and hands each record on; a second one answers questions about issues
 * behind a bounded queue, so that a slow model server never delays a line. {@link #close()} ends
 * sources and sinks too: Copilot owns them.
 */
public final class Copilot implements AutoCloseable {
  /** Models that may take over while one line is classified. */
  private static final int SWAPS = 4;

  private final FeatureExtractor extractor;
  private final LogClassifier classifier;
  private final ThreadLocal<Scratch> scratch;
  private final Pipeline pipeline;

  private Copilot(Builder builder) {
    this.extractor = builder.extractor.orElseThrow(() -> missing("features"));
    this.classifier = builder.classifier.orElseThrow(() -> missing("classifier"));
    if (!extractor.schema().equals(classifier.schema())) {
      throw new IllegalArgumentException(
          "the extractor's schema is "
              + extractor.schema().id()
              + " but the classifier was trained on "
              + classifier.schema().id()
              + ": use the extractor the model was trained with, or train again");
    }
    this.scratch = ThreadLocal.withInitial(() -> new Scratch(extractor, classifier));
    this.pipeline = new Pipeline(this, builder);
  }

  private static IllegalStateException missing(String what) {
    return new IllegalStateException(what + " is not set: call ." + what + "(...) before .build()");
  }

  /** A builder; features and classifier must be set, everything else is optional. */
  public static Builder builder() {
    return new Builder();
  }

  /** Classifies one record on the calling thread; any thread may call it at any time. */
  public Classification classify(LogRecord record) {
    Scratch s = scratch.get();
    extractor.extract(record, s.features);
    LogClassifier.Model model;
    int tries = 0;
    do { // Swapped meanwhile: once more, for a verdict names the model that gave it.
      model = classifier.model();
      classifier.classify(s.features, s.verdict);
    } while (model != classifier.model() && ++tries < SWAPS);
    return s.verdict.snapshot(s.features.fingerprint(), model.id());
  }

  /** Classifies one line. */
  public Classification classify(String message) {
    return classify(LogRecord.of(message));
  }

  /** Why a record is classified as it is, strongest reason first; not for the hot path. */
  public List<Classification.Reason> explain(LogRecord record, int limit) {
    Scratch s = scratch.get();
    extractor.extract(record, s.features);
    List<Classification.Reason> reasons = new ArrayList<>();
    for (LogClassifier.Contribution c : classifier.explain(s.features, limit)) {
      reasons.add(
          new Classification.Reason(c.head(), extractor.describe(record, c.index()), c.weight()));
    }
    return reasons;
  }

  /** Which model decides. */
  public LogClassifier.Model model() {
    return classifier.model();
  }

  /**
   * Resumes the sources where the stores left off and starts the pipeline.
   *
   * @throws IllegalStateException if it was started before
   */
  public void start() {
    pipeline.start();
  }

  /**
   * Waits until every source has ended and all was flushed.
   *
   * @return false if that took longer than {@code limit}
   * @throws CopilotException if the pipeline stopped by a failure
   */
  public boolean await(Duration limit) throws InterruptedException {
    return pipeline.await(limit);
  }

  /** What went through so far; any thread may call it. */
  public Stats stats() {
    return pipeline.stats();
  }

  /**
   * Stops polling, flushes, answers nothing more and closes sources and sinks, within about 10 s.
   * Calling it again does nothing.
   */
  @Override
  public void close() {
    pipeline.close();
  }

  /**
   * What went through the pipeline.
   *
   * @param records records taken from the sources
   * @param failed records that extractor, classifier or detector could not handle; they are stored
   *     with an unknown verdict
   * @param issues issue updates seen
   * @param unanswered issue updates for which no answer was made, since the queue was full
   * @param retries how often a source or sink had to be tried again
   * @param running whether the pipeline runs
   * @param failure why it stopped by itself, empty if it did not
   * @param counters counters of the sources and sinks by name, summed
   */
  public record Stats(
      long records,
      long failed,
      long issues,
      long unanswered,
      long retries,
      boolean running,
      String failure,
      Map<String, Long> counters) {}

  /** One thread's working memory. */
  private static final class Scratch {
    final FeatureVector features;
    final Verdict verdict;

    Scratch(FeatureExtractor extractor, LogClassifier classifier) {
      this.features = new FeatureVector(extractor.schema());
      this.verdict = new Verdict(classifier.categories());
    }
  }

  /** Builds a {@link Copilot}; not thread-safe. */
  public static final class Builder {
    final List<LogSource> sources = new ArrayList<>();
    final List<LogSink> sinks = new ArrayList<>();
    Optional<FeatureExtractor> extractor = Optional.empty();
    Optional<LogClassifier> classifier = Optional.empty();
    Optional<IssueDetector> detector = Optional.empty();
    Optional<Answerer> answerer = Optional.empty();
    BiConsumer<Issue, Answerer.Answer> onIssue = (issue, answer) -> {};
    int batch = 256;
    int answerQueue = 64;
    Duration flushInterval = Duration.ofMillis(200);

    private Builder() {}

    /** One more source; polled in turn with the others. */
    public Builder source(LogSource source) {
      sources.add(Objects.requireNonNull(source, "source"));
      return this;
    }

    /**
     * One more sink; called in the order of adding. The first {@link LogStore} keeps positions;
     * without one, the first sink that has any.
     */
    public Builder sink(LogSink sink) {
      sinks.add(Objects.requireNonNull(sink, "sink"));
      return this;
    }

    /** What makes features; must be set. */
    public Builder features(FeatureExtractor extractor) {
      this.extractor = Optional.of(extractor);
      return this;
    }

    /** What decides; must be set. */
    public Builder classifier(LogClassifier classifier) {
      this.classifier = Optional.of(classifier);
      return this;
    }

    /** What finds issues; none by default. */
    public Builder detector(IssueDetector detector) {
      this.detector = Optional.of(detector);
      return this;
    }

    /**
     * What answers questions about issues; none by default, then answers are empty. An issue is
     * answered once its lines were flushed; of several states between two flushes only the newest.
     */
    public Builder answerer(Answerer answerer) {
      this.answerer = Optional.of(answerer);
      return this;
    }

    /**
     * Takes each issue update with its answer, on the answering thread; on the pipeline thread with
     * an empty answer where the queue is full or no answerer is set.
     */
    public Builder onIssue(BiConsumer<Issue, Answerer.Answer> onIssue) {
      this.onIssue = Objects.requireNonNull(onIssue, "onIssue");
      return this;
    }

    /** How many records are taken from one source at a time, 1 to 100,000, default 256. */
    public Builder batch(int batch) {
      if (batch < 1 || batch > 100_000) {
        throw new IllegalArgumentException("batch is " + batch + ", must be 1 to 100000");
      }
      this.batch = batch;
      return this;
    }

    /** How many issues wait for an answer at most, 1 to 10,000, default 64. */
    public Builder answerQueue(int capacity) {
      if (capacity < 1 || capacity > 10_000) {
        throw new IllegalArgumentException("answerQueue is " + capacity + ", must be 1 to 10000");
      }
      this.answerQueue = capacity;
      return this;
    }

    /** How long accepted records wait for their commit at most, 1 ms to 1 min, default 200 ms. */
    public Builder flushInterval(Duration interval) {
      if (interval.toMillis() < 1 || interval.toMillis() > 60_000) {
        throw new IllegalArgumentException(
            "flushInterval is " + interval + ", must be 1 ms to 1 min");
      }
      this.flushInterval = interval;
      return this;
    }

    /**
     * The pipeline, not started.
     *
     * @throws IllegalStateException if features or classifier are not set
     * @throws IllegalArgumentException if their schemas differ
     */
    public Copilot build() {
      return new Copilot(this);
    }
  }
}
