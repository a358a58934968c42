// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a node is, written by its agent; spec.ipam is the operator's, except for the requests of
 * pools.
 *
 * @param addresses the node's own addresses, of all kinds
 * @param bootId changes with every boot
 * @param health addresses of the health endpoint, if there is one
 * @param ingress addresses of the ingress listener, if there is one
 * @param nodeIdentity the node's security identity, if it was given one of its own
 * @param eni AWS, kept as written: not acted on
 * @param azure Azure, kept as written: not acted on
 * @param alibabaCloud Alibaba Cloud, kept as written: not acted on
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
        """
        {"properties": {"eni": {"type": "object"}, "azure": {"type": "object"},
           "alibaba-cloud": {"type": "object"}, "nodeidentity": {"format": "int64"}}}
        """)
public record CiliumNodeSpec(
    @JsonPropertyDescription("The addresses of the node.") List<Address> addresses,
    @JsonPropertyDescription("Identifies the current boot of the node.") @JsonProperty("bootid")
        @Nullable String bootId,
    @JsonPropertyDescription("What is needed to encrypt traffic to the node.")
        @Nullable Encryption encryption,
    @JsonPropertyDescription("Addresses at which the health of pod traffic is probed.")
        @Nullable AddressPair health,
    @JsonPropertyDescription("Addresses at which ingress traffic leaves for pods.")
        @Nullable AddressPair ingress,
    @JsonPropertyDescription("The node's name at the provider of the machine.")
        @JsonProperty("instance-id")
        @Nullable String instanceId,
    @JsonPropertyDescription("The addresses that pods of this node may have.")
        @Nullable NodeIpam ipam,
    @JsonPropertyDescription("Numeric security identity of the node, if it has its own.")
        @JsonProperty("nodeidentity")
        @Nullable Long nodeIdentity,
    @PreserveUnknownFields @JsonPropertyDescription("AWS network interfaces; kept, not acted on.")
        @Nullable JsonNode eni,
    @PreserveUnknownFields @JsonPropertyDescription("Azure interfaces; kept, not acted on.")
        @Nullable JsonNode azure,
    @PreserveUnknownFields
        @JsonPropertyDescription("Alibaba Cloud interfaces; kept, not acted on.")
        @JsonProperty("alibaba-cloud")
        @Nullable JsonNode alibabaCloud) {

  /** A node of which nothing is known. */
  public static final CiliumNodeSpec EMPTY =
      new CiliumNodeSpec(List.of(), null, null, null, null, null, null, null, null, null, null);

  /** A node with missing addresses taken as none. */
  public CiliumNodeSpec {
    addresses = Absent.list(addresses);
  }

  /**
   * An address of the node.
   *
   * @param type InternalIP, ExternalIP, Hostname as of a Node, or CiliumInternalIP: the node inside
   *     the pod network
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Address(
      @JsonPropertyDescription(
              "InternalIP, ExternalIP, or CiliumInternalIP inside the pod network.")
          @Nullable String type,
      @JsonPropertyDescription("The address.") @Nullable String ip) {}

  /**
   * The key to encrypt with.
   *
   * @param key number of the key, 0 where nothing is encrypted
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Encryption(
      @JsonPropertyDescription("Number of the key; 0: traffic is not encrypted.")
          @Nullable Integer key) {}
}
