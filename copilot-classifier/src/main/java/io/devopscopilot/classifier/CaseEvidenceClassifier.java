package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.EvidenceClassifier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Names the category of a whole case by weighing causal signs: a symptom that many causes share (a
 * restart, a failing probe, an error line) weighs less than a cause (a missing variable, an unbound
 * claim, an unresolved name), so the cause behind the symptom wins. Signs are single lines and
 * facts between lines and objects. Probabilities are a softmax of the weights, at a temperature
 * that leaves it less sure on the written cases of the tests (0.90) than it is right there, because
 * other cases are harder.
 *
 * <p>Thread-safe and stateless. Looks at no more than {@value #MAX_LINES} lines of a piece (the
 * last ones of logs, the first ones of anything else) and {@value #MAX_PIECES} pieces.
 */
public final class CaseEvidenceClassifier implements EvidenceClassifier {
  /** Lines looked at in one piece. */
  static final int MAX_LINES = 1_000;

  /** Pieces looked at. */
  static final int MAX_PIECES = 64;

  private static final int MAX_FINDINGS = 10;

  /** A line that declares itself harmless weighs so much of its rule. */
  private static final double CALM = 0.6;

  /** What a second sign of a category adds, as a share of its weight. */
  private static final double SECOND = 0.15;

  private static final double TEMPERATURE = 1.3;

  /** Weight of {@code none} while nothing speaks for a cause. */
  private static final double QUIET = 3.5;

  private static final double HEALTHY = 2;

  /** From this weight on something is wrong. */
  private static final double WRONG = 3;

  /** Makes a classifier; the first one reads the rules, some milliseconds. */
  public CaseEvidenceClassifier() {}

  /** Signs of one rule or fact. */
  private static final class Sign {
    final Map<String, Double> votes;
    final int piece;
    final String line;
    double trust;
    int count;

    Sign(Map<String, Double> votes, int piece, String line) {
      this.votes = votes;
      this.piece = piece;
      this.line = line;
    }

    /** Repeated signs weigh a little more: 1.3 times at most. */
    double strength() {
      return trust * Math.min(1.3, 1 + 0.05 * Math.log(count));
    }
  }

  @Override
  public Diagnosis classify(List<Evidence> evidence) {
    Map<Object, Sign> signs = new LinkedHashMap<>();
    CaseFacts facts = new CaseFacts();
    int lines = 0;
    for (int p = 0; p < Math.min(MAX_PIECES, evidence.size()); p++) {
      Evidence piece = evidence.get(p);
      boolean logs = piece.kind().equals("logs");
      List<String> read = lines(piece.text(), logs);
      lines += read.size();
      for (String line : read) {
        sign(signs, p, line, logs);
        if (!piece.kind().equals("describe") && !piece.kind().startsWith("event")) {
          facts.log(p, line);
        }
      }
      if (!logs) {
        facts.cluster(p, read);
      }
    }
    if (lines == 0) {
      return new Diagnosis(Category.UNKNOWN, 0, Map.of(), List.of());
    }
    for (CaseFacts.Fact f : facts.all()) {
      Sign sign = signs.computeIfAbsent(f.votes(), k -> new Sign(f.votes(), f.piece(), f.line()));
      sign.trust = 1;
      sign.count++;
    }
    if (facts.settled()) { // a ready pod passes its probes: those that failed are past
      signs.values().removeIf(s -> s.votes.containsKey(Category.PROBE_FAILURE));
    }
    return weigh(signs.values(), facts.healthy());
  }

  private static List<String> lines(String text, boolean logs) {
    List<String> all = text.lines().filter(l -> !l.isBlank()).toList();
    int from = logs ? Math.max(0, all.size() - MAX_LINES) : 0;
    return all.subList(from, Math.min(all.size(), from + MAX_LINES)).stream()
        .map(l -> l.length() > CaseRules.MAX_LINE ? l.substring(0, CaseRules.MAX_LINE) : l)
        .toList();
  }

  private static void sign(Map<Object, Sign> signs, int piece, String line, boolean logs) {
    Optional<CaseRules.Rule> rule = CaseRules.match(line, logs);
    if (rule.isPresent()) {
      Sign sign =
          signs.computeIfAbsent(rule.get(), k -> new Sign(rule.get().votes(), piece, line.strip()));
      sign.trust = Math.max(sign.trust, logs && CaseRules.calm(line) ? CALM : 1);
      sign.count++;
    }
  }

  private static Diagnosis weigh(Iterable<Sign> signs, boolean healthy) {
    Map<String, List<Double>> weights = new HashMap<>();
    List<Finding> findings = new ArrayList<>();
    for (Sign s : signs) {
      s.votes.forEach(
          (category, weight) -> {
            double w = weight * s.strength();
            weights.computeIfAbsent(category, c -> new ArrayList<>()).add(w);
            findings.add(new Finding(s.piece, s.line, category, w));
          });
    }
    Map<String, Double> scores = new LinkedHashMap<>();
    double most = 0;
    for (String category : Category.all()) {
      List<Double> own = new ArrayList<>(weights.getOrDefault(category, List.of()));
      own.sort(Comparator.reverseOrder());
      double score = 0;
      double share = 1;
      for (double w : own) {
        score += share * w;
        share = share == 1 ? SECOND : share / 2;
      }
      scores.put(category, score);
      most = Math.max(most, score);
    }
    double quiet = QUIET + (healthy ? HEALTHY : 0);
    scores.merge(Category.NONE, most < WRONG ? quiet : healthy ? HEALTHY : 0, Double::sum);
    return diagnosis(scores, findings);
  }

  private static Diagnosis diagnosis(Map<String, Double> scores, List<Finding> findings) {
    double sum = scores.values().stream().mapToDouble(s -> Math.exp(s / TEMPERATURE)).sum();
    Map<String, Double> probabilities = new LinkedHashMap<>();
    String best = Category.UNKNOWN;
    double most = 0;
    for (Map.Entry<String, Double> e : scores.entrySet()) {
      double p = Math.exp(e.getValue() / TEMPERATURE) / sum;
      probabilities.put(e.getKey(), p);
      if (p > most) {
        most = p;
        best = e.getKey();
      }
    }
    findings.sort(Comparator.comparingDouble(f -> -f.weight()));
    List<Finding> first = findings.subList(0, Math.min(MAX_FINDINGS, findings.size()));
    return new Diagnosis(best, most, probabilities, first);
  }
}
