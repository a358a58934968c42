// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.kube.kit.ClusterSpec;
import io.jilium.test.kube.kit.EndToEnd;
import io.jilium.test.kube.kit.EndToEnd.Outcome;
import java.util.EnumMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Kubernetes' own judgement of a network; every spec is a test here. */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
class ConformanceTest {
  private static final String FOCUS = "\\[sig-network\\].*\\[Conformance\\]";

  /** Of Kubernetes 1.35. */
  private static final int SPECS = 47;

  private static final int SIDE_BY_SIDE = 4;
  private static final String[] NATIVE = {
    "routingMode=native",
    "autoDirectNodeRoutes=true",
    "ipv4NativeRoutingCIDR=" + ClusterSpec.POD_CIDR
  };

  @TestFactory
  @ExtendWith(TunnelCluster.class)
  Stream<DynamicTest> ofTheTunnel(JiliumCluster cluster) {
    return tests("tunnel", cluster);
  }

  @TestFactory
  @Tag("full")
  Stream<DynamicTest> ofNativeRouting() {
    var spec = ClusterSpec.of("native-" + ProcessHandle.current().pid());
    try (var cluster = JiliumCluster.installed(spec, NATIVE)) {
      return tests("native", cluster);
    }
  }

  /** Nothing is said of kube-proxy at install: that there is none is detected. */
  @TestFactory
  @Tag("full")
  Stream<DynamicTest> ofTheTunnelWithoutKubeProxy() {
    var spec = ClusterSpec.of("alone-" + ProcessHandle.current().pid()).withoutProxy();
    try (var cluster = JiliumCluster.installed(spec)) {
      return tests("tunnel-without-kube-proxy", cluster);
    }
  }

  @TestFactory
  @Tag("full")
  Stream<DynamicTest> ofNativeRoutingWithoutKubeProxy() {
    var spec = ClusterSpec.of("native-alone-" + ProcessHandle.current().pid()).withoutProxy();
    try (var cluster = JiliumCluster.installed(spec, NATIVE)) {
      return tests("native-without-kube-proxy", cluster);
    }
  }

  private static Stream<DynamicTest> tests(String mode, JiliumCluster cluster) {
    var reports = Launcher.home().resolve("test/kube/target/conformance-" + mode);
    var specs = new EndToEnd(FOCUS, "", SIDE_BY_SIDE).run(cluster.kube(), reports);
    var counts = new EnumMap<Outcome, Integer>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, 0);
    }
    specs.forEach(spec -> counts.merge(spec.outcome(), 1, Integer::sum));
    System.out.printf(
        "conformance, %s: %d passed, %d failed, %d skipped%n",
        mode, counts.get(Outcome.PASSED), counts.get(Outcome.FAILED), counts.get(Outcome.SKIPPED));
    var all =
        DynamicTest.dynamicTest(
            "all %d specs were run".formatted(SPECS), () -> assertThat(specs).hasSize(SPECS));
    return Stream.concat(Stream.of(all), specs.stream().map(ConformanceTest::test));
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
