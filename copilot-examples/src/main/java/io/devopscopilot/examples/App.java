package io.devopscopilot.examples;

import io.devopscopilot.api.Answerer;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.KnowledgeBase;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.classifier.WindowIssueDetector;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything wired over one data folder: store, model, knowledge, answers, pipeline. Any thread may
 * use it; {@link #close()} ends all parts.
 */
final class App implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(App.class);
  private static final double OWN_WEIGHT = 1.5;

  private final AppOptions options;
  private final DuckDbLogStore store;
  private final KnowledgeBase knowledge;
  private final PassageAnswerer passages;
  private final Answerer answerer;
  private final Uploads uploads = new Uploads();
  private final IssueBoard issues = new IssueBoard();
  private final Copilot copilot;
  private volatile boolean indexed;
  private volatile String indexState = "not begun";

  /** Opens the parts; sources are polled once {@link #start()} is called. */
  App(AppOptions options, List<LogSource> sources) {
    this.options = options;
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
    Thread thread = new Thread(this::index, "copilot-index");
    thread.setDaemon(true);
    thread.start();
  }

  /** Indexes bundled runbooks and the user's documents; a failure is told, not thrown. */
  void index() {
    try {
      indexState = "reading the bundled runbooks";
      Runbooks.sync(knowledge);
      for (Path path : options.docs) {
        DocumentFolder.Result result =
            DocumentFolder.of(String.valueOf(path.toAbsolutePath().normalize().getFileName()), path)
                .weight(OWN_WEIGHT)
                .progress(p -> indexState = p.done() + " of " + p.total() + " documents")
                .sync(knowledge);
        LOG.info(
            "{}: {} documents, {} changed, {} removed, {} skipped",
            path,
            result.documents(),
            result.changed(),
            result.removed(),
            result.skipped().size());
        result.skipped().forEach(s -> LOG.warn("not indexed: {}", s));
      }
      indexState = "ready";
      indexed = true;
    } catch (RuntimeException e) {
      indexState = "failed: " + e.getMessage();
      LOG.warn("documents could not be indexed: {}", e.getMessage());
    }
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
    copilot.close();
    knowledge.close();
  }
}
