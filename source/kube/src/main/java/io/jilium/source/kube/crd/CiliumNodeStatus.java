// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.jilium.source.kube.crd.NodeIpam.AllocatedAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of a node's spec. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
        """
        {"properties": {"eni": {"type": "object"}, "azure": {"type": "object"},
           "alibaba-cloud": {"type": "object"}}}
        """)
public record CiliumNodeStatus(
    @JsonPropertyDescription("State of the addresses for pods.") @Nullable Ipam ipam,
    @PreserveUnknownFields @JsonPropertyDescription("AWS network interfaces; kept, not acted on.")
        @Nullable JsonNode eni,
    @PreserveUnknownFields @JsonPropertyDescription("Azure interfaces; kept, not acted on.")
        @Nullable JsonNode azure,
    @PreserveUnknownFields
        @JsonPropertyDescription("Alibaba Cloud interfaces; kept, not acted on.")
        @JsonProperty("alibaba-cloud")
        @Nullable JsonNode alibabaCloud) {

  /** Nothing to tell. */
  public static final CiliumNodeStatus EMPTY = new CiliumNodeStatus(null, null, null, null);

  /** The operator's last error about the node's addresses; null where there is none. */
  public @Nullable String ipamError() {
    return ipam == null || ipam.operatorStatus() == null ? null : ipam.operatorStatus().error();
  }

  /**
   * State of the addresses for pods.
   *
   * @param used addresses in use, written by the agent
   * @param podCidrs prefixes in use, written by the agent
   * @param operatorStatus what the operator has to say
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {
             "release-ips": {"additionalProperties": {"enum":
               ["marked-for-release", "ready-for-release", "do-not-release", "released"]}},
             "release-ipv6s": {"additionalProperties": {"enum":
               ["marked-for-release", "ready-for-release", "do-not-release", "released"]}}}}
          """)
  public record Ipam(
      @JsonPropertyDescription("IPv4 addresses in use.") Map<String, AllocatedAddress> used,
      @JsonPropertyDescription("IPv6 addresses in use.") @JsonProperty("ipv6-used")
          Map<String, AllocatedAddress> ipv6Used,
      @JsonPropertyDescription("Prefixes and how full they are.") @JsonProperty("pod-cidrs")
          Map<String, PodCidr> podCidrs,
      @JsonPropertyDescription("What the operator has to say of the node's addresses.")
          @JsonProperty("operator-status")
          @Nullable OperatorStatus operatorStatus,
      @JsonPropertyDescription("The fixed address that a cloud gave the node.")
          @JsonProperty("assigned-static-ip")
          @Nullable String assignedStaticIp,
      @JsonPropertyDescription("IPv4 addresses that are on their way back to the cloud.")
          @JsonProperty("release-ips")
          Map<String, String> releaseIps,
      @JsonPropertyDescription("IPv6 addresses that are on their way back to the cloud.")
          @JsonProperty("release-ipv6s")
          Map<String, String> releaseIpv6s) {

    /** State with what is missing taken as empty. */
    public Ipam {
      used = Absent.map(used);
      ipv6Used = Absent.map(ipv6Used);
      podCidrs = Absent.map(podCidrs);
      releaseIps = Absent.map(releaseIps);
      releaseIpv6s = Absent.map(releaseIpv6s);
    }
  }

  /** How full a prefix is. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"status": {"enum": ["released", "depleted", "in-use"]}}}
          """)
  public record PodCidr(
      @JsonPropertyDescription("released, depleted or in-use.") @Nullable String status) {}

  /** What the operator has to say. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record OperatorStatus(
      @JsonPropertyDescription("Why the node did not get what it asked for; missing: it did.")
          @Nullable String error) {}
}
