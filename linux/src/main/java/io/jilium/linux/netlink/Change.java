// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import io.jilium.linux.sys.Errno;
import java.util.Set;

/**
 * A request that changes something in the kernel and is answered by an acknowledgement; {@link
 * NetlinkSocket#apply} performs it. Made by the nouns ({@link Links}, {@link Routes}, …).
 */
public final class Change {
  private final String operation;
  private final byte[] message;
  private final Set<Errno> unchanged;

  /**
   * @param operation what fails if this fails: {@code add route 10.1.0.0/24 via 10.0.0.2}
   * @param unchanged error numbers which say that the kernel was in the wanted state already
   */
  Change(String operation, byte[] message, Errno... unchanged) {
    this.operation = operation;
    this.message = message;
    this.unchanged = Set.of(unchanged);
  }

  byte[] message() {
    return message;
  }

  boolean meansUnchanged(Errno errno) {
    return unchanged.contains(errno);
  }

  @Override
  public String toString() {
    return operation;
  }
}
