// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reading of JSON trees; what is missing is empty. */
final class Json {
  private Json() {}

  static String text(JsonNode object, String field) {
    return object.path(field).asText("");
  }

  static String name(JsonNode object) {
    return text(object.path("metadata"), "name");
  }

  static String namespace(JsonNode object) {
    return text(object.path("metadata"), "namespace");
  }

  static String uid(JsonNode object) {
    return text(object.path("metadata"), "uid");
  }

  static Map<String, String> labels(JsonNode object) {
    return texts(object.path("metadata").path("labels"));
  }

  static Map<String, String> texts(JsonNode object) {
    if (object.isEmpty()) {
      return Map.of();
    }
    var texts = new HashMap<String, String>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText("")));
    return texts;
  }

  /**
   * @throws IllegalArgumentException when the text is no address
   */
  static Optional<IpAddress> address(JsonNode object, String field) {
    var text = text(object, field);
    return text.isEmpty() ? Optional.empty() : Optional.of(IpAddress.parse(text));
  }

  static List<IpPrefix> prefixes(JsonNode array) {
    var prefixes = new ArrayList<IpPrefix>();
    array.forEach(item -> prefixes.add(IpPrefix.parse(item.asText())));
    return prefixes;
  }
}
