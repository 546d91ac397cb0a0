package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Answerer.Answer;
import io.devopscopilot.api.Answerer.Question;
import io.devopscopilot.api.EvidenceClassifier.Evidence;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenEvidenceTest {
  private static final String POD =
      """
      Name:         web-0
      Namespace:    blue
      Node:         n1/10.0.0.1
      Status:       Running
      Containers:
        main:
          Image:  web:1
          Port:   9090/TCP
          State:  %s
          Last State:     Terminated
            Reason:       %s
            Exit Code:    %s
          Ready:          %s
          Restart Count:  %s
          Limits:
            cpu:     1
            memory:  96Mi
      """;

  private static Answer answer(String question, String... describes) {
    List<Evidence> pieces =
        List.of(describes).stream().map(d -> new Evidence("describe", d)).toList();
    return Shop.answerer().answer(Question.of(question), pieces);
  }

  private static String pod(String state, String reason, int code, String ready, int restarts) {
    return POD.formatted(state, reason, code, ready, restarts);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "web-0 comes back every minute",
        "Only two of three replicas of web are there",
        "Customers get 503 since the release.",
        "GET /basket gives 500"
      })
  void aReportedSymptomAsksWhatIsWrong(String report) {
    assertThat(answer(report, pod("Running", "OOMKilled", 137, "True", 4)).text())
        .contains("out of memory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Who owns web-0?", "List the labels of web-0", "Thanks"})
  void otherRequestsAreNoReports(String request) {
    assertThat(answer(request, pod("Running", "OOMKilled", 137, "True", 4)).answered()).isFalse();
  }

  @Test
  void aReportWithoutEvidenceNeedsANameThatTheStoreKnows() {
    assertThat(Shop.answerer().answer(Question.of("orders keeps coming back")).answered()).isTrue();
    assertThat(Shop.answerer().answer(Question.of("lunch was good yesterday")).answered())
        .isFalse();
  }

  @Test
  void tellsTheLimitOfWhatWasKilledForMemory() {
    assertThat(answer("What is wrong?", pod("Running", "OOMKilled", 137, "True", 4)).text())
        .contains("killed at its memory limit of `96Mi`");
    assertThat(answer("What is wrong?", pod("Running", "Error", 1, "True", 4)).text())
        .doesNotContain("96Mi");
  }

  @Test
  void aLoopOfCleanEndsIsNoCrash() {
    String loop = "Waiting\n            Reason:       CrashLoopBackOff";
    assertThat(answer("What is wrong?", pod(loop, "Completed", 0, "False", 9)).text())
        .contains("exit code 0", "Job or CronJob");
    assertThat(answer("What is wrong?", pod("Running", "Completed", 0, "True", 1)).answered())
        .isFalse();
  }

  @Test
  void aProbeThatFailedBeforeThePodWasReadyIsPast() {
    String event =
        "Events:\n  Warning  Unhealthy  9m  kubelet  Readiness probe failed: connection refused\n";
    String fresh =
        "Name:  web-0\nStatus:  Running\nContainers:\n  main:\n    Ready:  %s\n"
            + "    Restart Count:  0\n";
    assertThat(answer("What is wrong?", fresh.formatted("True") + event).answered()).isFalse();
    assertThat(answer("What is wrong?", fresh.formatted("False") + event).text())
        .contains("not ready");
  }

  @Test
  void aServiceThatSendsToAPortNobodyListensOn() {
    String service = "Name:  web\nNamespace:  blue\nPort:  http  80/TCP\nTargetPort:  %s/TCP\n";
    String pod = pod("Running", "Completed", 0, "True", 0);
    assertThat(answer("Why is web down?", service.formatted("8080"), pod).text())
        .contains("target port `8080`", "listens on port `9090`");
    assertThat(answer("Why is web down?", service.formatted("9090"), pod).answered()).isFalse();
  }

  @Test
  void aPodIsNotCalledANode() {
    assertThat(answer("web-0 fails on the new node", pod("Running", "OOMKilled", 137, "True", 4)))
        .extracting(Answer::text)
        .asString()
        .doesNotContain("node `web-0`");
  }

  @Test
  void aClaimThatIsStillUsedExplainsWhyItStays() {
    String claim =
        "Name:  old\nNamespace:  blue\nStatus:  Terminating (lasts 2d)\nUsed By:  web-0\n";
    assertThat(answer("Why is the claim stuck?", claim).text()).contains("`web-0` still uses it");
  }
}
