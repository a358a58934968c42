// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

import java.util.Map;

/**
 * A part of the kernel that holds rows: a map, the routes of our protocol number, the devices of
 * our names.
 */
public interface Target<K, V> {
  /** Reads back what is there now. */
  Map<K, V> actual();

  /** Performs one change; repeating it does no harm. Throws with operation, object and errno. */
  void apply(Change<K, V> change);
}
