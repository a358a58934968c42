// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A mapping inside a resource, and where it stands there, so that what is wrong can be named.
 *
 * @param path from the resource's root, for example {@code spec.ports[1]}; empty for the root
 */
record Section(String path, Map<String, Object> fields) {
  static Section root(Map<String, Object> content) {
    return new Section("", content);
  }

  /** The path of one of its fields. */
  String at(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  LabException wrong(String field, String problem) {
    return new LabException(at(field) + ": " + problem);
  }

  boolean has(String field) {
    return fields.get(field) != null;
  }

  void put(String field, Object value) {
    fields.put(field, value);
  }

  /** The mapping of that name; an empty one, which changes nothing, when it is missing. */
  Section section(String field) {
    var value = fields.get(field);
    if (value == null) {
      return new Section(at(field), new LinkedHashMap<>());
    }
    return new Section(at(field), mapping(at(field), value));
  }

  /** The mappings of a list; none when it is missing. */
  List<Section> sections(String field) {
    var sections = new ArrayList<Section>();
    for (var item : list(field)) {
      var place = "%s[%d]".formatted(at(field), sections.size());
      sections.add(new Section(place, mapping(place, item)));
    }
    return sections;
  }

  /** A text; empty when it is missing. */
  Optional<String> text(String field) {
    var value = fields.get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof String text) {
      return Optional.of(text);
    }
    throw wrong(field, "a text is expected, not " + value);
  }

  /** One of a few words; the first one when it is missing. */
  String choice(String field, String... words) {
    String chosen = text(field).orElse(words[0]);
    if (!List.of(words).contains(chosen)) {
      throw wrong(field, "'%s' is not one of %s".formatted(chosen, String.join(", ", words)));
    }
    return chosen;
  }

  /** A whole number; empty when it is missing. */
  OptionalInt number(String field, int least, int most) {
    var value = fields.get(field);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (value instanceof Integer number && number >= least && number <= most) {
      return OptionalInt.of(number);
    }
    throw wrong(field, "a number from %d to %d is expected, not %s".formatted(least, most, value));
  }

  /** Yes or no; empty when it is missing. */
  Optional<Boolean> flag(String field) {
    var value = fields.get(field);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Boolean flag) {
      return Optional.of(flag);
    }
    throw wrong(field, "true or false is expected, not " + value);
  }

  /** A list of texts; none when it is missing. */
  List<String> texts(String field) {
    var texts = new ArrayList<String>();
    for (var item : list(field)) {
      if (!(item instanceof String text)) {
        throw new LabException(
            "%s[%d]: a text is expected, not %s".formatted(at(field), texts.size(), item));
      }
      texts.add(text);
    }
    return texts;
  }

  /** A mapping of texts; empty when it is missing. */
  Map<String, String> labels(String field) {
    var labels = new LinkedHashMap<String, String>();
    var section = section(field);
    for (var key : section.fields.keySet()) {
      labels.put(key, section.text(key).orElse(""));
    }
    return labels;
  }

  private List<?> list(String field) {
    var value = fields.get(field);
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(field, "a list is expected");
  }

  @SuppressWarnings("unchecked") // YAML and JSON keys of a resource are strings
  private static Map<String, Object> mapping(String place, Object value) {
    if (value instanceof Map<?, ?> map) {
      return (Map<String, Object>) map;
    }
    throw new LabException(place + ": a mapping is expected");
  }
}
