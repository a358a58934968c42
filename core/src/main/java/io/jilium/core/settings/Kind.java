// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.settings;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How a setting is written: what a raw YAML value or the text of {@code --set} becomes, and what to
 * call it when it does not fit.
 */
record Kind<T>(String expectation, Function<Object, T> read, Function<T, String> print) {
  /** Says what is wrong with a value, after "FIELD=VALUE: ". */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String why) {
      super(why, null, false, false);
    }
  }

  static final Kind<Boolean> BOOL =
      of(
          "true or false",
          raw ->
              switch (scalar(raw).toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new Refused("true or false is expected");
              });

  /** Empty: whatever fits what is found. */
  static final Kind<Optional<Boolean>> BOOL_OR_AUTO =
      new Kind<>(
          "true, false or auto",
          raw ->
              switch (scalar(raw).toLowerCase(Locale.ROOT)) {
                case "true" -> Optional.of(true);
                case "false" -> Optional.of(false);
                case "auto", "" -> Optional.empty();
                default -> throw new Refused("true, false or auto is expected");
              },
          value -> value.map(String::valueOf).orElse("auto"));

  static final Kind<String> TEXT = of("text", Kind::scalar);

  static final Kind<Duration> DURATION =
      new Kind<>("a duration", raw -> Durations.parse(scalar(raw)), Durations::text);

  static final Kind<Optional<IpPrefix>> CIDR_V4 = optionalCidr(true);

  static final Kind<Optional<IpPrefix>> CIDR_V6 = optionalCidr(false);

  static final Kind<List<IpPrefix>> CIDRS_V4 = cidrs(true);

  static final Kind<List<IpPrefix>> CIDRS_V6 = cidrs(false);

  static final Kind<List<IpPrefix>> CIDRS =
      list("a list of CIDRs", Kind::anyCidr, IpPrefix::toString);

  static final Kind<List<String>> TEXTS = list("a list", Function.identity(), Function.identity());

  static <T> Kind<T> of(String expectation, Function<Object, T> read) {
    return new Kind<>(expectation, read, String::valueOf);
  }

  static Kind<Integer> number(int min, int max) {
    String expectation = "a whole number from " + min + " to " + max;
    return of(
        expectation,
        raw -> {
          try {
            int value = Integer.parseInt(scalar(raw));
            if (value >= min && value <= max) {
              return value;
            }
          } catch (NumberFormatException _) {
            // The same sentence tells both: no number, and a number out of range.
          }
          throw new Refused(expectation + " is expected");
        });
  }

  /** Whether several values may be given. */
  boolean isList() {
    return expectation.startsWith("a list");
  }

  /** A number above 0 and up to 1. */
  static Kind<Double> fraction() {
    String expectation = "a number above 0 and up to 1";
    return of(
        expectation,
        raw -> {
          try {
            double value = Double.parseDouble(scalar(raw));
            if (value > 0 && value <= 1) {
              return value;
            }
          } catch (NumberFormatException _) {
            // As for whole numbers.
          }
          throw new Refused(expectation + " is expected");
        });
  }

  /** One of the constants, written as {@code text} gives; an empty value means the first. */
  static <E extends Enum<E>> Kind<E> choice(Class<E> type, Function<E, String> text) {
    E[] all = type.getEnumConstants();
    String expectation = "one of " + Arrays.stream(all).map(text).collect(Collectors.joining(", "));
    return new Kind<>(
        expectation,
        raw -> {
          String wanted = scalar(raw);
          for (E constant : all) {
            if (text.apply(constant).equals(wanted)) {
              return constant;
            }
          }
          throw new Refused(expectation + " is expected");
        },
        text);
  }

  static <T> Kind<List<T>> list(
      String expectation, Function<String, T> parse, Function<T, String> print) {
    return new Kind<>(
        expectation,
        raw -> {
          var values = new ArrayList<T>();
          List<?> items =
              raw instanceof List<?> list ? list : scalar(raw).isEmpty() ? List.of() : List.of(raw);
          for (Object item : items) {
            values.add(parse.apply(scalar(item)));
          }
          return List.copyOf(values);
        },
        values -> values.stream().map(print).collect(Collectors.joining(",")));
  }

  private static Kind<List<IpPrefix>> cidrs(boolean v4) {
    return list("a list of CIDRs", text -> cidr(text, v4), IpPrefix::toString);
  }

  private static Kind<Optional<IpPrefix>> optionalCidr(boolean v4) {
    return new Kind<>(
        "a CIDR",
        raw -> scalar(raw).isEmpty() ? Optional.empty() : Optional.of(cidr(scalar(raw), v4)),
        value -> value.map(IpPrefix::toString).orElse(""));
  }

  static final Kind<Optional<ServiceSettings.Listen>> LISTEN =
      new Kind<>(
          "an address and port, for example 0.0.0.0:10256",
          raw -> scalar(raw).isEmpty() ? Optional.empty() : Optional.of(listen(scalar(raw))),
          value -> value.map(ServiceSettings.Listen::toString).orElse(""));

  private static ServiceSettings.Listen listen(String text) {
    int colon = text.lastIndexOf(':');
    try {
      var address = text.substring(0, Math.max(0, colon)).replaceAll("^\\[|]$", "");
      int port = Integer.parseInt(text.substring(colon + 1));
      if (port > 0 && port < 0x10000) {
        return new ServiceSettings.Listen(IpAddress.parse(address), port);
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new Refused("an address and port is expected, for example 0.0.0.0:10256");
  }

  private static IpPrefix anyCidr(String text) {
    try {
      return IpPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  private static IpPrefix cidr(String text, boolean v4) {
    IpPrefix prefix = anyCidr(text);
    if (prefix.isV4() != v4) {
      throw new Refused(
          prefix + " is IPv" + (v4 ? 6 : 4) + ", IPv" + (v4 ? 4 : 6) + " is expected");
    }
    return prefix;
  }

  private static String scalar(Object raw) {
    return switch (raw) {
      case Map<?, ?> _ -> throw new Refused("one value is expected, not a section");
      case List<?> _ -> throw new Refused("one value is expected, not a list");
      default -> raw.toString().strip();
    };
  }
}
