// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

/** Layers of a packet that {@link PacketBuilder} builds, by the numbers that name them. */
enum LayerKind {
  ETHERNET(0, 0),
  VLAN(0x8100, 0),
  ARP(0x0806, 0),
  IPV4(0x0800, 4),
  IPV6(0x86DD, 41),
  EXTENSION(0, 0),
  TCP(0, 6),
  UDP(0, 17),
  SCTP(0, 132),
  ICMP(0, 1),
  ICMP6(0, 58),
  VXLAN(0, 0);

  final int etherType;
  final int protocol;

  LayerKind(int etherType, int protocol) {
    this.etherType = etherType;
    this.protocol = protocol;
  }
}
