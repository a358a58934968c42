// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;

/**
 * Where a service listens or where its traffic goes to. The unspecified address of a family stands
 * for every address of a node.
 */
public record PortAddress(IpAddress address, int port, Protocol protocol)
    implements Comparable<PortAddress> {
  /** 0.0.0.0. */
  public static final IpAddress ANY_V4 = IpAddress.v4(0);

  /** ::. */
  public static final IpAddress ANY_V6 = IpAddress.v6(0, 0);

  /** The port at every address of a node. */
  public static PortAddress anyAddress(boolean v4, int port, Protocol protocol) {
    return new PortAddress(v4 ? ANY_V4 : ANY_V6, port, protocol);
  }

  @Override
  public int compareTo(PortAddress other) {
    int order = address.compareTo(other.address);
    if (order == 0) {
      order = Integer.compare(port, other.port);
    }
    return order == 0 ? protocol.compareTo(other.protocol) : order;
  }

  /** {@code 10.96.0.1:443/TCP}, {@code [fd00::1]:443/TCP}. */
  @Override
  public String toString() {
    return (address.isV4() ? address.toString() : "[" + address + "]")
        + ":"
        + port
        + "/"
        + protocol.text();
  }
}
