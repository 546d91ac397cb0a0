package io.devopscopilot.classifier;

/** Says how probable it is that what looks like trouble is trouble. Used by one thread. */
interface IssueWeigher {
  /** The probability that the service fails within {@link WindowIssueDetector#HORIZON}, 0 to 1. */
  double probability(IssueSignals signals);

  /**
   * Whether it is to be told.
   *
   * @param open whether it was told before and would go on
   */
  boolean tells(IssueSignals signals, boolean open);
}
