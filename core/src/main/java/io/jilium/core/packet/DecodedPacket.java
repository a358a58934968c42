// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import java.util.List;
import java.util.Optional;

/**
 * What could be read of a packet.
 *
 * @param layers outermost first
 * @param truncated the capture ends inside a header
 */
public record DecodedPacket(List<Layer> layers, boolean truncated) {
  public DecodedPacket {
    layers = List.copyOf(layers);
  }

  /** The innermost layer of a kind. */
  public <T extends Layer> Optional<T> last(Class<T> kind) {
    return layers.reversed().stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /** The outermost layer of a kind. */
  public <T extends Layer> Optional<T> first(Class<T> kind) {
    return layers.stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }
}
