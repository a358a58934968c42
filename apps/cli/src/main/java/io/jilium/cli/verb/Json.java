// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes JSON from maps, collections, strings, numbers and booleans. Small on purpose: a library's
 * start-up would cost more than the rest of a verb.
 */
public final class Json {
  private final StringBuilder text = new StringBuilder();
  private final boolean pretty;

  private Json(boolean pretty) {
    this.pretty = pretty;
  }

  /** One line. */
  public static String compact(Object value) {
    var json = new Json(false);
    json.value(value, 0);
    return json.text.toString();
  }

  /** Indented by two spaces a level. */
  public static String pretty(Object value) {
    var json = new Json(true);
    json.value(value, 0);
    return json.text.toString();
  }

  /** A map that keeps the order given: name, value, name, value, … */
  public static Map<String, Object> object(Object... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("odd number of names and values");
    }
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private void value(Object value, int depth) {
    switch (value) {
      case Map<?, ?> map -> object(map, depth);
      case Collection<?> list -> list(list, depth);
      case String string -> string(string);
      case Double number -> number(number);
      case Number number -> text.append(number);
      case Boolean bool -> text.append(bool.booleanValue());
      default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
    }
  }

  private void number(double number) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      string(Double.toString(number));
    } else if (number == Math.rint(number) && Math.abs(number) < 1e15) {
      text.append((long) number);
    } else {
      text.append(number);
    }
  }

  private void object(Map<?, ?> map, int depth) {
    text.append('{');
    boolean first = true;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!first) {
        text.append(',');
      }
      first = false;
      newLine(depth + 1);
      string(String.valueOf(entry.getKey()));
      text.append(pretty ? ": " : ":");
      value(entry.getValue(), depth + 1);
    }
    if (!first) {
      newLine(depth);
    }
    text.append('}');
  }

  private void list(Collection<?> list, int depth) {
    text.append('[');
    boolean first = true;
    for (Object element : list) {
      if (!first) {
        text.append(',');
      }
      first = false;
      newLine(depth + 1);
      value(element, depth + 1);
    }
    if (!first) {
      newLine(depth);
    }
    text.append(']');
  }

  private void newLine(int depth) {
    if (pretty) {
      text.append('\n').repeat("  ", depth);
    }
  }

  private void string(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      switch (c) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        case '\r' -> text.append("\\r");
        default -> {
          if (c < ' ') {
            text.append("\\u00").append(hexDigit(c >> 4)).append(hexDigit(c & 0xf));
          } else {
            text.append(c);
          }
        }
      }
    }
    text.append('"');
  }

  private static char hexDigit(int value) {
    return Character.forDigit(value, 16);
  }
}
