package io.devopscopilot.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogQuery;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogStore;
import io.devopscopilot.api.LogStore.Stored;
import io.devopscopilot.api.Origin;
import io.devopscopilot.api.Severity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link LogStore} must do; extend it and say how a store is opened. */
public abstract class LogStoreContract {
  private static final Instant START = Instant.parse("2026-01-05T10:00:00Z");
  private static final Origin CART =
      Origin.builder().namespace("shop").service("cart").pod("cart-1").container("app").build();
  private static final Origin WEB =
      Origin.builder().namespace("shop").service("web").pod("web-1").restartCount(2).build();

  private LogStore store;

  /** Opens the store; each call of one test opens the same one. */
  protected abstract LogStore open();

  @BeforeEach
  void openStore() {
    store = open();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  private void put(int second, Origin origin, Severity severity, String category, String message) {
    LogRecord record = LogRecord.of(START.plusSeconds(second), message, origin);
    store.accept(record, Classification.certain(severity, category, message.length()));
  }

  private void some() {
    for (int i = 0; i < 30; i++) {
      boolean bad = i % 10 == 9;
      put(
          i,
          i % 3 == 0 ? WEB : CART,
          bad ? Severity.ERROR : Severity.INFO,
          bad ? Category.NETWORK_DNS : Category.NONE,
          (bad ? "Connection refused " : "request done ") + i);
    }
    store.flush();
  }

  private static List<String> messages(List<Stored> found) {
    return found.stream().map(s -> s.record().message()).toList();
  }

  @Test
  void returnsRecordsAsTheyWere() {
    LogRecord record =
        new LogRecord(
            Instant.parse("1969-12-31T23:59:58.123456789Z"),
            "a\nb\t\u0001 '; DROP TABLE records; -- \" \\ % _ \u00e9 \ud83d\ude00",
            LogRecord.Kind.EVENT,
            Origin.builder().service("s").owner("Job/x").labels(Map.of("a", "b\nc\\")).build(),
            new LogRecord.Position("stream", "7"),
            Map.of(LogRecord.ATTR_REASON, "OOM\\n\nKilling"),
            Set.of(LogRecord.Flag.TRUNCATED, LogRecord.Flag.READ_TIME));
    store.accept(record, Classification.certain(Severity.FATAL, Category.OOM, -5));
    store.flush();
    Stored found = store.find(LogQuery.builder().build()).get(0);
    assertThat(found.record()).isEqualTo(record.at(LogRecord.Position.NONE));
    assertThat(found.severity()).isEqualTo(Severity.FATAL);
    assertThat(found.severityProbability()).isEqualTo(1.0);
    assertThat(found.category()).isEqualTo(Category.OOM);
    assertThat(found.fingerprint()).isEqualTo(-5);
    assertThat(store.get(found.id())).contains(found);
    assertThat(store.positions()).containsExactly(Map.entry("stream", "7"));
  }

  @Test
  void showsOnlyWhatWasFlushed() {
    put(0, CART, Severity.INFO, Category.NONE, "held");
    assertThat(store.count(LogQuery.builder().build())).isZero();
    store.flush();
    store.flush();
    assertThat(store.count(LogQuery.builder().build())).isEqualTo(1);
  }

  @Test
  void findsByEachField() {
    some();
    assertThat(store.find(LogQuery.builder().service("web").build())).hasSize(10);
    assertThat(store.find(LogQuery.builder().namespace("other").build())).isEmpty();
    assertThat(store.find(LogQuery.builder().pod("cart-1").build())).hasSize(20);
    assertThat(messages(store.find(LogQuery.builder().severity(Severity.ERROR).build())))
        .containsExactly("Connection refused 29", "Connection refused 19", "Connection refused 9");
    assertThat(store.find(LogQuery.builder().category(Category.NETWORK_DNS).build())).hasSize(3);
    assertThat(store.find(LogQuery.builder().category("no such'; --").build())).isEmpty();
    assertThat(messages(store.find(LogQuery.builder().text("REFUSED 1").build())))
        .containsExactly("Connection refused 19");
    assertThat(store.find(LogQuery.builder().text("%").build())).isEmpty();
    assertThat(store.find(LogQuery.builder().kind(LogRecord.Kind.EVENT).build())).isEmpty();
    assertThat(store.find(LogQuery.builder().fingerprint(20).build())).hasSize(1);
    assertThat(
            messages(
                store.find(
                    LogQuery.builder()
                        .from(START.plusSeconds(4))
                        .to(START.plusSeconds(6))
                        .oldestFirst()
                        .build())))
        .containsExactly("request done 4", "request done 5");
  }

  @Test
  void pagesWithoutGapsAlsoWhereTimesAreEqualOrOutOfOrder() {
    for (int i = 0; i < 50; i++) {
      put(i % 7, CART, Severity.INFO, Category.NONE, "line " + i);
    }
    store.flush();
    for (boolean oldest : new boolean[] {false, true}) {
      List<String> all = new ArrayList<>();
      LogQuery.Builder query = LogQuery.builder().limit(8);
      if (oldest) {
        query.oldestFirst();
      }
      List<Stored> page = store.find(query.build());
      while (!page.isEmpty()) {
        all.addAll(messages(page));
        page = store.find(query.beforeId(page.get(page.size() - 1).id()).build());
      }
      assertThat(all).hasSize(50).doesNotHaveDuplicates();
    }
  }

  @Test
  void findsTheNewestHoweverFarApartTheyAre() {
    long[] ages = {0, 5, 59, 61, 700, 901, 9_000, 20_000, 90_000, 300_000, 9_000_000, 90_000_000};
    for (int i = 0; i < ages.length; i++) {
      int at = i * 7 % ages.length; // stored out of order
      put(-(int) ages[at], CART, Severity.INFO, Category.NONE, "age " + ages[at]);
    }
    store.flush();
    List<String> all = Arrays.stream(ages).mapToObj(a -> "age " + a).toList();
    for (int n = 1; n <= all.size(); n++) {
      LogQuery.Builder query = LogQuery.builder().limit(n);
      List<Stored> found = store.find(query.build());
      assertThat(messages(found)).isEqualTo(all.subList(0, n));
      assertThat(messages(store.find(query.beforeId(found.get(n - 1).id()).build())))
          .isEqualTo(all.subList(n, Math.min(2 * n, all.size())));
      Instant to = START.minusSeconds(ages[n - 1]);
      assertThat(messages(store.find(LogQuery.builder().to(to).limit(2).build())))
          .isEqualTo(all.subList(n, Math.min(n + 2, all.size())));
      assertThat(messages(store.find(LogQuery.builder().from(to).limit(20).build())))
          .isEqualTo(all.subList(0, n));
    }
  }

  @Test
  void afterIdGivesWhatWasStoredLater() {
    some();
    long last = store.find(LogQuery.builder().limit(1).build()).get(0).id();
    put(-100, CART, Severity.INFO, Category.NONE, "late");
    store.flush();
    assertThat(messages(store.find(LogQuery.builder().afterId(last).build())))
        .containsExactly("late");
  }

  @Test
  void contextStaysWithinTheContainer() {
    some();
    Stored hit = store.find(LogQuery.builder().text("refused 19").build()).get(0);
    assertThat(messages(store.context(hit.id(), 2, 2)))
        .containsExactly(
            "request done 16",
            "request done 17",
            "Connection refused 19",
            "request done 20",
            "request done 22");
    assertThat(store.context(hit.id(), 0, 0)).containsExactly(hit);
    assertThat(store.context(1_000_000, 5, 5)).isEmpty();
  }

  @Test
  void groupsAndCounts() {
    some();
    LogStore.Group top = store.groups(LogQuery.builder().limit(1).build()).get(0);
    assertThat(top.count()).isEqualTo(18);
    assertThat(top.first()).isEqualTo(START.plusSeconds(10));
    assertThat(top.last()).isEqualTo(START.plusSeconds(28));
    assertThat(top.sample().record().message()).isEqualTo("request done 28");
    List<LogStore.Count> counts =
        store.counts(LogQuery.builder().severity(Severity.ERROR).build(), Duration.ofSeconds(20));
    assertThat(counts)
        .containsExactlyInAnyOrder(
            new LogStore.Count(START, "web", Severity.ERROR, Category.NETWORK_DNS, 1),
            new LogStore.Count(START, "cart", Severity.ERROR, Category.NETWORK_DNS, 1),
            new LogStore.Count(
                START.plusSeconds(20), "cart", Severity.ERROR, Category.NETWORK_DNS, 1));
    assertThat(store.count(LogQuery.builder().limit(1).build())).isEqualTo(30);
    assertThatThrownBy(() -> store.counts(LogQuery.builder().build(), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0S");
  }

  @Test
  void bucketsBeforeTheEpochStartAtMultiplesToo() {
    LogRecord record = LogRecord.of(Instant.ofEpochSecond(-1), "x", CART);
    store.accept(record, Classification.certain(Severity.INFO, Category.NONE, 1));
    store.flush();
    assertThat(store.counts(LogQuery.builder().build(), Duration.ofSeconds(60)).get(0).start())
        .isEqualTo(Instant.ofEpochSecond(-60));
  }

  @Test
  void keepsEverythingOverClosing() {
    some();
    put(100, WEB, Severity.WARN, Category.OTHER, "not flushed by hand");
    store.close();
    store.close();
    store = open();
    assertThat(store.count(LogQuery.builder().build())).isEqualTo(31);
    put(101, WEB, Severity.WARN, Category.OTHER, "next");
    store.flush();
    List<Stored> newest = store.find(LogQuery.builder().limit(2).build());
    assertThat(messages(newest)).containsExactly("next", "not flushed by hand");
    assertThat(newest.get(0).id()).isGreaterThan(newest.get(1).id());
    assertThat(newest.get(0).record().origin()).isEqualTo(WEB);
  }

  @Test
  void keepsTheNewestPositionOfEachStream() {
    for (int i = 0; i < 5; i++) {
      store.accept(
          LogRecord.of(START, "x", CART).at(new LogRecord.Position("s" + i % 2, "t" + i)),
          Classification.certain(Severity.INFO, Category.NONE, 1));
    }
    store.flush();
    assertThat(store.positions()).containsOnly(Map.entry("s0", "t4"), Map.entry("s1", "t3"));
  }

  @Test
  void keepsThePositionsOfManyStreams() {
    Map<String, String> expected = new HashMap<>();
    for (int round = 0; round < 3; round++) {
      for (int i = 0; i < 1_201 - 400 * round; i++) {
        LogRecord.Position position = new LogRecord.Position("pod '" + i + "'", i + "+" + round);
        expected.put(position.stream(), position.token());
        store.accept(
            LogRecord.of(START, "x", CART).at(position),
            Classification.certain(Severity.INFO, Category.NONE, 1));
      }
      store.flush();
      assertThat(store.positions()).isEqualTo(expected);
    }
  }

  @Test
  void storesHostileTexts() {
    List<String> texts =
        List.of("", "\u0000nul\u0000", "x".repeat(10 << 20), "\ud800 lone", "\ufeff\u202e", "\r\n");
    for (int i = 0; i < texts.size(); i++) {
      put(i, CART, Severity.INFO, Category.NONE, texts.get(i));
    }
    store.flush();
    List<String> found = messages(store.find(LogQuery.builder().oldestFirst().build()));
    assertThat(found).hasSize(texts.size());
    assertThat(found.get(0)).isEmpty();
    assertThat(found.get(1)).isEqualTo(texts.get(1));
    assertThat(found.get(2)).hasSize(10 << 20);
    assertThat(found.get(3)).endsWith(" lone");
    assertThat(found.get(4)).isEqualTo(texts.get(4));
    assertThat(found.get(5)).isEqualTo(texts.get(5));
  }

  @Test
  void readersMayCountWhileLinesAreWritten() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                long before = 0;
                while (before < 2_000) {
                  long now = store.count(LogQuery.builder().build());
                  assertThat(now).isGreaterThanOrEqualTo(before).matches(n -> n % 100 == 0);
                  before = now;
                }
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    reader.start();
    for (int i = 0; i < 2_000; i++) {
      put(i, CART, Severity.INFO, Category.NONE, "line " + i);
      if (i % 100 == 99) {
        store.flush();
      }
    }
    reader.join(120_000);
    assertThat(failure.get()).isNull();
    assertThat(reader.isAlive()).isFalse();
  }
}
