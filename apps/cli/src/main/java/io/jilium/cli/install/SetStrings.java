// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.install;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Values as they are set on a command line, in Helm's notation: {@code a.b=c,list={x,y},l[0].n=v};
 * a backslash takes the meaning from the character behind it.
 */
final class SetStrings {
  /** What the text behind the equals sign becomes. */
  interface Reading {
    @Nullable Object value(String text);
  }

  /** {@code true}, {@code false}, {@code null} and whole numbers are no text. */
  static final Reading TYPED = SetStrings::typed;

  private static final int LONGEST_LIST = 65_536;

  private final String source;
  private final Reading reading;
  private int at;

  private SetStrings(String source, Reading reading) {
    this.source = source;
    this.reading = reading;
  }

  /**
   * Sets what the text says in a tree.
   *
   * @throws IllegalArgumentException saying in a sentence what is wrong with the text
   */
  static void apply(Map<String, @Nullable Object> tree, String source, Reading reading) {
    var parser = new SetStrings(source, reading);
    do {
      parser.inMap(tree);
    } while (parser.another());
  }

  private boolean another() {
    if (at >= source.length()) {
      return false;
    }
    at++; // the comma
    return at < source.length();
  }

  private void inMap(Map<String, @Nullable Object> map) {
    String key = until(".[=,");
    if (key.isEmpty()) {
      throw new IllegalArgumentException("\"%s\" is not KEY=VALUE".formatted(source));
    }
    switch (sign()) {
      case '.' -> {
        Map<String, @Nullable Object> inner =
            map.get(key) instanceof Map<?, ?> found ? Trees.map(found) : new LinkedHashMap<>();
        inMap(inner);
        map.put(key, inner);
      }
      case '[' -> {
        List<@Nullable Object> list =
            map.get(key) instanceof List<?> found ? new ArrayList<>(found) : new ArrayList<>();
        inList(list);
        map.put(key, list);
      }
      case '=' -> map.put(key, value());
      default ->
          throw new IllegalArgumentException("%s is not KEY=VALUE: no = follows".formatted(key));
    }
  }

  private void inList(List<@Nullable Object> list) {
    String number = until("]");
    at++;
    if (!number.matches("\\d{1,5}") || Integer.parseInt(number) > LONGEST_LIST) {
      throw new IllegalArgumentException("[%s] is no place in a list".formatted(number));
    }
    int index = Integer.parseInt(number);
    while (list.size() <= index) {
      list.add(null);
    }
    switch (sign()) {
      case '.' -> {
        Map<String, @Nullable Object> inner =
            list.get(index) instanceof Map<?, ?> found ? Trees.map(found) : new LinkedHashMap<>();
        inMap(inner);
        list.set(index, inner);
      }
      case '[' -> {
        List<@Nullable Object> inner =
            list.get(index) instanceof List<?> found ? new ArrayList<>(found) : new ArrayList<>();
        inList(inner);
        list.set(index, inner);
      }
      case '=' -> list.set(index, value());
      default -> throw new IllegalArgumentException("[%s] is not followed by =".formatted(number));
    }
  }

  private @Nullable Object value() {
    if (at >= source.length() || source.charAt(at) != '{') {
      return reading.value(until(","));
    }
    at++;
    var list = new ArrayList<@Nullable Object>();
    while (true) {
      String item = until(",}");
      if (at >= source.length()) {
        throw new IllegalArgumentException("the list in \"%s\" does not end".formatted(source));
      }
      boolean last = source.charAt(at++) == '}';
      if (!last || !item.isEmpty() || !list.isEmpty()) {
        list.add(reading.value(item));
      }
      if (last) {
        return list;
      }
    }
  }

  private char sign() {
    return at < source.length() && source.charAt(at) != ',' ? source.charAt(at++) : ' ';
  }

  private String until(String stops) {
    var text = new StringBuilder();
    while (at < source.length() && stops.indexOf(source.charAt(at)) < 0) {
      if (source.charAt(at) == '\\' && at + 1 < source.length()) {
        at++;
      }
      text.append(source.charAt(at++));
    }
    return text.toString();
  }

  private static @Nullable Object typed(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      case "null" -> null;
      case "0" -> 0L;
      default -> text.matches("-?[1-9]\\d{0,17}") ? (Object) Long.valueOf(text) : text;
    };
  }
}
