package io.devopscopilot.api;

/** How serious a line is, in rising order. */
public enum Severity {
  /** Detail for developers; Android's verbose and trace levels belong here too. */
  DEBUG,
  /** Ordinary operation; syslog notice belongs here too. */
  INFO,
  /** Unexpected, but the work goes on. */
  WARN,
  /** One operation failed. */
  ERROR,
  /** The process or the node can't go on; critical, alert and emergency belong here too. */
  FATAL
}
