package io.devopscopilot.features;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Hashes lower-case words eight bytes at a time by multiplication (Knuth, "The Art of Computer
 * Programming" 3, 6.4). The constants are part of the feature schema: never change them under the
 * same id.
 */
final class TokenHash {
  static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static final long ONES = 0x0101010101010101L;
  static final long HIGH = 0x8080808080808080L;

  static final long K = 0x9E3779B97F4A7C15L;
  private static final long PAIR = 0xD6E8FEB86659FD93L;
  private static final long DIGITS = 0xA0761D6478BD642FL;

  /** Stands for a number, an id or a run of such in pairs and in the fingerprint. */
  static final long NUMBER = 0xE7037ED1A0B428DBL;

  /** Stands for a path or the address part of a URL. */
  static final long PATH = 0x8EBC6AF09C88C6E3L;

  /** Stands for the begin of the text. */
  static final long START = 0x589965CC75374CC3L;

  private TokenHash() {}

  static long load(byte[] bytes, int at) {
    return (long) LONGS.get(bytes, at);
  }

  /** Eight bytes with their ASCII capitals as small letters. */
  static long lower(long bytes) {
    long folded = bytes & ~HIGH | ONES * 0x20;
    long letters = (folded + ONES * (0x80 - 'a')) & ~(folded + ONES * (0x7f - 'z')) & ~bytes & HIGH;
    return bytes | (letters & ~(bytes << 2)) >>> 2;
  }

  /** Whether one of eight bytes is this ASCII character. */
  static boolean has(long bytes, char c) {
    return places(bytes, c) != 0;
  }

  /** A high bit where one of eight bytes is this ASCII character; above the first, others too. */
  static long places(long bytes, char c) {
    long other = bytes ^ ONES * c;
    return other - ONES & ~other & HIGH;
  }

  /** The hash of a word; the array must have 7 bytes of any content behind it, or be the word. */
  static long of(byte[] bytes, int from, int to) {
    long hash = 0;
    int at = from;
    for (; to - at > 8; at += 8) {
      hash = step(hash, load(bytes, at));
    }
    long rest = 0;
    if (at + 8 <= bytes.length) {
      rest = load(bytes, at) & (-1L >>> (64 - 8 * (to - at)));
    } else {
      for (int i = to; i > at; i--) {
        rest = rest << 8 | (bytes[i - 1] & 0xff);
      }
    }
    return step(hash, rest);
  }

  static long step(long hash, long word) {
    long mixed = (hash ^ word) * K;
    return mixed ^ mixed >>> 32;
  }

  static long pair(long first, long second) {
    return first * PAIR + second;
  }

  /** The hash of a word in which digits were left out. */
  static long withDigits(long hash) {
    return (hash ^ DIGITS) * K;
  }

  static long fold(long fingerprint, long token) {
    return Long.rotateLeft((fingerprint ^ token) * K, 29);
  }
}
