// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/** What sort of device a link is, with what distinguishes it within its sort. */
public sealed interface LinkKind {
  /**
   * The kernel's word for it, as in {@code ip link add type WORD}; empty for hardware and loopback.
   */
  String word();

  /** One end of a pair; the other end is the link's {@link Link#parent}. */
  record Veth() implements LinkKind {
    @Override
    public String word() {
      return "veth";
    }
  }

  /** Sends nothing anywhere. */
  record Dummy() implements LinkKind {
    @Override
    public String word() {
      return "dummy";
    }
  }

  /** A learning switch. */
  record Bridge() implements LinkKind {
    @Override
    public String word() {
      return "bridge";
    }
  }

  /**
   * A VXLAN tunnel device.
   *
   * @param external whether tunnel identifier and remote address come with each packet (metadata
   *     mode)
   * @param id VXLAN network identifier, 0 if external
   * @param port UDP destination port
   * @param device index of the underlay device, if bound to one
   * @param local underlay source address, if fixed
   * @param learning whether it learns remote addresses from what it receives
   * @param zeroChecksum6 whether over IPv6 a UDP checksum of zero is sent and accepted
   */
  record Vxlan(
      boolean external,
      int id,
      int port,
      OptionalInt device,
      Optional<InetAddress> local,
      boolean learning,
      boolean zeroChecksum6)
      implements LinkKind {
    /** {@code type vxlan external dstport PORT nolearning udp6zerocsumtx udp6zerocsumrx} */
    public static Vxlan external(int port) {
      return new Vxlan(true, 0, port, OptionalInt.empty(), Optional.empty(), false, true);
    }

    /** {@code type vxlan id ID dstport PORT local LOCAL dev DEVICE nolearning} */
    public static Vxlan classic(int id, int port, InetAddress local, int device) {
      return new Vxlan(false, id, port, OptionalInt.of(device), Optional.of(local), false, false);
    }

    @Override
    public String word() {
      return "vxlan";
    }
  }

  /** A sort this library cannot create; {@code word} is empty for hardware and loopback. */
  record Other(String word) implements LinkKind {}
}
