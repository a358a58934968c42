// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.EndToEnd;
import io.jilium.test.kube.kit.EndToEnd.Outcome;
import java.util.EnumMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;

/**
 * A choice of Kubernetes' own end-to-end tests; every spec is a test here.
 *
 * @param name of the choice, in reports
 * @param focus a regular expression; specs whose names match are run
 * @param skip a regular expression; these are not, unless it is empty
 * @param count how many there are of Kubernetes 1.35: fewer would pass unseen
 */
record UpstreamSpecs(String name, String focus, String skip, int count) {
  private static final int SIDE_BY_SIDE = 4;

  Stream<DynamicTest> tests(String mode, JiliumCluster cluster) {
    var reports = Launcher.home().resolve("test/kube/target/" + name + "-" + mode);
    var specs = new EndToEnd(focus, skip, SIDE_BY_SIDE).run(cluster.kube(), reports);
    var counts = new EnumMap<Outcome, Integer>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, 0);
    }
    specs.forEach(spec -> counts.merge(spec.outcome(), 1, Integer::sum));
    System.out.printf(
        "%s, %s: %d passed, %d failed, %d skipped%n",
        name,
        mode,
        counts.get(Outcome.PASSED),
        counts.get(Outcome.FAILED),
        counts.get(Outcome.SKIPPED));
    var all =
        DynamicTest.dynamicTest(
            "all %d specs were run".formatted(count), () -> assertThat(specs).hasSize(count));
    return Stream.concat(Stream.of(all), specs.stream().map(UpstreamSpecs::test));
  }

  private static DynamicTest test(EndToEnd.Spec spec) {
    return DynamicTest.dynamicTest(
        spec.name(),
        () -> {
          Assumptions.assumeTrue(spec.outcome() != Outcome.SKIPPED, spec.detail());
          assertThat(spec.outcome()).as(spec.detail()).isEqualTo(Outcome.PASSED);
        });
  }
}
