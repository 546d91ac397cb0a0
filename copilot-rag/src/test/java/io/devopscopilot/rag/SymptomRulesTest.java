package io.devopscopilot.rag;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.Category;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SymptomRulesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "denied: requested access to the resource is denied | credentials",
        "429 Too Many Requests - toomanyrequests | rate limit",
        "tls: failed to verify certificate: x509: unknown authority | certificate",
        "dial tcp: lookup registry.blue: no such host | does not reach",
        "no match for platform in manifest: not found | platform",
        "registry.blue/web:2: not found | does not exist"
      })
  void tellsWhyAnImageIsNotPulled(String cause, String why) {
    String line = "Failed to pull image \"registry.blue/web:2\": failed to do request: " + cause;
    SymptomRules.Match match = SymptomRules.match(line, "web").orElseThrow();
    assertThat(match.category()).isEqualTo(Category.IMAGE_PULL);
    assertThat(match.meaning()).contains("`registry.blue/web:2`", why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kubelet has insufficient PID available | node",
        "PIDPressure True KubeletHasInsufficientPID kubelet has insufficient PID | node",
        "0/2 nodes are available: 2 Insufficient cpu. | scheduling",
        "Readiness probe failed: dial tcp 10.1.1.1:80: connect: connection refused | probe_failure",
        "dial tcp 10.1.1.1:80: connect: connection refused | network_dns",
        "listen tcp :9090: bind: address already in use | config_error",
        "ERROR:  deadlock detected | app_error",
        "AvroTypeException: missing required field total | app_error",
        "relation \"basket\" does not exist | app_error",
        "nr_throttled 5120 | performance",
        "java.lang.OutOfMemoryError: Metaspace | oom"
      })
  void aCauseIsTakenForWhatItIs(String line, String category) {
    assertThat(SymptomRules.match(line, "web"))
        .map(SymptomRules.Match::category)
        .hasValue(category);
  }

  @Test
  void anOptionOrACountOfZeroIsNoSymptom() {
    assertThat(SymptomRules.match("-XX:+HeapDumpOnOutOfMemoryError", "web")).isEmpty();
    assertThat(SymptomRules.match("nr_throttled 0", "web")).isEmpty();
  }
}
