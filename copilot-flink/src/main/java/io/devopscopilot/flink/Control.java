package io.devopscopilot.flink;

/**
 * What the control topic says to all workers.
 *
 * @param kind what to do
 * @param fingerprint the form to mute or unmute, else 0
 * @param bytes a model file, or what could not be understood, else empty
 * @param note what went wrong, or where it stood
 */
record Control(Kind kind, long fingerprint, byte[] bytes, String note) {
  /** Key of a Kafka record whose value is a model file. */
  static final String MODEL_KEY = "model";

  /** Begin of the key of a Kafka record that mutes the form behind it; no value unmutes it. */
  static final String MUTE_KEY = "mute:";

  /** What to do. */
  enum Kind {
    /** Decide with this model from now on. */
    MODEL,
    /** Back to the model that the job came with. */
    DEFAULT_MODEL,
    /** Ignore lines of this form when looking for issues. */
    MUTE,
    /** Look at them again. */
    UNMUTE,
    /** Not understood. */
    REFUSED
  }
}
