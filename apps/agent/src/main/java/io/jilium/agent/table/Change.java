// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.table;

/** One step from the actual state to the desired one. */
public sealed interface Change<K, V> {
  K key();

  record Add<K, V>(K key, V value) implements Change<K, V> {}

  record Update<K, V>(K key, V before, V value) implements Change<K, V> {}

  record Remove<K, V>(K key, V before) implements Change<K, V> {}
}
