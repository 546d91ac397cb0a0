package io.devopscopilot.classifier;

import java.util.Arrays;

/** A growing array: a model is loaded while a service starts, and boxed numbers take time then. */
final class IntList {
  int[] items = new int[1024];
  int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, 2 * size);
    }
    items[size++] = item;
  }

  int[] toArray() {
    return Arrays.copyOf(items, size);
  }
}
