package io.devopscopilot.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FeatureVectorTest {
  private final FeatureSchema schema = new FeatureSchema("test-1", 8, List.of("length"));

  @Test
  void mergesEqualPositionsAndForgetsThemOnClear() {
    FeatureVector vector = new FeatureVector(schema);
    vector.add(3, 1);
    vector.add(5, 2);
    vector.add(3, 4);
    assertThat(vector.size()).isEqualTo(2);
    assertThat(vector.get(3)).isEqualTo(5f);
    vector.declare(Severity.WARN);
    vector.clear();
    assertThat(vector.size()).isZero();
    assertThat(vector.get(3)).isZero();
    assertThat(vector.declaredSeverity()).isEmpty();
  }

  @Test
  void addsManyAsOneByOne() {
    FeatureVector vector = new FeatureVector(schema, 3);
    vector.add(4, 1);
    vector.addAll(new int[] {2, 4, 2, 6, 7, 5}, new float[] {1, 2, 3, 4, 5, 6}, 5);
    assertThat(vector.size()).isEqualTo(3);
    assertThat(List.of(vector.get(2), vector.get(4), vector.get(6))).containsExactly(4f, 3f, 4f);
    assertThat(vector.dropped()).isEqualTo(1);
  }

  @Test
  void forgetsHoweverOftenItWasCleared() {
    FeatureVector vector = new FeatureVector(schema, 4);
    for (int i = 0; i < 9_000_000; i++) {
      vector.clear();
      if (vector.get(i & 7) != 0 || vector.get(i + 1 & 7) != 0) {
        assertThat(i).as("a value of the line before").isNegative();
      }
      vector.add(i & 7, 1);
      vector.add(i + 1 & 7, 2);
    }
    assertThat(vector.size()).isEqualTo(2);
  }

  @Test
  void countsWhatFindsNoRoom() {
    FeatureVector vector = new FeatureVector(schema, 2);
    for (int i = 0; i < 5; i++) {
      vector.add(i, 1);
    }
    assertThat(vector.size()).isEqualTo(2);
    assertThat(vector.dropped()).isEqualTo(3);
  }

  @Test
  void namesDenseFeaturesAndBuckets() {
    assertThat(schema.name(0)).isEqualTo("length");
    assertThat(schema.name(7)).isEqualTo("bucket#7");
    assertThatThrownBy(() -> schema.name(8)).hasMessageContaining("8").hasMessageContaining("7");
  }

  @Test
  void refusesLimitsOutsideTheRange() {
    assertThatThrownBy(() -> LogQuery.builder().limit(0).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit is 0");
  }
}
