package io.devopscopilot.collector;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** What file sources read, cut, skipped and lost. */
final class FileCounters {
  final AtomicLong lines = new AtomicLong();
  final AtomicLong bytes = new AtomicLong();
  final AtomicLong cut = new AtomicLong();
  final AtomicLong invalid = new AtomicLong();
  final AtomicLong malformed = new AtomicLong();
  final AtomicLong unreadable = new AtomicLong();

  /** Files of too many, at the last look. */
  final AtomicLong beyond = new AtomicLong();

  final AtomicLong lost = new AtomicLong();
  final AtomicLong filesLost = new AtomicLong();
  final AtomicLong rotations = new AtomicLong();

  Map<String, Long> all() {
    Map<String, Long> all = new TreeMap<>();
    all.put("lines.read", lines.get());
    all.put("bytes.read", bytes.get());
    all.put("bytes.cut", cut.get());
    all.put("lines.invalid-encoding", invalid.get());
    all.put("lines.malformed", malformed.get());
    all.put("files.unreadable", unreadable.get());
    all.put("files.beyond-limit", beyond.get());
    all.put("bytes.lost", lost.get());
    all.put("files.lost", filesLost.get());
    all.put("files.rotated", rotations.get());
    return all;
  }
}
