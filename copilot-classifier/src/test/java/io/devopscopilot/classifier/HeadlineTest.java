package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeadlineTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "2026-01-05T10:00:00.123Z ERROR Connection to db:5432 refused | Connection to db:5432 refused",
        "2026-01-05 10:00:00,846 WARN  [worker-0] com.shop.orders.OrderWriter - Order 7 late | Order 7 late",
        "2026-01-05 10:00:00.123 ERROR 1 --- [nio-8080-exec-4] c.s.checkout.CheckoutService : Order 7 failed | Order 7 failed",
        "2026/01/05 10:00:00 [error] 31#31: *4 connect() failed | 31#31: *4 connect() failed",
        "[2026-01-05 10:00:00] app.ERROR: no such host | no such host",
        "10:00:00.123 [main] ERROR c.s.Pool - exhausted | exhausted",
        "ERROR: relation does not exist | relation does not exist",
        "E0105 10:00:00.123456       1 reflector.go:138] failed to list | failed to list",
        "Jan  5 10:00:00 node-1 kubelet[812]: eviction manager: must evict | eviction manager: must evict",
        "10.1.1.5 - - [05/Jan/2026:10:00:00 +0000] \"POST /checkout HTTP/1.1\" 502 157 | \"POST /checkout HTTP/1.1\" 502 157",
        "ts=2026-01-05T10:00:00Z level=error caller=proxy.go:131 msg=\"upstream failed\" err=\"dial tcp: refused\" | upstream failed: dial tcp: refused",
        "{\"level\":50,\"time\":1,\"msg\":\"giving \\\"up\\\"\",\"err\":\"ECONNREFUSED\"} | giving \"up\": ECONNREFUSED",
        "java.lang.OutOfMemoryError: Java heap space | java.lang.OutOfMemoryError: Java heap space",
        "Readiness probe failed: HTTP 503 | Readiness probe failed: HTTP 503",
        "Errors are rare | Errors are rare",
        "error in line 3 | error in line 3",
        "warn: cache is cold | cache is cold",
        "2026-01-05T10:00:00Z ERROR | ERROR",
        "2026-01-05T10:00:00Z | 2026-01-05T10:00:00Z"
      })
  void saysWhatTheLineSays(String line, String headline) {
    assertThat(Headline.of(line)).isEqualTo(headline);
  }

  @Test
  void namesTheExceptionBelow() {
    assertThat(
            Headline.of(
                "2026-01-05 10:00:00.123 ERROR 1 --- [x] c.s.Shop : Order 7 failed\n"
                    + "java.lang.OutOfMemoryError: Java heap space\n\tat a.b(C.java:1)"))
        .isEqualTo("Order 7 failed: java.lang.OutOfMemoryError: Java heap space");
    assertThat(Headline.of("first\nsecond")).isEqualTo("first");
  }

  @Test
  void isOneShortLine() {
    assertThat(Headline.of(" \n ")).isEmpty();
    assertThat(Headline.of("x".repeat(5_000))).hasSize(Headline.MAX + 3).endsWith("x...");
    assertThat(Headline.of("{\"msg\":\"a\\nb\"}")).isEqualTo("a b");
    assertThat(Headline.of("[".repeat(3_000) + "2026-")).hasSize(Headline.MAX + 3);
  }
}
