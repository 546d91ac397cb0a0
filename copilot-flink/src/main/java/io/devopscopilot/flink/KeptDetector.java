package io.devopscopilot.flink;

import io.devopscopilot.classifier.WindowIssueDetector;
import org.jspecify.annotations.Nullable;

/**
 * A detector in Flink's state. While a checkpoint is written, Flink copies what changes meanwhile:
 * the copy takes the detector along, and the original keeps its bytes, which the checkpoint needs
 * anyway. So a checkpoint turns each detector that changed since the last one into bytes once, and
 * none of bytes into a detector. The thread of the operator uses and copies it, that of the
 * checkpoint asks for bytes.
 */
final class KeptDetector {
  private @Nullable WindowIssueDetector live;
  private byte @Nullable [] bytes;

  KeptDetector() {
    live = new WindowIssueDetector();
  }

  KeptDetector(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The detector, to be changed. */
  synchronized WindowIssueDetector use() {
    WindowIssueDetector detector = live;
    if (detector == null) {
      detector = WindowIssueDetector.restore(bytes());
      live = detector;
    }
    bytes = null;
    return detector;
  }

  /** What is remembered; nobody changes it. */
  synchronized byte[] bytes() {
    byte[] known = bytes;
    if (known == null) {
      WindowIssueDetector detector = live;
      known = (detector == null ? new WindowIssueDetector() : detector).snapshot();
      bytes = known;
    }
    return known;
  }

  /** Another one that remembers the same; what is done to either does not touch the other. */
  synchronized KeptDetector copy() {
    KeptDetector copy = new KeptDetector(bytes());
    copy.live = live;
    live = null;
    return copy;
  }
}
