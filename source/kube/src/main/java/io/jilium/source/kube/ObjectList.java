// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;

/** Reads a list of objects one by one, so that a long one is never in memory as a whole. */
final class ObjectList {
  private ObjectList() {}

  /** Gives every object to the consumer; returns the resource version of the list. */
  static String read(InputStream body, Consumer<JsonNode> items) throws IOException {
    String version = "";
    try (JsonParser parser = KubeApi.JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("the answer is no list");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        var field = parser.currentName();
        var value = parser.nextToken();
        if (field.equals("metadata")) {
          JsonNode metadata = parser.readValueAsTree();
          version = metadata.path("resourceVersion").asText("");
        } else if (field.equals("items") && value == JsonToken.START_ARRAY) {
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            JsonNode item = parser.readValueAsTree();
            items.accept(item);
          }
        } else {
          parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT) {
        throw new IOException("the list ends early");
      }
    }
    return version;
  }
}
