// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that pods of a node may have.
 *
 * @param podCIDRs cluster-pool and kubernetes: the node's prefixes, its own for as long as it
 *     exists
 * @param pools multi-pool: what the node asks for and what it was given
 * @param pool single IPv4 addresses, of the modes in which a cloud hands them out: not acted on
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeIpam(
    @JsonPropertyDescription("Prefixes out of which the node gives addresses to its pods.")
        List<String> podCIDRs,
    @JsonPropertyDescription(
            "Prefixes out of pools: asked for by the agent, given by the operator.")
        @Nullable Pools pools,
    @JsonPropertyDescription("IPv4 addresses handed out one by one; not acted on.")
        Map<String, AllocatedAddress> pool,
    @JsonPropertyDescription("IPv6 addresses handed out one by one; not acted on.")
        @JsonProperty("ipv6-pool")
        Map<String, AllocatedAddress> ipv6Pool,
    @Min(0) @JsonPropertyDescription("Addresses that a new node is given at least; not acted on.")
        @JsonProperty("min-allocate")
        @Nullable Integer minAllocate,
    @Min(0) @JsonPropertyDescription("Addresses that a node is given at most; not acted on.")
        @JsonProperty("max-allocate")
        @Nullable Integer maxAllocate,
    @Min(0) @JsonPropertyDescription("Free addresses to keep on the node; not acted on.")
        @JsonProperty("pre-allocate")
        @Nullable Integer preAllocate,
    @Min(0) @JsonPropertyDescription("Addresses to take beyond the need at a time; not acted on.")
        @JsonProperty("max-above-watermark")
        @Nullable Integer maxAboveWatermark,
    @JsonPropertyDescription("Tags by which a cloud finds a fixed address; not acted on.")
        @JsonProperty("static-ip-tags")
        Map<String, String> staticIpTags) {

  /** Addresses with what is missing taken as none. */
  public NodeIpam {
    podCIDRs = Absent.list(podCIDRs);
    pool = Absent.map(pool);
    ipv6Pool = Absent.map(ipv6Pool);
    staticIpTags = Absent.map(staticIpTags);
  }

  /**
   * What an address of a pool is for.
   *
   * @param owner namespace and name of the pod
   * @param resource the cloud's interface
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record AllocatedAddress(
      @JsonPropertyDescription("Who has the address; missing: nobody.") @Nullable String owner,
      @JsonPropertyDescription("The interface that the address belongs to.")
          @Nullable String resource) {}

  /**
   * Both sides of the pools of a node.
   *
   * @param requested by the agent
   * @param allocated by the operator; the agent takes out of it what it no longer uses
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Pools(
      @JsonPropertyDescription(
              "How many addresses of each pool the node needs; written by the agent.")
          List<Request> requested,
      @JsonPropertyDescription("Prefixes that the node was given; written by the operator.")
          List<Allocation> allocated) {

    /** Pools with what is missing taken as none. */
    public Pools {
      requested = Absent.list(requested);
      allocated = Absent.list(allocated);
    }
  }

  /** How many addresses a node needs out of a pool. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Request(
      @Required @Size(min = 1) @JsonPropertyDescription("Name of the pool.") String pool,
      @JsonPropertyDescription("How many addresses.") @Nullable Demand needed) {}

  /** Addresses needed, those in use included. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Demand(
      @JsonPropertyDescription("IPv4 addresses.") @JsonProperty("ipv4-addrs")
          @Nullable Integer ipv4Addrs,
      @JsonPropertyDescription("IPv6 addresses.") @JsonProperty("ipv6-addrs")
          @Nullable Integer ipv6Addrs) {}

  /**
   * The prefixes of one pool that are a node's.
   *
   * @param allowFirstIP whether pods may have the first address of a prefix, as the pool says
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"cidrs": {"items": {"format": "cidr"}}}}
          """)
  public record Allocation(
      @Required @Size(min = 1) @JsonPropertyDescription("Name of the pool.") String pool,
      @JsonPropertyDescription("Prefixes of that pool.") List<String> cidrs,
      @JsonPropertyDescription("Whether the first address of a prefix may be used.")
          @Nullable Boolean allowFirstIP,
      @JsonPropertyDescription("Whether the last address of a prefix may be used.")
          @Nullable Boolean allowLastIP) {

    /** An allocation with missing prefixes taken as none. */
    public Allocation {
      cidrs = Absent.list(cidrs);
    }
  }
}
