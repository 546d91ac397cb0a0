package io.devopscopilot.features;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import io.devopscopilot.testkit.FeatureExtractorContract;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFeatureExtractorTest extends FeatureExtractorContract {
  private final TextFeatureExtractor extractor = new TextFeatureExtractor();
  private final FeatureVector vector = new FeatureVector(extractor.schema());

  @Override
  protected FeatureExtractor newExtractor() {
    return new TextFeatureExtractor();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "ERROR | 2026-01-05 10:00:00,123 ERROR [main] org.acme.Shop - it broke",
        "WARN  | 2026-01-05 10:00:00.123  WARN 7 --- [nio-1] o.acme.Cart : slow reply",
        "INFO  | 10:00:00.123 [main] INFO  org.acme.Shop - started",
        "DEBUG | [2026-01-05 10:00:00,123] DEBUG Fetching (kafka.server.X)",
        "ERROR | 2026-01-05T10:00:00Z [error] no route",
        "ERROR | ERROR: relation does not exist",
        "FATAL | 2026-01-05 10:00:00 UTC [71] FATAL:  password authentication failed",
        "INFO  | 2026-01-05 10:00:00 UTC [71] LOG:  checkpoint complete",
        "FATAL | 2026-01-05 10:00:00 UTC [71] PANIC:  could not write",
        "INFO  | 2026-01-05 10:00:00 UTC [71] STATEMENT_HINT none level=info",
        "WARN  | 1:M 05 Jan 2026 10:00:00.123 # overcommit is off",
        "INFO  | 1:M 05 Jan 2026 10:00:00.123 * saving",
        "DEBUG | 1:M 05 Jan 2026 10:00:00.123 - accepted",
        "ERROR | E0105 10:00:00.123456       1 reflector.go:138] failed to watch",
        "INFO  | I0105 10:00:00.123456       1 server.go:12] serving",
        "WARN  | Jan  5 10:00:00 node-1 kubelet[7]: W0105 10:00:00.123456    7 x.go:1] odd",
        "ERROR | <11>Jan  5 10:00:00 host app[7]: it broke",
        "WARN  | <12>1 2026-01-05T10:00:00Z host app 7 - - odd",
        "FATAL | <0>kernel: down",
        "ERROR | {\"level\":\"error\",\"ts\":1767607200.5,\"msg\":\"x\"}",
        "ERROR | {\"time\":1767607200123,\"level\":50,\"msg\":\"x\"}",
        "DEBUG | {\"level\":20,\"msg\":\"x\"}",
        "FATAL | {\"severity\":\"CRITICAL\",\"message\":\"x\"}",
        "WARN  | {\"message\":\"an error\",\"log\":{\"level\":\"warn\"}}",
        "INFO  | {\"t\":{\"$date\":\"2026\"},\"s\":\"I\",\"c\":\"NET\",\"msg\":\"x\"}",
        "ERROR | {\"nested\":{\"level\":\"info\"},\"level\":\"error\"}",
        "ERROR | ts=2026-01-05T10:00:00Z level=error msg=x",
        "WARN  | time=\"2026-01-05T10:00:00Z\" level=warning msg=\"an error\"",
        "INFO  | caller=main.go:1 severity=INFO msg=x",
        "WARN  | WARNING:root:disk is nearly full",
        "ERROR | 2026-01-05 10:00:00,123 - shop.cart - ERROR - it broke",
        "FATAL | CRITICAL:django.request:it broke",
        "ERROR | fail: Shop.Cart[0]",
        "FATAL | crit: Microsoft.Hosting[9]",
        "INFO  | info: Microsoft.Hosting.Lifetime[14]",
        "DEBUG | dbug: Shop.Cart[1]",
        "ERROR | 2026/01/05 10:00:00 [error] 7#7: *12 connect() failed",
        "FATAL | 2026/01/05 10:00:00 [emerg] 1#1: host not found in upstream",
        "WARN  | [Mon Jan 05 10:00:00.123 2026] [ssl:warn] [pid 7] AH01909: x",
        "INFO  | [Mon Jan 05 10:00:00 2026] [notice] resuming normal operations",
        "DEBUG | 01-05 10:00:00.123  1702  2395 D WindowManager: redraw",
        "ERROR | 01-05 10:00:00.123  1702  2395 E AndroidRuntime: boom",
        "WARN  | W/ActivityManager( 700): slow",
        "INFO  | 2026-01-05T10:00:00.123Z\tINFO\tcontroller/x.go:12\tdone",
        "ERROR | 2026-01-05T10:00:00.123Z\terror\tcontroller/x.go:12\tit broke",
        "INFO  | 2026-01-05T10:00:00.123456Z  INFO shop::cart: done",
        "ERROR | 26/01/05 10:00:00 ERROR executor.Executor: Exception in task",
        "INFO  | 260105 100000 148 INFO dfs.DataNode: served block",
        "WARN  | 2026-01-05 10:00:00.123 [warning] <0.731.0> closing connection",
        "INFO  | 2026-01-05 10:00:00, Info                  CBS    loaded",
        "ERROR | Error: listen EADDRINUSE: address already in use",
        "ERROR | error: failed to push some refs",
        "FATAL | fatal: not a repository",
        "WARN  | npm WARN deprecated package",
        "ERROR | [0105/100000.123:ERROR:gpu_init.cc(1)] it broke",
        "INFO  | [INFO] [stdout] started",
        "ERROR | <ERROR> it broke",
        "FATAL | SEVERE_ALERT x level=fatal",
        "ERROR | Jan 05, 2026 10:00:00 AM org.acme.Shop run SEVERE: it broke",
        "INFO  | 2026-01-05 10:00:00.123 25746 INFO nova.compute [req-1] done",
        "DEBUG | 2026-01-05 10:00:00 TRACE entering",
      })
  void readsTheDeclaredLevel(Severity severity, String line) {
    extractor.extract(line, vector);
    assertThat(vector.declaredSeverity()).contains(severity);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the operation ended with an error and was tried again",
        "2026-01-05 10:00:00 no errors found, all info complete",
        "user changed the log level to debug in settings",
        "GET /error/500 HTTP/1.1",
        "retry-error handler installed",
        "connection closed by peer",
        "Jan  5 10:00:00 host sshd[7]: authentication failure for root",
        "{\"msg\":\"error\"}",
        "{\"level\":",
        "",
      })
  void proseDeclaresNothing(String line) {
    extractor.extract(line, vector);
    assertThat(vector.declaredSeverity()).isEmpty();
  }

  @Test
  void theLevelItselfIsNoFeature() {
    extractor.extract("2026-01-05 10:00:00,123 ERROR [main] org.acme.Shop - order stored", vector);
    String with = vector.toString();
    extractor.extract("2026-01-05 10:00:00,123 DEBUG [main] org.acme.Shop - order stored", vector);
    assertThat(vector.toString()).isEqualTo(with);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "order 17 stored | order 18 stored | true",
        "took 12 ms from 10.0.0.1:80 | took 7 ms from 10.1.2.3:8080 | true",
        "pod cart-7c9f6d5b8-x2x4z ready | pod cart-5b8d7c9f6-q9k2m ready | true",
        "id 3f2504e0-4f89-11d3-9a0c-0305e82c3301 ok | id 9a0c04e0-4f89-11d3-9a0c-0305e82c3999 ok | true",
        "read /var/lib/a/b.txt | read /srv/c/d.dat | true",
        "pod cart started | pod cart failed | false",
        "connection opened | connection closed | false",
        "volume is mounted | volume is not mounted | false",
        "state Running | state Pending | false",
      })
  void fingerprintsMergeNumbersButNoDecisiveWords(String a, String b, boolean equal) {
    extractor.extract(a, vector);
    long first = vector.fingerprint();
    extractor.extract(b, vector);
    assertThat(vector.fingerprint() == first).isEqualTo(equal);
  }

  @Test
  void bytesAndStringsGiveTheSame() {
    for (String line :
        new String[] {"WARN disk at 91% on /data", "\u00fcn\u00efcode ERROR: \ud83d\ude00", ""}) {
      extractor.extract(line, vector);
      String text = vector.toString();
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      extractor.extract(bytes, 0, bytes.length, vector);
      assertThat(vector.toString()).isEqualTo(text);
    }
  }

  @Test
  void anEventsReasonCounts() {
    LogRecord with =
        LogRecord.event(
            Instant.EPOCH,
            "Back-off pulling image",
            Origin.UNKNOWN,
            Map.of(LogRecord.ATTR_REASON, "ImagePullBackOff"));
    extractor.extract(with, vector);
    String first = vector.toString();
    extractor.extract(LogRecord.of(Instant.EPOCH, with.message(), Origin.UNKNOWN), vector);
    assertThat(vector.toString()).isNotEqualTo(first);
  }

  @Test
  void allocatesNothingPerLine() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] line =
        "2026-01-05 10:00:00,123 ERROR [main] org.acme.Shop - order 17 of 10.0.0.1 failed: timeout"
            .getBytes(StandardCharsets.UTF_8);
    String text = new String(line, StandardCharsets.UTF_8);
    long id = Thread.currentThread().getId();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < 20_000; i++) {
        extractor.extract(line, 0, line.length, vector);
        extractor.extract(text, vector);
      }
      allocated = Math.min(allocated, threads.getThreadAllocatedBytes(id) - before);
    }
    assertThat(allocated).isLessThan(20_000);
  }

  @Test
  void theMeaningOfFeaturesChangesOnlyWithTheSchemasId() {
    long hash = 17;
    for (String line :
        new String[] {
          "ERROR could not connect to db-0:5432: Connection refused",
          "java.lang.OutOfMemoryError: Java heap space",
          "GET /cart 503 12ms",
          "OOMKilled: container api exceeded memory limit",
        }) {
      extractor.extract(line, vector);
      hash = hash * 31 + vector.toString().hashCode();
    }
    assertThat(extractor.schema().id() + " " + hash).isEqualTo("text-1 40723458675859");
  }
}
