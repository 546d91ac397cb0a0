package io.devopscopilot.api;

import java.util.Arrays;
import java.util.Optional;

/**
 * The features of one record: a sparse vector, the fingerprint of the masked text, and the severity
 * the text declares. Owned and reused by one thread; {@link FeatureExtractor#extract} clears it
 * first. Nothing but the constructor allocates.
 *
 * <p>A sparse set, much like that of Briggs and Torczon, "An efficient representation for sparse
 * sets" (1993): adding, merging equal positions and clearing take constant time. Places are
 * numbered on from line to line, so that one comparison tells whether a position was added since
 * the last clearing.
 */
public final class FeatureVector {
  /** How many different positions a vector holds by default. */
  public static final int DEFAULT_CAPACITY = 1024;

  /** After so many places they are numbered from 1 again. */
  private static final int MOST_PLACES = 1 << 24;

  private static final Severity[] SEVERITIES = Severity.values();

  private final FeatureSchema schema;
  private final int[] slots;
  private final int[] indices;
  private final float[] values;
  private int size;
  private int before = 1; // the number of the first place; lower ones were cleared
  private int dropped;
  private long fingerprint;
  private int declared = -1;

  /** A vector with room for {@link #DEFAULT_CAPACITY} different positions. */
  public FeatureVector(FeatureSchema schema) {
    this(schema, DEFAULT_CAPACITY);
  }

  /**
   * A vector.
   *
   * @param capacity how many different positions it can hold, 1 or more; what comes after is
   *     counted in {@link #dropped()}
   */
  public FeatureVector(FeatureSchema schema, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity is " + capacity + ", must be 1 or more");
    }
    this.schema = schema;
    this.slots = new int[schema.size()];
    this.indices = new int[capacity];
    this.values = new float[capacity];
  }

  /** What the positions mean. */
  public FeatureSchema schema() {
    return schema;
  }

  /** Forgets everything. */
  public void clear() {
    before += size;
    size = 0;
    if (before > MOST_PLACES) {
      Arrays.fill(slots, 0);
      before = 1;
    }
    dropped = 0;
    fingerprint = 0;
    declared = -1;
  }

  /**
   * Adds {@code value} to a position.
   *
   * @param index 0 to schema size - 1; anything else throws ArrayIndexOutOfBoundsException
   */
  public void add(int index, float value) {
    int slot = slots[index] - before;
    if (slot >= 0) {
      values[slot] += value;
    } else if (size < indices.length) {
      slots[index] = before + size;
      indices[size] = index;
      values[size++] = value;
    } else {
      dropped++;
    }
  }

  /**
   * Adds values to positions; quicker than one by one.
   *
   * @param index positions, each as for {@link #add}
   * @param value what to add to each
   * @param count how many of them, 0 to the length of both
   */
  public void addAll(int[] index, float[] value, int count) {
    final int[] indices = this.indices;
    int n = size;
    for (int i = 0; i < count; i++) {
      int at = index[i];
      int slot = slots[at] - before;
      if (slot >= 0) {
        values[slot] += value[i];
      } else if (n < indices.length) {
        slots[at] = before + n;
        indices[n] = at;
        values[n++] = value[i];
      } else {
        dropped++;
      }
    }
    size = n;
  }

  /** The value at a position, 0 where nothing was added. */
  public float get(int index) {
    int slot = slots[index] - before;
    return slot >= 0 ? values[slot] : 0f;
  }

  /** How many positions have a value. */
  public int size() {
    return size;
  }

  /** The n-th position that has a value, in the order of adding. */
  public int index(int n) {
    if (n >= size) {
      throw new IndexOutOfBoundsException("n is " + n + ", must be below " + size);
    }
    return indices[n];
  }

  /** The value at the n-th position that has one. */
  public float value(int n) {
    if (n >= size) {
      throw new IndexOutOfBoundsException("n is " + n + ", must be below " + size);
    }
    return values[n];
  }

  /** How many additions found no room since the last {@link #clear()}. */
  public int dropped() {
    return dropped;
  }

  /** The id of the masked text: equal for lines that differ in numbers, ids and the like only. */
  public long fingerprint() {
    return fingerprint;
  }

  /** Sets the fingerprint. */
  public void fingerprint(long fingerprint) {
    this.fingerprint = fingerprint;
  }

  /** The severity that the text itself declares, for example by a level token. */
  public Optional<Severity> declaredSeverity() {
    return declared < 0 ? Optional.empty() : Optional.of(SEVERITIES[declared]);
  }

  /** The ordinal of the declared severity, -1 where the text declares none. */
  public int declaredOrdinal() {
    return declared;
  }

  /** Sets the severity that the text declares. */
  public void declare(Severity severity) {
    this.declared = severity.ordinal();
  }

  /** The positions and values, for debugging. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("FeatureVector{");
    int[] sorted = Arrays.copyOf(indices, size);
    Arrays.sort(sorted);
    for (int index : sorted) {
      text.append(schema.name(index)).append('=').append(get(index)).append(' ');
    }
    return text.append("fingerprint=").append(Long.toHexString(fingerprint)).append('}').toString();
  }
}
