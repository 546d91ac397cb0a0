package io.devopscopilot.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

@AnalyzeClasses(packages = "io.devopscopilot", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] LIBRARIES = {
    "io.devopscopilot.collector..",
    "io.devopscopilot.features..",
    "io.devopscopilot.classifier..",
    "io.devopscopilot.rag.."
  };

  @ArchTest
  static final ArchRule API_NEEDS_THE_JDK_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.devopscopilot.api..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "io.devopscopilot.api..", "java..", "org.slf4j..", "org.jspecify..");

  @ArchTest
  static final ArchRule LIBRARIES_DO_NOT_LOOK_BACK =
      noClasses()
          .that()
          .resideInAnyPackage(LIBRARIES)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.devopscopilot.examples..", "io.devopscopilot.benchmarks..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule NOTHING_SIDEWAYS =
      SlicesRuleDefinition.slices()
          .matching("io.devopscopilot.(collector|features|classifier|rag)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true);
}
