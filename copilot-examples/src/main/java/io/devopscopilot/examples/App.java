package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.classifier.WindowIssueDetector;
import io.devopscopilot.collector.ClusterDocuments;
import io.devopscopilot.collector.DuckDbLogStore;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

  private final AppOptions options;
  private final DuckDbLogStore store;
  private final KnowledgeBase knowledge;
  private final PassageAnswerer passages;
  private final Answerer answerer;
  private final Uploads uploads = new Uploads();
  private final IssueBoard issues = new IssueBoard();
  private final Copilot copilot;
  private final Optional<ClusterDocuments> documents;
  private final Thread indexer = new Thread(this::keepIndexed, "copilot-index");
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean indexed;
  private volatile @Nullable Instant synced;
  private volatile String indexState = "not begun";

  /** Opens the parts; sources are polled once {@link #start()} is called. */
  App(AppOptions options, List<LogSource> sources, Optional<ClusterDocuments> documents) {
    this.options = options;
    this.documents = documents;
    TreeLogClassifier classifier =
        options.model.map(TreeLogClassifier::load).orElseGet(TreeLogClassifier::loadDefault);
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      Files.createDirectories(options.dataDir);
      this.store = DuckDbLogStore.open(options.dataDir.resolve("logs.duckdb"));
      opened.add(store);
      this.knowledge =
          options.chroma.isPresent()
              ? ChromaKnowledgeBase.open(options.chroma.get(), "devops-copilot")
              : LuceneKnowledgeBase.open(options.dataDir.resolve("index"));
      opened.add(knowledge);
    } catch (IOException e) {
      close(opened);
      throw new CopilotException("--data-dir " + options.dataDir + " can't be made: " + e, e);
    } catch (RuntimeException e) {
      close(opened);
      throw e;
    }
    this.passages = new PassageAnswerer(knowledge, Optional.of(store), Optional.empty());
    this.answerer =
        options
            .ollama
            .<Answerer>map(uri -> RagAnswerer.ollama(uri, options.ollamaModel, passages))
            .orElse(passages);
    Copilot.Builder builder =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(classifier)
            .sink(store)
            .sink(uploads)
            .source(uploads)
            .detector(new WindowIssueDetector())
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
    copilot.start();
    indexer.setDaemon(true);
    indexer.start();
  }

  private void keepIndexed() {
    try {
      do {
        index();
      } while (!closed.await(SYNC_SECONDS, TimeUnit.SECONDS));
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
    step(failures, "the bundled runbooks", () -> Runbooks.sync(knowledge));
    for (Path path : options.docs) {
      String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
      DocumentFolder folder =
          DocumentFolder.of(name, path)
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

  private void step(List<String> failures, String what, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      failures.add(what + ": " + e.getMessage());
      LOG.warn("{} could not be indexed: {}", what, e.getMessage());
    }
  }

  private static void report(String name, DocumentFolder.Result result) {
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

  DuckDbLogStore store() {
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
    copilot.close();
    knowledge.close();
  }
}
