package io.devopscopilot.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The two threads behind {@link Copilot#start()}. */
final class Pipeline {
  private static final Logger LOG = LoggerFactory.getLogger(Copilot.class);
  private static final long IDLE_MILLIS = 20;
  private static final long MAX_BACKOFF_MILLIS = 5_000;
  private static final long CLOSE_MILLIS = 10_000;
  private static final long KEEP_NANOS = 3_600_000_000_000L;
  private static final long FIRST_KEEP_NANOS = 60_000_000_000L;

  private final Copilot copilot;
  private final List<LogSource> sources;
  private final List<LogSink> sinks;
  private final Optional<IssueDetector> detector;
  private final Optional<Answerer> answerer;
  private final BiConsumer<Issue, Answerer.Answer> onIssue;
  private final int batch;
  private final long flushNanos;
  private final int answerQueue;
  // Issues wait here until their lines are durable: before, an answer would not find them.
  private final Map<String, Issue> raised = new LinkedHashMap<>();
  private final BlockingQueue<Issue> questions;
  private final Consumer<LogRecord> handler = this::handle;
  private final Consumer<Issue> issueHandler = this::raise;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();

  private volatile boolean started;
  private volatile boolean stopping;
  private volatile String failure = "";
  private final AtomicLong records = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong issues = new AtomicLong();
  private final AtomicLong unanswered = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private Optional<Thread> worker = Optional.empty();
  private Optional<Thread> answering = Optional.empty();

  Pipeline(Copilot copilot, Copilot.Builder builder) {
    this.copilot = copilot;
    this.sources = List.copyOf(builder.sources);
    this.sinks = List.copyOf(builder.sinks);
    this.detector = builder.detector;
    this.answerer = builder.answerer;
    this.onIssue = builder.onIssue;
    this.batch = builder.batch;
    this.flushNanos = builder.flushInterval.toNanos();
    this.answerQueue = builder.answerQueue;
    this.questions = new ArrayBlockingQueue<>(answerQueue);
  }

  synchronized void start() {
    if (started || closed.get()) {
      throw new IllegalStateException("this Copilot was started before: build another one");
    }
    started = true;
    worker = Optional.of(daemon("copilot-pipeline", this::run));
    if (answerer.isPresent()) {
      answering = Optional.of(daemon("copilot-answers", this::answerIssues));
    }
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void run() {
    try {
      resume();
      loop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (!stopping) {
        failure = "interrupted";
      }
    } catch (Exception | LinkageError e) {
      failure = describe(e);
      if (e instanceof CopilotException) {
        LOG.error("the pipeline stopped: {}", failure); // its message says enough
      } else {
        LOG.error("the pipeline stopped: {}", failure, e);
      }
    } finally {
      askRaised();
      ended.countDown();
    }
  }

  private void resume() throws Exception {
    Map<String, String> positions =
        sinks.stream()
            .filter(LogStore.class::isInstance)
            .findFirst()
            .or(() -> sinks.stream().filter(s -> !s.positions().isEmpty()).findFirst())
            .map(LogSink::positions)
            .orElse(Map.of());
    for (LogSource source : sources) {
      source.resume(positions);
    }
  }

  private void loop() throws Exception {
    List<LogSource> open = new ArrayList<>(sources);
    long unflushed = 0;
    long lastFlush = System.nanoTime();
    long nextKeep = lastFlush + FIRST_KEEP_NANOS;
    long backoff = 0;
    while (!stopping && !open.isEmpty()) {
      int moved = 0;
      for (int i = open.size() - 1; i >= 0 && !stopping; i--) {
        try {
          int n = open.get(i).poll(handler, batch);
          if (n == LogSource.ENDED) {
            open.remove(i);
          } else {
            moved += n;
            backoff = 0;
          }
        } catch (CopilotException e) {
          backoff = retryOrThrow(e, backoff);
        }
      }
      unflushed += moved;
      if (unflushed > 0 && System.nanoTime() - lastFlush >= flushNanos) {
        if (flush()) {
          unflushed = 0;
        }
        lastFlush = System.nanoTime();
      }
      if (System.nanoTime() - nextKeep >= 0) {
        keep();
        nextKeep = System.nanoTime() + KEEP_NANOS;
      }
      if (moved == 0 && !open.isEmpty()) {
        Thread.sleep(IDLE_MILLIS);
      }
    }
    for (int i = 0; !flush(); i++) {
      if (i == 10) {
        throw new CopilotException("the last records could not be stored, see the log");
      }
    }
    keep();
  }

  /** Without it the sinks would have to keep the position of every stream there ever was. */
  private void keep() {
    try {
      Set<String> streams = new HashSet<>();
      for (LogSource source : sources) {
        Optional<Set<String>> own = source.streams();
        if (own.isEmpty()) {
          return;
        }
        streams.addAll(own.get());
      }
      for (LogSink sink : sinks) {
        sink.keep(streams);
      }
    } catch (RuntimeException e) {
      LOG.warn("old positions are dropped another time: {}", describe(e));
    }
  }

  private boolean flush() throws InterruptedException {
    try {
      for (LogSink sink : sinks) {
        sink.flush();
      }
      askRaised();
      return true;
    } catch (CopilotException e) {
      retryOrThrow(e, 0);
      return false;
    }
  }

  /** Waits and returns the next pause in ms; a failure that can't be retried is thrown again. */
  private long retryOrThrow(CopilotException e, long backoff) throws InterruptedException {
    if (!e.retryable()) {
      throw e;
    }
    retries.incrementAndGet();
    long pause = Math.min(MAX_BACKOFF_MILLIS, Math.max(100, backoff * 2));
    LOG.warn("trying again in {} ms: {}", pause, describe(e));
    for (long waited = 0; waited < pause && !stopping; waited += IDLE_MILLIS) {
      Thread.sleep(IDLE_MILLIS);
    }
    return pause;
  }

  private void handle(LogRecord record) {
    Classification classification;
    try {
      classification = copilot.classify(record);
    } catch (RuntimeException e) {
      fail(e);
      classification = Classification.certain(Severity.INFO, Category.UNKNOWN, 0);
    }
    for (LogSink sink : sinks) {
      sink.accept(record, classification);
    }
    records.incrementAndGet();
    if (detector.isPresent()) {
      try {
        detector.get().observe(record, classification, issueHandler);
      } catch (RuntimeException e) {
        fail(e);
      }
    }
  }

  private void fail(RuntimeException e) {
    if (failed.get() == 0) {
      LOG.warn("a record could not be handled; it is stored, further ones are only counted", e);
    }
    failed.incrementAndGet();
  }

  private void raise(Issue issue) {
    issues.incrementAndGet();
    if (answerer.isEmpty()) {
      tell(issue, Answerer.Answer.none(List.of()));
    } else {
      Issue before = raised.remove(issue.id());
      if (before != null) {
        tell(before, Answerer.Answer.none(List.of()));
      }
      raised.put(issue.id(), issue);
      if (raised.size() > answerQueue) {
        Issue eldest = raised.values().iterator().next();
        raised.remove(eldest.id());
        ask(eldest);
      }
    }
  }

  private void ask(Issue issue) {
    if (!questions.offer(issue)) {
      unanswered.incrementAndGet();
      tell(issue, Answerer.Answer.none(List.of()));
    }
  }

  private void askRaised() {
    raised.values().forEach(this::ask);
    raised.clear();
  }

  private void answerIssues() {
    try {
      while (!stopping || !questions.isEmpty()) {
        Issue issue = questions.poll(100, TimeUnit.MILLISECONDS);
        if (issue != null) {
          Answerer.Answer answer;
          try {
            answer = answerer.orElseThrow().answer(issue.asQuestion());
          } catch (RuntimeException e) {
            LOG.warn("no answer for issue {}: {}", issue.id(), describe(e));
            answer = Answerer.Answer.none(List.of(describe(e)));
          }
          tell(issue, answer);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(Issue issue, Answerer.Answer answer) {
    try {
      onIssue.accept(issue, answer);
    } catch (RuntimeException e) {
      LOG.warn("the issue handler failed for {}", issue.id(), e);
    }
  }

  private static String describe(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  boolean await(Duration limit) throws InterruptedException {
    boolean done = ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (!failure.isEmpty()) {
      throw new CopilotException("the pipeline stopped: " + failure);
    }
    return done;
  }

  Copilot.Stats stats() {
    Map<String, Long> counters = new TreeMap<>();
    sources.forEach(s -> s.counters().forEach((k, v) -> counters.merge(k, v, Long::sum)));
    sinks.stream()
        .filter(s -> sources.stream().noneMatch(source -> source == s)) // told above
        .forEach(s -> s.counters().forEach((k, v) -> counters.merge(k, v, Long::sum)));
    boolean running = started && ended.getCount() > 0;
    return new Copilot.Stats(
        records.get(),
        failed.get(),
        issues.get(),
        unanswered.get(),
        retries.get(),
        running,
        failure,
        counters);
  }

  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    stopping = true;
    join(worker);
    join(answering);
    for (LogSource source : sources) {
      quietly(source);
    }
    for (LogSink sink : sinks) {
      quietly(sink);
    }
  }

  private static void join(Optional<Thread> thread) {
    if (thread.isEmpty() || thread.get() == Thread.currentThread()) {
      return;
    }
    try {
      thread.get().join(CLOSE_MILLIS);
      if (thread.get().isAlive()) {
        LOG.warn(
            "{} did not end within {} ms, interrupting it", thread.get().getName(), CLOSE_MILLIS);
        thread.get().interrupt();
        thread.get().join(1_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void quietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("could not close {}: {}", part.getClass().getSimpleName(), describe(e));
    }
  }
}
