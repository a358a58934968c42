// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The XDP programs of a device by number: in its driver, in the stack, on the card itself (IFLA_XDP
 * of linux/if_link.h).
 */
public record XdpPrograms(OptionalInt driver, OptionalInt generic, OptionalInt card) {
  private static final int XDP = 43;
  private static final int DRIVER_ID = 5;
  private static final int GENERIC_ID = 6;
  private static final int CARD_ID = 7;
  private static final int ID = 4;
  private static final int ATTACHED = 2;
  private static final int ATTACHED_DRIVER = 1;
  private static final int ATTACHED_GENERIC = 2;
  private static final int ATTACHED_CARD = 3;

  /** All of them. */
  public List<Integer> all() {
    return Stream.of(driver, generic, card).flatMapToInt(OptionalInt::stream).boxed().toList();
  }

  static XdpPrograms of(Attributes link) {
    var xdp = link.nested(XDP);
    var where = xdp.u8(ATTACHED).orElse(0);
    return new XdpPrograms(
        id(xdp, DRIVER_ID, where == ATTACHED_DRIVER),
        id(xdp, GENERIC_ID, where == ATTACHED_GENERIC),
        id(xdp, CARD_ID, where == ATTACHED_CARD));
  }

  /** A device with one program may have its number in the common attribute alone. */
  private static OptionalInt id(Attributes xdp, int attribute, boolean only) {
    int id = xdp.u32(attribute, only ? xdp.u32(ID, 0) : 0);
    return id == 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }
}
