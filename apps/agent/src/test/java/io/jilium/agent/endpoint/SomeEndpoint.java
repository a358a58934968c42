// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.List;

/** Endpoints for tests that need no device. */
final class SomeEndpoint {
  private SomeEndpoint() {}

  /**
   * One that is ready.
   *
   * @param pod its name in namespace default; empty: it has no pod
   */
  static Endpoint of(int id, String pod) {
    return new Endpoint(
        id,
        "container-" + id,
        "lxc" + id,
        id,
        "eth0",
        "/proc/self/ns/net",
        pod.isEmpty() ? PodName.NONE : new PodName("default", pod),
        Labels.of(Label.k8s("app", "some")),
        new NumericIdentity(300),
        List.of(IpAddress.parse("10.200.0." + id)),
        MacAddress.ZERO,
        MacAddress.ZERO,
        EndpointState.READY);
  }
}
