// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * A pod's endpoint as the agent of its node sees it; named as the pod. Its status is written with
 * the object: the kind has no status subresource, so that one request makes an endpoint that others
 * can use.
 */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumendpoints")
@ShortNames({"cep", "ciliumep"})
@Definition(
    status = "What the agent of the pod's node says.",
    description = "A pod's endpoint: its addresses, identity and state.")
@Column(
    name = "Security Identity",
    jsonPath = ".status.identity.id",
    description = "Number of the security identity",
    type = "integer")
@Column(
    name = "Ingress Enforcement",
    jsonPath = ".status.policy.ingress.state",
    description = "Whether policy applies to traffic to the pod",
    priority = 1)
@Column(
    name = "Egress Enforcement",
    jsonPath = ".status.policy.egress.state",
    description = "Whether policy applies to traffic from the pod",
    priority = 1)
@Column(
    name = "Endpoint State",
    jsonPath = ".status.state",
    description = "How far the endpoint is set up")
@Column(
    name = "IPv4",
    jsonPath = ".status.networking.addressing[0].ipv4",
    description = "IPv4 address of the pod")
@Column(
    name = "IPv6",
    jsonPath = ".status.networking.addressing[0].ipv6",
    description = "IPv6 address of the pod")
public class CiliumEndpoint extends CustomResource<Void, CiliumEndpointStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  protected CiliumEndpointStatus initStatus() {
    return CiliumEndpointStatus.EMPTY;
  }
}
