// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.crdv2.generator.v1.SchemaCustomizer;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** What a type's schema says beyond the annotations: a JSON merge patch (RFC 7396) of any depth. */
public final class SchemaPatch implements SchemaCustomizer.Customizer {
  /** For the generator, which makes one per annotation. */
  public SchemaPatch() {}

  @Override
  public JSONSchemaProps apply(
      JSONSchemaProps schema, String patch, KubernetesSerialization serialization) {
    ObjectNode patched = serialization.convertValue(schema, ObjectNode.class);
    merge(patched, serialization.unmarshal(patch, ObjectNode.class));
    return serialization.convertValue(patched, JSONSchemaProps.class);
  }

  private static void merge(ObjectNode into, ObjectNode patch) {
    for (var entry : patch.properties()) {
      JsonNode old = into.get(entry.getKey());
      if (entry.getValue() instanceof ObjectNode deeper && old instanceof ObjectNode object) {
        merge(object, deeper);
      } else {
        into.set(entry.getKey(), entry.getValue());
      }
    }
  }
}
