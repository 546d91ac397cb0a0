package io.devopscopilot.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/**
 * The arrows: examples -> collector, features, classifier, rag -> api; nothing sideways or back.
 */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.devopscopilot");

  @Test
  void theApiNeedsTheJdkOnly() {
    noClasses()
        .that()
        .resideInAPackage("io.devopscopilot.api..")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "io.devopscopilot.api..", "java..", "org.slf4j..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void librariesDoNotLookBack() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.devopscopilot.collector..",
            "io.devopscopilot.features..",
            "io.devopscopilot.classifier..",
            "io.devopscopilot.rag..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.devopscopilot.examples..", "io.devopscopilot.benchmarks..")
        .check(CLASSES);
  }

  @Test
  void nothingGoesSideways() {
    SlicesRuleDefinition.slices()
        .matching("io.devopscopilot.(collector|features|classifier|rag)..")
        .should()
        .notDependOnEachOther()
        .allowEmptyShould(true)
        .check(CLASSES);
  }
}
