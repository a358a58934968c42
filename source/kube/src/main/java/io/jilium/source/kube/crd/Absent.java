// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube.crd;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a missing list or map of a manifest stands for: an empty one. */
final class Absent {
  private Absent() {}

  static <T> List<T> list(@Nullable List<T> given) {
    return given == null ? List.of() : List.copyOf(given);
  }

  static <K, V> Map<K, V> map(@Nullable Map<K, V> given) {
    return given == null ? Map.of() : Map.copyOf(given);
  }
}
