package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.testkit.LogSourceContract;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileLogSourceTest extends LogSourceContract {
  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    Files.writeString(folder.resolve("a.log"), lines("a", 0, 40));
    Files.writeString(folder.resolve("b.log"), lines("b", 0, 25));
  }

  @Override
  protected LogSource newSource() {
    return FileLogSource.builder().path(folder).build();
  }

  private static String lines(String name, int from, int to) {
    StringBuilder text = new StringBuilder();
    IntStream.range(from, to)
        .forEach(i -> text.append("2026-01-05T10:00:00Z ").append(name).append(i).append('\n'));
    return text.toString();
  }

  private static List<LogRecord> all(LogSource source) throws Exception {
    List<LogRecord> records = new ArrayList<>();
    while (source.poll(records::add, 7) != LogSource.ENDED) {
      assertThat(records).hasSizeLessThan(1_000_000);
    }
    return records;
  }

  private static List<LogRecord> read(byte[] text) throws Exception {
    try (FileLogSource source =
        FileLogSource.builder().stdin(new ByteArrayInputStream(text)).build()) {
      return all(source);
    }
  }

  private static List<LogRecord> read(String text) throws Exception {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> messages(List<LogRecord> records) {
    return records.stream().map(LogRecord::message).toList();
  }

  @Test
  void anEmptyFileIsNoErrorAndAMissingOneIs() throws Exception {
    Path empty = Files.createFile(folder.resolve("empty.log"));
    Path none = folder.resolve("none.log");
    try (FileLogSource source = FileLogSource.builder().path(empty).build()) {
      assertThat(all(source)).isEmpty();
    }
    try (FileLogSource source = FileLogSource.builder().path(none).build()) {
      assertThatThrownBy(() -> all(source))
          .isInstanceOf(CopilotException.class)
          .hasMessageContaining("no file matches " + none);
    }
    try (FileLogSource source =
        FileLogSource.builder().path(none).path(folder.resolve("a.log")).build()) {
      assertThat(all(source)).hasSize(40);
    }
  }

  @Test
  void filesThatAreTooManyAreCounted() throws Exception {
    Path logs = Files.createDirectories(folder.resolve("logs"));
    FileFinder finder = new FileFinder(List.of(logs.toString()), true, 2);
    FileCounters counters = new FileCounters();
    for (int i = 0; i < 5; i++) {
      Files.writeString(logs.resolve(i + ".log"), "x" + i + "\n");
    }
    assertThat(finder.find(counters)).hasSize(2);
    assertThat(counters.all()).containsEntry("files.beyond-limit", 3L);
    try (Stream<Path> all = Files.list(logs)) {
      all.skip(1).forEach(p -> p.toFile().delete());
    }
    assertThat(finder.find(counters)).hasSize(1);
    assertThat(counters.all()).containsEntry("files.beyond-limit", 0L);
  }

  @Test
  void ofFilesThatAreGoneNothingIsKept() throws Exception {
    Path logs = Files.createDirectories(folder.resolve("logs"));
    Path broken = Files.createDirectories(folder.resolve("logs/shop_web-1_uid-1/app"));
    FileFinder finder = new FileFinder(List.of(logs.toString()), true);
    for (int i = 0; i < 3; i++) {
      Path one = Files.writeString(logs.resolve(i + ".log"), "x\n");
      Path two = Files.writeString(broken.resolve("0.log." + i + ".gz"), "this is no gzip");
      assertThat(finder.find(new FileCounters())).hasSize(1);
      assertThat(finder.known()).isEqualTo(2);
      Files.delete(one);
      Files.delete(two);
    }
    assertThat(finder.find(new FileCounters())).isEmpty();
    assertThat(finder.known()).isZero();
  }

  @Test
  void aFileThatComesBackPackedIsKnownHoweverManyWentBefore() throws Exception {
    Path pod = Files.createDirectories(folder.resolve("pods/shop_web-1_uid-1/app"));
    Path file = Files.writeString(pod.resolve("0.log"), lines("c", 0, 10));
    Map<String, String> positions = new HashMap<>();
    IntStream.range(0, 200_000).forEach(i -> positions.put("file:gone/app/0:" + i, "1"));
    List<LogRecord> records = new ArrayList<>();
    try (FileLogSource source =
        FileLogSource.builder()
            .path(folder.resolve("pods"))
            .follow(true)
            .interval(Duration.ofMillis(20))
            .build()) {
      source.resume(positions);
      until(source, records, () -> records.size() == 10);
      String stream = records.get(0).position().stream();
      assertThat(source.streams()).hasValue(Set.of(stream));
      byte[] text = Files.readAllBytes(file);
      Files.delete(file);
      until(source, records, () -> source.streams().orElseThrow().isEmpty());
      try (OutputStream out =
          new GZIPOutputStream(Files.newOutputStream(pod.resolve("0.log.1.gz.tmp")))) {
        out.write(text);
      }
      Files.move(pod.resolve("0.log.1.gz.tmp"), pod.resolve("0.log.1.gz"));
      Files.writeString(file, lines("d", 0, 1));
      until(source, records, () -> records.size() == 11);
      until(source, records, () -> source.streams().orElseThrow().contains(stream));
      for (int i = 0; i < 20; i++) {
        source.poll(records::add, 100);
      }
    }
    assertThat(messages(records)).hasSize(11).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2026-01-05T10:00:01.5Z plain text | 2026-01-05T10:00:01.5Z | 2026-01-05T10:00:01.5Z plain text",
        "2026-01-05 11:00:01,500 +0100 INFO x | 2026-01-05T10:00:01.5Z | 2026-01-05 11:00:01,500 +0100 INFO x",
        "2026-01-05T10:00:01.123456789Z stdout F hello there | 2026-01-05T10:00:01.123456789Z | hello there",
        "2026-01-05T10:00:01.123456789Z from kubectl | 2026-01-05T10:00:01.123456789Z | from kubectl",
        "[pod/cart-7c9f6d5b8-x2x4z/app] 2026-01-05T10:00:01.123456789Z hi | 2026-01-05T10:00:01.123456789Z | hi",
        "{\"log\":\"hi\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-05T10:00:01Z\"} | 2026-01-05T10:00:01Z | hi",
        "{\"level\":\"info\",\"time\":1767607201500,\"msg\":\"x\"} | 2026-01-05T10:00:01.5Z | {\"level\":\"info\",\"time\":1767607201500,\"msg\":\"x\"}",
        "ts=2026-01-05T10:00:01Z level=info msg=x | 2026-01-05T10:00:01Z | ts=2026-01-05T10:00:01Z level=info msg=x",
        "<13>1 2026-01-05T10:00:01Z host app - - - x | 2026-01-05T10:00:01Z | <13>1 2026-01-05T10:00:01Z host app - - - x",
        "1.2.3.4 - - [05/Jan/2026:10:00:01 +0000] \"GET /\" 200 | 2026-01-05T10:00:01Z | 1.2.3.4 - - [05/Jan/2026:10:00:01 +0000] \"GET /\" 200",
        "2026/01/05 10:00:01 [error] 7#7: x | 2026-01-05T10:00:01Z | 2026/01/05 10:00:01 [error] 7#7: x",
      })
  void takesTimesAndFramesOff(String line, Instant time, String message) throws Exception {
    LogRecord record = read(line + "\n").get(0);
    assertThat(record.timestamp()).isEqualTo(time);
    assertThat(record.message()).isEqualTo(message);
    assertThat(record.flags()).isEmpty();
  }

  /** Also where all of it was read before and its successor is still shorter. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFileThatIsRotatedAfterItWasFoundIsReadByItsNewName(boolean resumed) throws Exception {
    Path log = Files.createDirectories(folder.resolve("shop_cart_u1/app")).resolve("0.log");
    Files.writeString(
        log, "2026-01-05T10:00:01Z stdout F old 1\n2026-01-05T10:00:01Z stdout F old 2\n");
    List<LogRecord> records = new ArrayList<>();
    try (FileLogSource source =
        FileLogSource.builder()
            .path(folder)
            .follow(true)
            .joinTraces(false)
            .interval(Duration.ofSeconds(3))
            .build()) {
      if (resumed) {
        try (FileLogSource before = FileLogSource.builder().path(log).joinTraces(false).build()) {
          List<LogRecord> read = all(before);
          records.addAll(read);
          source.resume(Map.of(read.get(1).position().stream(), read.get(1).position().token()));
        }
      }
      source.poll(records::add, 1); // finds all files, and opens the first one only
      Files.move(log, log.resolveSibling("0.log.20260105-100002"));
      Files.writeString(log, "2026-01-05T10:00:02Z stdout F new\n"); // shorter
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (!messages(records).containsAll(List.of("old 1", "old 2", "new"))) {
        source.poll(records::add, 100);
        assertThat(System.nanoTime()).as("in time, %s", records).isLessThan(deadline);
      }
      while (records.size() < 40 + 25 + 3) {
        source.poll(records::add, 100);
        assertThat(System.nanoTime()).as("in time, %s", records).isLessThan(deadline);
      }
      assertThat(source.counters()).containsEntry("files.lost", 0L);
    }
    assertThat(records).hasSize(40 + 25 + 3);
    assertThat(messages(records)).doesNotHaveDuplicates();
  }

  @Test
  void namesThePodOfPrefixedLines() throws Exception {
    LogRecord record = read("[pod/cart-7c9f6d5b8-x2x4z/app] hi\n").get(0);
    assertThat(record.origin().service()).isEqualTo("cart");
    assertThat(record.origin().container()).isEqualTo("app");
    assertThat(read("[pod/odd] text\n").get(0).message()).isEqualTo("[pod/odd] text");
  }

  @Test
  void partsOfBothOutputsAreJoinedApartAndResumedBetween() throws Exception {
    String t = "2026-01-05T10:00:01.123456789Z ";
    String text =
        t
            + "stdout F one\n"
            + t
            + "stdout P abc\n"
            + t
            + "stderr F late\n"
            + t
            + "stderr F later\n"
            + t
            + "stdout P def\n"
            + t
            + "stderr P 12\n"
            + t
            + "stdout F ghi\n"
            + t
            + "stderr F 34\n"
            + t
            + "stdout F last\n";
    Path log = Files.writeString(folder.resolve("p.txt"), text);
    List<String> whole = List.of("one", "late", "later", "abcdefghi", "1234", "last");
    for (int cut = 1; cut <= whole.size(); cut++) {
      List<LogRecord> records = new ArrayList<>();
      try (LogSource source = FileLogSource.builder().path(log).build()) {
        source.poll(records::add, cut);
      }
      LogRecord.Position at = records.get(records.size() - 1).position();
      try (LogSource source = FileLogSource.builder().path(log).build()) {
        source.resume(Map.of(at.stream(), at.token()));
        records.addAll(all(source));
      }
      assertThat(messages(records)).as("cut after %s", cut).containsExactlyElementsOf(whole);
    }
    Files.writeString(log, t + "stdout P never ends\n");
    try (LogSource source = FileLogSource.builder().path(log).build()) {
      assertThat(all(source).get(0).flags()).containsExactly(LogRecord.Flag.PARTIAL);
    }
  }

  @Test
  void joinsPartsOfLongLines() throws Exception {
    String t = "2026-01-05T10:00:01.123456789Z stdout ";
    List<LogRecord> records = read(t + "P abc\n" + t + "P def\n" + t + "F ghi\n" + t + "F next\n");
    assertThat(messages(records)).containsExactly("abcdefghi", "next");
  }

  @Test
  void aLineWithoutTimeHasThatOfTheOneBefore() throws Exception {
    List<LogRecord> records = read("2026-01-05T10:00:01Z Error\n  more of it\n");
    assertThat(records.get(1).timestamp()).isEqualTo(records.get(0).timestamp());
    assertThat(read("no time at all\n").get(0).flags()).containsExactly(LogRecord.Flag.READ_TIME);
  }

  @Test
  void survivesWhatIsNoText() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write("first\r\n{\"log\": broken\n\n".getBytes(StandardCharsets.UTF_8));
    bytes.write(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1, '\n'});
    bytes.write("x".repeat(10 << 20).getBytes(StandardCharsets.UTF_8));
    bytes.write("\nlast".getBytes(StandardCharsets.UTF_8));
    try (FileLogSource source =
        FileLogSource.builder().stdin(new ByteArrayInputStream(bytes.toByteArray())).build()) {
      List<LogRecord> records = all(source);
      assertThat(messages(records)).startsWith("first", "{\"log\": broken", "").endsWith("last");
      assertThat(records).hasSize(6);
      assertThat(records.get(3).flags()).contains(LogRecord.Flag.INVALID_ENCODING);
      assertThat(records.get(4).message()).hasSize(FileLogSource.DEFAULT_MAX_LINE);
      assertThat(records.get(4).flags()).contains(LogRecord.Flag.TRUNCATED);
      assertThat(source.counters())
          .containsEntry("bytes.cut", (long) (10 << 20) - FileLogSource.DEFAULT_MAX_LINE)
          .containsEntry("lines.malformed", 1L)
          .containsEntry("lines.invalid-encoding", 1L);
    }
  }

  @Test
  void readsGzipFromFilesAndStreams() throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(packed)) {
      out.write(lines("z", 0, 10).getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(packed.toByteArray())).hasSize(10);
    Files.write(folder.resolve("old.log.gz"), packed.toByteArray());
    try (LogSource source = newSource()) {
      assertThat(all(source)).hasSize(75);
    }
  }

  @Test
  void anUnreadableFileIsCountedAndItsNeighboursAreRead() throws Exception {
    Files.write(folder.resolve("broken.gz"), "this is no gzip".getBytes(StandardCharsets.UTF_8));
    try (FileLogSource source = FileLogSource.builder().path(folder).build()) {
      assertThat(all(source)).hasSize(65);
      assertThat(source.counters()).containsEntry("files.unreadable", 1L);
    }
    assertThatThrownBy(
            () -> FileLogSource.builder().glob(folder + "/*.nothing").build().poll(r -> {}, 1))
        .isInstanceOf(CopilotException.class)
        .hasMessageContaining("*.nothing");
  }

  @Test
  void namesPodsByThePathOfTheKubelet() throws Exception {
    Path pods = folder.resolve("pods/shop_cart-7c9f6d5b8-x2x4z_1234-ab/app");
    Files.createDirectories(pods);
    Files.writeString(pods.resolve("3.log"), "2026-01-05T10:00:01.123456789Z stdout F hello\n");
    try (FileLogSource source = FileLogSource.builder().path(folder.resolve("pods")).build()) {
      LogRecord record = all(source).get(0);
      assertThat(record.origin().namespace()).isEqualTo("shop");
      assertThat(record.origin().pod()).isEqualTo("cart-7c9f6d5b8-x2x4z");
      assertThat(record.origin().service()).isEqualTo("cart");
      assertThat(record.origin().restartCount()).isEqualTo(3);
    }
  }

  @Test
  void followsRenamingAndTruncatingWithoutLossOrRepetition() throws Exception {
    Path log = folder.resolve("c.log");
    List<String> expected = new ArrayList<>();
    List<LogRecord> records = new ArrayList<>();
    try (FileLogSource source =
        FileLogSource.builder()
            .glob(folder + "/c.log*")
            .follow(true)
            .interval(Duration.ofMillis(10))
            .build()) {
      for (int round = 0; round < 12; round++) {
        String text = lines("c" + round + "-", 0, 20);
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        text.lines().forEach(expected::add);
        until(source, records, expected.size());
        if (round % 3 == 1) {
          Files.move(log, folder.resolve("c.log." + round));
        } else if (round % 3 == 2) {
          Files.newOutputStream(log).close(); // copytruncate, after all was read
          long cuts = 1 + round / 3;
          until(source, records, () -> source.counters().get("files.rotated") == cuts);
        }
      }
    }
    assertThat(messages(records)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void aFileTheKubeletRemovedWhileNobodyReadIsCounted() throws Exception {
    Path pod = Files.createDirectories(folder.resolve("pods/shop_cart-0_77-ab/app"));
    Path log = pod.resolve("0.log");
    Map<String, String> positions = new java.util.HashMap<>();
    List<LogRecord> records = new ArrayList<>();
    for (int life = 0; life < 4; life++) {
      Files.writeString(log, "2026-01-05T10:00:0" + life + "Z stdout F line " + life + "\n");
      try (LogSource source =
          FileLogSource.builder().path(folder.resolve("pods")).follow(true).build()) {
        source.resume(positions);
        until(source, records, life + 1);
        assertThat(source.counters()).containsEntry("files.lost", life == 3 ? 1L : 0L);
      }
      records.forEach(r -> positions.put(r.position().stream(), r.position().token()));
      Path rotated = pod.resolve("0.log.20260105-10000" + life);
      Files.move(log, rotated);
      if (life == 2) { // two more files came and went, and all that was known is gone
        try (java.util.stream.Stream<Path> all = Files.list(pod)) {
          for (Path file : all.toList()) {
            Files.delete(file);
          }
        }
      }
    }
    assertThat(messages(records)).containsExactly("line 0", "line 1", "line 2", "line 3");
  }

  @Test
  void followsTheKubeletsRotationAndPackingAlsoOverRestarts() throws Exception {
    Path pod = folder.resolve("pods/shop_cart-0_77-ab/app");
    Files.createDirectories(pod);
    Path log = pod.resolve("0.log");
    List<String> expected = new ArrayList<>();
    List<LogRecord> records = new ArrayList<>();
    Map<String, String> positions = new java.util.HashMap<>();
    Path rotated = log;
    for (int round = 0; round < 9; round++) {
      try (LogSource source =
          FileLogSource.builder()
              .path(folder.resolve("pods"))
              .follow(true)
              .interval(Duration.ofMillis(10))
              .build()) {
        source.resume(positions);
        for (int i = 0; i < 30; i++) {
          String text = "line " + round + "-" + i;
          expected.add(text);
          Files.writeString(
              log,
              "2026-01-05T10:00:0" + round + ".0000000" + (10 + i) + "Z stdout F " + text + "\n",
              StandardOpenOption.CREATE,
              StandardOpenOption.APPEND);
          if (i == 20) {
            // As the kubelet does: pack the older file beside a .tmp, rename the current one.
            if (!rotated.equals(log)) {
              Path packed = pod.resolve(rotated.getFileName() + ".gz");
              Path unfinished = pod.resolve(rotated.getFileName() + ".tmp");
              try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(unfinished))) {
                Files.copy(rotated, out);
              }
              Files.move(unfinished, packed);
              Files.delete(rotated);
            }
            rotated = pod.resolve("0.log.20260105-10000" + round);
            Files.move(log, rotated);
          }
        }
        int wanted = round % 2 == 0 ? expected.size() : expected.size() - 7;
        until(source, records, wanted);
        // Killed: what was delivered is stored, the rest must come again.
        records.forEach(r -> positions.put(r.position().stream(), r.position().token()));
      }
    }
    assertThat(messages(records)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(records.get(0).origin().podUid()).isEqualTo("77-ab");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<34>Jan  5 10:00:01 web1 sshd[5]: fine | 10:00:01",
        "Jan  5 10:00:01 web1 sshd[5]: fine | 10:00:01",
        "<165>1 2026-01-05T10:00:01.003Z web1 app 8 ID47 - fine | 10:00:01.003",
        "level=info time=\"2026-01-05T10:00:01Z\" msg=fine | 10:00:01",
        "{\"__REALTIME_TIMESTAMP\":\"1767607201500000\",\"MESSAGE\":\"fine\",\"_SYSTEMD_UNIT\":\"sshd.service\"} | 10:00:01.500",
      })
  void readsSyslogLogfmtAndJournalJson(String line, String time) throws Exception {
    LogRecord record = read(line + "\n").get(0);
    assertThat(record.timestamp().toString()).endsWith("T" + time + "Z").contains("-01-05");
    assertThat(record.flags()).isEmpty();
    if (line.startsWith("{")) {
      assertThat(record.message()).isEqualTo("fine");
      assertThat(record.origin().service()).isEqualTo("sshd");
    }
  }

  @Test
  void readsTheJournalsExport() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(
        ("__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1767607201500000\n_SYSTEMD_UNIT=cart.service\n"
                + "_HOSTNAME=web1\nPRIORITY=3\nMESSAGE=it broke\n\n"
                + "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1767607202500000\n"
                + "_SYSTEMD_UNIT=cart.service\nMESSAGE\n")
            .getBytes(StandardCharsets.UTF_8));
    byte[] two = "two\n\nlines".getBytes(StandardCharsets.UTF_8);
    bytes.write(
        java.nio.ByteBuffer.allocate(8)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .putLong(two.length)
            .array());
    bytes.write(two);
    bytes.write("\n\n".getBytes(StandardCharsets.UTF_8));
    List<LogRecord> records = read(bytes.toByteArray());
    assertThat(messages(records)).containsExactly("it broke", "two\n\nlines");
    assertThat(records.get(1).timestamp()).isEqualTo(Instant.parse("2026-01-05T10:00:02.5Z"));
    assertThat(records.get(0).origin().service()).isEqualTo("cart");
    assertThat(records.get(0).origin().node()).isEqualTo("web1");
  }

  private static void until(LogSource source, List<LogRecord> records, int wanted)
      throws Exception {
    until(source, records, () -> records.size() >= wanted);
    long quiet = System.nanoTime();
    while (System.nanoTime() - quiet < 30_000_000L) {
      if (source.poll(records::add, 100) > 0) {
        quiet = System.nanoTime();
      }
    }
  }

  private static void until(LogSource source, List<LogRecord> records, BooleanSupplier reached)
      throws Exception {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!reached.getAsBoolean()) {
      source.poll(records::add, 100);
      assertThat(System.nanoTime()).as("in time, %s", records).isLessThan(deadline);
    }
  }

  @Test
  void aHalfLineWaitsForItsEndWhenFollowed() throws Exception {
    Path log = Files.writeString(folder.resolve("h.txt"), "whole\nhalf");
    List<LogRecord> records = new ArrayList<>();
    try (FileLogSource source =
        FileLogSource.builder().path(log).follow(true).interval(Duration.ofMillis(10)).build()) {
      until(source, records, 1);
      Files.writeString(log, " done\n", StandardOpenOption.APPEND);
      until(source, records, 2);
    }
    assertThat(messages(records)).containsExactly("whole", "half done");
  }

  /** As the kubelet's file of a container whose last line has no end. */
  @Test
  void partsThatNothingFollowsAreHandedOnAndPassed() throws Exception {
    String t = "2026-01-05T10:00:01.123456789Z stdout ";
    Path log = Files.writeString(folder.resolve("e.txt"), t + "F first\n" + t + "P no end\n");
    List<LogRecord> records = new ArrayList<>();
    try (FileLogSource source = FileLogSource.builder().path(log).follow(true).build()) {
      long deadline = System.nanoTime() + 60_000_000_000L;
      while (records.size() < 2) {
        source.poll(records::add, 100);
        assertThat(System.nanoTime()).as("in time; %s", records).isLessThan(deadline);
        Thread.sleep(5);
      }
    }
    assertThat(messages(records)).containsExactly("first", "no end");
    assertThat(records.get(1).flags()).containsExactly(LogRecord.Flag.PARTIAL);
    Files.writeString(log, t + "F next\n", StandardOpenOption.APPEND);
    LogRecord.Position at = records.get(1).position();
    try (LogSource source = FileLogSource.builder().path(log).build()) {
      source.resume(Map.of(at.stream(), at.token()));
      assertThat(messages(all(source))).containsExactly("next");
    }
  }

  @Test
  void resumesBehindTheStoredByte() throws Exception {
    List<LogRecord> first = new ArrayList<>();
    try (LogSource source = newSource()) {
      source.poll(first::add, 10);
    }
    LogRecord.Position last = first.get(9).position();
    try (LogSource source = newSource()) {
      source.resume(Map.of(last.stream(), last.token()));
      assertThat(messages(all(source))).hasSize(55).doesNotContainAnyElementsOf(messages(first));
    }
  }

  @Test
  void aGlobOfFoldersMeansTheLogsWithinThem() throws Exception {
    for (String pod : List.of("shop_cart-1_u1", "shop_web-1_u2", "mail_web-1_u3")) {
      Path container = Files.createDirectories(folder.resolve("pods").resolve(pod).resolve("app"));
      Files.writeString(container.resolve("0.log"), "INFO hello of " + pod + "\n");
      Files.writeString(container.resolve("core.bin"), "no log\n");
    }
    List<String> read = new ArrayList<>();
    try (FileLogSource source =
        FileLogSource.builder().glob(folder + "/pods/shop_*").follow(false).build()) {
      while (source.poll(r -> read.add(r.message()), 10) != LogSource.ENDED) {
        assertThat(read).hasSizeLessThan(3);
      }
    }
    assertThat(read)
        .containsExactlyInAnyOrder("INFO hello of shop_cart-1_u1", "INFO hello of shop_web-1_u2");
  }
}
