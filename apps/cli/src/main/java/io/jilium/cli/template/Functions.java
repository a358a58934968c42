// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

/** Functions of Go's templates, of Sprig and of Helm, as far as they are known here. */
final class Functions {
  private Functions() {}

  /**
   * The function's result.
   *
   * @throws TemplateException when there is none of that name, or when it cannot do with the
   *     arguments
   */
  static @Nullable Object call(String name, List<@Nullable Object> arguments, Position position) {
    try {
      return call(name, arguments);
    } catch (IllegalArgumentException e) {
      throw new TemplateException(position, "%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static @Nullable Object call(String name, List<@Nullable Object> arguments) {
    return switch (name) {
      case "not" -> !Printing.truth(only(arguments));
      case "eq" -> equal(arguments);
      case "ne" -> !equal(arguments);
      case "default" -> Printing.truth(at(arguments, 1, 2)) ? arguments.get(1) : arguments.get(0);
      case "print" -> arguments.stream().map(Printing::text).collect(Collectors.joining());
      case "printf" -> format(arguments);
      case "quote" -> quote(arguments);
      case "join" -> join(arguments);
      case "int64" -> whole(only(arguments));
      case "toYaml" -> yaml(only(arguments));
      case "indent" -> indent(arguments);
      case "nindent" -> "\n" + indent(arguments);
      case "sha256sum" -> sha256(text(only(arguments)));
      case "fail" -> throw new IllegalArgumentException(text(only(arguments)));
      default -> throw new IllegalArgumentException("there is no such function here");
    };
  }

  private static @Nullable Object only(List<@Nullable Object> arguments) {
    return at(arguments, 0, 1);
  }

  private static @Nullable Object at(List<@Nullable Object> arguments, int index, int wanted) {
    if (arguments.size() != wanted) {
      throw new IllegalArgumentException(
          "%d arguments instead of %d".formatted(arguments.size(), wanted));
    }
    return arguments.get(index);
  }

  private static String text(@Nullable Object value) {
    if (!(value instanceof String text)) {
      throw new IllegalArgumentException("text is expected");
    }
    return text;
  }

  /** Whether the first equals one of the others. */
  private static boolean equal(List<@Nullable Object> arguments) {
    if (arguments.size() < 2) {
      throw new IllegalArgumentException("two arguments are expected");
    }
    Object first = arguments.getFirst();
    for (Object other : arguments.subList(1, arguments.size())) {
      if (first != null && other != null && kind(first) != kind(other)) {
        throw new IllegalArgumentException(
            "%s and %s are of different kinds".formatted(first, other));
      }
      if (Objects.equals(first, other)) {
        return true;
      }
    }
    return false;
  }

  private static Class<?> kind(Object value) {
    return value instanceof Number ? Number.class : value.getClass();
  }

  /** {@code %s}, {@code %d} and {@code %%}. */
  private static String format(List<@Nullable Object> arguments) {
    String format = text(arguments.isEmpty() ? null : arguments.getFirst());
    var out = new StringBuilder();
    int next = 1;
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%') {
        out.append(c);
        continue;
      }
      char verb = at < format.length() ? format.charAt(at++) : ' ';
      if (verb == '%') {
        out.append('%');
      } else if ((verb == 's' || verb == 'd') && next < arguments.size()) {
        Object value = arguments.get(next++);
        if (verb == 's' ? !(value instanceof String) : !(value instanceof Number)) {
          throw new IllegalArgumentException("%%%s cannot write %s".formatted(verb, value));
        }
        out.append(Printing.text(value));
      } else {
        throw new IllegalArgumentException("the format %s is not understood".formatted(format));
      }
    }
    if (next != arguments.size()) {
      throw new IllegalArgumentException("the format %s has fewer places".formatted(format));
    }
    return out.toString();
  }

  /** In double quotes, which YAML reads as well; what is not set is left out. */
  private static String quote(List<@Nullable Object> arguments) {
    var quoted = new ArrayList<String>();
    for (Object argument : arguments) {
      if (argument != null) {
        var text = new StringBuilder("\"");
        Printing.text(argument)
            .chars()
            .forEach(c -> {
              switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\r' -> text.append("\\r");
                default -> text.append((char) c);
              }
            });
        quoted.add(text.append('"').toString());
      }
    }
    return String.join(" ", quoted);
  }

  private static String join(List<@Nullable Object> arguments) {
    String separator = text(at(arguments, 0, 2));
    if (!(arguments.get(1) instanceof Collection<?> list)) {
      return Printing.text(arguments.get(1));
    }
    return list.stream().map(Printing::text).collect(Collectors.joining(separator));
  }

  /** What is no number is 0, as Sprig has it. */
  private static long whole(@Nullable Object value) {
    return switch (value) {
      case Number number -> number.longValue();
      case String text when text.matches("-?\\d{1,18}") -> Long.parseLong(text);
      case Boolean bool -> bool ? 1 : 0;
      case null, default -> 0;
    };
  }

  private static String yaml(@Nullable Object value) {
    var options = new DumperOptions();
    options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
    options.setSplitLines(false);
    options.setWidth(Integer.MAX_VALUE);
    return new Yaml(options).dump(sorted(value)).stripTrailing();
  }

  private static @Nullable Object sorted(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var sorted = new TreeMap<Object, @Nullable Object>();
        map.forEach((key, inner) -> sorted.put(key, sorted(inner)));
        yield sorted;
      }
      case Collection<?> list -> list.stream().map(Functions::sorted).toList();
      case null -> null;
      default -> value;
    };
  }

  private static String indent(List<@Nullable Object> arguments) {
    String blanks = " ".repeat((int) whole(at(arguments, 0, 2)));
    return blanks + text(arguments.get(1)).replace("\n", "\n" + blanks);
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
