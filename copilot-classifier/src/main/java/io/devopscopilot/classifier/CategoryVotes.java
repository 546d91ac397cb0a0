package io.devopscopilot.classifier;

import io.devopscopilot.api.Category;
import java.io.IOException;
import java.util.Arrays;

/** How much the lines of a service speak for each category. Few categories, so arrays do. */
final class CategoryVotes {
  private String[] categories = {};
  private double[] weights = {};
  private int size;

  void add(String category, double weight) {
    add(category, weight, Double.POSITIVE_INFINITY);
  }

  /** Adds no more than makes the category's weight {@code most}. */
  void add(String category, double weight, double most) {
    int at = 0;
    while (at < size && !categories[at].equals(category)) {
      at++;
    }
    if (at == size) {
      if (size == categories.length) {
        categories = Arrays.copyOf(categories, size + 4);
        weights = Arrays.copyOf(weights, size + 4);
      }
      categories[size] = category;
      weights[size++] = 0;
    }
    weights[at] = Math.max(weights[at], Math.min(weights[at] + weight, most));
  }

  void fade(double factor) {
    for (int i = 0; i < size; i++) {
      weights[i] *= factor;
    }
  }

  void clear() {
    size = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** All votes together. */
  double sum() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += weights[i];
    }
    return sum;
  }

  /** The share of the votes that the leading category has, 0 without votes. */
  double share() {
    double most = 0;
    for (int i = 0; i < size; i++) {
      most = Math.max(most, weights[i]);
    }
    return most == 0 ? 0 : most / sum();
  }

  /** The category with most weight, the earlier of equals. */
  String winner() {
    String winner = Category.APP_ERROR;
    double most = -1;
    for (int i = 0; i < size; i++) {
      boolean says =
          !categories[i].equals(Category.NONE) && !categories[i].equals(Category.UNKNOWN);
      if (says && weights[i] > most) {
        most = weights[i];
        winner = categories[i];
      }
    }
    return winner;
  }

  void write(DetectorState.Writer to) throws IOException {
    to.count(size);
    for (int i = 0; i < size; i++) {
      to.text(categories[i]);
      to.out.writeDouble(weights[i]);
    }
  }

  void read(DetectorState.Reader from) throws IOException {
    for (int n = from.count(); n > 0; n--) {
      add(from.text(), from.in.readDouble());
    }
  }
}
