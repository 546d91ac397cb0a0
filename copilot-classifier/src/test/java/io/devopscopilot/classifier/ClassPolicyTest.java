package io.devopscopilot.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassPolicyTest {
  private static TreeLogClassifier trained(List<ClassPolicy> policies) {
    return new ClassifierTrainer(new HashingExtractor())
        .compare(false)
        .policies(policies)
        .train("test", SampleLines.make(1500, 3), Map.of())
        .classifier();
  }

  @Test
  void aPrecisionBecomesAnAlertThresholdOfTheModelAndIsKeptByItsRecipe() {
    var details = trained(List.of(new ClassPolicy("storage", 0, 0.8))).model().details();
    assertThat(details).containsKey("category.alertFrom.storage");
    assertThat(Float.parseFloat(details.get("category.alertFrom.storage"))).isBetween(0f, 1f);
    TreeLogClassifier classifier = trained(List.of(new ClassPolicy("storage", 0, 0.8)));
    assertThat(LogRecipe.of(classifier).settings()).containsKey("category.alertFrom.storage");
  }

  @Test
  void aRecallBecomesAWeightOnlyWhereItIsNotReachedAnyway() {
    var details = trained(List.of(new ClassPolicy("storage", 0.01, 0.5))).model().details();
    assertThat(details)
        .doesNotContainKey("category.weight.storage")
        .doesNotContainKey("category.alertFrom.storage");
  }

  @Test
  void namesWhatIsOutOfRange() {
    assertThatThrownBy(() -> new ClassPolicy("weather", 0, 0.9))
        .hasMessageContaining("'weather', must be one of");
    assertThatThrownBy(() -> new ClassPolicy("oom", 1.2, 0.9))
        .hasMessageContaining("recall 1.2")
        .hasMessageContaining("must be 0 to 1");
  }
}
