// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.state;

import io.jilium.agent.table.RowStatus;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.util.Optional;

/**
 * A route that the agent wants in the kernel.
 *
 * @param mtu 0: the device's
 */
public record RouteStatus(
    IpPrefix destination,
    Optional<IpAddress> gateway,
    String device,
    Optional<IpAddress> source,
    int mtu,
    RowStatus status) {}
