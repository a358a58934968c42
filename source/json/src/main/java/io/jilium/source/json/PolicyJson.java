// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.PolicyObject;
import java.util.List;

/** What both sources keep of policies: what their authors ask for, and nothing of its history. */
public final class PolicyJson {
  private PolicyJson() {}

  /** An object of that kind and name, trimmed. */
  public static PolicyObject read(PolicyObject.Id id, JsonNode object) {
    ObjectNode kept = JsonNodeFactory.instance.objectNode();
    take(object.path("metadata"), kept.putObject("metadata"), List.of("labels", "uid"));
    take(object, kept, List.of("spec", "specs"));
    return new PolicyObject(id, kept.toString());
  }

  private static void take(JsonNode from, ObjectNode to, List<String> fields) {
    for (var field : fields) {
      if (from.hasNonNull(field)) {
        to.set(field, from.get(field));
      }
    }
  }
}
