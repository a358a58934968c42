// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

/** Something changed in the kernel, as a {@link Subscription} tells. */
public sealed interface NetlinkEvent {
  /** A link is new or different. */
  record LinkChanged(Link link) implements NetlinkEvent {}

  /** A link is gone; the record is what it was last. */
  record LinkRemoved(Link link) implements NetlinkEvent {}

  /** An address is new or different. */
  record AddressChanged(Address address) implements NetlinkEvent {}

  /** An address is gone. */
  record AddressRemoved(Address address) implements NetlinkEvent {}

  /** A route is new or different. */
  record RouteChanged(Route route) implements NetlinkEvent {}

  /**
   * A route is gone. IPv4 routes that go with their link or its going down are not told one by one.
   */
  record RouteRemoved(Route route) implements NetlinkEvent {}

  /** A neighbour is new or in another state. */
  record NeighbourChanged(Neighbour neighbour) implements NetlinkEvent {}

  /** A neighbour is gone. */
  record NeighbourRemoved(Neighbour neighbour) implements NetlinkEvent {}

  /** Events were lost: whoever follows them must list everything again. */
  record Resync() implements NetlinkEvent {}
}
