package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import io.devopscopilot.api.Classification;
import io.devopscopilot.api.LogRecord;
import java.io.IOException;
import java.util.Arrays;

/**
 * How often a service warns or fails, minute by minute: trouble that grows so slowly that no single
 * minute differs from the one before shows over several, against all that came before these.
 */
final class RisingWarnings {
  /** Whole minutes that are looked at; all must have warnings. */
  private static final int MINUTES = 5;

  private static final int FEWEST = 15;

  /** So many times what the past lets expect. */
  private static final double TIMES = 3;

  /** The last two minutes against the two before: what is steady, as a scan is, doesn't count. */
  private static final double GROWTH = 1.2;

  /** Whole minutes that must lie before. */
  private static final int OLDER = 3;

  /** What a minute leaves of the past, and of what warnings were about. */
  private static final double KEEP = 0.99;

  private static final double KEEP_ABOUT = 0.7;

  /** Warnings of the last whole minutes, the newest behind, and then of the running one. */
  private final int[] warnings = new int[MINUTES + 1];

  /** How many lines there were when each of these began. */
  private final long[] lines = new long[MINUTES + 1];

  private final CategoryVotes about = new CategoryVotes();
  private double pastWarnings;
  private double pastLines;
  private long minute = Long.MIN_VALUE;
  private double surprise;

  /**
   * Takes a warning.
   *
   * @param took whether it says how long something took
   * @param total lines of the service so far
   * @param minutes in which it had lines so far
   * @return how surprising the whole minutes before are, 0 = they don't rise
   */
  double add(
      LogRecord record, Classification c, boolean took, long total, int minutes, long millis) {
    long now = Math.floorDiv(millis, 60_000L);
    if (minute == Long.MIN_VALUE) {
      minute = now;
      pastLines = total;
      Arrays.fill(lines, total);
    }
    long steps = now - minute;
    if (steps > 0) {
      for (long i = 0; i < Math.min(steps, MINUTES + 1); i++) {
        roll(total);
      }
      about.fade(Math.pow(KEEP_ABOUT, Math.min(steps, 60)));
      minute = now;
      surprise = minutes >= OLDER + MINUTES ? Math.max(look(), leap()) : 0;
    }
    warnings[MINUTES]++;
    boolean says = !Causes.guessed(record, c) && !Category.NONE.equals(c.category());
    String guess = took ? Category.PERFORMANCE : Category.APP_ERROR;
    about.add(says ? c.category() : guess, says ? c.categoryProbability() : 0.3);
    return surprise;
  }

  /** What most of them are about. */
  String category() {
    return about.winner();
  }

  private void roll(long total) {
    pastWarnings = KEEP * pastWarnings + warnings[0];
    pastLines = KEEP * pastLines + lines[1] - lines[0];
    System.arraycopy(warnings, 1, warnings, 0, MINUTES);
    System.arraycopy(lines, 1, lines, 0, MINUTES);
    warnings[MINUTES] = 0;
    lines[MINUTES] = total;
  }

  private double look() {
    int sum = 0;
    for (int i = 0; i < MINUTES; i++) {
      if (warnings[i] == 0) {
        return 0;
      }
      sum += warnings[i];
    }
    int before = warnings[MINUTES - 4] + warnings[MINUTES - 3];
    int newest = warnings[MINUTES - 2] + warnings[MINUTES - 1];
    double usual = (pastWarnings + 0.5) / Math.max(1, pastLines);
    double expected = Math.max(0.3, usual * (lines[MINUTES] - lines[0]));
    return sum < FEWEST || newest < GROWTH * before || sum < TIMES * expected
        ? 0
        : Surprise.of(sum, 1.5 * expected);
  }

  /** The last three minutes alone, where they rise steeply. */
  private double leap() {
    int first = warnings[MINUTES - 3];
    int second = warnings[MINUTES - 2];
    int third = warnings[MINUTES - 1];
    int sum = first + second + third;
    double usual =
        (pastWarnings + warnings[0] + warnings[1] + 0.5)
            / Math.max(1, pastLines + lines[2] - lines[0]);
    double expected = Math.max(0.3, usual * (lines[MINUTES] - lines[2]));
    boolean steep = first > 0 && second >= first && third >= GROWTH * second;
    return !steep || sum < 2 * FEWEST || sum < 2 * TIMES * expected
        ? 0
        : Surprise.of(sum, 1.5 * expected);
  }

  void write(DetectorState.Writer to) throws IOException {
    for (int i = 0; i <= MINUTES; i++) {
      to.count(warnings[i]);
      to.out.writeLong(lines[i]);
    }
    about.write(to);
    to.out.writeDouble(pastWarnings);
    to.out.writeDouble(pastLines);
    to.out.writeLong(minute);
    to.out.writeDouble(surprise);
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int i = 0; i <= MINUTES; i++) {
      warnings[i] = from.count();
      lines[i] = from.in.readLong();
    }
    about.read(from);
    pastWarnings = from.in.readDouble();
    pastLines = from.in.readDouble();
    minute = from.in.readLong();
    surprise = from.in.readDouble();
  }
}
