// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Traffic that may go out: to any of the peers, and to any of the ports. */
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
public record EgressRule(
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
    @JsonPropertyDescription("Ports of the peer, and what of their protocol is allowed.")
        @Nullable List<PolicyPorts.PortRule> toPorts,
    @JsonPropertyDescription("Names in the DNS: their addresses, as pods learn them.")
        @Nullable List<PolicyPeers.DnsName> toFQDNs,
    @JsonPropertyDescription("Kinds of ICMP messages.") @Nullable List<PolicyPorts.IcmpRule> icmps,
    @JsonPropertyDescription("Whether the peer has to prove who it is.")
        PolicyPeers.@Nullable Authentication authentication) {}
