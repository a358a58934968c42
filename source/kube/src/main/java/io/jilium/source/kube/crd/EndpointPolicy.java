// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether policy applies to an endpoint, and what it allows. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record EndpointPolicy(
    @JsonPropertyDescription("Traffic to the endpoint.") @Nullable Direction ingress,
    @JsonPropertyDescription("Traffic from the endpoint.") @Nullable Direction egress) {

  /**
   * One direction.
   *
   * @param enforcing whether there is any rule
   * @param state enforcing, non-enforcing or disabled
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Direction(
      @Required @JsonPropertyDescription("Whether policy applies.") boolean enforcing,
      @JsonPropertyDescription("enforcing, non-enforcing or disabled.") @Nullable String state,
      @JsonPropertyDescription("Peers that are allowed.") List<Peer> allowed,
      @JsonPropertyDescription("Peers that are denied.") List<Peer> denied,
      @JsonPropertyDescription("No longer written.") List<Peer> adding,
      @JsonPropertyDescription("No longer written.") List<Peer> removing) {

    /** A direction with missing peers taken as none. */
    public Direction {
      allowed = Absent.list(allowed);
      denied = Absent.list(denied);
      adding = Absent.list(adding);
      removing = Absent.list(removing);
    }
  }

  /** A peer and the traffic with it. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"identity": {"format": "int64"}}}
          """)
  public record Peer(
      @JsonPropertyDescription("Number of the peer's identity.") @Nullable Long identity,
      @JsonPropertyDescription("Labels of the peer's identity.") @JsonProperty("identity-labels")
          Map<String, String> identityLabels,
      @JsonPropertyDescription("Destination port.") @JsonProperty("dest-port")
          @Nullable Integer destinationPort,
      @JsonPropertyDescription("Number of the IP protocol.") @Nullable Integer protocol) {

    /** A peer with missing labels taken as none. */
    public Peer {
      identityLabels = Absent.map(identityLabels);
    }
  }
}
