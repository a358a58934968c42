// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pool of addresses for services of the type LoadBalancer. */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumloadbalancerippools")
@ShortNames({"ippools", "ippool", "lbippool", "lbippools"})
@Definition(
    description = "A pool of addresses for services of the type LoadBalancer.",
    spec = "Addresses, and the services that they are for.",
    status = "How full the pool is.",
    required = "spec",
    alsoServed = "v2alpha1",
    statusSubresource = true)
@Column(
    name = "Disabled",
    jsonPath = ".spec.disabled",
    type = "boolean",
    description = "Whether no new addresses are given")
@Column(
    name = "Conflicting",
    jsonPath = ".status.conditions[?(@.type==\"cilium.io/PoolConflict\")].status",
    description = "Whether the pool overlaps another")
@Column(
    name = "IPs Available",
    jsonPath = ".status.conditions[?(@.type==\"cilium.io/IPsAvailable\")].message",
    description = "Addresses that are free")
@Column(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = "date",
    description = "Time since the pool was made")
public class CiliumLoadBalancerIPPool
    extends CustomResource<CiliumLoadBalancerIPPool.Spec, CiliumLoadBalancerIPPool.Status> {
  private static final long serialVersionUID = 1L;

  @Override
  protected Spec initSpec() {
    return new Spec(List.of(), null, null, null);
  }

  @Override
  protected Status initStatus() {
    return new Status(List.of());
  }

  /**
   * The addresses and whom they are for.
   *
   * @param serviceSelector services by their labels; io.kubernetes.service.name and
   *     io.kubernetes.service.namespace can be asked for as well; missing: all services
   * @param allowFirstLastIPs Yes or missing: the first and last address of a prefix may be given
   * @param disabled whether services keep what they have but get nothing new
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"allowFirstLastIPs": {"enum": ["Yes", "No"]}}}
          """)
  public record Spec(
      @JsonPropertyDescription("The addresses.") List<Block> blocks,
      @JsonPropertyDescription("The services that the pool is for, by their labels; missing: all.")
          @Nullable LabelSelector serviceSelector,
      @JsonPropertyDescription(
              "Whether the first and last address of a prefix may be given; missing: Yes.")
          @Nullable String allowFirstLastIPs,
      @Default("false")
          @JsonPropertyDescription(
              "Whether no new addresses are given; services keep what they have.")
          @Nullable Boolean disabled) {

    /** A pool with missing blocks taken as none. */
    public Spec {
      blocks = Absent.list(blocks);
    }
  }

  /** A prefix, or a range of addresses; without an end it is a single address. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"cidr": {"format": "cidr"}},
           "x-kubernetes-validations": [
             {"rule": "has(self.cidr) || has(self.start)", "message": "cidr or start must be given"},
             {"rule": "!has(self.stop) || has(self.start)", "message": "stop needs start"}]}
          """)
  public record Block(
      @JsonPropertyDescription("A prefix.") @Nullable String cidr,
      @JsonPropertyDescription("First address of a range.") @Nullable String start,
      @JsonPropertyDescription("Last address of the range; missing: the first.")
          @Nullable String stop) {}

  /** How full the pool is. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"conditions": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}}}
          """)
  public record Status(
      @JsonPropertyDescription("Conflicts and numbers of addresses.") List<Condition> conditions) {

    /** A status with missing conditions taken as none. */
    public Status {
      conditions = Absent.list(conditions);
    }
  }
}
