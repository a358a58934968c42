// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.template;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How Go's templates see values. */
final class Printing {
  private Printing() {}

  /**
   * As it is written out. Nothing is written for what is not set, as Helm does it.
   *
   * @throws IllegalArgumentException for lists and sections, which have no form that YAML reads
   */
  static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e6 ->
          Long.toString(number.longValue());
      case Map<?, ?> _, Collection<?> _ ->
          throw new IllegalArgumentException("a list or a section needs toYaml to be written");
      default -> value.toString();
    };
  }

  /** What counts as true: not what is empty, zero, false or not set. */
  static boolean truth(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Boolean bool -> bool;
      case Number number -> number.doubleValue() != 0;
      case String text -> !text.isEmpty();
      case Collection<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }
}
