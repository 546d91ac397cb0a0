package io.devopscopilot.collector;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.LogSource;
import java.time.Instant;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;

/**
 * Feeds a {@link InProcessLogSource} from Logback, which the application must bring (optional
 * dependency).
 */
public final class LogbackSource {
  private LogbackSource() {}

  /**
   * Adds an appender to the root logger of the running Logback.
   *
   * @return ends it when closed; the source stays open
   * @throws IllegalStateException if SLF4J is not bound to Logback
   */
  public static AutoCloseable attach(InProcessLogSource source) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (!(factory instanceof LoggerContext context)) {
      throw new IllegalStateException(
          "SLF4J is bound to " + factory.getClass().getName() + ", not to Logback");
    }
    return attach(source, context);
  }

  static AutoCloseable attach(InProcessLogSource source, LoggerContext context) {
    Appender appender = new Appender(source);
    appender.setContext(context);
    appender.setName("devops-copilot");
    appender.start();
    ch.qos.logback.classic.Logger root = context.getLogger("ROOT");
    root.addAppender(appender);
    return () -> {
      root.detachAppender(appender);
      appender.stop();
    };
  }

  /** Never waits; {@link LogSource#counters()} of the source tell what was dropped. */
  private static final class Appender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final InProcessLogSource source;

    Appender(InProcessLogSource source) {
      this.source = source;
    }

    @Override
    protected void append(ILoggingEvent event) {
      try {
        if (InProcessLogSource.own(event.getLoggerName())) {
          return;
        }
        String level = event.getLevel() == Level.TRACE ? "DEBUG" : event.getLevel().toString();
        StringBuilder text = new StringBuilder(level).append(' ').append(event.getLoggerName());
        text.append(": ").append(event.getFormattedMessage());
        if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
          Traces.append(text, proxy.getThrowable());
        }
        source.offer(
            LogRecord.of(
                Instant.ofEpochMilli(event.getTimeStamp()), text.toString(), source.origin()));
      } catch (RuntimeException | StackOverflowError e) {
        source.failed();
      }
    }
  }
}
