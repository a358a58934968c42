// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.core.model.PolicyObject;
import java.util.Collection;
import java.util.Optional;

/** Says of policies that nothing acts on them, lest somebody rely on them. */
final class NotEnforced {
  private NotEnforced() {}

  /** One sentence with their number; nothing when there are none. */
  static Optional<String> warning(Collection<PolicyObject.Id> objects) {
    long count = objects.stream().filter(id -> id.kind().isPolicy()).count();
    return switch ((int) count) {
      case 0 -> Optional.empty();
      case 1 ->
          Optional.of("1 network policy is not enforced: Jilium does not act on policies yet");
      default ->
          Optional.of(
              "%d network policies are not enforced: Jilium does not act on policies yet"
                  .formatted(count));
    };
  }
}
