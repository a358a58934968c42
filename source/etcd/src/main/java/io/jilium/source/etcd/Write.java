// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

/** One change in a transaction. */
public sealed interface Write {
  /** Sets a key; lease 0 means for ever. */
  record Put(String key, String value, long lease) implements Write {}

  /** Removes a key. */
  record Delete(String key) implements Write {}
}
