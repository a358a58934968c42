// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Traffic that may not come in. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
"""
{"properties": {
   "fromCIDR": {"items": {"format": "cidr"}},
   "fromEntities": {"items": {"enum": ["all", "world", "world-ipv4", "world-ipv6", "cluster", "host", "init",
     "ingress", "unmanaged", "remote-node", "health", "none", "kube-apiserver"]}}}}
""")
public record IngressDenyRule(
    @JsonPropertyDescription("Pods by their labels.") @Nullable List<LabelSelector> fromEndpoints,
    @JsonPropertyDescription("No longer supported.") @Nullable List<String> fromRequires,
    @JsonPropertyDescription("Prefixes outside of the cluster.") @Nullable List<String> fromCIDR,
    @JsonPropertyDescription("Prefixes outside of the cluster, with exceptions.")
        @Nullable List<PolicyPeers.CidrRule> fromCIDRSet,
    @JsonPropertyDescription("Peers of a kind: world, cluster, host and others.")
        @Nullable List<String> fromEntities,
    @JsonPropertyDescription("Groups that a provider knows.")
        @Nullable List<PolicyPeers.ProviderGroup> fromGroups,
    @JsonPropertyDescription("Nodes by their labels.") @Nullable List<LabelSelector> fromNodes,
    @JsonPropertyDescription("Ports of the endpoint.")
        @Nullable List<PolicyPorts.PortDenyRule> toPorts,
    @JsonPropertyDescription("Kinds of ICMP messages.")
        @Nullable List<PolicyPorts.IcmpRule> icmps) {}
