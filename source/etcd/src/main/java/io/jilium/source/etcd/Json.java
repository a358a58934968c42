// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jilium.core.model.IpAddress;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.StreamSupport;

/** JSON as trees: no reflection, unknown fields survive a change. */
final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Parses an object. */
  static ObjectNode parse(String text) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException("not a JSON object");
  }

  static String write(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  /** A text field; empty when it is missing or null. */
  static String text(JsonNode object, String field) {
    return object.path(field).isNull() ? "" : object.path(field).asText("");
  }

  static Optional<IpAddress> address(JsonNode object, String field) {
    String text = text(object, field);
    return text.isEmpty() ? Optional.empty() : Optional.of(IpAddress.parse(text));
  }

  static Map<String, String> texts(JsonNode object) {
    Map<String, String> map = new TreeMap<>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText("")));
    return map;
  }

  static List<String> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::asText).toList();
  }

  static ObjectNode texts(Map<String, String> map) {
    ObjectNode object = object();
    new TreeMap<>(map).forEach(object::put);
    return object;
  }

  static ArrayNode array(Collection<?> values) {
    ArrayNode array = MAPPER.createArrayNode();
    values.forEach(value -> array.add(value.toString()));
    return array;
  }

  static ObjectNode fromMap(Map<?, ?> map) {
    return MAPPER.valueToTree(map);
  }

  static Map<String, Object> toMap(JsonNode object) {
    return MAPPER.convertValue(object, new TypeReference<LinkedHashMap<String, Object>>() {});
  }
}
