package io.devopscopilot.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Copilot;
import io.devopscopilot.api.Issue;
import io.devopscopilot.classifier.WindowIssueDetector;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptDetectorTest {
  @Test
  void whatIsDoneToACopyDoesNotTouchTheOriginalAndBothGoOnTheSameWay() {
    List<Line> lines = Story.lines(6_000);
    WindowIssueDetector reference = new WindowIssueDetector();
    KeptDetector original = new KeptDetector();
    try (Copilot copilot = Story.copilot()) {
      for (Line line : lines.subList(0, 3_500)) {
        reference.observe(line.record(), copilot.classify(line.record()), i -> {});
        original.use().observe(line.record(), copilot.classify(line.record()), i -> {});
      }
      byte[] then = reference.snapshot();
      KeptDetector copy = original.copy();
      KeptDetector second = original.copy();
      List<Issue> expected = rest(copilot, lines, reference);
      assertThat(expected).isNotEmpty();
      assertThat(rest(copilot, lines, copy.use())).isEqualTo(expected);
      assertThat(copy.bytes()).isEqualTo(reference.snapshot()).isNotEqualTo(then);
      assertThat(original.bytes()).isEqualTo(then);
      assertThat(rest(copilot, lines, second.use())).isEqualTo(expected);
      assertThat(rest(copilot, lines, original.use())).isEqualTo(expected);
      assertThat(original.bytes()).isEqualTo(copy.bytes());
    }
  }

  private static List<Issue> rest(Copilot copilot, List<Line> lines, WindowIssueDetector detector) {
    List<Issue> issues = new ArrayList<>();
    for (Line line : lines.subList(3_500, 6_000)) {
      detector.observe(line.record(), copilot.classify(line.record()), issues::add);
    }
    return issues;
  }
}
