package io.devopscopilot.features;

import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Severity;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads features, the declared severity and a fingerprint off log text in one pass. Thread-safe;
 * allocates nothing per line, and about 60 KB once for each thread that calls it.
 *
 * <p>The features describe the message: what stands before it (time, host, level, logger) is read
 * for the declared severity and the hour, but is no feature. So a line gives the same features with
 * and without its level.
 */
public final class TextFeatureExtractor implements FeatureExtractor {
  private static final ThreadLocal<LineReader> READER =
      ThreadLocal.withInitial(() -> new LineReader(null));

  private final ThreadLocal<LineReader> reader;
  private final LongAdder remembered;

  /** An extractor that reads each text anew. */
  public TextFeatureExtractor() {
    this(READER, new LongAdder());
  }

  private TextFeatureExtractor(ThreadLocal<LineReader> reader, LongAdder remembered) {
    this.reader = reader;
    this.remembered = remembered;
  }

  /**
   * An extractor that remembers the features of messages, for streams in which most lines come
   * again: same features, several times as quick. A message is known again by its exact bytes but
   * for digits that were not read as a number, never by a hash alone. Each thread keeps 4,096
   * messages of up to 512 bytes and 256 longer ones, some 5 MB when full, 24 MB at most; a new one
   * takes the place of an older one. Allocates only while places are filled.
   */
  public static TextFeatureExtractor remembering() {
    LongAdder hits = new LongAdder();
    return new TextFeatureExtractor(
        ThreadLocal.withInitial(() -> new LineReader(new FeatureMemory(hits))), hits);
  }

  /** How many texts were known again, over all threads; 0 where nothing is remembered. */
  public long remembered() {
    return remembered.sum();
  }

  @Override
  public FeatureSchema schema() {
    return FeatureLayout.SCHEMA;
  }

  @Override
  public void extract(LogRecord record, FeatureVector out) {
    reader.get().read(text(record), record.timestamp().getEpochSecond(), out);
    if (record.kind() == LogRecord.Kind.EVENT && out.declaredOrdinal() < 0) {
      String type = record.attributes().get(LogRecord.ATTR_EVENT_TYPE);
      if ("Normal".equals(type)) {
        out.declare(Severity.INFO); // a warning may be anything from WARN to FATAL
      }
    }
  }

  /**
   * Clears {@code out} and fills it from a text without a record. The hour of day is known only
   * where the text itself has a time.
   *
   * @param out stays the caller's; must have been made with {@link #schema()}
   */
  public void extract(String text, FeatureVector out) {
    reader.get().read(text, LineReader.NO_TIME, out);
  }

  /**
   * Clears {@code out} and fills it from bytes in UTF-8; bytes that are not UTF-8 do no harm.
   *
   * @param text stays the caller's, only read
   * @param from first byte, 0 or more
   * @param to behind the last byte, at most the array's length
   * @param out stays the caller's; must have been made with {@link #schema()}
   */
  public void extract(byte[] text, int from, int to, FeatureVector out) {
    Objects.checkFromToIndex(from, to, text.length);
    reader.get().read(text, from, to, LineReader.NO_TIME, out);
  }

  /** An event reads like a line that begins with its type and its reason. */
  private static String text(LogRecord record) {
    if (record.kind() != LogRecord.Kind.EVENT) {
      return record.message();
    }
    String type = record.attributes().getOrDefault(LogRecord.ATTR_EVENT_TYPE, "");
    String reason = record.attributes().getOrDefault(LogRecord.ATTR_REASON, "");
    return (type + ' ' + reason + ' ' + record.message()).strip();
  }

  @Override
  public String describe(LogRecord record, int index) {
    String name = FeatureLayout.SCHEMA.name(index);
    if (index < FeatureLayout.NAMED) {
      return name;
    }
    String found = reader.get().describe(text(record), index);
    return found.isEmpty() ? name : found;
  }
}
