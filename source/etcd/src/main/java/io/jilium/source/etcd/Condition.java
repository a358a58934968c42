// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

/** What must hold for a transaction to be carried out. */
public sealed interface Condition {
  /** The key does not exist. */
  record Absent(String key) implements Condition {}

  /** No key with the prefix exists. */
  record NoneUnder(String prefix) implements Condition {}

  /** The key has this value. */
  record ValueIs(String key, String value) implements Condition {}

  /** The key was last changed at this revision; 0 means that it does not exist. */
  record UnchangedSince(String key, long modRevision) implements Condition {}

  /** The key was made at this revision and never deleted since. */
  record CreatedAt(String key, long createRevision) implements Condition {}
}
