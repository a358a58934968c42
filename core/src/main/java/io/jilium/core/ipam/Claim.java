// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

/** What came of asking for one particular address or CIDR. */
public sealed interface Claim {
  /** It belongs to the asker now, or did already. */
  record Granted() implements Claim {}

  /** Somebody else has it, or something that overlaps it. */
  record Taken(String owner) implements Claim {}

  /** It is not in the pool, or is never given out. */
  record Outside() implements Claim {}
}
