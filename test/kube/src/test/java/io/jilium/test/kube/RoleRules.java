// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;

/** ClusterRoles as the API shows them, to be applied again. */
final class RoleRules {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RoleRules() {}

  /** The role without what the server added. */
  static String clean(String role) {
    try {
      var object = (ObjectNode) JSON.readTree(role);
      for (String field :
          new String[] {"resourceVersion", "uid", "managedFields", "creationTimestamp"}) {
        ((ObjectNode) object.get("metadata")).remove(field);
      }
      return object.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The role without any right to a resource. */
  static String without(String role, String resource) {
    try {
      var object = (ObjectNode) JSON.readTree(clean(role));
      var rules = (ArrayNode) object.get("rules");
      for (int i = rules.size() - 1; i >= 0; i--) {
        if (rules.get(i).get("resources") instanceof ArrayNode resources) {
          remove(resources, resource);
          if (resources.isEmpty()) {
            rules.remove(i); // one without resources is not valid
          }
        }
      }
      return object.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(ArrayNode resources, String resource) {
    for (int i = resources.size() - 1; i >= 0; i--) {
      if (resources.get(i).asText().equals(resource)) {
        resources.remove(i);
      }
    }
  }
}
