// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was set, by path, read and checked one by one; problems are gathered, not thrown. */
final class Values {
  private final Map<String, Object> raw = new LinkedHashMap<>();
  private final Map<Key<?>, Object> read = new HashMap<>();
  private final List<String> problems = new ArrayList<>();
  private final List<String> ignored = new ArrayList<>();

  /** Adds a YAML tree; a null value means "not set". */
  void addTree(Map<?, ?> tree) {
    addTree("", tree);
  }

  private void addTree(String prefix, Map<?, ?> tree) {
    tree.forEach((name, value) -> {
      String path = prefix + name;
      if (Keys.byPath().containsKey(path)) {
        put(path, value);
      } else if (value instanceof Map<?, ?> section && isSection(path)) {
        addTree(path + ".", section);
      } else if (isSection(path)) {
        if (value != null) {
          problems.add(path + "=" + value + ": " + path + " is a section, not a value");
        }
      } else if (value instanceof Map<?, ?> section && !section.isEmpty()) {
        addTree(path + ".", section);
      } else {
        problems.add(unknown(path));
      }
    });
  }

  private void put(String path, @Nullable Object value) {
    if (value == null) {
      raw.remove(path);
    } else {
      raw.put(path, value);
    }
  }

  /** Adds flags as a ConfigMap has them: names of flags, all values text. */
  void addFlags(Map<String, String> flags) {
    flags.forEach((flag, value) -> {
      Key<?> key = Keys.byFlag().get(flag);
      if (key != null) {
        put(key.path(), key.kind().isList() ? items(value) : value);
      } else {
        switch (OtherFlags.judge(flag, value)) {
          case OtherFlags.Verdict.Means means -> means.settings().forEach(this::put);
          case OtherFlags.Verdict.Ignored(String sentence) -> ignored.add(sentence);
          case OtherFlags.Verdict.Refused(String sentence) -> problems.add(sentence);
        }
      }
    });
  }

  private static List<String> items(String value) {
    String text = value.strip();
    return text.isEmpty() ? List.of() : List.of(text.split("[,\\s]+"));
  }

  List<String> ignored() {
    return ignored;
  }

  /** Adds what Helm calls a set string: {@code a.b=c,d={e,f}}. */
  void addSet(String text) {
    for (String pair : split(text)) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        problems.add("\"" + pair + "\" is not KEY=VALUE");
        continue;
      }
      String path = pair.substring(0, equals).strip();
      String value = pair.substring(equals + 1).strip();
      if (!Keys.byPath().containsKey(path)) {
        problems.add(
            isSection(path)
                ? path + "=" + value + ": " + path + " is a section, not a value"
                : unknown(path));
      } else if (value.equals("null")) {
        raw.remove(path);
      } else if (value.startsWith("{") && value.endsWith("}")) {
        String inside = value.substring(1, value.length() - 1).strip();
        raw.put(path, inside.isEmpty() ? List.of() : List.of(inside.split("\\s*,\\s*")));
      } else {
        raw.put(path, value.replace("\\,", ","));
      }
    }
  }

  /** Splits at commas outside braces that no backslash protects. */
  private static List<String> split(String text) {
    var parts = new ArrayList<String>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}') {
        depth--;
      } else if (c == ',' && depth == 0 && (i == 0 || text.charAt(i - 1) != '\\')) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static boolean isSection(String path) {
    return Keys.byPath().keySet().stream().anyMatch(known -> known.startsWith(path + "."));
  }

  private static String unknown(String path) {
    String hint =
        NearestName.of(path, Keys.byPath().keySet())
            .map(name -> "; did you mean \"" + name + "\"?")
            .orElse("");
    return "there is no setting \"" + path + "\"" + hint;
  }

  /** Reads everything that was set. */
  void readAll() {
    Keys.byPath().values().forEach(this::readOne);
  }

  private <T> void readOne(Key<T> key) {
    Object value = raw.get(key.path());
    if (value == null || (value.equals("") && !key.kind().equals(Kind.TEXT))) {
      return;
    }
    try {
      read.put(key, Objects.requireNonNull(key.kind().read().apply(value)));
    } catch (Kind.Refused e) {
      problems.add(key.path() + "=" + text(value) + ": " + e.getMessage());
    }
  }

  private static String text(Object value) {
    return value instanceof List<?> list
        ? String.join(",", list.stream().map(String::valueOf).toList())
        : value + "";
  }

  /** The value, or the default when it was not set or was refused. */
  @SuppressWarnings("unchecked") // readOne put it there with the key's own type
  <T> T get(Key<T> key) {
    Object value = read.get(key);
    return value == null ? key.fallback() : (T) value;
  }

  /** FIELD=VALUE as it is in effect. */
  <T> String shown(Key<T> key) {
    return key.path() + "=" + key.kind().print().apply(get(key));
  }

  <T> Settings.Entry entry(Key<T> key) {
    return new Settings.Entry(
        key.path(), key.kind().print().apply(get(key)), read.containsKey(key), key.meaning());
  }

  void refuse(String problem) {
    problems.add(problem);
  }

  List<String> problems() {
    return problems;
  }
}
