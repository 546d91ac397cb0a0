package io.devopscopilot.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
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

  static List<Arguments> lines() {
    return List.of(
        arguments(
            Severity.WARN,
            "PHP Warning:  Undefined variable $total in /srv/shop/cart.php on line 12"),
        arguments(
            Severity.WARN,
            "[05-Jan-2026 10:00:00 UTC] PHP Deprecated:  Function strftime() is deprecated"),
        arguments(
            Severity.INFO,
            "[05-Jan-2026 10:00:00 UTC] PHP Notice:  Undefined index: id in /srv/a.php on line 3"),
        arguments(Severity.FATAL, "PHP Fatal error:  Uncaught TypeError: strlen(): Argument #1"),
        arguments(Severity.ERROR, "PHP Parse error:  syntax error, unexpected end of file"),
        arguments(
            Severity.WARN,
            "[05-Jan-2026 10:00:00] WARNING: [pool www] server reached max_children"),
        arguments(Severity.ERROR, "npm ERR! code ELIFECYCLE"),
        arguments(Severity.WARN, "npm warn deprecated glob@7: no longer supported"),
        arguments(Severity.ERROR, "npm error code E404"),
        arguments(Severity.INFO, "npm notice created a lockfile"),
        arguments(Severity.ERROR, "gyp ERR! stack Error: not found: make"),
        arguments(
            Severity.ERROR,
            "=ERROR REPORT==== 5-Jan-2026::10:00:00.123 ===\nError in process <0.71.0>"),
        arguments(
            Severity.WARN, "=WARNING REPORT==== 5-Jan-2026::10:00:00 ===\nconnection of peer lost"),
        arguments(
            Severity.INFO,
            "=INFO REPORT==== 5-Jan-2026::10:00:00 ===\nan error report was written"),
        arguments(Severity.ERROR, "=CRASH REPORT==== 5-Jan-2026::10:00:00 ===\n  crasher:"),
        arguments(
            Severity.ERROR, "=SUPERVISOR REPORT==== 5-Jan-2026::10:00:00 ===\n  Supervisor: x"),
        arguments(Severity.INFO, "=PROGRESS REPORT==== 5-Jan-2026::10:00:00 ===\n  started: x"),
        arguments(
            Severity.WARN, "[2114] 05 Jan 10:00:00.123 # Server started, Redis version 2.8.4"),
        arguments(Severity.INFO, "[2114] 05 Jan 10:00:00.123 * DB loaded from disk"),
        arguments(Severity.DEBUG, "[2114] 05 Jan 10:00:00.123 - Accepted 10.0.0.1:4411"),
        arguments(
            Severity.ERROR,
            "2026-01-05T10:00:00.123456789Z stdout F {\"level\":\"error\",\"msg\":\"x\"}"),
        arguments(
            Severity.INFO,
            "2026-01-05T10:00:00.123456789Z stderr F {\"level\":30,\"msg\":\"an error\"}"),
        arguments(
            Severity.WARN,
            "2026-01-05T10:00:00.123456789Z stderr F W0105 10:00:00.123456       1 x.go:12] odd"),
        arguments(
            Severity.ERROR,
            "2026-01-05T10:00:00.123456789+01:00 stderr P 10:00:00 [main] ERROR it broke"),
        arguments(
            Severity.ERROR, "2026-01-05T10:00:00.123456789Z {\"level\":\"error\",\"msg\":\"x\"}"),
        arguments(Severity.WARN, "[pod/cart-7c9f/app] {\"level\":\"warn\",\"msg\":\"x\"}"),
        arguments(Severity.ERROR, "web-1  | {\"severity\":\"error\",\"message\":\"x\"}"),
        arguments(
            Severity.ERROR, "Jan  5 10:00:00 host cart[7]: {\"level\":\"error\",\"msg\":\"x\"}"),
        arguments(
            Severity.ERROR,
            "{\"log\":\"2026-01-05 10:00:00 ERROR it broke\n\",\"stream\":\"stdout\",\"time\":\"2026\"}"),
        arguments(
            Severity.FATAL,
            "{\"log\":\"{\\\"level\\\":\\\"fatal\\\",\\\"msg\\\":\\\"x\\\"}\n\",\"stream\":\"stdout\",\"time\":\"2026\"}"),
        arguments(
            Severity.INFO,
            "{\"log\":\"Error pages are listed below\n\",\"level\":\"info\"} level=info"),
        arguments(
            Severity.FATAL,
            "{\"level\":60,\"time\":1767607200123,\"pid\":7,\"hostname\":\"cart\",\"msg\":\"x\"}"),
        arguments(
            Severity.WARN,
            "{\"name\":\"cart\",\"hostname\":\"h\",\"pid\":7,\"level\":40,\"msg\":\"x\",\"time\":\"2026\",\"v\":0}"),
        arguments(Severity.ERROR, "{\"type\":\"log\",\"level\":\"error\",\"message\":\"x\"}"),
        arguments(Severity.INFO, "{\"priority\":1,\"level\":\"info\",\"msg\":\"job taken\"}"),
        arguments(Severity.ERROR, "{\"PRIORITY\":\"3\",\"MESSAGE\":\"x\",\"_PID\":\"7\"}"),
        arguments(Severity.ERROR, "{\"severityNumber\":17,\"body\":{\"stringValue\":\"x\"}}"),
        arguments(Severity.WARN, "{\"type\":\"Warning\",\"reason\":\"BackOff\",\"message\":\"x\"}"),
        arguments(
            Severity.ERROR, "{\"method\":\"GET\",\"path\":\"/cart\",\"status\":503,\"ms\":12}"),
        arguments(
            Severity.INFO, "{\"method\":\"GET\",\"path\":\"/error\",\"status\":200,\"ms\":12}"),
        arguments(Severity.WARN, "warn: Shop.Cart[0]"),
        arguments(Severity.ERROR, "10:00:00 fail: Shop.Cart[0]"),
        arguments(Severity.ERROR, "[10:00:00 ERR] it broke"),
        arguments(Severity.WARN, "2026-01-05 10:00:00.123 +00:00 [WRN] odd"),
        arguments(Severity.ERROR, "2026-01-05 10:00:00.1234|ERROR|Shop.Cart|it broke"),
        arguments(Severity.ERROR, "[E] it broke"),
        arguments(Severity.WARN, "[2026-01-05 10:00:00.123] [cart] [W] odd"),
        arguments(Severity.ERROR, "[E 10:00:00.123 NotebookApp] it broke"),
        arguments(Severity.WARN, "[W 260105 10:00:00 web:2239] 404 GET /x"),
        arguments(Severity.ERROR, "E/AndroidRuntime: boom"),
        arguments(Severity.ERROR, "E, [2026-01-05T10:00:00.123456 #7] ERROR -- : it broke"),
        arguments(Severity.ERROR, "2026-01-05T10:00:00.123+0000 E NETWORK  [conn1] it broke"),
        arguments(Severity.INFO, "2026-01-05T10:00:00.123+0000 I -        [conn1] end connection"),
        arguments(Severity.WARN, "2026-01-05 10:00:00.123456 W | etcdserver: took too long"),
        arguments(Severity.ERROR, "E20260105 10:00:00.123456  7 server.cc:12] it broke"),
        arguments(Severity.ERROR, "E: Unable to locate package foo"),
        arguments(Severity.ERROR, "t=2026-01-05T10:00:00+0000 lvl=eror msg=x"),
        arguments(Severity.FATAL, "time=\"2026-01-05\" lvl=crit msg=x"),
        arguments(
            Severity.ERROR, "at=error code=H12 desc=\"Request timeout\" method=GET path=\"/\""),
        arguments(Severity.FATAL, "<34>1 2026-01-05T10:00:00Z host su 7 - - x"),
        arguments(Severity.WARN, "<14>Jan  5 10:00:00 host cart[7]: WARN odd"),
        arguments(Severity.INFO, "<30>Jan  5 10:00:00 host cart[7]: served 12 requests"),
        arguments(Severity.ERROR, "Jan  5 10:00:00 host daemon.err cart[7]: it broke"),
        arguments(Severity.WARN, "Jan  5 10:00:00 host kern.warn kernel: odd"),
        arguments(
            Severity.INFO,
            "2026-01-05 10:00:00 UTC [71] app@shop STATEMENT:  select error from x level=info"),
        arguments(Severity.INFO, "2026-01-05 10:00:00 UTC [71] HINT:  Consider increasing it."),
        arguments(
            Severity.INFO, "2026-01-05 10:00:00 UTC [71] DETAIL:  Key (id)=(1) already exists."),
        arguments(
            Severity.ERROR,
            "2026-01-05 10:00:00.123 UTC [71] app@shop ERROR:  relation does not exist"),
        arguments(
            Severity.INFO,
            "2026-01-05 10:00:00.123 UTC [1] LOG C-0x55: shop/app@10.0.0.1:5 login attempt"),
        arguments(
            Severity.WARN,
            "2026-01-05T10:00:00.123456Z 7 [Warning] [MY-010055] [Server] IP address"),
        arguments(Severity.FATAL, "2026/01/05 10:00:00 [crit] 7#7: *12 SSL_do_handshake() failed"),
        arguments(
            Severity.FATAL, "2026/01/05 10:00:00 [alert] 7#7: worker process exited on signal 9"),
        arguments(
            Severity.ERROR,
            "10.0.0.1 - - [05/Jan/2026:10:00:00 +0000] \"GET /cart HTTP/1.1\" 502 157 \"-\" \"curl/8\""),
        arguments(
            Severity.WARN,
            "10.0.0.1 - bob [05/Jan/2026:10:00:00 +0000] \"GET /cart HTTP/2.0\" 404 157"),
        arguments(
            Severity.INFO,
            "10.0.0.1 - - [05/Jan/2026:10:00:00 +0000] \"GET /error.html HTTP/1.1\" 200 157"),
        arguments(
            Severity.ERROR,
            "[2026-01-05T10:00:00.123Z] \"GET /cart HTTP/2\" 503 UF 0 91 4 - \"-\""),
        arguments(Severity.ERROR, "[FAILED] Failed to start cart.service - Cart."),
        arguments(Severity.INFO, "[  OK  ] Started cart.service - Cart."),
        arguments(Severity.ERROR, "Jan 05, 2026 10:00:00 AM org.acme.Shop run\nSEVERE: it broke"),
        arguments(Severity.ERROR, "Jan  5 10:00:00 host postfix/smtpd[7]: error: it broke"),
        arguments(Severity.FATAL, "Jan  5 10:00:00 host sshd[7]: fatal: no key"),
        arguments(Severity.WARN, "Jan 05 10:00:00 [7] host crmd:  warning: odd"),
        arguments(Severity.WARN, "2026-01-05T10:00:00.123Z|00012|bridge|WARN|odd"),
        arguments(Severity.ERROR, "2026-01-05T10:00:00.123Z|00012|bridge|ERR|it broke"),
        arguments(
            Severity.ERROR, "2026.01.05 10:00:00.123456 [ 7 ] {} <Error> Application: it broke"),
        arguments(
            Severity.WARN, "[2026-01-05 10:00:00.123][7][warning][config] [source/x.cc:12] odd"),
        arguments(Severity.ERROR, "[2026-01-05 10:00:00,123: ERROR/MainProcess] it broke"),
        arguments(Severity.WARN, "[10:00:00] [Server thread/WARN]: odd"),
        arguments(Severity.FATAL, "FATA[0001] it broke"),
        arguments(Severity.DEBUG, "DEBU[0001] looked"),
        arguments(Severity.ERROR, "\u001b[31mERRO\u001b[0m[0000] it broke"),
        arguments(Severity.INFO, "\u001b[32mINFO\u001b[0m:     Started server process [7]"),
        arguments(Severity.ERROR, "2026-01-05 10:00:00 \u001b[1;31mERROR\u001b[0m it broke"),
        arguments(Severity.ERROR, "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down"),
        arguments(Severity.INFO, "00:01:02: %SYS-5-CONFIG_I: Configured from console"),
        arguments(Severity.WARN, "/srv/app/x.py:12: DeprecationWarning: use y instead"),
        arguments(Severity.FATAL, "fatal error: all goroutines are asleep - deadlock!"),
        arguments(Severity.WARN, "[0.123s][warning][gc] odd"),
        arguments(Severity.WARN, "[2026/01/05 10:00:00] [ warn] [engine] odd"),
        arguments(Severity.INFO, "[2026/01/05 10:00:00] [ info] [engine] error page shown"),
        arguments(Severity.ERROR, "2026-01-05 10:00:00 [error    ] it broke      id=7"),
        arguments(Severity.INFO, "2026-01-05T10:00:00.1Z [info     ] error page shown [shop]"),
        arguments(Severity.ERROR, "[2026-01-05T10:00:00+00:00] shop.ERROR: it broke {\"a\":1} []"),
        arguments(Severity.FATAL, "[2026-01-05 10:00:00] local.EMERGENCY: it broke"),
        arguments(Severity.INFO, "[2026-01-05 10:00:00] shop.NOTICE: an error"),
        arguments(
            Severity.FATAL,
            "{\"message\":\"x\",\"level\":500,\"level_name\":\"CRITICAL\",\"channel\":\"shop\"}"),
        arguments(Severity.WARN, "{\"message\":\"x\",\"level\":300,\"channel\":\"shop\"}"),
        arguments(
            Severity.DEBUG,
            "{\"t\":{\"$date\":\"2026\"},\"s\":\"D2\",\"c\":\"QUERY\",\"msg\":\"x\"}"),
        arguments(Severity.DEBUG, "2026-01-05T10:00:00.123+0000 D1 QUERY    [conn1] error: none"),
        arguments(Severity.WARN, "01-05 10:00:00.123  1702  2395 W art     : slow"),
        arguments(
            Severity.ERROR, "2026-01-05 10:00:00.123 1702-2395/com.acme.shop E/Cart: it broke"),
        arguments(
            Severity.ERROR, "{\"@t\":\"2026-01-05T10:00:00Z\",\"@mt\":\"x\",\"@l\":\"Error\"}"),
        arguments(Severity.DEBUG, "{\"@level\":\"debug\",\"@message\":\"an error\"}"),
        arguments(Severity.WARN, "2026-01-05T10:00:00.123Z Wa(180) vmkwarning: cpu3:12)odd"),
        arguments(Severity.ERROR, "2026-01-05T10:00:00.123Z Er(11) hostd[12]: it broke"),
        arguments(Severity.ERROR, "2026-01-05T10:00:00Z E! [inputs.cpu] it broke"),
        arguments(Severity.DEBUG, "2026-01-05T10:00:00Z D! an error"),
        arguments(Severity.WARN, "ld: warning: odd"),
        arguments(Severity.ERROR, "Jan 05 10:00:00 auth: Error: it broke"),
        arguments(Severity.FATAL, "Jan 05 10:00:00 auth: Panic: it broke"),
        arguments(
            Severity.WARN, "[2026-01-05 10:00:00.123456] app.c: 12:app_start: *WARNING*: odd"),
        arguments(Severity.WARN, "::warning file=x.js::odd"),
        arguments(Severity.ERROR, "╷ Error: it broke"),
        arguments(Severity.WARN, "┌ Warning: odd"),
        arguments(Severity.ERROR, "E (1234) wifi: it broke"),
        arguments(Severity.WARN, "\u001b[0;33mW (1234) wifi: odd"),
        arguments(
            Severity.ERROR, "[ns_server:error,2026-01-05T10:00:00.123Z,ns_1@x:<0.1.0>]it broke"),
        arguments(
            Severity.INFO, "2026-01-05 10:00:00.123 | SUCCESS  | shop:main:11 - done, 0 failed"),
        arguments(Severity.DEBUG, "[7] 2026/01/05 10:00:00.123456 [TRC] <<- [PUB error]"),
        arguments(
            Severity.DEBUG, "time=2026-01-05T10:00:00Z level=DEBUG msg=\"error channel drained\""),
        arguments(Severity.INFO, "time=2026-01-05T10:00:00Z level=INFO msg=\"ERROR pages listed\""),
        arguments(Severity.DEBUG, "{\"level\":\"Level(-4)\",\"msg\":\"an error\"}"),
        arguments(Severity.ERROR, "E [05/Jan/2026:10:00:00 +0000] it broke"),
        arguments(Severity.ERROR, "[    12.345] (EE) no screens"),
        arguments(Severity.WARN, "(W) 2026-01-05T10:00:00 - odd"),
        arguments(
            Severity.ERROR, "2026-01-05 10:00:00.123456: E tensorflow/core/x.cc:12] it broke"),
        arguments(Severity.WARN, "[W105 10:00:00.123456 group.cpp:12] odd"),
        arguments(Severity.ERROR, "[rank0]:[E105 10:00:00.123456 group.cpp:12] it broke"),
        arguments(Severity.WARN, "(app:12): Gtk-WARNING **: 10:00:00.123: odd"),
        arguments(Severity.FATAL, "(app:12): GLib-CRITICAL **: it broke"),
        arguments(Severity.WARN, "[2026-01-05 10:00:00 +0000] warning/ApiListener: odd"),
        arguments(Severity.DEBUG, "{\"level\":\"-5\",\"msg\":\"an error\"}"),
        arguments(
            Severity.ERROR, "{\"EventID\":7031,\"LevelDisplayName\":\"Error\",\"Message\":\"x\"}"));
  }

  /** Formats of single programs. */
  @ParameterizedTest
  @MethodSource("lines")
  void readsWhatProgramsWriteInTheirOwnWay(Severity severity, String line) {
    extractor.extract(line, vector);
    assertThat(vector.declaredSeverity()).contains(severity);
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    extractor.extract(bytes, 0, bytes.length, vector);
    assertThat(vector.declaredSeverity()).contains(severity);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "I/O error, dev sda, sector 12",
        "A/B test of the cart page started",
        "N/A",
        "[7] 05 items # of the cart",
        "npm install finished",
        "npm is not installed",
        "PHP is a language: they say",
        "=ERRORS=",
        "=ERROR REPORT of the night",
        "2026-01-05 10:00:00 A connection was closed",
        "10:00:00 I was here",
        "GET /search?level=error&type=fatal",
        "compressed with level=3 in 7 ms",
        "metric type=error count=5",
        "search s=1 done",
        "alert sent {\"severity\":\"critical\"}",
        "Response {\"type\":\"error\"}",
        "{\"status\":\"error\"}",
        "{\"status\":1}",
        "\"GET /cart HTTP/1.1\" took 502 ms",
        "said \"HTTP\" 502 times",
        "order 502 was stored",
        "2026-01-05 10:00:00 sending alert: disk",
        "2026-01-05 10:00:00 login failure: bob",
        "2026-01-05T10:00:00.123456789Z stdout F reading the error pages",
        "daemon.err is a selector",
        "see section [E] of the manual",
        "% 3 of 7",
        "W: ",
        "E0105",
        "<999>x",
        "2026-01-05 10:00:00 read cart.error from the cache",
        "E (see above) is the letter",
        "E [see above] is the letter",
        "(W) is a name",
        "(EU) rules",
        "10:00:00: I was here",
        "[W105] is a room",
        "2026-01-05 10:00:00 error/warning counts were reset",
        "2026-01-05 10:00:00 D1 sensor read",
        "2026-01-05 10:00:00 In(line) text",
        "2026-01-05 10:00:00 read Cart.ERRORS: 7",
        "[ warnings ] of the night",
        "[addOrder][Add Order][Success]",
        "handshake failed (SSL: error: certificate expired)",
        "Uncaught Exception: Error: no cart",
        "msg=\"error pages listed\"",
        "{\"level\":700,\"msg\":\"x\"}",
        "the upload went on: error: none",
        "2 * error * 3",
      })
  void whatOnlyLooksLikeALevelDeclaresNothing(String line) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    extractor.extract(bytes, 0, bytes.length, vector);
    assertThat(vector.declaredSeverity()).isEmpty();
  }

  @Test
  void linesCutAnywhereDoNoHarm() {
    for (Arguments each : lines()) {
      byte[] bytes = ((String) each.get()[1]).getBytes(StandardCharsets.UTF_8);
      for (int to = 0; to <= bytes.length; to++) {
        byte[] cut = java.util.Arrays.copyOf(bytes, to);
        extractor.extract(cut, 0, to, vector);
        assertThat(vector.get(0)).isZero();
      }
    }
  }

  @Test
  void whatStandsBeforeTheMessageIsNoFeature() {
    extractor.extract("it broke", vector);
    String plain = vector.toString();
    for (String header :
        new String[] {
          "2026-01-05T10:00:00.123456789Z stderr F ",
          "2026-01-05T10:00:00.123456789Z stderr F 10:00:00 ERROR ",
          "[2114] 05 Jan 10:00:00.123 # ",
          "=ERROR REPORT==== 5-Jan-2026::10:00:00 ===\n",
          "npm ERR! ",
          "PHP Warning:  ",
          "[FAILED] ",
          "E/Tag: "
        }) {
      extractor.extract(header + "it broke", vector);
      assertThat(vector.toString().replaceAll("declared=\\w+", "")).as(header).isEqualTo(plain);
    }
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
    TextFeatureExtractor remembering = TextFeatureExtractor.remembering();
    long allocated = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < 20_000; i++) {
        extractor.extract(line, 0, line.length, vector);
        extractor.extract(text, vector);
        remembering.extract(text, vector);
      }
      allocated = Math.min(allocated, threads.getThreadAllocatedBytes(id) - before);
    }
    assertThat(allocated).isLessThan(20_000);
  }

  @Test
  void remembersOnlyWhatIsScannedAlike() {
    String[] parts = {
      "took %d ms",
      "after %d.%ds",
      "status %d",
      "http2 %d",
      "exit code %d",
      "exited by1 %d",
      "disk at %d%%",
      "at %d.5%%",
      "order %d for 10.0.0.%d",
      "id a%db-%d",
      "in %d min, rc %d",
      "file-%d/x%d",
      "%d%d%d%d",
      "Caused by%d by %d",
      "\u00e9%d\u4e2d"
    };
    Random random = new Random(5);
    TextFeatureExtractor remembering = TextFeatureExtractor.remembering();
    FeatureVector other = new FeatureVector(extractor.schema());
    int[] numbers = {0, 1, 5, 13, 99, 100, 137, 200, 404, 503, 1000, 123_456};
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(i % 7 == 0 ? "2026-01-05 10:00:00 WARN " : "");
      for (int k = random.nextInt(4); k >= 0; k--) {
        Object[] some = new Object[4];
        Arrays.setAll(some, n -> numbers[random.nextInt(numbers.length)]);
        text.append(String.format(parts[random.nextInt(parts.length)], some)).append(' ');
      }
      String line = i % 1000 == 999 ? text.toString().repeat(400) : text.toString();
      extractor.extract(line, vector);
      remembering.extract(line, other);
      assertThat(other.toString()).as(line).isEqualTo(vector.toString());
      assertThat(other.declaredOrdinal()).isEqualTo(vector.declaredOrdinal());
    }
    assertThat(remembering.remembered()).isBetween(2_000L, 19_999L);
    assertThat(extractor.remembered()).isZero();
  }

  @Test
  void countsEveryPartOfLongWordsWhereverTheyStand() {
    for (String word : List.of("cpu", "NodeCpu", "Cpu".repeat(20))) {
      extractor.extract(word + ' ', vector);
      float once = vector.get(FeatureLayout.GROUPS + WordGroup.NODE.ordinal());
      int times = 8000 / (word.length() + 1);
      extractor.extract((word + ' ').repeat(times), vector);
      assertThat(vector.get(FeatureLayout.WORD_COUNT)).isEqualTo(times);
      assertThat(vector.get(FeatureLayout.GROUPS + WordGroup.NODE.ordinal()))
          .isEqualTo(once * times);
    }
  }

  @Test
  void whatOneThreadRemembersFitsIntoASmallerVector() {
    String line = "one two three four five six seven eight nine ten";
    TextFeatureExtractor remembering = TextFeatureExtractor.remembering();
    remembering.extract(line, vector);
    FeatureVector small = new FeatureVector(extractor.schema(), 4);
    FeatureVector same = new FeatureVector(extractor.schema(), 4);
    remembering.extract(line, small);
    extractor.extract(line, same);
    assertThat(small.toString()).isEqualTo(same.toString());
    assertThat(small.dropped()).isEqualTo(same.dropped());
  }

  @Test
  void readsTheSameFromTextAsFromBytes() {
    for (String line :
        new String[] {
          "plain text of 7 words, all ASCII",
          "caf\u00e9 refused",
          "\u0141\u0141 status 503 \u0150",
          "\u4e2d\u6587 failed",
          "emoji \ud83d\ude00 lost",
          "lone \ud800 half",
          ""
        }) {
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      FeatureVector other = new FeatureVector(extractor.schema());
      extractor.extract(line, vector);
      extractor.extract(bytes, 0, bytes.length, other);
      assertThat(vector.toString()).as(line).isEqualTo(other.toString());
    }
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
    assertThat(extractor.schema().id() + " " + hash).isEqualTo("text-4 32190210229701");
  }
}
