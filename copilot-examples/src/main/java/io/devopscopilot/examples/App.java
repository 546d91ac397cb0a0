package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.classifier.CachedLogClassifier;
import io.devopscopilot.classifier.CaseEvidenceClassifier;
import io.devopscopilot.collector.ClusterDocuments;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.collector.ParquetLogStore;
import io.devopscopilot.features.TextFeatureExtractor;
import io.devopscopilot.rag.ChromaKnowledgeBase;
import io.devopscopilot.rag.DocumentFolder;
import io.devopscopilot.rag.LuceneKnowledgeBase;
import io.devopscopilot.rag.PassageAnswerer;
import io.devopscopilot.rag.RagAnswerer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything wired over one data folder: store, model, knowledge, answers, pipeline. Any thread may
 * use it; {@link #close()} ends all parts.
 */
final class App implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(App.class);
  private static final double OWN_WEIGHT = 1.5;

  /** Documents are looked at again so often; unchanged ones cost next to nothing. */
  private static final long SYNC_SECONDS = 60;

  /** So long the end waits for the thread that indexes; the closed index lets it end at once. */
  private static final long INDEXER_MILLIS = 10_000;

  /** Stored records that the detector sees again after a restart, the newest ones. */
  private static final int REPLAYED = 50_000;

  private final AppOptions options;
  private final DuckDbLogStore store;
  private final LogStore lines;
  private Optional<IssueFiles> issueFiles = Optional.empty();
  private final KnowledgeBase knowledge;
  private final ServingModel model;
  private final Retrainer retrainer;
  private final PassageAnswerer passages;
  private final Answerer answerer;
  private final Uploads uploads = new Uploads();
  private final IssueBoard issues = new IssueBoard();
  private final Copilot copilot;
  private final Optional<ClusterDocuments> documents;
  private final Thread indexer = new Thread(this::keepIndexed, "copilot-index");
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean started;
  private volatile boolean indexed;
  private volatile @Nullable Instant synced;
  private volatile String indexState = "being loaded";
  private final List<String> skipped = new CopyOnWriteArrayList<>();
  private final Semaphore wake = new Semaphore(0);
  private final IssueKeeper detector;

  /** Opens the parts; sources are polled once {@link #start()} is called. */
  App(AppOptions options, List<LogSource> sources, Optional<ClusterDocuments> documents) {
    this(options, () -> new ServingModel(options), sources, documents);
  }

  /**
   * Opens the parts beside a model that somebody else loads.
   *
   * @param loaded waits for the model, which is this app's from then on
   */
  App(
      AppOptions options,
      Supplier<ServingModel> loaded,
      List<LogSource> sources,
      Optional<ClusterDocuments> documents) {
    this.options = options;
    this.documents = documents;
    this.detector = new IssueKeeper(options.dataDir, issues);
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      Files.createDirectories(options.dataDir);
      this.store = DuckDbLogStore.open(options.dataDir.resolve("logs.duckdb"), options.retention);
      opened.add(store);
      this.lines = options.parquet.<LogStore>map(ParquetLogStore::open).orElse(store);
      opened.add(lines);
      this.knowledge =
          options.chroma.isPresent()
              ? ChromaKnowledgeBase.open(options.chroma.get(), "devops-copilot")
              : LuceneKnowledgeBase.open(options.dataDir.resolve("index"));
      opened.add(knowledge);
      this.model = loaded.get();
    } catch (IOException e) {
      close(opened);
      throw new CopilotException(
          "--data-dir " + options.dataDir + " can't be made: " + Main.reason(e), e);
    } catch (RuntimeException e) {
      close(opened);
      throw e;
    }
    this.retrainer = new Retrainer(store, model.serving(), model.first(), model.trained());
    this.passages =
        new PassageAnswerer(
            knowledge, Optional.of(lines), Optional.of(new CaseEvidenceClassifier()));
    this.answerer =
        options
            .ollama
            .<Answerer>map(uri -> RagAnswerer.ollama(uri, options.ollamaModel, passages))
            .orElse(passages);
    Copilot.Builder builder =
        Copilot.builder()
            .features(TextFeatureExtractor.remembering())
            .classifier(new CachedLogClassifier(model.serving()))
            .sink(store)
            .sink(uploads)
            .source(uploads)
            .detector(detector)
            .answerer(passages)
            .batch(2048)
            .onIssue(issues);
    sources.forEach(builder::source);
    this.copilot = builder.build();
  }

  private static void close(List<AutoCloseable> parts) {
    for (AutoCloseable part : parts) {
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("could not close {}: {}", part.getClass().getSimpleName(), e.getMessage());
      }
    }
  }

  /** Starts the pipeline and, on a thread of its own, the indexing of the documents. */
  void start() {
    indexer.setDaemon(true);
    indexer.start();
    if (options.parquet.isPresent()) {
      issueFiles =
          Optional.of(
              new IssueFiles(
                  options.parquet.get(),
                  issue -> issues.accept(issue, Answerer.Answer.none(List.of()))));
    } else if (!detector.start()) {
      replay();
    }
    copilot.start();
    started = true;
  }

  /** Whether the pipeline runs. */
  boolean started() {
    return started;
  }

  /** Has the documents read again at once, in the background. */
  void sync() {
    wake.release();
  }

  /**
   * Shows the newest stored records to the detector, so that after a kill it knows most of what it
   * knew. Answers of issues found so are made when somebody looks at them.
   */
  void replay() {
    List<LogStore.Stored> newest = lines.find(LogQuery.builder().limit(REPLAYED).build());
    if (newest.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    List<LogRecord> records = new ArrayList<>(newest.size());
    Set<String> told = new HashSet<>();
    for (int i = newest.size() - 1; i >= 0; i--) {
      records.add(newest.get(i).record());
    }
    List<Classification> verdicts = model.classify(records);
    for (int i = 0; i < records.size(); i++) {
      detector.observe(
          records.get(i),
          verdicts.get(i),
          issue -> {
            told.add(issue.id());
            issues.accept(issue, Answerer.Answer.none(List.of()));
          });
    }
    issues.endUntold(told);
    LOG.info(
        "{} stored records shown to the detector in {} ms",
        newest.size(),
        (System.nanoTime() - start) / 1_000_000);
  }

  /** An issue with its answer, which is made now where that was not done before. */
  Optional<IssueBoard.Entry> issue(String id) {
    Optional<IssueBoard.Entry> entry = issues.get(id);
    if (entry.isPresent() && !entry.get().answer().answered()) {
      issues.answered(id, passages.answer(entry.get().issue().asQuestion()));
      entry = issues.get(id);
    }
    return entry;
  }

  List<String> skipped() {
    return List.copyOf(skipped);
  }

  AppOptions options() {
    return options;
  }

  private void keepIndexed() {
    try {
      do {
        index();
        if (wake.tryAcquire(SYNC_SECONDS, TimeUnit.SECONDS)) {
          wake.drainPermits();
        }
      } while (closed.getCount() > 0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Brings the knowledge in step with bundled runbooks, the user's documents and ConfigMaps; a
   * failure is told, not thrown, and tried again.
   */
  void index() {
    List<String> failures = new ArrayList<>();
    skipped.clear();
    step(failures, "the bundled runbooks", () -> Runbooks.sync(knowledge));
    for (Path path : options.docs) {
      Path base = base(path);
      String name = String.valueOf(base.toAbsolutePath().normalize().getFileName());
      DocumentFolder folder =
          DocumentFolder.of(name, base)
              .glob(base.equals(path) ? "**" : base.relativize(path).toString())
              .weight(OWN_WEIGHT)
              .progress(p -> indexState = p.done() + " of " + p.total() + " documents");
      step(failures, path.toString(), () -> report(name, folder.sync(knowledge)));
    }
    documents.ifPresent(
        maps ->
            step(
                failures,
                "ConfigMaps",
                () ->
                    report(
                        "ConfigMaps",
                        DocumentFolder.sync(knowledge, "configmaps", maps.read(), OWN_WEIGHT))));
    indexState = failures.isEmpty() ? "ready" : "failed: " + String.join("; ", failures);
    indexed = indexed || failures.isEmpty();
    synced = Instant.now();
  }

  /** The part of a path before its first wildcard. */
  private static Path base(Path path) {
    Path base = path;
    Path above = path;
    while (above != null && above.getNameCount() > 0) {
      boolean wild = above.getFileName().toString().matches(".*[*?\\[{].*");
      above = above.getParent();
      base = !wild ? base : above == null ? Path.of("") : above;
    }
    return base;
  }

  private void step(List<String> failures, String what, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | LinkageError e) { // the latter: native code that can't be loaded
      if (closed.getCount() == 0) {
        return; // cut short, which is no failure
      }
      failures.add(what + ": " + e.getMessage());
      LOG.warn("{} could not be indexed: {}", what, e.getMessage());
    }
  }

  private void report(String name, DocumentFolder.Result result) {
    if (result.changed() + result.removed() > 0) {
      LOG.info(
          "{}: {} documents, {} changed, {} removed, {} skipped",
          name,
          result.documents(),
          result.changed(),
          result.removed(),
          result.skipped().size());
    }
    result.skipped().forEach(s -> LOG.warn("not indexed: {}", s));
    result.skipped().stream().limit(100).forEach(s -> skipped.add(String.valueOf(s)));
  }

  /** When the documents were last looked at, empty before the first time. */
  Optional<Instant> synced() {
    return Optional.ofNullable(synced);
  }

  boolean indexed() {
    return indexed;
  }

  String indexState() {
    return indexState;
  }

  ServingModel model() {
    return model;
  }

  Retrainer retrainer() {
    return retrainer;
  }

  /** Where lines are searched: the data folder, or the Parquet files of somebody else. */
  LogStore store() {
    return lines;
  }

  /** What is kept in the data folder. */
  DuckDbLogStore own() {
    return store;
  }

  KnowledgeBase knowledge() {
    return knowledge;
  }

  Answerer answerer() {
    return answerer;
  }

  Copilot copilot() {
    return copilot;
  }

  Uploads uploads() {
    return uploads;
  }

  IssueBoard issues() {
    return issues;
  }

  @Override
  public void close() {
    closed.countDown(); // An interrupt would break the index in the middle of a write.
    wake.release();
    copilot.close();
    detector.close();
    issueFiles.ifPresent(IssueFiles::close);
    lines.close();
    knowledge.close();
    try {
      // The embedding model's native code crashes a process that ends while it is being loaded.
      indexer.join(INDEXER_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    model.close();
  }
}
