// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Trees of maps, lists and plain values, as YAML and JSON have them. */
final class Trees {
  private Trees() {}

  /**
   * Reads one document, which is a map or nothing.
   *
   * @throws IllegalArgumentException saying in a sentence what is wrong
   */
  static Map<String, @Nullable Object> map(String yaml) {
    Object tree = load(yaml);
    return tree == null ? new LinkedHashMap<>() : map(tree);
  }

  /** Reads several documents; empty ones are left out. */
  static List<Map<String, @Nullable Object>> maps(String yaml) {
    try {
      var documents = new java.util.ArrayList<Map<String, @Nullable Object>>();
      for (Object tree : reader().loadAll(yaml)) {
        if (tree != null) {
          documents.add(map(tree));
        }
      }
      return documents;
    } catch (YAMLException e) {
      throw wrong(e);
    }
  }

  private static @Nullable Object load(String yaml) {
    try {
      return reader().load(yaml);
    } catch (YAMLException e) {
      throw wrong(e);
    }
  }

  private static IllegalArgumentException wrong(YAMLException e) {
    String text = String.valueOf(e.getMessage()).strip().replaceAll("\\s*\\n\\s*", " ");
    return new IllegalArgumentException("not YAML: " + text, e);
  }

  /** Dates stay text, as they do for Helm. */
  private static Yaml reader() {
    var options = new LoaderOptions();
    var resolver =
        new Resolver() {
          @Override
          protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
            addImplicitResolver(Tag.INT, INT, "-+0123456789");
            addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
          }
        };
    var dumping = new DumperOptions();
    return new Yaml(
        new SafeConstructor(options), new Representer(dumping), dumping, options, resolver);
  }

  /** As YAML in blocks. */
  static String yaml(Object tree) {
    var options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setSplitLines(false);
    return new Yaml(options).dump(tree);
  }

  /** The tree as a map with text as keys. */
  static Map<String, @Nullable Object> map(@Nullable Object tree) {
    if (!(tree instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("a map is expected instead of " + tree);
    }
    var copy = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, value) -> copy.put(String.valueOf(key), copy(value)));
    return copy;
  }

  private static @Nullable Object copy(@Nullable Object tree) {
    return switch (tree) {
      case Map<?, ?> map -> map(map);
      case List<?> list -> {
        var copies = new java.util.ArrayList<@Nullable Object>();
        list.forEach(item -> copies.add(copy(item)));
        yield copies;
      }
      case null, default -> tree;
    };
  }

  /** Lays one tree over another: maps are merged, all else is replaced, null takes away. */
  static Map<String, @Nullable Object> merge(
      Map<String, ? extends @Nullable Object> under, Map<String, ? extends @Nullable Object> over) {
    var merged = map(under);
    over.forEach((key, value) -> {
      if (value == null) {
        merged.remove(key);
      } else if (value instanceof Map<?, ?> upper && merged.get(key) instanceof Map<?, ?> lower) {
        merged.put(key, merge(map(lower), map(upper)));
      } else {
        merged.put(key, copy(value));
      }
    });
    return merged;
  }

  /** Lays one tree over another, where null stays to take away later. */
  static Map<String, @Nullable Object> overlay(
      Map<String, ? extends @Nullable Object> under, Map<String, ? extends @Nullable Object> over) {
    var merged = map(under);
    over.forEach((key, value) ->
        merged.put(
            key,
            value instanceof Map<?, ?> upper && merged.get(key) instanceof Map<?, ?> lower
                ? overlay(map(lower), map(upper))
                : copy(value)));
    return merged;
  }

  /** What stands at the end of the path, if anything does. */
  static Optional<Object> at(Map<String, ? extends @Nullable Object> tree, String... path) {
    Object value = tree;
    for (String name : path) {
      value = value instanceof Map<?, ?> map ? map.get(name) : null;
    }
    return Optional.ofNullable(value);
  }

  /** The text at the end of the path; empty when there is none. */
  static String text(Map<String, ? extends @Nullable Object> tree, String... path) {
    return at(tree, path).map(Object::toString).orElse("");
  }

  /** Puts a value at the end of a path, making the maps on the way. */
  static void put(Map<String, @Nullable Object> tree, String path, Object value) {
    Map<String, @Nullable Object> map = tree;
    String[] names = path.split("\\.", -1);
    for (String name : List.of(names).subList(0, names.length - 1)) {
      Map<String, @Nullable Object> inner =
          map.get(name) instanceof Map<?, ?> found ? map(found) : new LinkedHashMap<>();
      map.put(name, inner);
      map = inner;
    }
    map.put(Objects.requireNonNull(names[names.length - 1]), value);
  }
}
