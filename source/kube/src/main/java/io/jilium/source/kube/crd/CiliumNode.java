// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * A node as its agent describes it to the others, and the addresses that the operator gave it for
 * pods.
 */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumnodes")
@ShortNames({"cn", "ciliumn"})
@Definition(
    description = "A node: its addresses, and the addresses that its pods may have.",
    spec = "What the node is, written by its agent, and the addresses that the operator gave it.",
    status = "What became of the spec.",
    statusSubresource = true)
@Column(
    name = "CiliumInternalIP",
    jsonPath = ".spec.addresses[?(@.type==\"CiliumInternalIP\")].ip",
    description = "Address of the node inside the pod network")
@Column(
    name = "InternalIP",
    jsonPath = ".spec.addresses[?(@.type==\"InternalIP\")].ip",
    description = "Address by which nodes reach each other")
@Column(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    description = "Time since the object was made",
    type = "date")
public class CiliumNode extends CustomResource<CiliumNodeSpec, CiliumNodeStatus> {
  private static final long serialVersionUID = 1L;

  @Override
  protected CiliumNodeSpec initSpec() {
    return CiliumNodeSpec.EMPTY;
  }

  @Override
  protected CiliumNodeStatus initStatus() {
    return CiliumNodeStatus.EMPTY;
  }
}
