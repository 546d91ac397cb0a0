package io.devopscopilot.examples;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.CachedLogClassifier;
import io.devopscopilot.classifier.SwappableLogClassifier;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The model that serves, and verdicts for those who ask by request. It is there before store and
 * index are. Single records are classified on the caller's thread; batches on one thread per
 * processor, whose remembered verdicts ({@link CachedLogClassifier}) a request thread would have to
 * keep for itself.
 */
final class ServingModel implements AutoCloseable {
  /** So many records of a batch go to one thread at a time. */
  static final int CHUNK = 250;

  private final Path trained;
  private final TreeLogClassifier first;
  private final SwappableLogClassifier serving;
  private final VerdictWriter writer;
  private final Copilot single;
  private final Copilot batch;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          Runtime.getRuntime().availableProcessors(),
          r -> {
            Thread thread = new Thread(r, "copilot-classify");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Serves a model of the user's, the one trained in the data folder before, or the default one.
   */
  ServingModel(AppOptions options) {
    this.trained = options.dataDir.resolve("corrected.model");
    this.first =
        options.model.map(TreeLogClassifier::load).orElseGet(() -> Retrainer.first(trained));
    this.serving = new SwappableLogClassifier(first);
    this.writer = new VerdictWriter(serving.categories());
    this.single =
        Copilot.builder().features(new TextFeatureExtractor()).classifier(serving).build();
    this.batch =
        Copilot.builder()
            .features(new TextFeatureExtractor())
            .classifier(new CachedLogClassifier(serving))
            .build();
  }

  /** Where a better model is kept for the next start. */
  Path trained() {
    return trained;
  }

  /** The model at the start. */
  TreeLogClassifier first() {
    return first;
  }

  SwappableLogClassifier serving() {
    return serving;
  }

  /** Writes its verdicts. */
  VerdictWriter writer() {
    return writer;
  }

  /** Verdicts in the order of the records. */
  List<Classification> classify(List<LogRecord> records) {
    if (records.size() == 1) {
      return List.of(single.classify(records.get(0)));
    }
    List<Future<List<Classification>>> chunks = new ArrayList<>();
    for (int i = 0; i < records.size(); i += CHUNK) {
      List<LogRecord> chunk = records.subList(i, Math.min(records.size(), i + CHUNK));
      chunks.add(
          threads.submit(
              () -> {
                List<Classification> verdicts = new ArrayList<>(chunk.size());
                for (LogRecord record : chunk) {
                  verdicts.add(batch.classify(record));
                }
                return verdicts;
              }));
    }
    List<Classification> all = new ArrayList<>(records.size());
    try {
      for (Future<List<Classification>> chunk : chunks) {
        all.addAll(chunk.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a batch could not be classified", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CopilotException("interrupted while a batch was classified", e);
    }
    return all;
  }

  /** Why a record is classified as it is, strongest reason first. */
  List<Classification.Reason> explain(LogRecord record, int limit) {
    return single.explain(record, limit);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
