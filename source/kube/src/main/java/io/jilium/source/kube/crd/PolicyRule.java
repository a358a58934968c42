// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy: which endpoints (or nodes) it is about, what they may receive and what they
 * may send. A missing list says nothing of its direction; an empty one is a rule that allows
 * nothing.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
"""
{"anyOf": [{"required": ["ingress"]}, {"required": ["ingressDeny"]},
           {"required": ["egress"]}, {"required": ["egressDeny"]}],
 "oneOf": [{"required": ["endpointSelector"]}, {"required": ["nodeSelector"]}]}
""")
public record PolicyRule(
    @JsonPropertyDescription(
            "The pods that the rule is about; empty: all of the namespace, or of the cluster.")
        @Nullable LabelSelector endpointSelector,
    @JsonPropertyDescription(
            "The nodes that the rule is about; only in CiliumClusterwideNetworkPolicy.")
        @Nullable LabelSelector nodeSelector,
    @JsonPropertyDescription("What may come in.") @Nullable List<IngressRule> ingress,
    @JsonPropertyDescription("What may not come in, whatever else is allowed.")
        @Nullable List<IngressDenyRule> ingressDeny,
    @JsonPropertyDescription("What may go out.") @Nullable List<EgressRule> egress,
    @JsonPropertyDescription("What may not go out, whatever else is allowed.")
        @Nullable List<EgressDenyRule> egressDeny,
    @JsonPropertyDescription("Labels of the rule itself.") @Nullable List<RuleLabel> labels,
    @JsonPropertyDescription("Whether what no rule allows is denied.")
        @Nullable DefaultDeny enableDefaultDeny,
    @JsonPropertyDescription("What flow logs say of traffic that the rule matched.")
        @Nullable RuleLog log,
    @JsonPropertyDescription("Free text.") @Nullable String description) {

  /**
   * Whether what no rule allows is denied, by direction; missing: yes, where the rule has that
   * direction.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record DefaultDeny(
      @JsonPropertyDescription("For traffic to the endpoints.") @Nullable Boolean ingress,
      @JsonPropertyDescription("For traffic from the endpoints.") @Nullable Boolean egress) {}

  /** A label of a rule. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RuleLabel(
      @Required @JsonPropertyDescription("Key of the label.") String key,
      @JsonPropertyDescription("Value of the label.") @Nullable String value,
      @JsonPropertyDescription("Where the label is from: k8s, any, reserved.")
          @Nullable String source) {}

  /** A word for flow logs. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RuleLog(
      @Size(max = 32) @Pattern("^\\PC*$") @JsonPropertyDescription("Up to 32 printable characters.")
          @Nullable String value) {}
}
