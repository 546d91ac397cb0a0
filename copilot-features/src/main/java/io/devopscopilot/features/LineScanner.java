package io.devopscopilot.features;

import static io.devopscopilot.features.TokenHash.HIGH;
import static io.devopscopilot.features.TokenHash.ONES;
import static io.devopscopilot.features.TokenHash.load;

import io.devopscopilot.api.FeatureVector;

/**
 * Cuts a text into words and turns them into features, in memory that it keeps: one per thread.
 *
 * <p>First all bytes are classified eight at a time within 64-bit registers, which yields a
 * lower-case copy and one bit per byte for "part of a word", "digit" and "upper case" (the way of
 * Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019, with plain longs). Then words
 * are found by counting zero bits.
 */
final class LineScanner {
  /** So many bytes of a text are looked at; the rest is left out and the feature "cut" is set. */
  static final int MAX_BYTES = 8192;

  /** So many numbers that were read are told apart. */
  static final int MOST_READS = 32;

  private static final long UNITS = Lexicon.MILLIS | Lexicon.SECONDS | Lexicon.MINUTES;
  private static final long GATHER = 0x0102040810204080L;
  private static final long LAST = 0xffL << 56;

  private final byte[] lower = new byte[MAX_BYTES + 16];
  private final long[] word = new long[MAX_BYTES / 64 + 2];
  private final byte[] digit = new byte[MAX_BYTES / 8 + 16];
  private final byte[] upper = new byte[MAX_BYTES / 8 + 16];

  private int wanted = -1;
  private String found = "";
  private int previousFrom;
  private int previousTo;

  private long fingerprint;
  private int words;
  private int numbers;
  private int ids;
  private int addresses;
  private int upperWords;

  // What the last numbers meant; of one line only.
  private long number;
  private int numberFrom;
  private int numberTo;
  private boolean fraction;
  private int dots;
  private long context;
  private int contextFor;
  private final int[] read = new int[2 * MOST_READS];
  private int reads;

  /** Adds the features of a text to a vector and sets its fingerprint. */
  void scan(byte[] source, int from, int to, FeatureVector out, long seed) {
    int length = Math.min(to - from, MAX_BYTES);
    classify(source, from, length);
    tokens(length, out, seed);
    finish(length, out);
    if (to - from > MAX_BYTES) {
      out.add(FeatureLayout.CUT, 1);
    }
  }

  /** What made a feature: scans again and remembers the first text that led to it. */
  String describe(byte[] source, int from, int to, FeatureVector out, int index) {
    wanted = index;
    found = "";
    previousFrom = 0;
    previousTo = 0;
    try {
      scan(source, from, to, out, 0);
      return found;
    } finally {
      wanted = -1;
    }
  }

  /**
   * Begin and end of each number whose value mattered to the features of the last text, in turn:
   * all other digits could be others.
   */
  int[] read() {
    return read;
  }

  /** How many numbers were read; only the first {@value #MOST_READS} are in {@link #read()}. */
  int reads() {
    return reads;
  }

  private void reading() {
    if (reads < MOST_READS) {
      read[2 * reads] = numberFrom;
      read[2 * reads + 1] = numberTo;
    }
    reads++;
  }

  private void number(int from, int to) {
    number = to - from <= 9 ? value(from, to) : -1;
    numberFrom = from;
    numberTo = to;
  }

  private void classify(byte[] source, int from, int length) {
    final byte[] lower = this.lower;
    long words = 0;
    final byte[] digit = this.digit;
    final byte[] upper = this.upper;
    int at = 0;
    for (; at < length; at += 8) {
      long x = at + 8 <= length ? load(source, from + at) : rest(source, from + at, length - at);
      long seven = x & ~HIGH;
      long ascii = ~x & HIGH;
      long folded = seven | ONES * 0x20;
      long letters = (folded + ONES * (0x80 - 'a')) & ~(folded + ONES * (0x7f - 'z'));
      long numerals = (seven + ONES * (0x80 - '0')) & ~(seven + ONES * (0x7f - '9'));
      long uppercase = letters & ~(x << 2) & ascii;
      TokenHash.LONGS.set(lower, at, x | uppercase >>> 2);
      long all = (letters | numerals | x) & HIGH;
      words = words >>> 8 | (all >>> 7) * GATHER & LAST;
      digit[at >>> 3] = (byte) (((numerals & ascii) >>> 7) * GATHER >>> 56);
      upper[at >>> 3] = (byte) ((uppercase >>> 7) * GATHER >>> 56);
      if ((at & 56) == 56) {
        word[at >>> 6] = words;
      }
    }
    int block = at >>> 6;
    if ((at & 63) != 0) {
      word[block++] = words >>> -at;
    }
    word[block] = 0;
    TokenHash.LONGS.set(lower, at, 0L);
  }

  /** The last bytes of a text, fewer than eight, and zeros. */
  static long rest(byte[] source, int at, int length) {
    if (at + length >= 8) {
      return load(source, at + length - 8) >>> -(length << 3);
    }
    long x = 0;
    for (int i = length - 1; i >= 0; i--) {
      x = x << 8 | source[at + i] & 0xff;
    }
    return x;
  }

  private static long bits(byte[] mask, int from, int length) {
    int at = from >>> 3;
    long bits = load(mask, at) >>> (from & 7);
    if (length > 56) {
      bits |= (long) mask[at + 8] << 1 << 63 - (from & 7);
    }
    return bits & (-1L >>> -length);
  }

  private void tokens(int length, FeatureVector out, long seed) {
    final byte[] lower = this.lower;
    final long[] word = this.word;
    words = 0;
    numbers = 0;
    ids = 0;
    addresses = 0;
    upperWords = 0;
    dots = 0;
    number = -1;
    reads = 0;
    context = 0;
    contextFor = 0;
    int paths = 0;
    int quoted = 0;
    int keyValues = 0;
    long shape = seed ^ TokenHash.START;
    long previous = TokenHash.START;
    boolean masked = false;
    boolean path = false;
    int blocks = (length + 63) >>> 6;
    int block = 0;
    long edges = word[0] ^ word[0] << 1;
    int end = 0;
    while (true) {
      while (edges == 0 && block < blocks) {
        edges = edges(word, ++block);
      }
      if (edges == 0) {
        break;
      }
      int from = (block << 6) + Long.numberOfTrailingZeros(edges);
      edges &= edges - 1;
      while (edges == 0) {
        edges = edges(word, ++block);
      }
      int gap = from - end;
      end = (block << 6) + Long.numberOfTrailingZeros(edges);
      edges &= edges - 1;
      int size = end - from;
      byte before = from == 0 ? (byte) ' ' : lower[from - 1];
      boolean tight = false;
      if (before == ' ') { // as before most words
        path = false;
      } else {
        tight = gap == 1 && before != '=' && before != '"' && before != ',';
        path = path && tight && before != ')' && before != '\'' && before != ']';
        if (!path && before == '/' && (gap > 1 || from == 1)) {
          path = true;
          paths++;
          shape = TokenHash.fold(shape, TokenHash.PATH);
        } else if (before == '=') {
          keyValues++;
        } else if (before == '"' || before == '\'') {
          quoted++;
        }
      }

      long digits = size > 64 ? -1 : bits(digit, from, size);
      long hash;
      if (digits == 0) {
        if (size == 5 && masked && before == '-' && gap == 1 && !hasVowel(from, end)) {
          continue; // the random end of a pod's name
        }
        masked = false;
        hash = word(from, end, size, path, previous, out);
        if (!path) {
          shape = TokenHash.fold(shape, hash);
        }
      } else {
        hash = size > 64 ? TokenHash.NUMBER : number(from, end, size, digits, tight, before, out);
        boolean isMask = hash == TokenHash.NUMBER;
        if (!path && !(isMask && masked && tight)) {
          shape = TokenHash.fold(shape, hash);
        }
        masked = isMask;
      }
      previous = hash;
      previousFrom = from;
      previousTo = end;
    }
    fingerprint = shape ^ shape >>> 31;
    add(out, FeatureLayout.PATHS, paths);
    add(out, FeatureLayout.QUOTED, quoted);
    add(out, FeatureLayout.KEY_VALUES, keyValues);
  }

  /** A bit where a word begins, and where one has ended. */
  private static long edges(long[] word, int block) {
    return word[block] ^ (word[block] << 1 | word[block - 1] >>> 63);
  }

  /** A word without digits; returns its hash. */
  private long word(int from, int end, int size, boolean path, long previous, FeatureVector out) {
    long hash;
    if (size <= 8) {
      hash = TokenHash.step(0, load(lower, from) & (-1L >>> -(size << 3)));
      if (size == 1) {
        words++;
        return hash;
      }
    } else {
      hash = TokenHash.of(lower, from, end);
    }
    words++;
    add(out, FeatureLayout.bucket(hash), from, end);
    if (!path) {
      pair(out, FeatureLayout.bucket(TokenHash.pair(previous, hash)), end);
      if (size >= 5) {
        long ending = load(lower, end - 3) & 0xffffff;
        if (ending == ('i' | 'n' << 8 | 'g' << 16)) {
          out.add(FeatureLayout.ING_WORDS, 1);
        } else if (ending >>> 8 == ('e' | 'd' << 8)) {
          out.add(FeatureLayout.ED_WORDS, 1);
        }
      }
    }
    groups(hash, out);
    long uppers = bits(upper, from, size);
    if ((uppers & ~1L) != 0) {
      inner(from, size, uppers, out);
    }
    return hash;
  }

  private void groups(long hash, FeatureVector out) {
    long groups = Lexicon.groups(hash);
    if (groups == 0) {
      return;
    }
    if ((groups & Lexicon.CONTEXT) != 0) {
      meaning(groups, out);
      groups &= ~Lexicon.CONTEXT;
    }
    while (groups != 0) {
      out.add(FeatureLayout.GROUPS + Long.numberOfTrailingZeros(groups), 1);
      groups &= groups - 1;
    }
  }

  private void meaning(long groups, FeatureVector out) {
    if ((groups & (Lexicon.HTTP | Lexicon.EXIT)) != 0) {
      if ((groups & Lexicon.EXIT) != 0 || contextFor < words || context != Lexicon.EXIT) {
        context = groups & (Lexicon.HTTP | Lexicon.EXIT);
      }
      contextFor = words + 4;
    }
    if (number >= 0 && (groups & UNITS) != 0) {
      reading();
      if ((groups & Lexicon.MILLIS) != 0) {
        duration(number, out);
      } else if ((groups & Lexicon.SECONDS) != 0) {
        duration(number * 1000.0, out);
      } else {
        duration(number * 60_000.0, out);
      }
    }
    if ((groups & Lexicon.ERRNO) != 0) {
      out.add(FeatureLayout.ERRNO, 1);
    }
    if ((groups & Lexicon.EXCEPTION) != 0) {
      out.add(FeatureLayout.HAS_EXCEPTION, 1);
    }
    if ((groups & Lexicon.CAUSED) != 0) {
      context = Lexicon.CAUSED;
      contextFor = words + 1;
    } else if ((groups & Lexicon.BY) != 0 && context == Lexicon.CAUSED && contextFor == words) {
      out.add(FeatureLayout.CAUSED_BY, 1);
    }
  }

  private static void duration(double millis, FeatureVector out) {
    float log = (float) Math.log10(millis + 1);
    float before = out.get(FeatureLayout.DURATION_LOG10_MS);
    if (log > before) {
      out.add(FeatureLayout.DURATION_LOG10_MS, log - before);
    }
  }

  /** The parts of a word in camel case, or one in capitals. */
  private void inner(int from, int size, long uppers, FeatureVector out) {
    long all = -1L >>> -size;
    if (uppers == all) {
      if (size > 2) {
        upperWords++;
      }
      return;
    }
    long starts = uppers & ~(uppers << 1) | uppers & uppers << 1 & ~(uppers >>> 1) & all >>> 1;
    starts &= ~1L;
    if (starts == 0) {
      return;
    }
    out.add(FeatureLayout.CAMEL_WORDS, 1);
    int at = 0;
    while (true) {
      int next = starts == 0 ? size : Long.numberOfTrailingZeros(starts);
      if (next - at > 2) {
        long hash = TokenHash.of(lower, from + at, from + next);
        add(out, FeatureLayout.bucket(hash), from + at, from + next);
        long groups = Lexicon.groups(hash);
        if (next == size && (groups & 1L << WordGroup.ERROR.ordinal()) != 0) {
          out.add(FeatureLayout.HAS_EXCEPTION, 1);
        }
        groups &= ~Lexicon.CONTEXT;
        while (groups != 0) {
          out.add(FeatureLayout.GROUPS + Long.numberOfTrailingZeros(groups), 1);
          groups &= groups - 1;
        }
      }
      if (next == size) {
        return;
      }
      at = next;
      starts &= starts - 1;
    }
  }

  /** A token with digits; returns {@link TokenHash#NUMBER} where it is masked as a whole. */
  private long number(
      int from, int end, int size, long digits, boolean tight, byte before, FeatureVector out) {
    long all = -1L >>> -size;
    if (digits == all) {
      boolean continued = tight && number >= -1 && previousTo == from - 1 && numbers > 0;
      if (continued && before == '.') {
        dots++;
        if (dots == 3) {
          addresses++;
        }
      } else {
        dots = 0;
        if (!continued) {
          numbers++;
        }
      }
      fraction = continued && before == '.';
      if (!fraction) {
        number(from, end);
        byte after = lower[end];
        if (contextFor >= words && contextFor > 0 && size <= 3 && after != '.') {
          reading();
          code((int) number, size, out);
        }
      }
      if (lower[end] == '%') {
        reading();
        if (number >= 90 && number <= 100) {
          out.add(FeatureLayout.PERCENT_HIGH, 1);
        }
      }
      return TokenHash.NUMBER;
    }
    if ((digits & 1) != 0) {
      long letters = ~digits & all;
      int first = Long.numberOfTrailingZeros(letters);
      if (size - first <= 3 && letters >>> first == -1L >>> -(size - first)) {
        if (!(tight && before == '.' && number >= 0)) {
          number(from, from + first);
          numbers++;
        }
        long unit = Lexicon.groups(TokenHash.of(lower, from + first, end));
        if ((unit & Lexicon.CONTEXT) != 0) {
          meaning(unit & UNITS, out);
        }
        return TokenHash.NUMBER;
      }
      ids++;
      return TokenHash.NUMBER;
    }
    if (isId(from, end, size, digits, all, before)) {
      ids++;
      return TokenHash.NUMBER;
    }
    long hash = 0;
    for (int at = from; at < end; ) {
      int stop = at;
      boolean letter = lower[at] < '0' || lower[at] > '9';
      while (stop < end && (lower[stop] < '0' || lower[stop] > '9') == letter) {
        stop++;
      }
      if (letter) {
        long part = TokenHash.of(lower, at, stop);
        hash = TokenHash.step(hash, part);
        if (stop - at > 2) {
          add(out, FeatureLayout.bucket(part), at, stop);
          groups(part, out);
        }
      }
      at = stop;
    }
    hash = TokenHash.withDigits(hash);
    words++;
    add(out, FeatureLayout.bucket(hash), from, end);
    return hash;
  }

  private boolean isId(int from, int end, int size, long digits, long all, byte before) {
    long letters = ~digits & all;
    if (size > 24 || Long.bitCount(letters & ~(letters << 1)) > 2) {
      return true;
    }
    if (size < 5) {
      return false;
    }
    boolean hex = true;
    for (int i = from; i < end && hex; i++) {
      hex = lower[i] <= 'f' && lower[i] > 0;
    }
    if (hex && size >= 6 && Long.bitCount(digits) > 1) {
      return true;
    }
    boolean letterAfterDigit = (letters & digits << 1) != 0;
    return (letterAfterDigit || before == '-') && !hasVowel(from, end);
  }

  private void code(int code, int size, FeatureVector out) {
    if (context == Lexicon.EXIT) {
      out.add(code == 0 ? FeatureLayout.EXIT_ZERO : FeatureLayout.EXIT_NONZERO, 1);
      if (code > 128 && code < 160) {
        out.add(FeatureLayout.EXIT_KILLED, 1);
      }
      contextFor = 0;
    } else if (context == Lexicon.HTTP && size == 3 && code >= 200 && code < 600) {
      out.add(FeatureLayout.HTTP_2XX + code / 100 - 2, 1);
      if (code == 401 || code == 403) {
        out.add(FeatureLayout.HTTP_AUTH, 1);
      } else if (code == 404) {
        out.add(FeatureLayout.HTTP_NOT_FOUND, 1);
      } else if (code == 429) {
        out.add(FeatureLayout.HTTP_TOO_MANY, 1);
      }
      contextFor = 0;
    }
  }

  private boolean hasVowel(int from, int end) {
    for (int i = from; i < end; i++) {
      switch (lower[i]) {
        case 'a', 'e', 'i', 'o', 'u', 'y' -> {
          return true;
        }
        default -> {}
      }
    }
    return false;
  }

  private long value(int from, int end) {
    long value = 0;
    for (int i = from; i < end; i++) {
      value = value * 10 + lower[i] - '0';
    }
    return value;
  }

  private void finish(int length, FeatureVector out) {
    out.fingerprint(fingerprint);
    add(out, FeatureLayout.WORD_COUNT, words);
    add(out, FeatureLayout.LENGTH_LOG2, 32 - Integer.numberOfLeadingZeros(length));
    add(out, FeatureLayout.NUMBERS, numbers);
    add(out, FeatureLayout.IDS, ids);
    add(out, FeatureLayout.ADDRESSES, addresses);
    add(out, FeatureLayout.UPPER_WORDS, upperWords);
    if (length == 0) {
      return;
    }
    if ((word[0] & ~digit[0] & 1) != 0) {
      boolean capital = (upper[0] & 1) != 0;
      out.add(capital ? FeatureLayout.STARTS_UPPER : FeatureLayout.STARTS_LOWER, 1);
    }
    switch (lower[length - 1]) {
      case '.' -> {
        boolean dots = length > 2 && lower[length - 2] == '.' && lower[length - 3] == '.';
        out.add(dots ? FeatureLayout.ENDS_ELLIPSIS : FeatureLayout.ENDS_PERIOD, 1);
      }
      case ':' -> out.add(FeatureLayout.ENDS_COLON, 1);
      case '!' -> out.add(FeatureLayout.EXCLAMATION, 1);
      default -> {}
    }
  }

  private static void add(FeatureVector out, int index, int count) {
    if (count != 0) {
      out.add(index, count);
    }
  }

  private void add(FeatureVector out, int bucket, int from, int end) {
    out.add(bucket, 1);
    if (bucket == wanted && found.isEmpty()) {
      found = "word \"" + text(from, end) + '"';
    }
  }

  private void pair(FeatureVector out, int bucket, int end) {
    out.add(bucket, 1);
    if (bucket == wanted && found.isEmpty()) {
      found = "words \"" + text(previousFrom, end) + '"';
    }
  }

  private String text(int from, int end) {
    return new String(lower, from, end - from, java.nio.charset.StandardCharsets.UTF_8);
  }
}
