package io.devopscopilot.examples;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.properties.HasOwner;
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

  /** The other modules must not even name it; Flink and Kafka's job side stay within it. */
  @Test
  void nothingNeedsTheFlinkModule() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.devopscopilot.flink..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.devopscopilot.flink..", "org.apache.flink..")
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

  @Test
  void onlyTheBoundaryTalksToModelsAndRemoteStores() {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.rag\\.ModelClient(\\$.*)?")
        .should()
        .callMethodWhere(
            JavaCall.Predicates.target(
                HasOwner.Predicates.With.owner(
                    JavaClass.Predicates.resideInAnyPackage(
                        "dev.langchain4j.model.chat..", "dev.langchain4j.model.ollama.."))))
        .check(CLASSES);
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.rag\\.Chroma\\w+(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.langchain4j.store.embedding.chroma..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.devopscopilot.rag..")
        .and()
        .haveNameNotMatching(".*\\.rag\\.Model(Client|Boundary)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.net.http..", "dev.langchain4j.http..")
        .check(CLASSES);
  }
}
