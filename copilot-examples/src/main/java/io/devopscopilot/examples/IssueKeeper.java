package io.devopscopilot.examples;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.CopilotException;
import io.devopscopilot.api.Issue;
import io.devopscopilot.api.IssueDetector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.classifier.WindowIssueDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A detector that outlives the process, with the issues it told. The board is kept in {@code
 * issues.json} each {@value #SECONDS} seconds in which it changed; the detector's memory in {@code
 * detector.state} when it is closed, and is used up by the next start, so that after a kill no old
 * memory meets newer lines. Files that can't be read are put aside and told in the log.
 */
final class IssueKeeper implements IssueDetector, AutoCloseable {
  static final long SECONDS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(IssueKeeper.class);
  private static final ObjectMapper JSON = new ObjectMapper().registerModule(times());

  private final Path board;
  private final Path memory;
  private final IssueBoard issues;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread writer = new Thread(this::keepWriting, "copilot-issues");
  private WindowIssueDetector detector = new WindowIssueDetector();
  private boolean started;
  private long written;

  IssueKeeper(Path folder, IssueBoard issues) {
    this.board = folder.resolve("issues.json");
    this.memory = folder.resolve("detector.state");
    this.issues = issues;
  }

  /**
   * Reads what an earlier run left, and keeps from now on; called once, before the first record.
   *
   * @return whether the detector goes on exactly where it ended
   */
  boolean start() {
    boolean resumed = false;
    if (Files.exists(board)) {
      try {
        issues.restore(JSON.readValue(Files.readAllBytes(board), new TypeReference<>() {}));
      } catch (IOException | RuntimeException e) {
        putAside(board, e);
      }
    }
    if (Files.exists(memory)) {
      try {
        detector = WindowIssueDetector.restore(Files.readAllBytes(memory));
        Files.delete(memory);
        resumed = true;
      } catch (IOException | CopilotException e) {
        putAside(memory, e);
      }
    }
    written = issues.changes();
    started = true;
    writer.setDaemon(true);
    writer.start();
    return resumed;
  }

  @Override
  public void observe(LogRecord record, Classification verdict, Consumer<? super Issue> out) {
    detector.observe(record, verdict, out);
  }

  @Override
  public void advance(Instant now, Consumer<? super Issue> out) {
    detector.advance(now, out);
  }

  /** Writes everything; nobody may use the detector any more. Without effect before a start. */
  @Override
  public void close() {
    closed.countDown();
    if (started) {
      writeBoard();
      write(memory, detector.snapshot());
    }
  }

  private void keepWriting() {
    try {
      while (!closed.await(SECONDS, TimeUnit.SECONDS)) {
        writeBoard();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void writeBoard() {
    long changes = issues.changes();
    if (changes != written) {
      try {
        write(board, JSON.writeValueAsBytes(issues.all()));
        written = changes;
      } catch (IOException e) {
        LOG.warn("the issues could not be kept: {}", e.getMessage());
      }
    }
  }

  /** The file holds the old or the new bytes, whenever the process ends. */
  private static void write(Path file, byte[] bytes) {
    try {
      Path part = file.resolveSibling(file.getFileName() + ".part");
      Files.write(part, bytes);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("{} could not be written: {}", file, e.getMessage());
    }
  }

  private static void putAside(Path file, Exception why) {
    Path aside = file.resolveSibling(file.getFileName() + ".damaged");
    LOG.warn("{} is put aside as {}: {}", file, aside.getFileName(), why.getMessage());
    try {
      Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("{} could not be put aside: {}", file, e.getMessage());
    }
  }

  /** Instants and durations as text; the only optional value of an issue is an instant. */
  @SuppressWarnings("rawtypes") // Jackson takes the raw class as the key
  private static SimpleModule times() {
    SimpleModule module = new SimpleModule();
    module.addSerializer(Instant.class, ToStringSerializer.instance);
    module.addSerializer(Duration.class, ToStringSerializer.instance);
    module.addDeserializer(
        Instant.class,
        new JsonDeserializer<>() {
          @Override
          public Instant deserialize(JsonParser in, DeserializationContext c) throws IOException {
            return Instant.parse(in.getText());
          }
        });
    module.addDeserializer(
        Duration.class,
        new JsonDeserializer<>() {
          @Override
          public Duration deserialize(JsonParser in, DeserializationContext c) throws IOException {
            return Duration.parse(in.getText());
          }
        });
    module.addSerializer(
        Optional.class,
        new JsonSerializer<Optional>() {
          @Override
          public void serialize(Optional value, JsonGenerator out, SerializerProvider p)
              throws IOException {
            out.writeString(value.isPresent() ? value.get().toString() : "");
          }
        });
    module.addDeserializer(
        Optional.class,
        new JsonDeserializer<Optional>() {
          @Override
          public Optional deserialize(JsonParser in, DeserializationContext c) throws IOException {
            String text = in.getText();
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
          }
        });
    return module;
  }
}
