package io.devopscopilot.api;

import org.jspecify.annotations.Nullable;

/**
 * What users of the SDK catch: a failure that names the value, its allowed range or the way to mend
 * it. Its message is one line and fit for an operator.
 */
public class CopilotException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final boolean retryable;

  /** A failure that repeating the call will not mend. */
  public CopilotException(String message) {
    super(message);
    this.retryable = false;
  }

  /** A failure that repeating the call will not mend, with its cause. */
  public CopilotException(String message, Throwable cause) {
    this(message, cause, false);
  }

  /**
   * A failure with its cause, if any.
   *
   * @param retryable whether the same call may succeed later without any change by the caller
   */
  public CopilotException(String message, @Nullable Throwable cause, boolean retryable) {
    super(message, cause);
    this.retryable = retryable;
  }

  /** Whether the same call may succeed later without any change by the caller. */
  public boolean retryable() {
    return retryable;
  }
}
