// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

/**
 * Which identity an address has and on which node it lives.
 *
 * @param hostAddress of the node, the tunnel's far end
 * @param pod {@link PodName#NONE} when the address is no pod's
 * @param encryptKey 0 for none
 */
public record IpMapping(
    IpAddress address,
    IpAddress hostAddress,
    NumericIdentity identity,
    PodName pod,
    int encryptKey) {}
