// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.util.List;

/**
 * A device that carries programs of the node (pods' devices excluded).
 *
 * @param hooks the programs on it, such as {@code from_netdev (tcx ingress)}
 * @param problem one sentence, empty when all is well
 */
public record DeviceStatus(
    String name,
    int ifindex,
    Role role,
    int mtu,
    MacAddress mac,
    List<IpAddress> addresses,
    List<String> hooks,
    String problem) {
  /**
   * What the device is for; DIRECT_ROUTING is the underlay device through which other nodes are
   * reached.
   */
  public enum Role {
    UNDERLAY,
    DIRECT_ROUTING,
    HOST,
    HOST_PEER,
    OVERLAY
  }

  public DeviceStatus {
    addresses = List.copyOf(addresses);
    hooks = List.copyOf(hooks);
  }
}
