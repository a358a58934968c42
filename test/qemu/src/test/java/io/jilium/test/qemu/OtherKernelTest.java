// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.jilium.datapath.Hook;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.opentest4j.TestAbortedException;

/**
 * Debian 12's kernel, which has no tcx, under emulation: every program is verified, attached by
 * clsact and given packets, and the kernel tests of other modules run there. {@link Guest} does it.
 */
@Tag("qemu")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherKernelTest {
  private static final Duration DEADLINE = Duration.ofMinutes(40);
  private static final int VERIFIER_LIMIT = 1_000_000;

  private List<List<String>> lines = List.of();
  private List<String> complaints = List.of();
  private boolean finished;
  private String tail = "";
  private double seconds;

  @BeforeAll
  void boot() throws IOException {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "not an x86-64 machine");
    var packages = DebianPackages.ofUser();
    var kernel = DebianKernel.find(packages);
    assumeTrue(kernel.isPresent(), "apt knows no linux-image-6.1.0-N-amd64, and none is cached");
    var busybox =
        Files.readAllBytes(
            packages.unpacked("busybox-static", List.of("./bin/busybox")).resolve("bin/busybox"));
    var machine =
        new VirtualMachine(kernel.orElseThrow(), busybox, Path.of("target/qemu").toAbsolutePath());
    long start = System.nanoTime();
    var outcome = machine.run(command(), DEADLINE);
    seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
    lines = outcome.report().stream().map(Report::fields).toList();
    complaints = outcome.complaints();
    finished = outcome.finished();
    tail = outcome.tail();
  }

  /** The guest sees the same files, hence the same class path; core's oracle judges programs. */
  private static String command() {
    var home = Path.of(System.getProperty("jilium.home", "../..")).toAbsolutePath().normalize();
    var tests =
        Stream.of("linux", "datapath")
            .map(module -> home.resolve(module).resolve("target/test-classes").toString())
            .toList();
    return String.join(
        " ",
        "exec",
        quoted(Path.of(System.getProperty("java.home"), "bin/java")),
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Xmx512m",
        "-Djava.io.tmpdir=/run --enable-native-access=ALL-UNNAMED",
        quoted("-Djilium.home=" + home),
        "-cp",
        quoted(
            String.join(
                ":",
                System.getProperty("java.class.path"),
                String.join(":", tests),
                home.resolve("core/target/test-classes").toString())),
        Guest.class.getName(),
        VirtualMachine.REPORT,
        quoted(String.join("' '", tests)));
  }

  private static String quoted(Object text) {
    return "'" + text + "'";
  }

  private Stream<List<String>> with(Report.Word word) {
    return lines.stream().filter(line -> line.getFirst().equals(word.name()));
  }

  @Test
  void machineRunsToItsEndAndTheKernelDoesNotComplain() {
    assertThat(finished).as("went off by itself; the console ends:\n%s", tail).isTrue();
    assertThat(with(Report.Word.END)).as("ran to the end; the console:\n%s", tail).hasSize(1);
    assertThat(complaints).isEmpty();
  }

  @Test
  void kernelIsTheOneWithoutTcx() {
    var features =
        with(Report.Word.FEATURE).collect(Collectors.toMap(f -> f.get(1), f -> f.get(3)));
    assertThat(with(Report.Word.KERNEL).findFirst().orElseThrow().get(1)).startsWith("6.1.");
    assertThat(features).containsEntry("TCX", "absent").containsEntry("MAP_BATCH", "present");
  }

  @Test
  void everyProgramIsVerifiedWithinAFifthOfTheLimit() {
    assertThat(with(Report.Word.PROGRAM).map(program -> program.get(1)))
        .containsExactlyInAnyOrderElementsOf(Stream.of(Hook.values()).map(Hook::program).toList());
    assertThat(with(Report.Word.PROGRAM))
        .allSatisfy(program ->
            assertThat(Integer.parseInt(program.get(2)))
                .as(program.get(1))
                .isLessThan(VERIFIER_LIMIT / 5));
  }

  @TestFactory
  Stream<DynamicTest> checks() {
    return lines.stream()
        .filter(line -> List.of("PASS", "FAIL", "SKIP").contains(line.getFirst()))
        .map(line ->
            dynamicTest(
                line.get(1),
                () -> {
                  switch (Report.Word.valueOf(line.getFirst())) {
                    case FAIL -> throw new AssertionError(line.get(3));
                    case SKIP -> throw new TestAbortedException(line.get(2));
                    default -> {}
                  }
                }));
  }

  /** Both kernels side by side; the whole report is in target/qemu. */
  @AfterAll
  void print() {
    if (lines.isEmpty()) {
      return;
    }
    var here = new ByteArrayOutputStream();
    Guest.load(new Report(new PrintStream(here, true, StandardCharsets.UTF_8)));
    var ours = costs(here.toString(StandardCharsets.UTF_8).lines().map(Report::fields));
    var theirs = costs(with(Report.Word.PROGRAM));
    var kernel = with(Report.Word.KERNEL).findFirst().orElseThrow();
    System.out.printf(
        "%nVerified instructions%n%-14s %20s %20s%n",
        "program", System.getProperty("os.version"), kernel.get(1));
    ours.forEach((program, line) ->
        System.out.printf(
            "%-14s %20s %20s%n",
            program, line.get(2), theirs.containsKey(program) ? theirs.get(program).get(2) : "-"));
    System.out.printf(
        "%nKernel %s: ready after %s s, whole run %.1f s; %d checks passed, %d failed, %d skipped%n",
        kernel.get(1),
        kernel.get(2),
        seconds,
        with(Report.Word.PASS).count(),
        with(Report.Word.FAIL).count(),
        with(Report.Word.SKIP).count());
    with(Report.Word.FEATURE).forEach(f -> System.out.printf("  %-8s %s%n", f.get(3), f.get(2)));
  }

  private static Map<String, List<String>> costs(Stream<List<String>> programs) {
    return programs.collect(Collectors.toMap(line -> line.get(1), Function.identity()));
  }
}
