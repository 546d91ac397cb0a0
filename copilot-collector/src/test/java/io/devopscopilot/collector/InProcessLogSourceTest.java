package io.devopscopilot.collector;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import io.devopscopilot.api.Origin;
import io.devopscopilot.testkit.LogSourceContract;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class InProcessLogSourceTest extends LogSourceContract {
  private static final Object HOSTILE =
      new Object() {
        @Override
        public String toString() {
          throw new IllegalStateException("must not reach the host");
        }
      };

  private final InProcessLogSource source =
      new InProcessLogSource(Origin.ofService("orders"), 1_000);

  @Override
  protected LogSource newSource() {
    InProcessLogSource finite = new InProcessLogSource(Origin.ofService("orders"));
    for (int i = 0; i < 5; i++) {
      finite.offer(LogRecord.of("line " + i));
    }
    finite.close();
    return finite;
  }

  @Override
  protected boolean resumes() {
    return false;
  }

  private List<LogRecord> all() {
    List<LogRecord> records = new ArrayList<>();
    source.poll(records::add, 10_000);
    return records;
  }

  @Test
  void takesWhatJavaUtilLoggingIsGiven() {
    Logger logger = Logger.getLogger("com.shop.Orders." + System.nanoTime());
    logger.setUseParentHandlers(false);
    Handler handler = source.handler();
    logger.addHandler(handler);
    logger.log(Level.WARNING, "slow: {0} ms", "7");
    logger.log(Level.SEVERE, "it broke", new IllegalStateException("no session"));
    logger.log(Level.INFO, "hostile {0}", HOSTILE);
    Logger own = Logger.getLogger("io.devopscopilot.api.Pipeline");
    own.addHandler(handler);
    own.severe("would feed itself");
    own.removeHandler(handler);
    List<LogRecord> records = all();
    assertThat(records.get(0).message()).startsWith("WARN com.shop").endsWith("slow: 7 ms");
    assertThat(records.get(1).message())
        .startsWith("ERROR com.shop")
        .contains("\njava.lang.IllegalStateException: no session\n\tat ");
    assertThat(records).hasSizeBetween(2, 3);
    assertThat(records.get(0).origin().service()).isEqualTo("orders");
  }

  @Test
  void takesWhatLogbackIsGiven() throws Exception {
    LoggerContext context = new LoggerContext();
    AutoCloseable attached = LogbackSource.attach(source, context);
    org.slf4j.Logger logger = context.getLogger("com.shop.Orders");
    logger.warn("slow: {} ms", 7);
    logger.error("it broke", new IllegalStateException("no session"));
    logger.info("hostile {}", HOSTILE);
    context.getLogger("io.devopscopilot.api.Pipeline").error("would feed itself");
    attached.close();
    logger.error("after the end");
    List<LogRecord> records = all();
    assertThat(records.get(0).message()).isEqualTo("WARN com.shop.Orders: slow: 7 ms");
    assertThat(records.get(1).message()).contains("\n\tat ");
    assertThat(records)
        .extracting(LogRecord::message)
        .noneMatch(m -> m.contains("itself") || m.contains("after"));
  }

  @Test
  void aFullQueueHoldsNobodyBackAndEachDropIsCounted() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Thread thread =
          new Thread(
              () -> {
                for (int i = 0; i < 5_000; i++) {
                  source.offer(LogRecord.of("x"));
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(all()).hasSize(1_000);
    assertThat(source.counters())
        .containsEntry("inprocess.lines.read", 1_000L)
        .containsEntry("inprocess.lines.dropped", 19_000L);
  }
}
