package io.devopscopilot.classifier;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.classifier.IssueSignals.Signal;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A trained issue model: how probable it is that a service fails within {@link
 * WindowIssueDetector#HORIZON}, from the signals of the moment. Figures and lines that name a cause
 * are told from a threshold on, other errors and slow steps where chance makes so many once in
 * 10,000 minutes. Compiled trees and a calibration curve, made by {@link IssueTrainer}; asking it
 * needs no Tribuo. Immutable.
 */
public final class IssueModel {
  /** An open issue goes on while the trees say at least so much, in terms of the threshold. */
  private static final double STAYS = 0.5;

  /** What a line must say about a cause at least, to be told by the threshold alone. */
  private static final double CAUSE = 3;

  private final CompiledTrees trees;
  private final Isotonic calibration;
  private final Isotonic beyondBars;
  private final double threshold;
  private final LogClassifier.Model model;

  IssueModel(ModelFile file) {
    if (!file.schema().equals(IssueSignals.SCHEMA)) {
      throw new IllegalArgumentException(
          "it is for " + file.schema().id() + ", not for the signals of this version");
    }
    if (file.heads().size() != 1) {
      throw new IllegalArgumentException("it has " + file.heads().size() + " heads, must have 1");
    }
    trees = file.heads().get(0);
    if (trees.features != IssueSignals.SCHEMA.size() || trees.classes != 2) {
      throw new IllegalArgumentException("its trees are not for these signals");
    }
    calibration = Isotonic.parse(file.text("failure.calibration", ""));
    beyondBars = Isotonic.parse(file.text("failure.calibration.beyondBars", ""));
    threshold = file.number("failure.threshold", 2);
    if (!(threshold > 0 && threshold <= 1)) {
      throw new IllegalArgumentException("its threshold is " + threshold + ", must be 0 to 1");
    }
    Map<String, String> details = new TreeMap<>(file.manifest());
    details.remove("schema.names");
    model = new LogClassifier.Model(file.text("id", "unnamed"), file.text("sha256", ""), details);
  }

  /**
   * Reads a trained model.
   *
   * @throws CopilotException in one line, if the file is missing, damaged or for other signals
   */
  public static IssueModel load(Path file) {
    return of(ModelFile.read(file), file.toString());
  }

  private static IssueModel of(ModelFile file, String name) {
    try {
      return new IssueModel(file);
    } catch (IllegalArgumentException e) {
      throw ModelFile.refused(name, String.valueOf(e.getMessage()));
    }
  }

  /** Name, digest and how it was made. */
  public LogClassifier.Model model() {
    return model;
  }

  /** Whether the threshold alone tells: figures, and lines that name a cause. */
  static boolean alone(IssueSignals signals) {
    return signals.get(Signal.FIGURE) > 0 || signals.get(Signal.CAUSE) >= CAUSE;
  }

  /** Whether it breaks already, beyond the bars. */
  static boolean beyondBars(IssueSignals signals) {
    return signals.get(Signal.FIGURE) == 0 && IssueRules.now(signals) > 0;
  }

  /** What asks it, with memory of its own: for one thread. */
  IssueWeigher weigher() {
    return new Weigher();
  }

  private final class Weigher implements IssueWeigher {
    private final CompiledTrees.Scratch scratch = trees.scratch();
    private final float[] out = new float[2];

    @Override
    public boolean tells(IssueSignals signals, boolean open) {
      return alone(signals) && said(signals) >= threshold * (open ? STAYS : 1)
          || beyondBars(signals);
    }

    @Override
    public double probability(IssueSignals signals) {
      return (beyondBars(signals) ? beyondBars : calibration).at(said(signals));
    }

    private double said(IssueSignals signals) {
      trees.sums(signals.vector, scratch);
      trees.probabilities(scratch, 1, out);
      return out[1];
    }
  }
}
