// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import io.jilium.test.kube.kit.ClusterSpec;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Kubernetes' own judgement of nodes, pods and Services with addresses of both families. */
@Tag("kube")
@Tag("full")
@ResourceLock(JiliumCluster.OWN)
class DualStackTest {
  private static final UpstreamSpecs SPECS =
      new UpstreamSpecs(
          "dual-stack", "\\[sig-network\\].*IPv6DualStack", "Serial|Disruptive|SCTP", 22);

  @TestFactory
  Stream<DynamicTest> ofTheTunnel() {
    return tests("tunnel", "ipv6.enabled=true");
  }

  /** Backends of other nodes answer clients from outside themselves. */
  @TestFactory
  Stream<DynamicTest> ofNativeRoutingWithDirectReturn() {
    return tests(
        "native",
        JiliumCluster.nativeRouting(
            "ipv6.enabled=true",
            "ipv6NativeRoutingCIDR=" + ClusterSpec.POD_CIDR_V6,
            "loadBalancer.mode=dsr"));
  }

  private static Stream<DynamicTest> tests(String mode, String... settings) {
    var spec =
        ClusterSpec.of("dual-%s-%d".formatted(mode, ProcessHandle.current().pid()))
            .withoutProxy()
            .withDualStack();
    try (var cluster = JiliumCluster.installed(spec, settings)) {
      return SPECS.tests(mode, cluster);
    }
  }
}
