package io.devopscopilot.examples;

import io.devopscopilot.api.FeatureExtractor;
import io.devopscopilot.api.LogClassifier;
import io.devopscopilot.classifier.TreeLogClassifier;
import io.devopscopilot.features.TextFeatureExtractor;
import io.devopscopilot.testkit.LogClassifierContract;

class DefaultModelContractTest extends LogClassifierContract {
  @Override
  protected LogClassifier newClassifier() {
    return TreeLogClassifier.loadDefault();
  }

  @Override
  protected FeatureExtractor newExtractor() {
    return new TextFeatureExtractor();
  }
}
