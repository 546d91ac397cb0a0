package io.devopscopilot.classifier;

import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The figures that one instance of a container tells of itself: those of its neighbours rise and
 * fall at other times, and what follows a restart does not go on where it was.
 */
final class Figures {
  /** Instances of one service that are followed at most: those heard last. */
  static final int INSTANCES = 16;

  private final long instance;
  private long heard;
  final Trend[] trends = new Trend[NumberReader.KINDS.length * 2];

  /** The most that was ever left of each kind. */
  final double[] most = new double[NumberReader.KINDS.length];

  private Figures(long instance) {
    this.instance = instance;
  }

  /** Those of the instance that a line is of. */
  static Figures of(List<Figures> all, Origin origin, long millis) {
    String pod = origin.podUid().isEmpty() ? origin.pod() : origin.podUid();
    long instance =
        (long) pod.hashCode() << 32
            | (origin.container().hashCode() * 31 + origin.restartCount()) & 0xffffffffL;
    for (int i = 0; i < all.size(); i++) {
      Figures known = all.get(i);
      if (known.instance == instance) {
        known.heard = Math.max(known.heard, millis);
        return known;
      }
    }
    if (all.size() == INSTANCES) {
      all.remove(all.stream().min(Comparator.comparingLong(f -> f.heard)).orElseThrow());
    }
    Figures made = new Figures(instance);
    made.heard = millis;
    all.add(made);
    return made;
  }

  static void write(List<Figures> all, DetectorState.Writer to) throws IOException {
    to.count(all.size());
    for (Figures figures : all) {
      to.out.writeLong(figures.instance);
      to.out.writeLong(figures.heard);
      for (Trend trend : figures.trends) {
        to.out.writeBoolean(trend != null);
        if (trend != null) {
          trend.write(to.out);
        }
      }
      for (double value : figures.most) {
        to.out.writeDouble(value);
      }
    }
  }

  static List<Figures> read(DetectorState.Reader from) throws IOException {
    List<Figures> all = new ArrayList<>(1);
    int size = from.count();
    if (size > INSTANCES) {
      throw new IOException(size + " instances of a service, must be at most " + INSTANCES);
    }
    for (int n = 0; n < size; n++) {
      Figures figures = new Figures(from.in.readLong());
      figures.heard = from.in.readLong();
      for (int i = 0; i < figures.trends.length; i++) {
        if (from.in.readBoolean()) {
          Trend trend = new Trend();
          trend.read(from.in);
          figures.trends[i] = trend;
        }
      }
      for (int i = 0; i < figures.most.length; i++) {
        figures.most[i] = from.in.readDouble();
      }
      all.add(figures);
    }
    return all;
  }
}
