// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import io.jilium.core.settings.NearestName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Checks values by the chart's values.schema.json: the words of JSON Schema that it uses. A word
 * that is not known here is refused, so that nothing passes unchecked.
 */
final class Schema {
  private static final Set<String> KNOWN =
      Set.of(
          "$schema",
          "title",
          "description",
          "type",
          "enum",
          "properties",
          "additionalProperties",
          "items",
          "minimum",
          "maximum",
          "pattern");

  private final Set<String> names = new TreeSet<>();
  private final List<String> problems = new ArrayList<>();
  private final Map<String, @Nullable Object> root;

  private Schema(Map<String, @Nullable Object> root) {
    this.root = root;
    collect("", root);
  }

  /** One sentence for each value that is wrong. */
  static List<String> problems(
      Map<String, @Nullable Object> schema, Map<String, ? extends @Nullable Object> values) {
    var checker = new Schema(schema);
    checker.check("", checker.root, values);
    return checker.problems;
  }

  private void collect(String prefix, Map<String, @Nullable Object> schema) {
    properties(schema)
        .forEach((name, inner) -> {
          names.add(prefix + name);
          collect(prefix + name + ".", Trees.map(inner));
        });
  }

  private static Map<String, @Nullable Object> properties(Map<String, @Nullable Object> schema) {
    return schema.get("properties") instanceof Map<?, ?> map ? Trees.map(map) : Map.of();
  }

  private void check(String path, Map<String, @Nullable Object> schema, @Nullable Object value) {
    schema.keySet().stream()
        .filter(word -> !KNOWN.contains(word))
        .findFirst()
        .ifPresent(word -> {
          throw new IllegalStateException("the schema's word %s is not known".formatted(word));
        });
    if (schema.get("enum") instanceof List<?> allowed && !allowed.contains(value)) {
      refuse(path, value, "one of %s is expected".formatted(listed(allowed)));
    } else if (!typeFits(schema.get("type"), value)) {
      refuse(path, value, "%s is expected".formatted(named(schema.get("type"))));
    } else {
      switch (value) {
        case Map<?, ?> map -> section(path, schema, map);
        case List<?> list -> list(path, schema, list);
        case Number number -> range(path, schema, number);
        case String text -> pattern(path, schema, text);
        case null, default -> {}
      }
    }
  }

  private void section(String path, Map<String, @Nullable Object> schema, Map<?, ?> values) {
    Map<String, @Nullable Object> properties = properties(schema);
    boolean open = !Boolean.FALSE.equals(schema.get("additionalProperties"));
    values.forEach((key, value) -> {
      String name = path.isEmpty() ? key.toString() : path + "." + key;
      Object inner = properties.get(key.toString());
      if (inner != null) {
        check(name, Trees.map(inner), value);
      } else if (!open) {
        Optional<String> nearest = NearestName.of(name, names);
        problems.add(
            "there is no value \"%s\"%s"
                .formatted(name, nearest.map("; did you mean \"%s\"?"::formatted).orElse("")));
      }
    });
  }

  private void list(String path, Map<String, @Nullable Object> schema, List<?> list) {
    if (schema.get("items") instanceof Map<?, ?> items) {
      for (int i = 0; i < list.size(); i++) {
        check("%s[%d]".formatted(path, i), Trees.map(items), list.get(i));
      }
    }
  }

  private void range(String path, Map<String, @Nullable Object> schema, Number number) {
    if (schema.get("minimum") instanceof Number least
        && number.doubleValue() < least.doubleValue()) {
      refuse(path, number, "at least %s is expected".formatted(least));
    }
    if (schema.get("maximum") instanceof Number most && number.doubleValue() > most.doubleValue()) {
      refuse(path, number, "at most %s is expected".formatted(most));
    }
  }

  private void pattern(String path, Map<String, @Nullable Object> schema, String text) {
    if (schema.get("pattern") instanceof String pattern && !text.matches(pattern)) {
      refuse(path, text, "a duration such as 15m is expected");
    }
  }

  private static boolean typeFits(@Nullable Object type, @Nullable Object value) {
    return switch (type) {
      case null -> true;
      case List<?> types -> types.stream().anyMatch(one -> typeFits(one, value));
      default ->
          switch (type.toString()) {
            case "null" -> value == null;
            case "object" -> value instanceof Map;
            case "array" -> value instanceof List;
            case "string" -> value instanceof String;
            case "boolean" -> value instanceof Boolean;
            case "integer" ->
                value instanceof Number number && number.doubleValue() == number.longValue();
            case "number" -> value instanceof Number;
            default -> throw new IllegalStateException("the schema's type %s".formatted(type));
          };
    };
  }

  private static String named(@Nullable Object type) {
    return switch (String.valueOf(type)) {
      case "object" -> "a section";
      case "array" -> "a list, such as {a,b},";
      case "string" -> "text (--set-string keeps a number text)";
      case "boolean" -> "true or false";
      case "integer" -> "a whole number";
      case "number" -> "a number";
      default -> "another type";
    };
  }

  private static String listed(List<?> allowed) {
    return allowed.stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private void refuse(String path, @Nullable Object value, String expectation) {
    problems.add("%s=%s: %s".formatted(path.isEmpty() ? "values" : path, value, expectation));
  }
}
