package io.devopscopilot.classifier;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest line of each trace that is under way, and the service whose error came first in it.
 * Bounded: a new trace takes the place of another one where {@value #SIZE} places don't suffice.
 */
final class TraceTable {
  private static final int SIZE = 4096;

  /** Empty until the first trace comes, as the others. */
  private long[] traces = {};

  private long[] times = {};
  private long[] forms = {};
  private @Nullable ServiceWindow[] blamed = {};

  private void begin() {
    if (traces.length == 0) {
      traces = new long[SIZE];
      times = new long[SIZE];
      forms = new long[SIZE];
      blamed = new ServiceWindow[SIZE];
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
    }
    return at;
  }

  long time(int at) {
    return times[at];
  }

  long form(int at) {
    return forms[at];
  }

  void line(int at, long millis, long form) {
    times[at] = millis;
    forms[at] = form;
  }

  /** The service whose error came first in the trace; the one given, where none did before. */
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
        ServiceWindow w = blamed[i];
        to.out.writeBoolean(w != null);
        if (w != null) {
          to.text(w.service);
        }
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
    }
  }
}
