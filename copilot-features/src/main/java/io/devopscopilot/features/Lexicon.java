package io.devopscopilot.features;

import java.nio.charset.StandardCharsets;

/** Finds the groups of a word by its hash; a byte of the hash answers most words that have none. */
final class Lexicon {
  /** Bits above the groups say what the next number means, or which unit the last one had. */
  static final long HTTP = 1L << 48;

  static final long EXIT = 1L << 49;
  static final long MILLIS = 1L << 50;
  static final long SECONDS = 1L << 51;
  static final long MINUTES = 1L << 52;
  static final long ERRNO = 1L << 53;
  static final long CAUSED = 1L << 54;
  static final long BY = 1L << 55;
  static final long EXCEPTION = 1L << 56;
  static final long CONTEXT = -1L << 48;

  private static final int BITS = 13;
  private static final int MASK = (1 << BITS) - 1;
  private static final byte[] TAGS = new byte[1 << BITS];
  private static final long[] KEYS = new long[1 << BITS];
  private static final long[] GROUPS = new long[1 << BITS];

  static {
    for (WordGroup group : WordGroup.values()) {
      put(1L << group.ordinal(), group.words);
    }
    put(HTTP, "http https status statuscode response responded code");
    put(EXIT, "exit exited exitcode rc");
    put(MILLIS, "ms msec msecs millis millisecond milliseconds");
    put(SECONDS, "s sec secs second seconds");
    put(MINUTES, "min mins minute minutes");
    put(
        ERRNO,
        "errno econnrefused econnreset etimedout ehostunreach enetunreach epipe enoent eacces"
            + " eperm enospc enomem emfile eaddrinuse eaddrnotavail enotfound eio erofs eexist"
            + " eisdir enotdir einval eagain econnaborted enotempty edquot");
    put(CAUSED, "caused");
    put(BY, "by");
    put(EXCEPTION, "exception exceptions traceback throwable panic goroutine stacktrace uncaught");
  }

  private Lexicon() {}

  private static void put(long groups, String words) {
    for (String word : words.split(" ")) {
      byte[] bytes = word.getBytes(StandardCharsets.US_ASCII);
      long hash = TokenHash.of(bytes, 0, bytes.length);
      int slot = slot(hash);
      while (TAGS[slot] != 0 && KEYS[slot] != hash) {
        slot = (slot + 1) & MASK;
      }
      TAGS[slot] = tag(hash);
      KEYS[slot] = hash;
      GROUPS[slot] |= groups;
    }
  }

  private static int slot(long hash) {
    return (int) hash & MASK;
  }

  private static byte tag(long hash) {
    return (byte) ((hash >>> 24) | 1);
  }

  /** The groups of a word as bits, 0 for a word without any. */
  static long groups(long hash) {
    int slot = slot(hash);
    byte tag = TAGS[slot];
    while (tag != 0) {
      if (tag == tag(hash) && KEYS[slot] == hash) {
        return GROUPS[slot];
      }
      slot = (slot + 1) & MASK;
      tag = TAGS[slot];
    }
    return 0;
  }
}
