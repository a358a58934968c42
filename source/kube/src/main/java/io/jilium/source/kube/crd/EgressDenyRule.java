// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Traffic that may not go out. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
"""
{"properties": {
   "toCIDR": {"items": {"format": "cidr"}},
   "toEntities": {"items": {"enum": ["all", "world", "world-ipv4", "world-ipv6", "cluster", "host", "init",
     "ingress", "unmanaged", "remote-node", "health", "none", "kube-apiserver"]}}}}
""")
public record EgressDenyRule(
    @JsonPropertyDescription("Pods by their labels.") @Nullable List<LabelSelector> toEndpoints,
    @JsonPropertyDescription("No longer supported.") @Nullable List<String> toRequires,
    @JsonPropertyDescription("Prefixes outside of the cluster.") @Nullable List<String> toCIDR,
    @JsonPropertyDescription("Prefixes outside of the cluster, with exceptions.")
        @Nullable List<PolicyPeers.CidrRule> toCIDRSet,
    @JsonPropertyDescription("Peers of a kind: world, cluster, host and others.")
        @Nullable List<String> toEntities,
    @JsonPropertyDescription("Services of the cluster.")
        @Nullable List<PolicyPeers.ServiceRule> toServices,
    @JsonPropertyDescription("Groups that a provider knows.")
        @Nullable List<PolicyPeers.ProviderGroup> toGroups,
    @JsonPropertyDescription("Nodes by their labels.") @Nullable List<LabelSelector> toNodes,
    @JsonPropertyDescription("Ports of the peer.") @Nullable List<PolicyPorts.PortDenyRule> toPorts,
    @JsonPropertyDescription("Kinds of ICMP messages.")
        @Nullable List<PolicyPorts.IcmpRule> icmps) {}
