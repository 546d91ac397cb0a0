package io.devopscopilot.features;

import static io.devopscopilot.features.TokenHash.HIGH;
import static io.devopscopilot.features.TokenHash.ONES;

import io.devopscopilot.api.FeatureVector;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the features of messages by their exact content but for digits that were not read as a
 * number. Messages that differ in such digits only are scanned alike, step by step, so their
 * features are the same. One per thread.
 */
final class FeatureMemory {
  /** 4,096 places for messages of up to {@value #SHORT} bytes, 256 for longer ones. */
  private static final int BITS = 12;

  private static final int LONG_BITS = 8;
  private static final int SHORT = 512;

  /** Vectors with more positions are not kept. */
  private static final int MOST = 512;

  private final @Nullable Entry[] entries = new @Nullable Entry[1 << BITS];
  private final @Nullable Entry[] longEntries = new @Nullable Entry[1 << LONG_BITS];
  private final byte[] masked = new byte[LineScanner.MAX_BYTES + 8];
  private final LongAdder hits;
  private int length;
  private boolean cut;
  private long hash;

  /** Counts what it recalls. */
  FeatureMemory(LongAdder hits) {
    this.hits = hits;
  }

  private static final class Entry {
    long hash;
    int length;
    boolean cut;
    byte[] text = new byte[0];
    final int[] read = new int[2 * LineScanner.MOST_READS];
    int reads;
    byte[] digits = new byte[0];
    int size;
    int[] index = new int[0];
    float[] value = new float[0];
    long fingerprint;

    void numbers(byte[] source, int from, LineScanner scanner) {
      reads = scanner.reads();
      System.arraycopy(scanner.read(), 0, read, 0, 2 * reads);
      int n = 0;
      for (int i = 0; i < 2 * reads; i += 2) {
        n += read[i + 1] - read[i];
      }
      if (digits.length < n) {
        digits = new byte[n];
      }
      n = 0;
      for (int i = 0; i < 2 * reads; i += 2) {
        for (int at = read[i]; at < read[i + 1]; at++) {
          digits[n++] = source[from + at];
        }
      }
    }

    boolean sameNumbers(byte[] source, int from) {
      int n = 0;
      for (int i = 0; i < 2 * reads; i += 2) {
        for (int at = read[i]; at < read[i + 1]; at++) {
          if (digits[n++] != source[from + at]) {
            return false;
          }
        }
      }
      return true;
    }
  }

  /**
   * Fills an empty vector with what is remembered of a text.
   *
   * @return false if nothing is
   */
  boolean recall(byte[] source, int from, int to, FeatureVector out) {
    length = Math.min(to - from, LineScanner.MAX_BYTES);
    cut = to - from > LineScanner.MAX_BYTES;
    mask(source, from);
    @Nullable Entry[] table = length > SHORT ? longEntries : entries;
    int place = place();
    for (int i = 0; i < 2; i++) {
      Entry entry = table[place ^ i];
      if (entry != null && holds(entry, source, from)) {
        out.addAll(entry.index, entry.value, entry.size);
        if (out.dropped() > 0) { // a vector with less room than the one it was scanned into
          out.clear();
          return false;
        }
        out.fingerprint(entry.fingerprint);
        hits.increment();
        return true;
      }
    }
    return false;
  }

  private void mask(byte[] source, int from) {
    final byte[] masked = this.masked;
    long mixed = length;
    for (int at = 0; at < length; at += 8) {
      long x =
          at + 8 <= length
              ? TokenHash.load(source, from + at)
              : LineScanner.rest(source, from + at, length - at);
      long seven = x & ~HIGH;
      long digits = (seven + ONES * (0x80 - '0')) & ~(seven + ONES * (0x7f - '9')) & ~x & HIGH;
      x &= ~((digits >>> 7) * 0xf);
      TokenHash.LONGS.set(masked, at, x);
      mixed = TokenHash.fold(mixed, x);
    }
    hash = mixed ^ mixed >>> 32;
  }

  private int place() {
    return (int) (hash * TokenHash.K >>> (64 - (length > SHORT ? LONG_BITS : BITS)));
  }

  private boolean holds(Entry entry, byte[] source, int from) {
    return entry.hash == hash
        && entry.length == length
        && entry.cut == cut
        && Arrays.equals(entry.text, 0, length, masked, 0, length)
        && entry.sameNumbers(source, from);
  }

  /** Keeps the features of the text that was last asked for. */
  void keep(byte[] source, int from, LineScanner scanner, FeatureVector in) {
    if (in.size() > MOST || in.dropped() > 0 || scanner.reads() > LineScanner.MOST_READS) {
      return;
    }
    @Nullable Entry[] table = length > SHORT ? longEntries : entries;
    int place = place();
    Entry entry = table[place ^ 1];
    table[place ^ 1] = table[place];
    if (entry == null) {
      entry = new Entry();
    }
    table[place] = entry;
    entry.hash = hash;
    entry.length = length;
    entry.cut = cut;
    if (entry.text.length < length) {
      entry.text = new byte[length];
    }
    System.arraycopy(masked, 0, entry.text, 0, length);
    entry.numbers(source, from, scanner);
    entry.size = in.size();
    if (entry.index.length < entry.size) {
      entry.index = new int[entry.size];
      entry.value = new float[entry.size];
    }
    for (int i = 0; i < entry.size; i++) {
      entry.index[i] = in.index(i);
      entry.value[i] = in.value(i);
    }
    entry.fingerprint = in.fingerprint();
  }
}
