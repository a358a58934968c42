// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pool of addresses for pods, of the mode multi-pool. */
@Group("cilium.io")
@Version("v2alpha1")
@Plural("ciliumpodippools")
@ShortNames("cpip")
@Definition(
    spec = "Prefixes of the pool, and the pods that it is for.",
    required = {"spec"},
    description = "A pool of pod addresses, out of which nodes are given prefixes.")
public class CiliumPodIPPool extends CustomResource<CiliumPodIPPool.Spec, Void> {
  private static final long serialVersionUID = 1L;

  @Override
  protected Spec initSpec() {
    return new Spec(null, null, false, false, null, null);
  }

  /**
   * What a pool consists of and whom it is for.
   *
   * @param allowFirstIP whether pods may have the first address of a node's prefix (of more than
   *     two addresses)
   * @param podSelector pods that take from this pool unless they or their namespace name another;
   *     labels io.kubernetes.pod.namespace and io.kubernetes.pod.name can be asked for as well
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Spec(
      @JsonPropertyDescription("IPv4 prefixes, and the size of what a node is given.")
          @Nullable V4 ipv4,
      @JsonPropertyDescription("IPv6 prefixes, and the size of what a node is given.")
          @Nullable V6 ipv6,
      @Default("false")
          @ValidationRule(value = "self == oldSelf", message = "allowFirstIP is immutable")
          @JsonPropertyDescription("Whether pods may have the first address of a node's prefix.")
          @Nullable Boolean allowFirstIP,
      @Default("false")
          @ValidationRule(value = "self == oldSelf", message = "allowLastIP is immutable")
          @JsonPropertyDescription("Whether pods may have the last address of a node's prefix.")
          @Nullable Boolean allowLastIP,
      @JsonPropertyDescription("Pods that take from this pool without naming it.")
          @Nullable LabelSelector podSelector,
      @JsonPropertyDescription("Namespaces whose pods take from this pool without naming it.")
          @Nullable LabelSelector namespaceSelector) {}

  /** IPv4 prefixes of a pool. */
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"cidrs": {"items": {"format": "cidr"}}}}
          """)
  public record V4(
      @Required @Size(min = 1) @JsonPropertyDescription("Prefixes of the pool.") List<String> cidrs,
      @Required
          @Min(1) @Max(32) @ValidationRule(value = "self == oldSelf", message = "maskSize is immutable")
          @JsonPropertyDescription("Length of the prefixes that nodes are given.")
          int maskSize) {

    /** A pool with missing prefixes taken as none. */
    public V4 {
      cidrs = Absent.list(cidrs);
    }
  }

  /** IPv6 prefixes of a pool. */
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"cidrs": {"items": {"format": "cidr"}}}}
          """)
  public record V6(
      @Required @Size(min = 1) @JsonPropertyDescription("Prefixes of the pool.") List<String> cidrs,
      @Required
          @Min(1) @Max(128) @ValidationRule(value = "self == oldSelf", message = "maskSize is immutable")
          @JsonPropertyDescription("Length of the prefixes that nodes are given.")
          int maskSize) {

    /** A pool with missing prefixes taken as none. */
    public V6 {
      cidrs = Absent.list(cidrs);
    }
  }
}
