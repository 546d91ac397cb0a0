package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.EvidenceClassifier;
import io.devopscopilot.api.EvidenceClassifier.Diagnosis;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import io.devopscopilot.testkit.EvidenceClassifierContract;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CaseEvidenceClassifierTest extends EvidenceClassifierContract {
  @Override
  protected EvidenceClassifier newClassifier() {
    return new CaseEvidenceClassifier();
  }

  @Override
  protected List<Evidence> known() {
    return List.of(
        new Evidence(
            "events",
            "Warning  BackOff  2m  kubelet  Back-off restarting failed container api in pod api-1"),
        new Evidence("logs", "reading settings\nfatal: LEDGER_URL is not set"));
  }

  @Override
  protected String category() {
    return "config_error";
  }

  @Test
  @DisplayName("is right on most written cases of every family, and as sure as it is right")
  void writtenCases() {
    EvidenceClassifier classifier = newClassifier();
    List<CaseCorpus.Case> cases = CaseCorpus.generate(10, 42);
    assertThat(cases).hasSizeGreaterThan(600);
    Map<String, Integer> wrong = new TreeMap<>();
    int third = 0;
    double sure = 0;
    for (CaseCorpus.Case c : cases) {
      Diagnosis said = classifier.classify(c.evidence());
      sure += said.probability();
      if (!said.category().equals(c.category())) {
        wrong.merge(c.family() + " -> " + said.category(), 1, Integer::sum);
      }
      List<String> ranked = new ArrayList<>(said.probabilities().keySet());
      ranked.sort(Comparator.comparingDouble(k -> -said.probabilities().get(k)));
      third += ranked.indexOf(c.category()) < 3 ? 1 : 0;
    }
    int errors = wrong.values().stream().mapToInt(i -> i).sum();
    assertThat(errors / (double) cases.size()).as("wrong: %s", wrong).isLessThan(0.05);
    assertThat(third / (double) cases.size()).isGreaterThan(0.97);
    assertThat(sure / cases.size()).isBetween(0.7, 0.97);
  }

  @Test
  @DisplayName("neither an option named after a fault nor a count of zero is a fault")
  void namesOfFaults() {
    for (String line : List.of("JAVA_OPTS: -XX:+ExitOnOutOfMemoryError", "nr_throttled 0")) {
      Diagnosis said = newClassifier().classify(List.of(new Evidence("other", line)));
      assertThat(said.category()).as(line).isEqualTo("none");
    }
  }

  @Test
  @DisplayName("a failed probe counts unless every container is ready and none was restarted")
  void pastProbes() {
    String pod =
        "Name:  a-1\nNode:  n1\nStatus:  Running\nContainers:\n  a:\n    Ready:  True\n"
            + "    Restart Count:  0\n  b:\n    Ready:  %s\n    Restart Count:  %d\nEvents:\n"
            + "  Warning  Unhealthy  9m  kubelet  Liveness probe failed: HTTP status code 500\n";
    assertThat(said(pod.formatted("True", 0))).isEqualTo("none");
    assertThat(said(pod.formatted("False", 0))).isEqualTo("probe_failure");
    assertThat(said(pod.formatted("True", 3))).isEqualTo("probe_failure");
  }

  private String said(String describe) {
    return newClassifier().classify(List.of(new Evidence("describe", describe))).category();
  }
}
