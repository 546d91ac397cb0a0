package io.devopscopilot.flink;

import io.devopscopilot.api.LogRecord;
import io.devopscopilot.api.Origin;
import java.time.Instant;

/**
 * A record at its place in Kafka, or bytes that are no record. Immutable; nobody changes {@code
 * raw}.
 *
 * @param topic where it stood
 * @param partition Kafka partition, 0 to {@value #MAX_PARTITION}
 * @param offset Kafka offset, 0 to {@value #MAX_OFFSET}
 * @param index place within the Kafka record, which may hold several lines, 0 to {@value
 *     #MAX_INDEX}
 * @param record the line; meaningless where {@code refused} is not empty
 * @param sender the record's origin
 * @param raw the bytes as they came where they are refused, else empty
 * @param refused why the bytes are no record, empty = they are one
 */
record Line(
    String topic,
    int partition,
    long offset,
    int index,
    LogRecord record,
    Sender sender,
    byte[] raw,
    String refused) {
  static final int MAX_PARTITION = (1 << 11) - 1;
  static final long MAX_OFFSET = (1L << 38) - 1;
  static final int MAX_INDEX = (1 << 14) - 1;

  private static final byte[] NO_BYTES = {};
  private static final LogRecord NO_RECORD = LogRecord.of(Instant.EPOCH, "", Origin.UNKNOWN);

  static Line of(String topic, int partition, long offset, int index, LogRecord record) {
    return of(topic, partition, offset, index, record, new Sender(record.origin()));
  }

  /** The sender stands for the record's origin. */
  static Line of(
      String topic, int partition, long offset, int index, LogRecord record, Sender sender) {
    return new Line(topic, partition, offset, index, record, sender, NO_BYTES, "");
  }

  static Line refused(String topic, int partition, long offset, byte[] raw, String reason) {
    return new Line(topic, partition, offset, 0, NO_RECORD, Sender.UNKNOWN, raw, reason);
  }

  /** Whether there is a record. */
  boolean good() {
    return refused.isEmpty();
  }

  /** A number that no other line of the topic has; rising within a partition. */
  long id() {
    return (long) partition << 52 | offset << 14 | index;
  }
}
