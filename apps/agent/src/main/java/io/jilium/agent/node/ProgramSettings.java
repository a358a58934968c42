// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.ipcache.ClaimSource;
import io.jilium.core.model.IpAddress;
import io.jilium.core.settings.Settings;
import java.util.Optional;
import java.util.Set;

/**
 * What the programs are loaded with; another value means that they are loaded anew and put in the
 * place of the old ones.
 *
 * @param overlayIndex of cilium_vxlan; 0: none
 * @param podMtu bytes a pod's packet may have on its way to another node
 * @param stackForwards the node's stack forwards what is not for a pod
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
    boolean stackForwards,
    Settings settings) {
  /**
   * As Kubernetes' own objects call themselves as a source; elsewhere no kube-proxy is expected.
   */
  private static final Set<String> KUBERNETES =
      Set.of(ClaimSource.KUBERNETES.text(), ClaimSource.CUSTOM_RESOURCE.text());

  /**
   * Whether the stack, and with it netfilter, shall see what is not for a pod: as it is set, else
   * where kube-proxy translates services.
   *
   * @param source where the cluster is known from
   */
  static boolean stackForwards(Settings settings, String source) {
    return settings
        .bpf()
        .hostLegacyRouting()
        .orElse(KUBERNETES.contains(source) && !settings.kubeProxyReplacement());
  }
}
