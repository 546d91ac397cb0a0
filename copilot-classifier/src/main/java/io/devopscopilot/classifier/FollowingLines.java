package io.devopscopilot.classifier;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Which line usually comes next in a trace, for the forms of line of one service. Bounded: the
 * forms seen least make room, and of each form the {@value #WAYS} followers seen most are kept.
 *
 * <p>A follower is unusual where it made up less than {@value #RARE} of those before. However often
 * it comes within a minute, it is then learned once, so that a burst stays unusual and what goes on
 * for minutes becomes usual.
 */
final class FollowingLines {
  private static final int SIZE = 64;
  private static final int PROBES = 8;
  private static final int WAYS = 4;
  private static final float RARE = 0.02f;
  private static final float LEARN = 20;
  private static final float MOST = 400;

  private final long[] keys = new long[SIZE];
  private final float[] totals = new float[SIZE];
  private final long[] followers = new long[SIZE * WAYS];
  private final float[] counts = new float[SIZE * WAYS];
  private final int[] learned = new int[SIZE * WAYS];

  /** Whose line the follower is. */
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
    int first = slot * WAYS;
    int same = -1;
    int most = first;
    int least = first;
    for (int i = first; i < first + WAYS; i++) {
      if (counts[i] > 0 && followers[i] == follower) {
        same = i;
      }
      most = counts[i] > counts[most] ? i : most;
      least = counts[i] < counts[least] ? i : least;
    }
    float total = totals[slot];
    boolean rare = total >= LEARN && (same < 0 || counts[same] < RARE * total);
    String missing = rare && counts[most] > total / 2 ? owners[most] : null;
    if (same < 0) {
      same = least;
      totals[slot] -= counts[same];
      followers[same] = follower;
      owners[same] = owner;
      counts[same] = 0;
    } else if (rare && learned[same] == minute) {
      return missing;
    }
    counts[same]++;
    totals[slot]++;
    learned[same] = minute;
    if (totals[slot] > MOST) {
      totals[slot] /= 2;
      for (int i = first; i < first + WAYS; i++) {
        counts[i] /= 2;
      }
    }
    return missing;
  }

  private int slot(long form) {
    int start = (int) (form * 0x9E3779B97F4A7C15L >>> 58);
    int best = start;
    for (int i = 0; i < PROBES; i++) {
      int at = start + i & SIZE - 1;
      if (keys[at] == form) {
        return at;
      }
      best = totals[at] < totals[best] ? at : best;
    }
    keys[best] = form;
    totals[best] = 0;
    for (int i = best * WAYS; i < (best + 1) * WAYS; i++) {
      counts[i] = 0;
    }
    return best;
  }

  void write(DetectorState.Writer to) throws IOException {
    for (int slot = 0; slot < SIZE; slot++) {
      to.out.writeFloat(totals[slot]);
      if (totals[slot] > 0) {
        to.out.writeLong(keys[slot]);
        for (int i = slot * WAYS; i < (slot + 1) * WAYS; i++) {
          to.out.writeFloat(counts[i]);
          if (counts[i] > 0) {
            to.out.writeLong(followers[i]);
            to.out.writeInt(learned[i]);
            String owner = owners[i];
            to.text(owner == null ? "" : owner);
          }
        }
      }
    }
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int slot = 0; slot < SIZE; slot++) {
      totals[slot] = from.in.readFloat();
      if (totals[slot] > 0) {
        keys[slot] = from.in.readLong();
        for (int i = slot * WAYS; i < (slot + 1) * WAYS; i++) {
          counts[i] = from.in.readFloat();
          if (counts[i] > 0) {
            followers[i] = from.in.readLong();
            learned[i] = from.in.readInt();
            String owner = from.text();
            owners[i] = owner.isEmpty() ? null : owner;
          }
        }
      }
    }
  }
}
