package io.devopscopilot.classifier;

import io.devopscopilot.api.LogClassifier;
import java.util.Map;
import java.util.TreeMap;

/**
 * How a model was trained: number of trees, temperatures, decision weights.
 *
 * @param settings as in the manifest
 */
public record LogRecipe(Map<String, String> settings) {
  /** Copies. */
  public LogRecipe {
    settings = Map.copyOf(settings);
  }

  /** The recipe of a model. */
  public static LogRecipe of(LogClassifier classifier) {
    Map<String, String> out = new TreeMap<>();
    classifier
        .model()
        .details()
        .forEach(
            (k, v) -> {
              if (k.matches(
                  "(severity|category)\\.(trees|temperature|unknownBelow|weightFrom|weight\\..*|alertFrom\\..*)")) {
                out.put(k, v);
              }
            });
    return new LogRecipe(out);
  }

  int number(String key, int otherwise) {
    String text = settings.get(key);
    return text == null ? otherwise : Integer.parseInt(text);
  }
}
