// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.service;

import io.jilium.core.model.EndpointSlice;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Shares of new connections, as the annotation {@link EndpointSlice#WEIGHT} of a slice gives them
 * to its endpoints. 0: none. Other weights count where Maglev chooses; a random choice ignores
 * them, as Cilium's does.
 */
public final class Weight {
  /** Of endpoints whose slice says none. */
  public static final int DEFAULT = 100;

  /** The heaviest. */
  public static final int MOST = 65535;

  private Weight() {}

  /** Of the endpoints of a slice; the default if what it says is no weight. */
  static int of(EndpointSlice slice) {
    return slice.weight().isEmpty() ? DEFAULT : read(slice.weight()).orElse(DEFAULT);
  }

  /** What is wrong with what a slice says. */
  static Optional<String> problem(EndpointSlice slice) {
    if (slice.weight().isEmpty() || read(slice.weight()).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        "EndpointSlice %s: metadata.annotations[%s]: '%s' is not a whole number from 0 to %d; %d is used"
            .formatted(slice.id(), EndpointSlice.WEIGHT, slice.weight(), MOST, DEFAULT));
  }

  private static OptionalInt read(String text) {
    if (!text.matches("0*[0-9]{1,5}")) {
      return OptionalInt.empty();
    }
    int weight = Integer.parseInt(text);
    return weight <= MOST ? OptionalInt.of(weight) : OptionalInt.empty();
  }
}
