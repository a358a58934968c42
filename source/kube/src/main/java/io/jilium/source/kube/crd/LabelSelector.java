// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Required;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Kubernetes' label selector: all of its requirements have to hold; an empty one selects
 * everything.
 *
 * @param matchLabels label to the value it must have
 * @param matchExpressions requirements beyond equality
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
        """
        {"x-kubernetes-map-type": "atomic",
         "properties": {
           "matchExpressions": {"x-kubernetes-list-type": "atomic"},
           "matchLabels": {"additionalProperties": {"maxLength": 63,
             "pattern": "^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$"}}}}
        """)
public record LabelSelector(
    @JsonPropertyDescription("Labels and the value that each must have.")
        Map<String, String> matchLabels,
    @JsonPropertyDescription("Requirements on labels; all must hold.")
        List<Requirement> matchExpressions) {

  /** A selector with what is missing taken as empty. */
  public LabelSelector {
    matchLabels = Absent.map(matchLabels);
    matchExpressions = Absent.list(matchExpressions);
  }

  /** Whether an object with these labels is selected. */
  public boolean matches(Map<String, String> labels) {
    return labels.entrySet().containsAll(matchLabels.entrySet())
        && matchExpressions.stream().allMatch(requirement -> requirement.holds(labels));
  }

  /**
   * A requirement on one label.
   *
   * @param operator In, NotIn (holds as well where the label is missing), Exists or DoesNotExist
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @SchemaCustomizer(
      value = SchemaPatch.class,
      input =
          """
          {"properties": {
             "operator": {"enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
             "values": {"x-kubernetes-list-type": "atomic"}}}
          """)
  public record Requirement(
      @Required @JsonPropertyDescription("The label's name.") String key,
      @Required @JsonPropertyDescription("How the label relates to the values.") String operator,
      @JsonPropertyDescription("The values of In and NotIn; empty for Exists and DoesNotExist.")
          List<String> values) {

    /** A requirement with missing values taken as none. */
    public Requirement {
      values = Absent.list(values);
    }

    boolean holds(Map<String, String> labels) {
      @Nullable String value = labels.get(key);
      return switch (operator) {
        case "In" -> value != null && values.contains(value);
        case "NotIn" -> value == null || !values.contains(value);
        case "Exists" -> value != null;
        case "DoesNotExist" -> value == null;
        // A newer API's operator: selecting nothing is the side on which no policy or pool is
        // handed out by mistake.
        default -> false;
      };
    }
  }
}
