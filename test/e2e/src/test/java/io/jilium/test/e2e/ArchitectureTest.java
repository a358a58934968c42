// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import org.junit.jupiter.api.Test;

/** The directions of dependencies across all modules; the Maven graph holds the rest. */
final class ArchitectureTest {
  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.jilium");

  @Test
  void packagesFormNoCycles() {
    holds(slices().matching("io.jilium.(**)").should().beFreeOfCycles());
  }

  @Test
  void onlySysCallsNativeCode() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.jilium.linux.sys")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Linker.class, SymbolLookup.class));
  }

  @Test
  void linuxKnowsNothingOfJilium() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.jilium.linux..")
            .should()
            .dependOnClassesThat(
                com.tngtech.archunit.base.DescribedPredicate.describe(
                    "belong to another part of Jilium",
                    type ->
                        type.getPackageName().startsWith("io.jilium.")
                            && !type.getPackageName().startsWith("io.jilium.linux"))));
  }

  @Test
  void coreDependsOnTheJdkAlone() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.jilium.core..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("java..", "org.jspecify..", "io.jilium.core.."));
  }

  @Test
  void onlyItsSourceKnowsEtcd() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.jilium.source.etcd..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.etcd.."));
  }

  /** The agent sees the cluster through the model alone; operator and CLI manage objects. */
  @Test
  void theAgentKnowsNoKubernetes() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "io.jilium.source.kube..",
                "io.jilium.operator.kube..",
                "io.jilium.cli.cluster..",
                "io.jilium.cli.install..",
                "io.jilium.bench..",
                "io.jilium.test.kube..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8.."));
  }

  @Test
  void sourcesAndDatapathNeverSeeEachOther() {
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.jilium.source..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.jilium.datapath..", "io.jilium.linux.."));
    holds(
        noClasses()
            .that()
            .resideInAPackage("io.jilium.datapath..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.jilium.source.."));
  }

  @Test
  void noAppDependsOnAnother() {
    for (String app : new String[] {"agent", "operator", "cli", "lab"}) {
      holds(
          noClasses()
              .that()
              .resideInAnyPackage(
                  "io.jilium.agent..", "io.jilium.operator..", "io.jilium.cli..", "io.jilium.lab..")
              .and()
              .resideOutsideOfPackage("io.jilium." + app + "..")
              .should()
              .dependOnClassesThat()
              .resideInAPackage("io.jilium." + app + ".."));
    }
  }

  @Test
  void namesSayWhatAClassIs() {
    holds(
        noClasses()
            .that()
            .resideOutsideOfPackage("io.jilium.wire..")
            .should()
            .haveNameMatching(".*(Manager|Util|Utils|Helper|Impl)"));
  }

  private static void holds(ArchRule rule) {
    rule.allowEmptyShould(true).check(ALL);
  }
}
