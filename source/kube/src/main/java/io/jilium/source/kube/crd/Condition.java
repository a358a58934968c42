// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * A condition as Kubernetes' own kinds have them.
 *
 * @param lastTransitionTime when status last changed, RFC 3339
 * @param observedGeneration the generation of the object that this was said of
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SchemaCustomizer(
    value = SchemaPatch.class,
    input =
"""
{"properties": {
   "lastTransitionTime": {"format": "date-time"},
   "message": {"maxLength": 32768},
   "observedGeneration": {"format": "int64"},
   "reason": {"maxLength": 1024, "minLength": 1, "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
   "status": {"enum": ["True", "False", "Unknown"]},
   "type": {"maxLength": 316, "pattern":
     "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"}}}
""")
public record Condition(
    @Required @JsonPropertyDescription("What the condition is about.") String type,
    @Required @JsonPropertyDescription("True, False or Unknown.") String status,
    @Required @JsonPropertyDescription("When the status changed.") String lastTransitionTime,
    @Required @JsonPropertyDescription("Why, in one word.") String reason,
    @Required @JsonPropertyDescription("Why, in a sentence.") String message,
    @Min(0) @JsonPropertyDescription("Generation of the object that this was said of.")
        @Nullable Long observedGeneration) {}
