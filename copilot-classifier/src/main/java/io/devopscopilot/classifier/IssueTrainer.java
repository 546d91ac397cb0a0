package io.devopscopilot.classifier;

import io.devopscopilot.api.Classification;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Trains an {@link IssueModel} from scenarios: a detector with fixed bars plays each, and whatever
 * it weighs becomes a row, labelled by whether the service failed within {@link
 * WindowIssueDetector#HORIZON}. A decision tree, a random forest and boosted trees, in this order,
 * learn from the training scenarios; those for validation, of other kinds, choose between them,
 * give the calibration curve and the threshold. One thread; the same scenarios and seed give the
 * same file bit for bit. Needs Tribuo on the class path. Not thread-safe.
 */
public final class IssueTrainer {
  /** Rows of one service are at least so far apart, in training. */
  private static final long APART = 2_000;

  /** What is weighed so soon after the first record is not learned from: a detector runs longer. */
  private static final long WARM_UP = 300_000;

  private static final int ROUNDS = 80;
  private static final double RATE = 0.15;
  private static final List<String> OUTCOMES = List.of("no", "yes");

  private final List<Played> played = new ArrayList<>();
  private final List<String> report = new ArrayList<>();
  private final Map<String, String> figures = new TreeMap<>();
  private Consumer<String> progress = line -> {};
  private long seed = 42;

  /** A trainer without scenarios. */
  public IssueTrainer() {}

  /** Where one line per step goes; by default nowhere. */
  public IssueTrainer progress(Consumer<String> progress) {
    this.progress = progress;
    return this;
  }

  /** The seed of all random choices; 42 by default. */
  public IssueTrainer seed(long seed) {
    this.seed = seed;
    return this;
  }

  /**
   * What is known about a scenario.
   *
   * @param kind kinds of training and of validation must differ
   * @param validation whether it is for validation
   * @param failure when the service fails, empty for a quiet scenario
   * @param service the one that fails
   */
  public record Scenario(
      String kind, boolean validation, Optional<Instant> failure, String service) {}

  /**
   * What a model says at one moment.
   *
   * @param probability that the service fails within the horizon, 0 to 1
   * @param fails whether it did
   */
  public record Weighing(double probability, boolean fails) {}

  /** One scenario being played: give it the records in order. */
  public static final class Played {
    final Scenario scenario;
    private final WindowIssueDetector detector;
    final List<Weighed> weighed = new ArrayList<>();
    private final Map<String, Long> kept = new HashMap<>();
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;

    private Played(Scenario scenario) {
      this.scenario = scenario;
      detector = new WindowIssueDetector(new IssueRules(), this::keep);
    }

    /** Plays one record. */
    public void observe(LogRecord record, Classification verdict) {
      first = Math.min(first, record.timestamp().toEpochMilli());
      last = Math.max(last, record.timestamp().toEpochMilli());
      detector.observe(record, verdict, (Issue issue) -> {});
    }

    /**
     * What a model, or else the fixed bars, says of all that was weighed so far, and whether the
     * service failed.
     */
    public List<Weighing> weighings(Optional<IssueModel> model) {
      IssueWeigher weigher = model.map(IssueModel::weigher).orElseGet(IssueRules::new);
      IssueSignals signals = new IssueSignals();
      List<Weighing> all = new ArrayList<>();
      for (Weighed w : weighed) {
        TrainingRows.fill(w.row(), signals.vector);
        all.add(new Weighing(weigher.probability(signals), w.row().label() == 1));
      }
      return all;
    }

    double hours() {
      return first > last ? 0 : (last - first) / 3.6e6;
    }

    private void keep(String service, long millis, IssueSignals signals) {
      if (millis < first + WARM_UP) {
        return;
      }
      String slot = service + (signals.get(Signal.FIGURE) > 0 ? " figure" : "");
      boolean crowded = millis - kept.getOrDefault(slot, Long.MIN_VALUE / 2) < APART;
      if (crowded && signals.get(Signal.SEVERE) < 1 && !scenario.validation()) {
        return;
      }
      kept.put(slot, millis);
      boolean fails =
          service.equals(scenario.service())
              && scenario
                  .failure()
                  .filter(f -> f.toEpochMilli() - millis <= WindowIssueDetector.HORIZON.toMillis())
                  .isPresent();
      double rules = new IssueRules().probability(signals);
      boolean alone = IssueModel.alone(signals);
      boolean now = IssueModel.beyondBars(signals);
      weighed.add(new Weighed(service, row(signals, fails), rules, alone, now));
    }

    private TrainingRows.Row row(IssueSignals signals, boolean label) {
      int n = 0;
      int[] index = new int[IssueSignals.SCHEMA.size()];
      float[] value = new float[index.length];
      for (int i = 0; i < index.length; i++) {
        if (signals.vector.get(i) != 0) {
          index[n] = i;
          value[n++] = signals.vector.get(i);
        }
      }
      return new TrainingRows.Row(
          Arrays.copyOf(index, n), Arrays.copyOf(value, n), label ? 1 : 0, scenario.kind(), 1);
    }
  }

  /**
   * What was weighed once.
   *
   * @param rules what the rules said
   * @param alone whether a model's threshold alone tells it
   * @param now whether it is told anyway
   */
  record Weighed(String service, TrainingRows.Row row, double rules, boolean alone, boolean now) {}

  /** A trained model, its report. */
  public static final class Trained {
    private final ModelFile file;
    private final List<String> report;

    private Trained(ModelFile file, List<String> report) {
      this.file = file;
      this.report = List.copyOf(report);
    }

    /** The model, ready to use. */
    public IssueModel model() {
      return new IssueModel(ModelFile.read(file.toBytes(), "just trained"));
    }

    /** Writes the model file; an older file is replaced at once or not at all. */
    public void write(Path path) {
      file.write(path);
    }

    /** What was compared, line by line, for people. */
    public List<String> report() {
      return report;
    }
  }

  /** Begins a scenario. */
  public Played play(Scenario scenario) {
    Played next = new Played(scenario);
    played.add(next);
    return next;
  }

  /**
   * Trains on all that was played.
   *
   * @param details what else the manifest should say
   * @throws IllegalArgumentException if a part has no row of an outcome, or both share a kind
   */
  public Trained train(String id, Map<String, String> details) {
    report.clear();
    figures.clear();
    figures.putAll(details);
    for (Played p : played) {
      if (p.scenario.validation()
          && played.stream()
              .anyMatch(
                  o -> !o.scenario.validation() && o.scenario.kind().equals(p.scenario.kind()))) {
        throw new IllegalArgumentException("kind " + p.scenario.kind() + " is in both parts");
      }
    }
    CompiledTrees failure = failure();
    Map<String, String> manifest = new TreeMap<>(figures);
    manifest.put("id", id);
    manifest.put("seed", Long.toString(seed));
    manifest.put("schema.id", IssueSignals.SCHEMA.id());
    manifest.put("schema.size", Integer.toString(IssueSignals.SCHEMA.size()));
    manifest.put("schema.names", String.join(",", IssueSignals.SCHEMA.names()));
    manifest.put("libraries", "tribuo 4.3.2, xgboost4j 1.6.2");
    return new Trained(new ModelFile(manifest, List.of(failure)), report);
  }

  private List<Played> part(boolean validation) {
    return played.stream().filter(p -> p.scenario.validation() == validation).toList();
  }

  private TrainingRows rows(boolean validation) {
    List<TrainingRows.Row> rows = new ArrayList<>();
    part(validation).forEach(p -> p.weighed.forEach(w -> rows.add(w.row())));
    if (rows.stream().map(TrainingRows.Row::label).distinct().count() < 2) {
      throw new IllegalArgumentException(
          (validation ? "validation" : "training")
              + " has only one outcome among "
              + rows.size()
              + " rows");
    }
    return new TrainingRows(IssueSignals.SCHEMA, OUTCOMES, rows);
  }

  /** Tree, forest and boosted trees; the one that finds most at the precision asked for. */
  private CompiledTrees failure() {
    TrainingRows train = rows(false);
    TrainingRows valid = rows(true);
    line(
        "%d scenarios for training with %d rows, %d for validation with %d rows",
        part(false).size(), train.size(), part(true).size(), valid.size());
    figures.put("failure.rows", train.size() + "," + valid.size());
    IssueValidation validation = new IssueValidation(part(true));
    line("rules: %s", validation.byRules());
    boolean[] use = new boolean[IssueSignals.SCHEMA.size()];
    Arrays.fill(use, true);
    TribuoTrees tree = TribuoTrees.tree(train, use, bounds(1, 6, 0));
    TribuoTrees forest = TribuoTrees.forest(train, use, bounds(60, 9, 0));
    CompiledTrees boosted = TribuoTrees.boosted(train, use, bounds(ROUNDS, 4, RATE)).compile();
    List<IssueValidation.Judged> rivals =
        List.of(
            validation.judge("decision tree", tree.compile()),
            validation.judge("random forest of 60", forest.compile()),
            validation.judge("boosted trees", boosted.prefix(2 * rounds(boosted, valid))));
    rivals.forEach(r -> line("%s", r));
    IssueValidation.Judged best =
        rivals.stream()
            .min(
                Comparator.comparingInt((IssueValidation.Judged r) -> -r.told().found())
                    .thenComparingDouble(IssueValidation.Judged::loss))
            .orElseThrow();
    line("kept: %s; with what breaks already beyond the bars: %s", best.name(), best.together());
    validation.byKind(best).forEach(this::line);
    figures.put("failure.by", best.name());
    figures.put("failure.calibration", best.curve().text());
    figures.put("failure.calibration.beyondBars", best.beyondBars().text());
    figures.put("failure.threshold", String.format(Locale.ROOT, "%.4f", best.threshold()));
    figures.put("failure.validation", best.toString());
    return best.trees();
  }

  private TribuoTrees.Bounds bounds(int trees, int depth, double rate) {
    return new TribuoTrees.Bounds(trees, depth, rate, 1, seed);
  }

  private int rounds(CompiledTrees boosted, TrainingRows valid) {
    Map<String, Integer> fold = new TreeMap<>();
    valid.rows.forEach(r -> fold.put(r.system(), 0));
    return new Validation(valid).rounds(List.of(boosted), fold, ROUNDS, this::line);
  }

  private void line(String format, Object... args) {
    String text = String.format(Locale.ROOT, format, args);
    report.add(text);
    progress.accept(text);
  }
}
