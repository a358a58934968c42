// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * A policy routing rule: which packets look into which table. Lower priorities are asked first.
 *
 * @param markMask which bits of the packet's mark are compared with {@code mark}; 0 if none
 * @param table the table looked into, if that is the action
 */
public record Rule(
    Family family,
    int priority,
    Optional<Prefix> source,
    Optional<Prefix> destination,
    Optional<String> inputDevice,
    Optional<String> outputDevice,
    int mark,
    int markMask,
    OptionalInt table,
    int protocol) {
  /** {@code ip rule add priority PRIORITY table TABLE} */
  public static Rule lookup(Family family, int priority, int table) {
    return new Rule(
        family,
        priority,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        0,
        0,
        OptionalInt.of(table),
        0);
  }

  /** {@code from PREFIX} */
  public Rule from(Prefix prefix) {
    return new Rule(
        family,
        priority,
        Optional.of(prefix),
        destination,
        inputDevice,
        outputDevice,
        mark,
        markMask,
        table,
        protocol);
  }

  /** {@code to PREFIX} */
  public Rule to(Prefix prefix) {
    return new Rule(
        family,
        priority,
        source,
        Optional.of(prefix),
        inputDevice,
        outputDevice,
        mark,
        markMask,
        table,
        protocol);
  }

  /** {@code iif DEVICE} */
  public Rule inputDevice(String name) {
    return new Rule(
        family,
        priority,
        source,
        destination,
        Optional.of(name),
        outputDevice,
        mark,
        markMask,
        table,
        protocol);
  }

  /** {@code oif DEVICE} */
  public Rule outputDevice(String name) {
    return new Rule(
        family,
        priority,
        source,
        destination,
        inputDevice,
        Optional.of(name),
        mark,
        markMask,
        table,
        protocol);
  }

  /** {@code fwmark MARK/MASK} */
  public Rule mark(int wanted, int mask) {
    return new Rule(
        family,
        priority,
        source,
        destination,
        inputDevice,
        outputDevice,
        wanted,
        mask,
        table,
        protocol);
  }

  /** {@code protocol NUMBER}: who made it, RTPROT_* of linux/rtnetlink.h */
  public Rule protocol(int number) {
    return new Rule(
        family,
        priority,
        source,
        destination,
        inputDevice,
        outputDevice,
        mark,
        markMask,
        table,
        number);
  }
}
