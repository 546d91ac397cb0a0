package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RecordJoinerTest {
  private static final Origin POD = Origin.builder().pod("a").build();
  private final RecordJoiner joiner = new RecordJoiner();
  private long now;
  private int token;

  private void add(String stream, String message) {
    joiner.add(
        LogRecord.of(Instant.EPOCH, message, POD)
            .at(new LogRecord.Position(stream, Integer.toString(++token))),
        now);
  }

  private List<LogRecord> ready() {
    List<LogRecord> all = new ArrayList<>();
    for (LogRecord r = joiner.peek(); r != null; r = joiner.peek()) {
      all.add(r);
      joiner.remove();
    }
    return all;
  }

  /** Each trace of the languages, between two lines that do not belong to it. */
  static Stream<Arguments> traces() {
    return Stream.of(
        Arguments.of(
            "java, logged",
            """
            2026-01-05 10:00:00 ERROR orders - could not save
            java.lang.IllegalStateException: no session
            \tat com.shop.Orders.save(Orders.java:42)
            \t... 12 common frames omitted
            Caused by: java.sql.SQLException: pool is empty
            \tat com.shop.Pool.get(Pool.java:7)
            \tSuppressed: java.io.IOException: closed
            \t\tat com.shop.Pool.close(Pool.java:9)
            \t... 3 more"""),
        Arguments.of(
            "java, uncaught",
            """
            Exception in thread "main" java.lang.NullPointerException: x is null
            \tat com.shop.Main.main(Main.java:3)"""),
        Arguments.of(
            "python",
            """
            Traceback (most recent call last):
              File "/app/a.py", line 3, in <module>
                load()
            KeyError: 'host'

            During handling of the above exception, another exception occurred:

            Traceback (most recent call last):
              File "/app/a.py", line 5, in <module>
                raise RuntimeError("no host")
            RuntimeError: no host"""),
        Arguments.of(
            "go",
            """
            panic: runtime error: invalid memory address or nil pointer dereference
            [signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f]

            goroutine 1 [running]:
            main.(*Shop).Order(0x0)
            \t/app/main.go:12 +0x1d
            main.main()
            \t/app/main.go:20 +0x2a
            exit status 2"""),
        Arguments.of(
            "node",
            """
            /app/server.js:10
                throw new TypeError('no host');
                ^

            TypeError: no host
                at connect (/app/server.js:10:9)
                at Object.<anonymous> (/app/server.js:14:1) {
              code: 'ENOHOST'
            }"""),
        Arguments.of(
            "dotnet",
            """
            Unhandled exception. System.InvalidOperationException: no session
             ---> System.TimeoutException: too slow
               at Shop.Pool.Get() in /src/Pool.cs:line 7
               --- End of inner exception stack trace ---
               at Shop.Program.Main() in /src/Program.cs:line 3"""),
        Arguments.of(
            "ruby",
            """
            app.rb:4:in `order': no host (RuntimeError)
            \tfrom app.rb:9:in `block in run'
            \tfrom app.rb:12:in `<main>'"""),
        Arguments.of(
            "rust",
            """
            thread 'main' panicked at src/main.rs:4:10:
            called `Option::unwrap()` on a `None` value
            stack backtrace:
               0: rust_begin_unwind
                         at /rustc/library/std/src/panicking.rs:645:5
               1: shop::main
            note: run with `RUST_BACKTRACE=full` for a verbose backtrace."""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("traces")
  void aTraceIsOneRecordAndItsNeighboursStayAlone(String name, String trace) {
    add("s", "INFO before");
    trace.lines().forEach(line -> add("s", line));
    String end = Integer.toString(token);
    add("s", "INFO after");
    joiner.flush();
    List<LogRecord> records = ready();
    assertThat(records)
        .extracting(LogRecord::message)
        .containsExactly("INFO before", trace, "INFO after");
    assertThat(records.get(1).position().token()).isEqualTo(end);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("traces")
  void aTraceThatIsCutAnywhereLosesNoLine(String name, String trace) {
    List<String> lines = trace.lines().toList();
    for (int cut = 1; cut < lines.size(); cut++) {
      for (int i = 0; i < lines.size(); i++) {
        if (i == cut) {
          joiner.flush(); // a restart, or a pause
        }
        add("s", lines.get(i));
      }
      joiner.flush();
      assertThat(String.join("\n", ready().stream().map(LogRecord::message).toList()))
          .isEqualTo(trace);
    }
  }

  @Test
  void ordinaryLinesAreNeverJoined() {
    List<String> lines =
        List.of(
            "ERROR could not connect",
            "ERROR could not connect",
            "com.shop.Cart: ready",
            "",
            "",
            "WARN slow",
            "from here: on",
            "Error rate 3 %",
            "java.util.List: no exception follows",
            "INFO fine");
    lines.forEach(line -> add("s", line));
    joiner.flush();
    assertThat(ready()).extracting(LogRecord::message).containsExactlyElementsOf(lines);
  }

  @Test
  void aHeldRecordHoldsBackNoOtherStream() {
    add("a", "ERROR x");
    add("b", "1");
    add("b", "2");
    add("b", "3");
    assertThat(ready()).extracting(LogRecord::message).containsExactly("1", "2");
    now += RecordJoiner.QUIET_NANOS;
    joiner.expire(now);
    assertThat(ready()).extracting(LogRecord::message).containsExactlyInAnyOrder("ERROR x", "3");
    assertThat(joiner.isEmpty()).isTrue();
  }

  @Test
  void linesOfTheOtherOutputEndATrace() {
    for (String output : List.of("stderr", "stderr", "stdout")) {
      joiner.add(
          new LogRecord(
              Instant.EPOCH,
              "\tat x",
              LogRecord.Kind.LOG,
              POD,
              LogRecord.Position.NONE,
              Map.of(LogRecord.ATTR_STREAM, output),
              java.util.Set.of()),
          now);
    }
    joiner.flush();
    assertThat(ready()).extracting(LogRecord::message).containsExactly("\tat x\n\tat x", "\tat x");
  }

  @Test
  void anEndlessTraceComesInPartsThatSaySo() {
    add("s", "java.lang.StackOverflowError: deep.down");
    for (int i = 1; i < 2_500; i++) {
      add("s", "\tat com.x.Y.z(Y.java:" + i + ")");
    }
    joiner.flush();
    List<LogRecord> records = ready();
    assertThat(records).hasSize(3);
    assertThat(records)
        .allSatisfy(r -> assertThat(r.flags()).containsExactly(LogRecord.Flag.PARTIAL));
    assertThat(records.stream().mapToLong(r -> r.message().lines().count()).sum()).isEqualTo(2_500);
    assertThat(records.get(2).position().token()).isEqualTo("2500");
  }
}
