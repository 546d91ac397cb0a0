package io.devopscopilot.classifier;

import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.FeatureSchema;
import io.devopscopilot.api.FeatureVector;
import io.devopscopilot.api.LogRecord;
import java.util.List;

/** A simple extractor: words hashed into buckets. */
final class HashingExtractor implements FeatureExtractor {
  private static final FeatureSchema SCHEMA = new FeatureSchema("test-1", 512, List.of("words"));

  @Override
  public FeatureSchema schema() {
    return SCHEMA;
  }

  @Override
  public void extract(LogRecord record, FeatureVector out) {
    out.clear();
    long fingerprint = 7;
    for (String word : record.message().split(" ")) {
      out.add(1 + Math.floorMod(word.hashCode() * 31, 511), 1);
      out.add(0, 1);
      fingerprint = fingerprint * 31 + word.hashCode();
    }
    out.fingerprint(fingerprint);
  }
}
