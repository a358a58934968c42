// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.ClusterSpec;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Kubernetes' own judgement of a network; every spec is a test here. */
@Tag("kube")
@ResourceLock(TunnelCluster.LOCK)
class ConformanceTest {
  private static final UpstreamSpecs SPECS =
      new UpstreamSpecs("conformance", "\\[sig-network\\].*\\[Conformance\\]", "", 47);

  @TestFactory
  @ExtendWith(TunnelCluster.class)
  Stream<DynamicTest> ofTheTunnel(JiliumCluster cluster) {
    return SPECS.tests("tunnel", cluster);
  }

  @TestFactory
  @Tag("full")
  Stream<DynamicTest> ofNativeRouting() {
    var spec = ClusterSpec.of("native-" + ProcessHandle.current().pid());
    try (var cluster = JiliumCluster.installed(spec, JiliumCluster.nativeRouting())) {
      return SPECS.tests("native", cluster);
    }
  }

  /** Nothing is said of kube-proxy at install: that there is none is detected. */
  @TestFactory
  @Tag("full")
  Stream<DynamicTest> ofTheTunnelWithoutKubeProxy() {
    var spec = ClusterSpec.of("alone-" + ProcessHandle.current().pid()).withoutProxy();
    try (var cluster = JiliumCluster.installed(spec)) {
      return SPECS.tests("tunnel-without-kube-proxy", cluster);
    }
  }

  @TestFactory
  @Tag("full")
  Stream<DynamicTest> ofNativeRoutingWithoutKubeProxy() {
    var spec = ClusterSpec.of("native-alone-" + ProcessHandle.current().pid()).withoutProxy();
    try (var cluster = JiliumCluster.installed(spec, JiliumCluster.nativeRouting())) {
      return SPECS.tests("native-without-kube-proxy", cluster);
    }
  }
}
