// SPDX-License-Identifier: Apache-2.0
package io.jilium.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Decisions are pure. */
final class ArchitectureTest {
  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.jilium.core");

  @Test
  void coreNeedsTheJdkAlone() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.jilium.core..",
            "java.lang..",
            "java.math..",
            "java.nio.charset..",
            "java.util..",
            "java.time..",
            "org.jspecify..")
        .check(core);
  }

  @Test
  void coreStartsNoThreadsAndAsksNoClock() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Thread.class, java.time.Clock.class)
        .check(core);
    noClasses().should().callMethod(System.class, "nanoTime").check(core);
    noClasses().should().callMethod(System.class, "currentTimeMillis").check(core);
  }

  @Test
  void otherPackagesBuildOnTheModelAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.jilium.core.model..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.jilium.core.settings..", "io.jilium.core.ipam..")
        .check(core);
    noClasses()
        .that()
        .resideInAPackage("io.jilium.core.ipam..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.jilium.core.settings..")
        .check(core);
  }
}
