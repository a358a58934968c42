// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import io.jilium.core.packet.Layer.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Reads the layers of captured bytes. Whatever the bytes are, it ends with the layers that could be
 * read: a header is read when all of it was captured, and lengths in headers are never trusted
 * beyond the capture.
 */
public final class PacketDecoder {
  private static final int ETHERTYPE_IPV4 = 0x0800;
  private static final int ETHERTYPE_ARP = 0x0806;
  private static final int ETHERTYPE_VLAN = 0x8100;
  private static final int ETHERTYPE_QINQ = 0x88A8;
  private static final int ETHERTYPE_IPV6 = 0x86DD;

  /** Deeper nesting is not decoded: bytes of an attacker must not cost more than their length. */
  private static final int LAYERS = 32;

  private final byte[] data;
  private final OptionalInt vxlanPort;
  private final List<Layer> layers = new ArrayList<>();
  private boolean truncated;

  private PacketDecoder(byte[] data, OptionalInt vxlanPort) {
    this.data = data;
    this.vxlanPort = vxlanPort;
  }

  /** A frame that starts with Ethernet; UDP to the VXLAN port is decoded as a tunnel. */
  public static DecodedPacket ethernet(byte[] data, OptionalInt vxlanPort) {
    var decoder = new PacketDecoder(data, vxlanPort);
    decoder.ethernet(0, data.length);
    return new DecodedPacket(decoder.layers, decoder.truncated);
  }

  /** A packet that starts with IPv4 or IPv6, as its first four bits say. */
  public static DecodedPacket ip(byte[] data, OptionalInt vxlanPort) {
    var decoder = new PacketDecoder(data, vxlanPort);
    if (data.length == 0) {
      decoder.truncated = true;
    } else {
      decoder.network((data[0] & 0xF0) == 0x60 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, 0, data.length);
    }
    return new DecodedPacket(decoder.layers, decoder.truncated);
  }

  private boolean lacks(int at, int end, int size) {
    if (end - at < size || layers.size() >= LAYERS) {
      truncated = true;
      return true;
    }
    return false;
  }

  private void ethernet(int at, int end) {
    if (lacks(at, end, 14)) {
      return;
    }
    int type = u16(at + 12);
    layers.add(new Layer.Ethernet(new Span(at, 14, end - at - 14), mac(at + 6), mac(at), type));
    network(type, at + 14, end);
  }

  private void network(int type, int at, int end) {
    switch (type) {
      case ETHERTYPE_IPV4 -> ipv4(at, end);
      case ETHERTYPE_IPV6 -> ipv6(at, end);
      case ETHERTYPE_ARP -> arp(at, end);
      case ETHERTYPE_VLAN, ETHERTYPE_QINQ -> vlan(at, end);
      default -> {}
    }
  }

  private void vlan(int at, int end) {
    if (lacks(at, end, 4)) {
      return;
    }
    int tag = u16(at);
    int type = u16(at + 2);
    layers.add(new Layer.Vlan(new Span(at, 4, end - at - 4), tag & 0xFFF, tag >> 13, type));
    network(type, at + 4, end);
  }

  private void arp(int at, int end) {
    if (lacks(at, end, 28)) {
      return;
    }
    if (u16(at) != 1 || u16(at + 2) != ETHERTYPE_IPV4 || u8(at + 4) != 6 || u8(at + 5) != 4) {
      return;
    }
    layers.add(
        new Layer.Arp(
            new Span(at, 28, 0),
            u16(at + 6),
            mac(at + 8),
            address(at + 14, 4),
            mac(at + 18),
            address(at + 24, 4)));
  }

  private void ipv4(int at, int end) {
    if (lacks(at, end, 20)) {
      return;
    }
    int header = (u8(at) & 0xF) * 4;
    if (u8(at) >> 4 != 4 || header < 20 || lacks(at, end, header)) {
      return;
    }
    int length = u16(at + 2);
    int to = bounded(at, end, header, length);
    int flags = u16(at + 6);
    int offset = flags & 0x1FFF;
    layers.add(
        new Layer.Ipv4(
            new Span(at, header, to - at - header),
            u8(at + 1),
            length,
            u16(at + 4),
            (flags & 0x4000) != 0,
            (flags & 0x2000) != 0,
            offset,
            u8(at + 8),
            u8(at + 9),
            u16(at + 10),
            address(at + 12, 4),
            address(at + 16, 4)));
    if (offset == 0) {
      transport(u8(at + 9), at + header, to);
    }
  }

  private void ipv6(int at, int end) {
    if (lacks(at, end, 40) || u8(at) >> 4 != 6) {
      return;
    }
    int length = u16(at + 4);
    int to = bounded(at, end, 40, 40 + length);
    layers.add(
        new Layer.Ipv6(
            new Span(at, 40, to - at - 40),
            u16(at) >> 4 & 0xFF,
            (u8(at + 1) & 0xF) << 16 | u16(at + 2),
            length,
            u8(at + 6),
            u8(at + 7),
            address(at + 8, 16),
            address(at + 24, 16)));
    transport(u8(at + 6), at + 40, to);
  }

  /** The end of a packet: what its length says, at most what was captured. */
  private static int bounded(int at, int end, int header, int length) {
    return length < header ? end : Math.min(end, at + length);
  }

  private void transport(int protocol, int at, int end) {
    switch (protocol) {
      case 0, 43, 60, 51 -> extension(protocol, at, end);
      case 44 -> fragment(at, end);
      case 1 -> icmp(true, at, end);
      case 58 -> icmp(false, at, end);
      case 6 -> tcp(at, end);
      case 17 -> udp(at, end);
      case 132 -> sctp(at, end);
      case 4 -> ipv4(at, end);
      case 41 -> ipv6(at, end);
      default -> {}
    }
  }

  private void extension(int kind, int at, int end) {
    if (lacks(at, end, 8)) {
      return;
    }
    int size = kind == 51 ? (u8(at + 1) + 2) * 4 : (u8(at + 1) + 1) * 8;
    if (lacks(at, end, size)) {
      return;
    }
    layers.add(new Layer.Ipv6Extension(new Span(at, size, end - at - size), kind, u8(at)));
    transport(u8(at), at + size, end);
  }

  private void fragment(int at, int end) {
    if (lacks(at, end, 8)) {
      return;
    }
    int offset = u16(at + 2) >> 3;
    layers.add(
        new Layer.Ipv6Fragment(
            new Span(at, 8, end - at - 8), u8(at), offset, (u8(at + 3) & 1) != 0, u32(at + 4)));
    if (offset == 0) {
      transport(u8(at), at + 8, end);
    }
  }

  private void icmp(boolean v4, int at, int end) {
    if (lacks(at, end, 8)) {
      return;
    }
    var span = new Span(at, 8, end - at - 8);
    layers.add(
        v4
            ? new Layer.Icmpv4(span, u8(at), u8(at + 1), u16(at + 2), u16(at + 4), u16(at + 6))
            : new Layer.Icmpv6(span, u8(at), u8(at + 1), u16(at + 2), u16(at + 4), u16(at + 6)));
  }

  private void tcp(int at, int end) {
    if (lacks(at, end, 20)) {
      return;
    }
    int header = (u8(at + 12) >> 4) * 4;
    if (header < 20 || lacks(at, end, header)) {
      return;
    }
    layers.add(
        new Layer.Tcp(
            new Span(at, header, end - at - header),
            u16(at),
            u16(at + 2),
            u32(at + 4),
            u32(at + 8),
            u16(at + 12) & 0x1FF,
            u16(at + 14),
            u16(at + 16),
            u16(at + 18)));
  }

  private void udp(int at, int end) {
    if (lacks(at, end, 8)) {
      return;
    }
    int port = u16(at + 2);
    layers.add(
        new Layer.Udp(new Span(at, 8, end - at - 8), u16(at), port, u16(at + 4), u16(at + 6)));
    if (vxlanPort.isPresent() && port == vxlanPort.getAsInt()) {
      vxlan(at + 8, end);
    }
  }

  private void vxlan(int at, int end) {
    if (lacks(at, end, 8)) {
      return;
    }
    layers.add(
        new Layer.Vxlan(
            new Span(at, 8, end - at - 8), (int) (u32(at + 4) >> 8), (u8(at) & 8) != 0));
    ethernet(at + 8, end);
  }

  private void sctp(int at, int end) {
    if (lacks(at, end, 12)) {
      return;
    }
    layers.add(
        new Layer.Sctp(
            new Span(at, 12, end - at - 12), u16(at), u16(at + 2), u32(at + 4), u32(at + 8)));
  }

  private int u8(int at) {
    return data[at] & 0xFF;
  }

  private int u16(int at) {
    return u8(at) << 8 | u8(at + 1);
  }

  private long u32(int at) {
    return (long) u16(at) << 16 | u16(at + 2);
  }

  private MacAddress mac(int at) {
    return MacAddress.ofBytes(Arrays.copyOfRange(data, at, at + 6));
  }

  private IpAddress address(int at, int size) {
    return IpAddress.ofBytes(Arrays.copyOfRange(data, at, at + size));
  }
}
