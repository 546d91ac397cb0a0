package io.devopscopilot.features;

import io.devopscopilot.api.FeatureSchema;
import java.util.ArrayList;
import java.util.List;

/**
 * Which position means what: named features first, then {@value #BUCKETS} hash buckets shared by
 * words, word pairs and parts of words. A change of any meaning needs a new {@link #ID}.
 */
final class FeatureLayout {
  static final String ID = "text-4";
  static final int BUCKET_BITS = 14;
  static final int BUCKETS = 1 << BUCKET_BITS;

  static final int HOUR_OF_DAY = 0;
  static final int WORD_COUNT = 1;
  static final int LENGTH_LOG2 = 2;
  static final int LINE_COUNT = 3;
  static final int HAS_EXCEPTION = 4;
  static final int STACK_FRAMES = 5;
  static final int CAUSED_BY = 6;
  static final int HTTP_2XX = 7;
  static final int HTTP_3XX = 8;
  static final int HTTP_4XX = 9;
  static final int HTTP_5XX = 10;
  static final int HTTP_AUTH = 11;
  static final int HTTP_NOT_FOUND = 12;
  static final int HTTP_TOO_MANY = 13;
  static final int EXIT_ZERO = 14;
  static final int EXIT_NONZERO = 15;
  static final int EXIT_KILLED = 16;
  static final int ERRNO = 17;
  static final int NUMBERS = 18;
  static final int IDS = 19;
  static final int ADDRESSES = 20;
  static final int PATHS = 21;
  static final int QUOTED = 22;
  static final int KEY_VALUES = 23;
  static final int UPPER_WORDS = 24;
  static final int CAMEL_WORDS = 25;
  static final int STARTS_UPPER = 26;
  static final int STARTS_LOWER = 27;
  static final int ENDS_PERIOD = 28;
  static final int ENDS_ELLIPSIS = 29;
  static final int ENDS_COLON = 30;
  static final int EXCLAMATION = 31;
  static final int DURATION_LOG10_MS = 32;
  static final int PERCENT_HIGH = 33;
  static final int NON_ASCII = 34;
  static final int JSON = 35;
  static final int ING_WORDS = 36;
  static final int ED_WORDS = 37;
  static final int CUT = 38;

  /** The first word group; their order is that of {@link WordGroup}. */
  static final int GROUPS = 39;

  private static final String[] FIXED = {
    "hour_of_day",
    "word_count",
    "length_log2",
    "line_count",
    "has_exception",
    "stack_frames",
    "caused_by",
    "http_2xx",
    "http_3xx",
    "http_4xx",
    "http_5xx",
    "http_401_403",
    "http_404",
    "http_429",
    "exit_code_zero",
    "exit_code_nonzero",
    "exit_code_killed",
    "errno",
    "numbers",
    "ids",
    "addresses",
    "paths",
    "quoted_values",
    "key_values",
    "upper_case_words",
    "camel_case_words",
    "starts_upper",
    "starts_lower",
    "ends_period",
    "ends_ellipsis",
    "ends_colon",
    "exclamation",
    "duration_log10_ms",
    "percent_90_or_more",
    "non_ascii",
    "json",
    "words_in_ing",
    "words_in_ed",
    "cut"
  };

  static final int NAMED = GROUPS + WordGroup.values().length;
  static final FeatureSchema SCHEMA = schema();

  private FeatureLayout() {}

  private static FeatureSchema schema() {
    List<String> names = new ArrayList<>(List.of(FIXED));
    for (WordGroup group : WordGroup.values()) {
      names.add(group.featureName);
    }
    return new FeatureSchema(ID, NAMED + BUCKETS, names);
  }

  /** The bucket of a hash whose high bits are well mixed. */
  static int bucket(long hash) {
    return NAMED + (int) (hash >>> (64 - BUCKET_BITS));
  }
}
