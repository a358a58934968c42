// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What became of a policy. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
"""
{"properties": {"conditions": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]}}}
""")
public record PolicyStatus(
    @JsonPropertyDescription("Whether the policy is valid, and whether it is acted on.")
        @Nullable List<PolicyCondition> conditions,
    @JsonPropertyDescription("Policies that were derived from this one.")
        @Nullable Map<String, NodeStatus> derivativePolicies) {

  /** A condition of a policy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"lastTransitionTime": {"format": "date-time"}}}
          """)
  public record PolicyCondition(
      @Required @JsonPropertyDescription("What the condition is about.") String type,
      @Required @JsonPropertyDescription("True, False or Unknown.") String status,
      @JsonPropertyDescription("When the status changed.") @Nullable String lastTransitionTime,
      @JsonPropertyDescription("Why, in one word.") @Nullable String reason,
      @JsonPropertyDescription("Why, in a sentence.") @Nullable String message) {}

  /** What became of a derived policy. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {"lastUpdated": {"format": "date-time"}, "localPolicyRevision": {"format": "int64"}}}
          """)
  public record NodeStatus(
      @JsonPropertyDescription("Whether the policy was taken over.") @Nullable Boolean ok,
      @JsonPropertyDescription("Why it was not.") @Nullable String error,
      @JsonPropertyDescription("When this was written.") @Nullable String lastUpdated,
      @JsonPropertyDescription("First revision of the rules that has the policy.")
          @Nullable Long localPolicyRevision,
      @JsonPropertyDescription("Whether it applies everywhere.") @Nullable Boolean enforcing,
      @JsonPropertyDescription("Annotations of the policy at that time.")
          @Nullable Map<String, String> annotations) {}
}
