// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import io.jilium.core.settings.Settings;
import io.jilium.core.settings.Settings.IpamMode;

/**
 * How an agent joins its cluster through the API server.
 *
 * @param node its name, the same as that of the Kubernetes Node
 * @param ipam who gives the node its pod CIDRs
 * @param slices whether other nodes' endpoints come in CiliumEndpointSlices
 * @param services whether services and endpoint slices are followed
 */
public record KubeStoreOptions(
    String cluster, int clusterId, String node, IpamMode ipam, boolean slices, boolean services) {
  /** From the settings. */
  public static KubeStoreOptions of(String node, Settings settings) {
    return new KubeStoreOptions(
        settings.cluster().name(),
        settings.cluster().id(),
        node,
        settings.ipam().mode(),
        settings.endpointSlices(),
        settings.services().sockets());
  }
}
