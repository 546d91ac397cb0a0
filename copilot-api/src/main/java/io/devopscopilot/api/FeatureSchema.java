package io.devopscopilot.api;

import java.util.List;

/**
 * What the positions of a {@link FeatureVector} mean. Extractor and classifier must have equal
 * schemas.
 *
 * @param id name and version of the layout; changes whenever a position changes its meaning
 * @param size number of positions, 1 or more
 * @param names names of the first positions, at most {@code size}; the rest are hash buckets
 */
public record FeatureSchema(String id, int size, List<String> names) {
  /** Checks the size and copies the names. */
  public FeatureSchema {
    if (size < 1) {
      throw new IllegalArgumentException("size is " + size + ", must be 1 or more");
    }
    names = List.copyOf(names);
    if (names.size() > size) {
      throw new IllegalArgumentException(
          "names has " + names.size() + " entries, must be at most size = " + size);
    }
  }

  /** The name of a position: its own, or {@code bucket#n} for a hash bucket. */
  public String name(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("index is " + index + ", must be 0 to " + (size - 1));
    }
    return index < names.size() ? names.get(index) : "bucket#" + index;
  }
}
