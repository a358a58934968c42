// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.cluster.connectivity;

import io.jilium.core.model.DropReason;
import java.util.List;
import java.util.stream.Stream;

/** Drops that say nothing against the network: what pods send by habit and nobody wants. */
final class ExpectedDrops {
  private static final List<String> TEXTS =
      Stream.of(
              DropReason.UNSUPPORTED_L2,
              DropReason.UNSUPPORTED_L3,
              DropReason.FORBIDDEN_ICMP6,
              DropReason.INVALID_SOURCE_IP,
              DropReason.POLICY_DENIED)
          .map(DropReason::text)
          .toList();

  private ExpectedDrops() {}

  static boolean contains(String where) {
    return TEXTS.stream().anyMatch(text -> where.startsWith(text + ","));
  }
}
