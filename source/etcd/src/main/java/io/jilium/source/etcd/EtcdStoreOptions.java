// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import io.jilium.core.settings.Settings;
import java.time.Duration;

/**
 * How an agent joins its cluster through etcd.
 *
 * @param endpoints {@code http://host:port}, several with commas
 * @param cidrsFromKubernetes whether the pod CIDRs stand in the Kubernetes Node instead of the
 *     CiliumNode
 * @param lease how long the node's keys stay when the agent is silent
 * @param services whether services and endpoint slices are followed
 */
public record EtcdStoreOptions(
    String endpoints,
    String cluster,
    int clusterId,
    String node,
    boolean cidrsFromKubernetes,
    Duration lease,
    boolean services) {
  /** From the settings. */
  public static EtcdStoreOptions of(String endpoints, String node, Settings settings) {
    return new EtcdStoreOptions(
        endpoints,
        settings.cluster().name(),
        settings.cluster().id(),
        node,
        settings.ipam().mode() == Settings.IpamMode.KUBERNETES,
        settings.jilium().leaseDuration(),
        settings.services().sockets());
  }
}
