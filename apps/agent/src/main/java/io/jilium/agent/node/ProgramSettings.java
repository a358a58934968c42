// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.core.model.IpAddress;
import io.jilium.core.settings.Settings;
import java.util.Optional;

/**
 * What the programs are loaded with; another value means that they are loaded anew and put in the
 * place of the old ones.
 *
 * @param overlayIndex of cilium_vxlan; 0: none
 * @param podMtu bytes a pod's packet may have on its way to another node
 */
public record ProgramSettings(
    Optional<IpAddress> routerIpv4,
    Optional<IpAddress> routerIpv6,
    Optional<IpAddress> nodeIpv4,
    Optional<IpAddress> nodeIpv6,
    int hostIndex,
    int netIndex,
    int overlayIndex,
    int podMtu,
    Settings settings) {}
