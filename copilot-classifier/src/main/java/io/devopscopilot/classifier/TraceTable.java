package io.devopscopilot.classifier;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest line of each trace that is under way, and the service where it broke first: by an
 * error, or by a line that is missing. Bounded: a new trace takes the place of another one where
 * {@value #SIZE} places don't suffice.
 */
final class TraceTable {
  private static final int SIZE = 4096;

  /** Empty until the first trace comes, as the others. */
  private long[] traces = {};

  private long[] times = {};
  private long[] forms = {};
  private @Nullable ServiceWindow[] blamed = {};

  /** The service of the newest line; null once nothing is expected to follow it. */
  private @Nullable ServiceWindow[] last = {};

  private void begin() {
    if (traces.length == 0) {
      traces = new long[SIZE];
      times = new long[SIZE];
      forms = new long[SIZE];
      blamed = new ServiceWindow[SIZE];
      last = new ServiceWindow[SIZE];
    }
  }

  /** The place of a trace; one that is new there has {@link #time} = {@code Long.MIN_VALUE}. */
  int find(long trace) {
    begin();
    int at = (int) (trace * 0x9E3779B97F4A7C15L >>> 52);
    if (traces[at] != trace) {
      traces[at] = trace;
      times[at] = Long.MIN_VALUE;
      forms[at] = 0;
      blamed[at] = null;
      last[at] = null;
    }
    return at;
  }

  /** How many places there are so far. */
  int size() {
    return traces.length;
  }

  long time(int at) {
    return times[at];
  }

  long form(int at) {
    return forms[at];
  }

  @Nullable ServiceWindow last(int at) {
    return last[at];
  }

  void line(int at, long millis, long form, ServiceWindow service) {
    times[at] = millis;
    forms[at] = form;
    last[at] = service;
  }

  /** From now on nothing is expected to follow. */
  void end(int at) {
    last[at] = null;
  }

  boolean broken(int at) {
    return blamed[at] != null;
  }

  /** The service where the trace broke first; the one given, where it did not break before. */
  ServiceWindow first(int at, ServiceWindow candidate) {
    ServiceWindow before = blamed[at];
    if (before == null) {
      blamed[at] = candidate;
      return candidate;
    }
    return before;
  }

  /** Forgets a service that is no longer remembered. */
  void forget(ServiceWindow gone) {
    for (int i = 0; i < blamed.length; i++) {
      if (blamed[i] == gone) {
        blamed[i] = null;
      }
      if (last[i] == gone) {
        last[i] = null;
      }
    }
  }

  void write(DetectorState.Writer to) throws IOException {
    int used = 0;
    for (long trace : traces) {
      used += trace == 0 ? 0 : 1;
    }
    to.count(used);
    for (int i = 0; i < traces.length; i++) {
      if (traces[i] != 0) {
        to.count(i);
        to.out.writeLong(traces[i]);
        to.out.writeLong(times[i]);
        to.out.writeLong(forms[i]);
        name(to, blamed[i]);
        name(to, last[i]);
      }
    }
  }

  void read(DetectorState.Reader from, Map<String, ServiceWindow> services) throws IOException {
    for (int n = from.count(); n > 0; n--) {
      begin();
      int i = from.count() % SIZE;
      traces[i] = from.in.readLong();
      times[i] = from.in.readLong();
      forms[i] = from.in.readLong();
      blamed[i] = from.in.readBoolean() ? services.get(from.text()) : null;
      last[i] = from.in.readBoolean() ? services.get(from.text()) : null;
    }
  }

  private static void name(DetectorState.Writer to, @Nullable ServiceWindow w) throws IOException {
    to.out.writeBoolean(w != null);
    if (w != null) {
      to.text(w.service);
    }
  }
}
