// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules for the traffic of pods of one namespace. */
@Group("cilium.io")
@Version("v2")
@Plural("ciliumnetworkpolicies")
@ShortNames({"cnp", "ciliumnp"})
@Definition(
    description = "Rules for the traffic of pods of one namespace.",
    spec = "The rule.",
    status = "What became of the policy.",
    categories = "ciliumpolicy",
    statusSubresource = true,
    rules = {
      "has(self.spec) || has(self.specs)",
      "spec or specs must be given",
      ".spec",
      "(!has(self.spec) || !has(self.spec.nodeSelector)) && (!has(self.specs) || self.specs.all(r, !has(r.nodeSelector)))",
      "nodeSelector is only for CiliumClusterwideNetworkPolicy",
      ".spec.nodeSelector"
    })
@Column(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = "date",
    description = "Time since the policy was made")
@Column(
    name = "Valid",
    jsonPath = ".status.conditions[?(@.type=='Valid')].status",
    description = "Whether the policy can be acted on")
public class CiliumNetworkPolicy extends CustomResource<PolicyRule, PolicyStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @SuppressWarnings(
      "serial") // Kubernetes objects are written as JSON, never by Java's serialization.
  private @Nullable List<PolicyRule> specs;

  /** More rules, beside or instead of spec. */
  @JsonPropertyDescription("Rules, beside or instead of spec.")
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public @Nullable List<PolicyRule> getSpecs() {
    return specs;
  }

  /** Sets more rules, beside or instead of spec. */
  public void setSpecs(@Nullable List<PolicyRule> rules) {
    specs = rules;
  }

  @Override
  protected @Nullable PolicyRule initSpec() {
    return null;
  }

  @Override
  protected @Nullable PolicyStatus initStatus() {
    return null;
  }
}
