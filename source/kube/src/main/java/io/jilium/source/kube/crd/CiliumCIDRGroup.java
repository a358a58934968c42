// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Prefixes outside of the cluster that policies refer to by one name. */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumcidrgroups")
@ShortNames("ccg")
@Definition(
    description = "Prefixes outside of the cluster that policies refer to by one name.",
    spec = "The prefixes.",
    status = "What becomes of the group.",
    required = "spec",
    alsoServed = "v2alpha1",
    statusSubresource = true)
public class CiliumCIDRGroup extends CustomResource<CiliumCIDRGroup.Spec, PolicyStatus> {
  private static final long serialVersionUID = 1L;

  @Override
  protected Spec initSpec() {
    return new Spec(List.of());
  }

  @Override
  protected @Nullable PolicyStatus initStatus() {
    return null;
  }

  /** The prefixes. */
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"externalCIDRs": {"items": {"format": "cidr"}}}}
          """)
  public record Spec(
      @Required @JsonPropertyDescription("The prefixes.") List<String> externalCIDRs) {

    /** A group with missing prefixes taken as none. */
    public Spec {
      externalCIDRs = Absent.list(externalCIDRs);
    }
  }
}
