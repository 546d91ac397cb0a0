package io.devopscopilot.classifier;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Which line usually comes next in a trace, for the forms of line of one service. Bounded: the
 * forms seen least make room, and of each form the {@value #WAYS} followers seen most are kept.
 *
 * <p>A follower is unusual where it made up less than one in {@value #RARE} of those before.
 * However often it comes within a minute, it is then learned once, so that a burst stays unusual
 * and what goes on for minutes becomes usual.
 */
final class FollowingLines {
  private static final int SIZE = 64;
  private static final int PROBES = 8;
  private static final int WAYS = 4;
  private static final int RARE = 50;
  private static final int LEARN = 20;
  private static final int MOST = 400;

  /** How many values of each array belong to one form, side by side as they are used. */
  private static final int FORMS = 1 + WAYS;

  private static final int NUMBERS = 2 * WAYS;

  /** Of each line its form, then those of its followers. */
  private final long[] forms = new long[SIZE * FORMS];

  /** How often each follower came, then the minute in which it was learned last. */
  private final int[] numbers = new int[SIZE * NUMBERS];

  /** Whose line each follower is. */
  private final @Nullable String[] owners = new String[SIZE * WAYS];

  /**
   * Takes what followed a line.
   *
   * @param form of the line
   * @param follower the form of the next line of its trace, 0 where none came
   * @param owner the service of the follower
   * @param minute when
   * @return the service whose line is missing: that of the follower which more than half of the
   *     lines had so far, where this one is unusual; null otherwise
   */
  @Nullable String add(long form, long follower, @Nullable String owner, int minute) {
    int slot = slot(form);
    int counts = slot * NUMBERS;
    int total = 0;
    int same = -1;
    int most = 0;
    int least = 0;
    for (int way = 0; way < WAYS; way++) {
      int count = numbers[counts + way];
      total += count;
      if (count > 0 && forms[slot * FORMS + 1 + way] == follower) {
        same = way;
      }
      most = count > numbers[counts + most] ? way : most;
      least = count < numbers[counts + least] ? way : least;
    }
    boolean rare = total >= LEARN && (same < 0 || numbers[counts + same] * RARE < total);
    boolean usual = numbers[counts + most] * 2 > total;
    String missing = rare && usual ? owners[slot * WAYS + most] : null;
    if (same < 0) {
      same = least;
      forms[slot * FORMS + 1 + same] = follower;
      owners[slot * WAYS + same] = owner;
      numbers[counts + same] = 0;
    } else if (rare && numbers[counts + WAYS + same] == minute) {
      return missing;
    }
    numbers[counts + same]++;
    numbers[counts + WAYS + same] = minute;
    if (total >= MOST) {
      for (int way = 0; way < WAYS; way++) {
        numbers[counts + way] /= 2;
      }
    }
    return missing;
  }

  private int slot(long form) {
    int start = (int) (form * 0x9E3779B97F4A7C15L >>> 58);
    int best = start;
    for (int i = 0; i < PROBES; i++) {
      int at = start + i & SIZE - 1;
      if (forms[at * FORMS] == form) {
        return at;
      }
      best = total(at) < total(best) ? at : best;
    }
    forms[best * FORMS] = form;
    Arrays.fill(numbers, best * NUMBERS, best * NUMBERS + WAYS, 0);
    return best;
  }

  private int total(int slot) {
    int total = 0;
    for (int way = 0; way < WAYS; way++) {
      total += numbers[slot * NUMBERS + way];
    }
    return total;
  }

  void write(DetectorState.Writer to) throws IOException {
    for (int slot = 0; slot < SIZE; slot++) {
      if (total(slot) > 0) {
        to.count(slot + 1);
        to.out.writeLong(forms[slot * FORMS]);
        for (int way = 0; way < WAYS; way++) {
          int count = numbers[slot * NUMBERS + way];
          to.count(count);
          if (count > 0) {
            to.out.writeLong(forms[slot * FORMS + 1 + way]);
            to.out.writeInt(numbers[slot * NUMBERS + WAYS + way]);
            String owner = owners[slot * WAYS + way];
            to.text(owner == null ? "" : owner);
          }
        }
      }
    }
    to.count(0);
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int place = from.count(); place > 0; place = from.count()) {
      int slot = place - 1 & SIZE - 1;
      forms[slot * FORMS] = from.in.readLong();
      for (int way = 0; way < WAYS; way++) {
        int count = Math.min(MOST, from.count());
        numbers[slot * NUMBERS + way] = count;
        if (count > 0) {
          forms[slot * FORMS + 1 + way] = from.in.readLong();
          numbers[slot * NUMBERS + WAYS + way] = from.in.readInt();
          String owner = from.text();
          owners[slot * WAYS + way] = owner.isEmpty() ? null : owner;
        }
      }
    }
  }
}
