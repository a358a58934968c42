// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.sysdump;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Objects as a stranger may read them: values of environment variables and arguments of containers
 * are left out, since people put passwords there, and so is what repeats the object.
 */
final class Redaction {
  private static final String HIDDEN = "<left out>";
  private static final Set<String> DROPPED =
      Set.of("managedFields", "kubectl.kubernetes.io/last-applied-configuration");
  private static final Set<String> CONTAINERS =
      Set.of("containers", "initContainers", "ephemeralContainers");
  private static final Set<String> TELLING = Set.of("args", "command");

  private Redaction() {}

  /** A copy without them. */
  static Object of(Object value) {
    return switch (value) {
      case Map<?, ?> map -> object(map);
      case List<?> list -> list.stream().map(Redaction::of).toList();
      default -> value;
    };
  }

  private static Map<String, Object> object(Map<?, ?> map) {
    var copy = new LinkedHashMap<String, Object>();
    map.forEach((name, value) -> {
      String key = String.valueOf(name);
      if (value == null || DROPPED.contains(key)) {
        return;
      }
      boolean containers = CONTAINERS.contains(key) && value instanceof List;
      copy.put(key, containers ? containers((List<?>) value) : of(value));
    });
    return copy;
  }

  private static List<Object> containers(List<?> containers) {
    var copies = new ArrayList<Object>();
    for (var container : containers) {
      if (of(container) instanceof Map<?, ?> map) {
        var copy = new LinkedHashMap<String, Object>();
        map.forEach((name, value) -> copy.put(String.valueOf(name), value));
        TELLING.forEach(key -> copy.computeIfPresent(key, (_, _) -> List.of(HIDDEN)));
        copy.computeIfPresent("env", (_, env) -> environment(env));
        copies.add(copy);
      }
    }
    return copies;
  }

  private static Object environment(Object env) {
    var copies = new ArrayList<Object>();
    if (env instanceof List<?> variables) {
      for (var variable : variables) {
        if (variable instanceof Map<?, ?> map) {
          var copy = new LinkedHashMap<String, Object>();
          map.forEach((name, value) ->
              copy.put(String.valueOf(name), "value".equals(name) ? HIDDEN : value));
          copies.add(copy);
        }
      }
    }
    return copies;
  }
}
