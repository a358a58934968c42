// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;

/** The directions between the packages, and where native access begins. */
final class ArchitectureTest {
  private static final String SYS = "io.jilium.linux.sys..";

  private final JavaClasses linux =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.jilium.linux");

  @Test
  void onlySysTouchesTheLinker() {
    noClasses()
        .that()
        .resideOutsideOfPackage(SYS)
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Linker.class, SymbolLookup.class)
        .check(linux);
  }

  @Test
  void linuxKnowsNothingOfTheRestOfJilium() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.jilium.linux..", "java..", "org.jspecify..")
        .check(linux);
  }

  @Test
  void ebpfAndNetlinkBuildOnSysAndNotOnEachOther() {
    noClasses()
        .that()
        .resideInAPackage(SYS)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.jilium.linux.ebpf..", "io.jilium.linux.netlink..")
        .check(linux);
    noClasses()
        .that()
        .resideInAPackage("io.jilium.linux.ebpf..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.jilium.linux.netlink..")
        .check(linux);
    noClasses()
        .that()
        .resideInAPackage("io.jilium.linux.netlink..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.jilium.linux.ebpf..")
        .check(linux);
  }
}
