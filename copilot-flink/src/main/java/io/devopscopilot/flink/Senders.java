package io.devopscopilot.flink;

import io.devopscopilot.api.Origin;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;

/**
 * Finds the one sender of many lines again. When there are more than {@value #MOST}, all are
 * forgotten and made anew. Used by one thread.
 */
final class Senders {
  private static final int MOST = 10_000;

  private final Map<Object, Sender> known = new HashMap<>();

  Sender of(Origin origin) {
    Sender sender = known.get(origin);
    return sender == null ? remembered(origin, new Sender(origin)) : sender;
  }

  Sender read(DataInputView in) throws IOException {
    Sender.Id id = Sender.readId(in);
    Sender sender = known.get(id);
    if (sender == null) {
      return remembered(id, Sender.read(in));
    }
    Sender.skip(in);
    return sender;
  }

  private Sender remembered(Object by, Sender sender) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.put(by, sender);
    return sender;
  }
}
