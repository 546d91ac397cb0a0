package io.devopscopilot.collector;

import java.util.Locale;

/**
 * Tells whether a line goes on with the trace before it: Java, .NET, Node, Python, Go, Ruby, Rust.
 *
 * <p>Frames go on with whatever stands before them. A headline (a type of exception, {@code
 * Traceback}) belongs to a log line that speaks of a failure; where the kind of line leaves it
 * open, the answer is {@code UNSURE} and the following line decides.
 */
final class TraceShape {
  /** Whether a line belongs to the record before. */
  enum Answer {
    YES,
    NO,
    /** The next line decides. */
    UNSURE
  }

  private enum State {
    PLAIN,
    FRAMES,
    PYTHON,
    PYTHON_END,
    GO,
    RUBY,
    RUST,
    RUST_MESSAGE,
    SOURCE
  }

  private static final String[] TROUBLE = {
    "error", "warn", "fatal", "sever", "critical", "exception", "fail", "panic", "crash", "uncaught"
  };

  private final String first;
  private State state;
  private boolean braces;
  private int unsure;

  TraceShape(String first) {
    this.first = first;
    this.state = begin(first);
  }

  /** Takes over the state of the part before. */
  void goOn(TraceShape before) {
    state = before.state == State.PLAIN ? State.FRAMES : before.state;
    braces = before.braces;
  }

  private static State begin(String line) {
    if (line.startsWith("Traceback (most recent call last)")) {
      return State.PYTHON;
    }
    if (line.startsWith("panic: ") || line.startsWith("fatal error: ") || goroutine(line)) {
      return State.GO;
    }
    if (line.startsWith("thread '") && line.contains("panicked at")) {
      return line.endsWith(":") ? State.RUST_MESSAGE : State.RUST;
    }
    if (rubyFrame(line)) {
      return State.RUBY;
    }
    if (exception(line) || line.startsWith("Unhandled exception")) {
      return State.FRAMES;
    }
    return sourceLine(line) ? State.SOURCE : State.PLAIN;
  }

  /** Judges the line that follows. */
  Answer next(String line) {
    Answer answer = judge(line);
    unsure = answer == Answer.UNSURE ? unsure + 1 : 0;
    return unsure > 4 ? Answer.NO : answer;
  }

  private Answer judge(String line) {
    if (line.isEmpty()) {
      return state == State.PLAIN || state == State.FRAMES && !braces ? Answer.NO : Answer.UNSURE;
    }
    char c = line.charAt(0);
    boolean indented = c == ' ' || c == '\t';
    if (indented && frame(line.stripLeading())
        || line.startsWith("Caused by: ")
        || line.startsWith("--- End of ")) {
      if (state == State.PLAIN || state == State.SOURCE) {
        state = State.FRAMES;
      }
      braces = line.endsWith("{");
      return Answer.YES;
    }
    return switch (state) {
      case PYTHON -> python(line, indented);
      case PYTHON_END ->
          line.startsWith("During handling of the above")
                  || line.startsWith("The above exception was")
              ? Answer.YES
              : headline(line, State.PYTHON_END);
      case GO -> go(line, indented) ? Answer.YES : Answer.NO;
      case RUBY -> rubyFrame(line) ? Answer.YES : Answer.NO;
      case RUST_MESSAGE -> {
        state = State.RUST;
        yield Answer.YES;
      }
      case RUST -> rust(line) ? Answer.YES : Answer.NO;
      case SOURCE ->
          indented ? Answer.UNSURE : exception(line) || errorLine(line) ? Answer.UNSURE : Answer.NO;
      case FRAMES ->
          braces && (indented || c == '}') || line.startsWith("Node.js v")
              ? Answer.YES
              : headline(line, state);
      case PLAIN -> headline(line, state);
    };
  }

  private Answer headline(String line, State before) {
    if (line.startsWith("Traceback (most recent call last)")) {
      if (before == State.PYTHON_END || trouble()) {
        state = State.PYTHON;
        return Answer.YES;
      }
      return Answer.NO;
    }
    // "java.lang.X: text" behind a line of trouble; only frames behind it make it certain.
    boolean open = before == State.PLAIN && unsure == 0;
    return open && (exception(line) || errorLine(line)) && trouble() ? Answer.UNSURE : Answer.NO;
  }

  private Answer python(String line, boolean indented) {
    if (!indented) {
      state = State.PYTHON_END;
    }
    return Answer.YES;
  }

  private boolean trouble() {
    String head = first.substring(0, Math.min(first.length(), 400)).toLowerCase(Locale.ROOT);
    for (String word : TROUBLE) {
      if (head.contains(word)) {
        return true;
      }
    }
    return false;
  }

  /** A frame, without its indent. */
  private static boolean frame(String line) {
    return line.startsWith("at ")
        || line.startsWith("Caused by: ")
        || line.startsWith("Suppressed: ")
        || line.startsWith("---> ")
        || line.startsWith("--- End of ")
        || line.startsWith("from ") && line.contains(":")
        || line.startsWith("... ") && (line.endsWith(" more") || line.endsWith("omitted"))
        || line.startsWith("[cause]: ")
        || numbered(line);
  }

  /** {@code 12: from x.rb:3} of Ruby. */
  private static boolean numbered(String line) {
    int colon = line.indexOf(": from ");
    return colon > 0 && colon < 5 && Character.isDigit(line.charAt(0));
  }

  private static boolean goroutine(String line) {
    return line.startsWith("goroutine ") && line.endsWith("]:");
  }

  private static boolean go(String line, boolean indented) {
    return indented
        || goroutine(line)
        || line.startsWith("created by ")
        || line.startsWith("[signal ")
        || line.startsWith("exit status ")
        || line.startsWith("panic: ")
        || line.endsWith(")") && line.indexOf('(') > 0 && line.indexOf(' ') < 0
        || line.endsWith(")") && line.contains("(0x")
        || line.endsWith("(...)");
  }

  private static boolean rust(String line) {
    String text = line.stripLeading();
    int colon = text.indexOf(": ");
    return line.startsWith("stack backtrace:")
        || line.startsWith("note: ")
        || text.length() < line.length()
            && colon > 0
            && colon < 5
            && Character.isDigit(text.charAt(0));
  }

  private static boolean rubyFrame(String line) {
    int at = line.indexOf(".rb:");
    return at > 0
        && at + 4 < line.length()
        && Character.isDigit(line.charAt(at + 4))
        && line.contains(":in ")
        && line.indexOf(' ') > at;
  }

  /** {@code /app/server.js:10}, as Node and others print before the source. */
  private static boolean sourceLine(String line) {
    int colon = line.lastIndexOf(':');
    if (colon < 3 || colon == line.length() - 1 || line.length() > 500) {
      return false;
    }
    for (int i = colon + 1; i < line.length(); i++) {
      if (line.charAt(i) < '0' || line.charAt(i) > '9') {
        return false;
      }
    }
    return (line.charAt(0) == '/' || line.startsWith("file:") || line.startsWith("node:"))
        && line.indexOf(' ') < 0;
  }

  /** {@code Error: text} and {@code TypeError [CODE]: text} of Node. */
  private static boolean errorLine(String line) {
    int end = 0;
    while (end < line.length() && Character.isLetter(line.charAt(end))) {
      end++;
    }
    return end >= 5
        && line.startsWith("Error", end - 5)
        && Character.isUpperCase(line.charAt(0))
        && (end == line.length() || line.charAt(end) == ':' || line.startsWith(" [", end));
  }

  /** {@code com.x.YException: text}: a qualified type, alone or before a colon. */
  private static boolean exception(String line) {
    int i = line.startsWith("Exception in thread \"") ? line.indexOf("\" ") + 2 : 0;
    int dots = 0;
    int part = i;
    for (; i < line.length() && i < 300; i++) {
      char c = line.charAt(i);
      if (c == '.') {
        dots++;
        part = i + 1;
      } else if (c == ':' || c == ' ' && line.startsWith(" (", i)) {
        break;
      } else if (!Character.isJavaIdentifierPart(c) && c != '`') {
        return false;
      }
    }
    return dots > 0 && part < i && Character.isUpperCase(line.charAt(part)) && i > part + 3;
  }
}
