// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.core.model.IpAddress;
import java.util.Optional;

/**
 * What every pod interface on this node has in common.
 *
 * @param routerIpv4 next hop of IPv4, empty when IPv4 is off
 * @param routerIpv6 next hop of IPv6, empty when IPv6 is off
 * @param deviceMtu of both ends of the pair
 * @param routeMtu of the default routes: less than the device's by what encapsulation adds
 */
public record PodNetwork(
    Optional<IpAddress> routerIpv4, Optional<IpAddress> routerIpv6, int deviceMtu, int routeMtu) {}
