// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.ClusterSpec;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Kubernetes' own judgement of Services where there is no kube-proxy, beyond what conformance asks.
 */
@Tag("kube")
@Tag("full")
@ResourceLock(JiliumCluster.OWN)
class ServicesTest {
  private static final String KINDS =
      "Services|Conntrack|Networking Granular Checks: Services|HostPort|Traffic Distribution";

  /**
   * In order: other tests of ours, what restarts kube-proxy or an API server by ssh, SCTP sockets
   * (not in every kernel), what needs a cloud's balancer, another test of ours, and a program that
   * only a registry has.
   */
  private static final String SKIPPED =
      "Conformance|Disruptive|SCTPConnectivity|LoadBalancer|IPv6DualStack|invalid conntrack state";

  private static final UpstreamSpecs SPECS =
      new UpstreamSpecs("services", "\\[sig-network\\] (" + KINDS + ")", SKIPPED, 62);

  @TestFactory
  Stream<DynamicTest> ofTheTunnel() {
    return tests("tunnel");
  }

  @TestFactory
  Stream<DynamicTest> ofNativeRouting() {
    return tests("native", JiliumCluster.nativeRouting());
  }

  /** Three nodes: what is said of other nodes needs two of them. */
  private static Stream<DynamicTest> tests(String mode, String... settings) {
    var spec =
        ClusterSpec.of("services-%s-%d".formatted(mode, ProcessHandle.current().pid()))
            .withNodes(3)
            .withoutProxy();
    try (var cluster = JiliumCluster.installed(spec, settings)) {
      return SPECS.tests(mode, cluster);
    }
  }
}
