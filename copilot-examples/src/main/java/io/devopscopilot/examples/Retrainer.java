package io.devopscopilot.examples;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Verdict;
import io.devopscopilot.classifier.ClassifierTrainer;
import io.devopscopilot.classifier.LabelledLine;
import io.devopscopilot.classifier.LogRecipe;
import io.devopscopilot.classifier.SwappableLogClassifier;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.collector.Correction;
import io.devopscopilot.collector.DuckDbLogStore;
import io.devopscopilot.features.TextFeatureExtractor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns from corrections: trains by the present model's recipe on the bundled corpus and the
 * corrections, compares the new model with the present one on lines kept from the training, and
 * exchanges it only where it is right at least as often on the corrections and no less on ordinary
 * lines than chance explains (sign test over the lines that only one of them has right, two
 * standard deviations). One training at a time, on a thread of its own.
 */
final class Retrainer {
  /** Fewer corrections teach nothing that holds. */
  static final int LEAST = 5;

  /** One correction of so many is kept for the comparison. */
  private static final int KEPT = 5;

  /** Ordinary lines are made with this seed for training, with the next one for comparing. */
  private static final long SEED = 42;

  /** A person looked at it: counts as so many ordinary rows. */
  private static final double WEIGHT = 5;

  private static final Logger LOG = LoggerFactory.getLogger(Retrainer.class);

  private final DuckDbLogStore store;
  private final SwappableLogClassifier serving;
  private final Path file;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile TreeLogClassifier current;
  private volatile String state = "not asked for";

  /**
   * Has a better model served than the first one.
   *
   * @param serving serves {@code first}
   * @param file where a better model is kept for the next start
   */
  Retrainer(
      DuckDbLogStore store, SwappableLogClassifier serving, TreeLogClassifier first, Path file) {
    this.store = store;
    this.file = file;
    this.current = first;
    this.serving = serving;
  }

  /** The model trained in this data folder before; a file that is refused is told and left. */
  static TreeLogClassifier first(Path file) {
    if (Files.exists(file)) {
      try {
        return TreeLogClassifier.load(file);
      } catch (CopilotException e) {
        LOG.warn("{}; the default model serves", e.getMessage());
      }
    }
    return TreeLogClassifier.loadDefault();
  }

  /** What the last training came to, for people. */
  String state() {
    return state;
  }

  /**
   * Begins a training.
   *
   * @return false if one is running
   * @throws CopilotException if there are too few corrections
   */
  boolean start() {
    List<Correction> corrections = store.corrections();
    if (corrections.size() < LEAST) {
      throw new CopilotException(
          "there are " + corrections.size() + " corrections, must be " + LEAST + " or more");
    }
    if (!running.compareAndSet(false, true)) {
      return false;
    }
    state = "training since " + Instant.now();
    Thread thread =
        new Thread(
            () -> {
              try {
                train(corrections);
              } catch (RuntimeException e) {
                state = "failed: " + e.getMessage();
                LOG.warn("training failed: {}", e.getMessage());
              } finally {
                running.set(false);
              }
            },
            "copilot-train");
    thread.setDaemon(true);
    thread.start();
    return true;
  }

  private void train(List<Correction> corrections) {
    List<LabelledLine> lines = new ArrayList<>(TrainingCorpus.lines(SEED, TrainCommand.VARIANTS));
    List<LabelledLine> kept = new ArrayList<>();
    for (int i = 0; i < corrections.size(); i++) {
      (i % KEPT == KEPT - 1 ? kept : lines).addAll(labelled(corrections.subList(i, i + 1)));
    }
    ClassifierTrainer.Trained trained =
        new ClassifierTrainer(new TextFeatureExtractor())
            .trainLike(LogRecipe.of(current), "corrected-" + corrections.size(), lines);
    TreeLogClassifier next = trained.classifier();
    List<LabelledLine> ordinary = TrainingCorpus.lines(SEED + 1, 1);
    Duel corrected = Duel.of(current, next, kept);
    Duel plain = Duel.of(current, next, ordinary);
    boolean better = corrected.newOnly() >= corrected.oldOnly() && !plain.worse();
    String figures =
        String.format(
            Locale.ROOT,
            "of %d corrections kept from the training only the new model has %d labels right, only the"
                + " old one %d; of %d ordinary lines %d and %d",
            kept.size(),
            corrected.newOnly(),
            corrected.oldOnly(),
            ordinary.size(),
            plain.newOnly(),
            plain.oldOnly());
    if (better) {
      serving.swap(next);
      current = next;
      trained.write(file);
    }
    state = (better ? "the new model serves: " : "the old model stays: ") + figures;
    LOG.info("{}", state);
  }

  /** Corrections as lines to learn from. */
  static List<LabelledLine> labelled(List<Correction> corrections) {
    return corrections.stream()
        .map(c -> new LabelledLine("corrections", c.message(), c.severity(), c.category(), WEIGHT))
        .toList();
  }

  /** Labels that only one of two models has right. */
  private record Duel(long oldOnly, long newOnly) {
    static Duel of(TreeLogClassifier old, TreeLogClassifier next, List<LabelledLine> lines) {
      TextFeatureExtractor extractor = new TextFeatureExtractor();
      FeatureVector vector = new FeatureVector(extractor.schema());
      Verdict first = new Verdict(old.categories());
      Verdict second = new Verdict(next.categories());
      long oldOnly = 0;
      long newOnly = 0;
      for (LabelledLine line : lines) {
        extractor.extract(LogRecord.of(line.text()), vector);
        old.classify(vector, first);
        next.classify(vector, second);
        for (boolean severity : new boolean[] {true, false}) {
          boolean before = right(line, first, severity);
          boolean after = right(line, second, severity);
          oldOnly += before && !after ? 1 : 0;
          newOnly += after && !before ? 1 : 0;
        }
      }
      return new Duel(oldOnly, newOnly);
    }

    private static boolean right(LabelledLine line, Verdict said, boolean severity) {
      return severity
          ? line.severity().filter(s -> s == said.severity()).isPresent()
          : line.category().filter(c -> c.equals(said.category())).isPresent();
    }

    boolean worse() {
      return oldOnly - newOnly > 2 * Math.sqrt(oldOnly + newOnly);
    }
  }
}
