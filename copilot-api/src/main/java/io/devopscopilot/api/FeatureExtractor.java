package io.devopscopilot.api;

/** Turns a record into features. Thread-safe; keeps nothing between records. */
public interface FeatureExtractor {
  /** What the positions mean; always the same. */
  FeatureSchema schema();

  /**
   * Clears {@code out} and fills it with the features of one record. Never fails for any text:
   * empty, binary or huge; what does not fit is counted in {@link FeatureVector#dropped()}.
   *
   * @param record stays the caller's
   * @param out stays the caller's; must have been made with {@link #schema()}
   */
  void extract(LogRecord record, FeatureVector out);

  /**
   * What in this record made the feature, for people, for example {@code word "refused"}. Not for
   * the hot path.
   */
  default String describe(LogRecord record, int index) {
    return schema().name(index);
  }
}
