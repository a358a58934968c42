// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.IpAddress;
import java.util.List;
import java.util.Optional;

/** Who asks for a connection. */
public sealed interface Client {
  /** Any pod of the cluster, or a node. */
  record Inside() implements Client {}

  /** A pod of this node. */
  record LocalPod(List<IpAddress> addresses) implements Client {
    /** Copies. */
    public LocalPod {
      addresses = List.copyOf(addresses);
    }
  }

  /** Somebody outside the cluster. */
  record Outside(IpAddress address) implements Client {}

  /** Whether it is outside the cluster. */
  default boolean isOutside() {
    return this instanceof Outside;
  }

  /** The address that it has towards one of that family, if that is known. */
  default Optional<IpAddress> address(boolean v4) {
    return switch (this) {
      case Inside() -> Optional.empty();
      case LocalPod(var addresses) -> addresses.stream().filter(a -> a.isV4() == v4).findFirst();
      case Outside(var address) -> Optional.of(address);
    };
  }
}
