// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Direct server return whose nodes name the service in packets inside others, where no kernel has a
 * device for that.
 */
@Tag("lab")
final class WrappedReturnTest {
  private static final String PASSED = "asked True answered 0 wrapped True";

  @Test
  @DisplayName("should answer past the node that was asked: http and udp, both families")
  void answersGoStraightToTheClient() throws IOException {
    try (var lab =
        Lab.up(
            "wrapped",
            2,
            "kubeProxyReplacement=true",
            "routingMode=native",
            "loadBalancer.mode=dsr",
            "loadBalancer.dsrDispatch=ipip")) {
      lab.apply(
          service(
              "far",
              "type: NodePort",
              "clusterIPs: [10.96.0.40, 'fd00:10:96::40']",
              "ipFamilyPolicy: RequireDualStack",
              "ports: [{name: t, port: 80, nodePort: 30040}, {name: u, port: 80, nodePort: 30040, protocol: UDP}]"));
      lab.pod("far-2", "node-2", "-l", "app=far", "--port", "tcp/80", "--port", "udp/80");
      assertThat(lab.jilium("node-1", "status")).contains("Load Balancer Mode:      DSR [ipip]");
      var answers = new StraightAnswers(lab, new ServiceCalls(lab));
      assertThat(answers.connections(30040, "far-2")).isEqualTo(PASSED);
      assertThat(answers.datagrams(30040, "far-2")).isEqualTo(PASSED);
    }
  }
}
