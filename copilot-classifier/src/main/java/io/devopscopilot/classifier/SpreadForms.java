package io.devopscopilot.classifier;

import java.io.IOException;

/**
 * In how many services each form of error was unusually frequent. One that many services had is
 * trouble of what is around them, and says little about one of them.
 */
final class SpreadForms {
  private static final int SIZE = 256;
  private static final int SERVICES = 8;

  private final long[] keys = new long[SIZE];
  private final int[] services = new int[SIZE * SERVICES];
  private final byte[] counts = new byte[SIZE];

  /** Takes a service that had this form often, and says how many had it. */
  int add(long form, String service) {
    int at = (int) (form * 0x9E3779B97F4A7C15L >>> 56);
    if (keys[at] != form) {
      keys[at] = form;
      counts[at] = 0;
    }
    int name = service.hashCode();
    for (int i = 0; i < counts[at]; i++) {
      if (services[at * SERVICES + i] == name) {
        return counts[at];
      }
    }
    if (counts[at] < SERVICES) {
      services[at * SERVICES + counts[at]++] = name;
    }
    return counts[at];
  }

  void write(DetectorState.Writer to) throws IOException {
    for (int at = 0; at < SIZE; at++) {
      to.count(counts[at]);
      if (counts[at] > 0) {
        to.out.writeLong(keys[at]);
        for (int i = 0; i < counts[at]; i++) {
          to.out.writeInt(services[at * SERVICES + i]);
        }
      }
    }
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int at = 0; at < SIZE; at++) {
      counts[at] = (byte) Math.min(SERVICES, from.count());
      if (counts[at] > 0) {
        keys[at] = from.in.readLong();
        for (int i = 0; i < counts[at]; i++) {
          services[at * SERVICES + i] = from.in.readInt();
        }
      }
    }
  }
}
