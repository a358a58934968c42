// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kit;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Builds packets layer by layer, outermost first; lengths, next-protocol fields and checksums are
 * filled in. A modifier such as {@link #ttl} changes the layer added last that has such a field.
 *
 * <pre>
 *   ethernet("02:00:00:00:00:01", "02:00:00:00:00:02").ipv4("10.0.0.1", "10.0.0.2").ttl(1)
 *       .tcp(1234, 80).flags("S").bytes()
 * </pre>
 */
public final class PacketBuilder {
  private final List<Layer> layers = new ArrayList<>();
  private byte[] payload = new byte[0];

  private PacketBuilder() {}

  /** Starts with an Ethernet header; its type follows from the next layer. */
  public static PacketBuilder ethernet(String source, String destination) {
    return new PacketBuilder().innerEthernet(source, destination);
  }

  /** Starts without Ethernet, as on an L3 device or inside an ICMP error. */
  public static PacketBuilder bare() {
    return new PacketBuilder();
  }

  /** An Ethernet header inside a tunnel. */
  public PacketBuilder innerEthernet(String source, String destination) {
    layers.add(new Layer(LayerKind.ETHERNET, join(mac(destination), mac(source), new byte[2])));
    return this;
  }

  /** An 802.1Q tag. */
  public PacketBuilder vlan(int id) {
    var tag = new byte[4];
    put16(tag, 0, id);
    layers.add(new Layer(LayerKind.VLAN, tag));
    return this;
  }

  /** Sets the Ethernet type by hand. */
  public PacketBuilder etherType(int type) {
    last(LayerKind.ETHERNET).next = type;
    return this;
  }

  /** IPv4 with TTL 64, no options. */
  public PacketBuilder ipv4(String source, String destination) {
    var header = new byte[20];
    header[0] = 0x45;
    header[8] = 64;
    System.arraycopy(ip(source, 4), 0, header, 12, 4);
    System.arraycopy(ip(destination, 4), 0, header, 16, 4);
    layers.add(new Layer(LayerKind.IPV4, header));
    return this;
  }

  /** IPv6 with hop limit 64. */
  public PacketBuilder ipv6(String source, String destination) {
    var header = new byte[40];
    header[0] = 0x60;
    header[7] = 64;
    System.arraycopy(ip(source, 16), 0, header, 8, 16);
    System.arraycopy(ip(destination, 16), 0, header, 24, 16);
    layers.add(new Layer(LayerKind.IPV6, header));
    return this;
  }

  /** Either family, by the form of the addresses. */
  public PacketBuilder ip(String source, String destination) {
    return source.indexOf(':') < 0 ? ipv4(source, destination) : ipv6(source, destination);
  }

  /**
   * Puts the first IP packet so far into another one from this source to the same destination, with
   * TTL 64 and, for IPv4, "don't fragment".
   */
  public PacketBuilder inAnother(String source) {
    int first = 0;
    while (layers.get(first).kind != LayerKind.IPV4 && layers.get(first).kind != LayerKind.IPV6) {
      first++;
    }
    var inner = layers.get(first);
    boolean v4 = inner.kind == LayerKind.IPV4;
    byte[] header = Arrays.copyOf(inner.header, v4 ? 20 : 40);
    header[0] = (byte) (v4 ? 0x45 : 0x60);
    header[6] = (byte) (v4 ? 0x40 : 0);
    header[v4 ? 8 : 7] = 64;
    System.arraycopy(ip(source, v4 ? 4 : 16), 0, header, v4 ? 12 : 8, v4 ? 4 : 16);
    layers.add(first, new Layer(inner.kind, header));
    return this;
  }

  /** TTL or hop limit. */
  public PacketBuilder ttl(int ttl) {
    var layer = lastIp();
    layer.header[layer.kind == LayerKind.IPV4 ? 8 : 7] = (byte) ttl;
    return this;
  }

  /** Type of service or traffic class. */
  public PacketBuilder tos(int tos) {
    var layer = lastIp();
    if (layer.kind == LayerKind.IPV4) {
      layer.header[1] = (byte) tos;
    } else {
      layer.header[0] = (byte) (0x60 | tos >> 4);
      layer.header[1] = (byte) (tos << 4);
    }
    return this;
  }

  /** IPv4 identification. */
  public PacketBuilder id(int id) {
    put16(last(LayerKind.IPV4).header, 4, id);
    return this;
  }

  /** IPv4 "don't fragment". */
  public PacketBuilder dontFragment() {
    last(LayerKind.IPV4).header[6] |= 0x40;
    return this;
  }

  /** IPv4 options, padded to four bytes. */
  public PacketBuilder ipv4Options(byte... options) {
    var layer = last(LayerKind.IPV4);
    layer.header = Arrays.copyOf(layer.header, 20 + (options.length + 3) / 4 * 4);
    System.arraycopy(options, 0, layer.header, 20, options.length);
    layer.header[0] = (byte) (0x40 | layer.header.length / 4);
    return this;
  }

  /** An IPv6 hop-by-hop (0), routing (43) or destination options (60) header of eight bytes. */
  public PacketBuilder extension(int protocol) {
    var layer = new Layer(LayerKind.EXTENSION, new byte[8]);
    layer.protocol = protocol;
    if (protocol != 43) {
      layer.header[2] = 1;
      layer.header[3] = 4;
    }
    layers.add(layer);
    return this;
  }

  /** An IPv6 header of destination options; with its first two bytes a multiple of eight. */
  public PacketBuilder destinationOptions(byte... options) {
    var header = new byte[options.length + 2];
    if (header.length % 8 != 0) {
      throw new IllegalArgumentException("a header of " + header.length + " bytes");
    }
    header[1] = (byte) (header.length / 8 - 1);
    System.arraycopy(options, 0, header, 2, options.length);
    var layer = new Layer(LayerKind.EXTENSION, header);
    layer.protocol = 60;
    layers.add(layer);
    return this;
  }

  /** Overrides the protocol or next-header field of the last IP or extension layer. */
  public PacketBuilder protocol(int protocol) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      var kind = layers.get(i).kind;
      if (kind == LayerKind.IPV4 || kind == LayerKind.IPV6 || kind == LayerKind.EXTENSION) {
        layers.get(i).next = protocol;
        return this;
      }
    }
    throw new IllegalStateException("no IP layer");
  }

  /** TCP, no flags, window 65535. */
  public PacketBuilder tcp(int source, int destination) {
    var header = new byte[20];
    ports(header, source, destination);
    header[12] = 0x50;
    put16(header, 14, 65535);
    layers.add(new Layer(LayerKind.TCP, header));
    return this;
  }

  /** TCP flags by letter: F S R P A U E C. */
  public PacketBuilder flags(String flags) {
    int bits = 0;
    for (int i = 0; i < flags.length(); i++) {
      int bit = "FSRPAUEC".indexOf(flags.charAt(i));
      if (bit < 0) {
        throw new IllegalArgumentException("TCP flags " + flags);
      }
      bits |= 1 << bit;
    }
    last(LayerKind.TCP).header[13] = (byte) bits;
    return this;
  }

  /** TCP sequence and acknowledgement numbers. */
  public PacketBuilder sequence(int sequence, int acknowledgement) {
    put32(last(LayerKind.TCP).header, 4, sequence);
    put32(last(LayerKind.TCP).header, 8, acknowledgement);
    return this;
  }

  /** UDP. */
  public PacketBuilder udp(int source, int destination) {
    var header = new byte[8];
    ports(header, source, destination);
    layers.add(new Layer(LayerKind.UDP, header));
    return this;
  }

  /** UDP without a checksum. */
  public PacketBuilder noChecksum() {
    last(LayerKind.UDP).checksum = false;
    return this;
  }

  /** SCTP common header with its CRC32c; the payload is chunks. */
  public PacketBuilder sctp(int source, int destination) {
    var header = new byte[12];
    ports(header, source, destination);
    layers.add(new Layer(LayerKind.SCTP, header));
    return this;
  }

  /** ICMP or ICMPv6, by the IP layer before it, with the four bytes after the checksum. */
  public PacketBuilder icmp(int type, int code, int rest) {
    var header = new byte[8];
    header[0] = (byte) type;
    header[1] = (byte) code;
    put32(header, 4, rest);
    layers.add(
        new Layer(lastIp().kind == LayerKind.IPV4 ? LayerKind.ICMP : LayerKind.ICMP6, header));
    return this;
  }

  /** Echo request of the right family. */
  public PacketBuilder echo(int id, int sequence) {
    return icmp(lastIp().kind == LayerKind.IPV4 ? 8 : 128, 0, id << 16 | (sequence & 0xFFFF));
  }

  /** Echo reply of the right family. */
  public PacketBuilder echoReply(int id, int sequence) {
    return icmp(lastIp().kind == LayerKind.IPV4 ? 0 : 129, 0, id << 16 | (sequence & 0xFFFF));
  }

  /** ICMPv6 neighbour solicitation with the source's link-layer address. */
  public PacketBuilder neighbourSolicitation(String target, String sourceMac) {
    icmp(135, 0, 0);
    byte[] option = {1, 1};
    return payload(join(ip(target, 16), option, mac(sourceMac))).ttl(255);
  }

  /** ARP request after Ethernet. */
  public PacketBuilder arpRequest(String senderMac, String senderAddress, String targetAddress) {
    var fixed = new byte[] {0, 1, 8, 0, 6, 4, 0, 1};
    layers.add(
        new Layer(
            LayerKind.ARP,
            join(fixed, mac(senderMac), ip(senderAddress, 4), new byte[6], ip(targetAddress, 4))));
    return this;
  }

  /** VXLAN with its VNI; the outer layers, UDP included, come before. */
  public PacketBuilder vxlan(int vni) {
    var header = new byte[8];
    header[0] = 8;
    put32(header, 4, vni << 8);
    layers.add(new Layer(LayerKind.VXLAN, header));
    return this;
  }

  /** What follows the last header. */
  public PacketBuilder payload(byte[] bytes) {
    payload = bytes.clone();
    return this;
  }

  /** So many bytes that count up, so that a shift shows. */
  public PacketBuilder payload(int size) {
    payload = new byte[size];
    for (int i = 0; i < size; i++) {
      payload[i] = (byte) i;
    }
    return this;
  }

  /** The packet. */
  public byte[] bytes() {
    byte[] inner = payload;
    for (int i = layers.size() - 1; i >= 0; i--) {
      inner = wrap(i, inner);
    }
    return inner;
  }

  /** The packet cut into IP fragments; size: transport bytes in each but the last. */
  public List<byte[]> fragments(int size, int id) {
    if (size % 8 != 0) {
      throw new IllegalArgumentException("fragment size " + size + " is not a multiple of 8");
    }
    int ip = layers.indexOf(lastIp());
    byte[] inner = payload;
    for (int i = layers.size() - 1; i > ip; i--) {
      inner = wrap(i, inner);
    }
    var result = new ArrayList<byte[]>();
    for (int offset = 0; offset < inner.length; offset += size) {
      byte[] part = Arrays.copyOfRange(inner, offset, Math.min(inner.length, offset + size));
      result.add(fragment(ip, id, offset, offset + size < inner.length, part));
    }
    return List.copyOf(result);
  }

  private byte[] fragment(int ip, int id, int offset, boolean more, byte[] part) {
    var layer = layers.get(ip);
    int next = nextProtocol(ip);
    byte[] packet;
    if (layer.kind == LayerKind.IPV4) {
      byte[] header = layer.header.clone();
      put16(header, 4, id);
      put16(header, 6, offset / 8 | (more ? 0x2000 : 0));
      packet = new Layer(LayerKind.IPV4, header).wrap(part, next, this, ip);
    } else {
      var header = new byte[8];
      header[0] = (byte) next;
      put16(header, 2, offset | (more ? 1 : 0));
      put32(header, 4, id);
      packet = layer.wrap(join(header, part), 44, this, ip);
    }
    for (int i = ip - 1; i >= 0; i--) {
      packet = wrap(i, packet);
    }
    return packet;
  }

  private byte[] wrap(int index, byte[] inner) {
    return layers.get(index).wrap(inner, nextProtocol(index), this, index);
  }

  private int nextProtocol(int index) {
    var layer = layers.get(index);
    if (layer.next >= 0) {
      return layer.next;
    }
    if (index + 1 == layers.size()) {
      return layer.kind == LayerKind.ETHERNET ? 0 : 59;
    }
    var next = layers.get(index + 1);
    return layer.kind == LayerKind.ETHERNET || layer.kind == LayerKind.VLAN
        ? next.kind.etherType
        : next.kind == LayerKind.EXTENSION ? next.protocol : next.kind.protocol;
  }

  /** Sum of the pseudo header for a transport layer at index. */
  private int pseudo(int index, int protocol, int length) {
    for (int i = index - 1; i >= 0; i--) {
      var layer = layers.get(i);
      if (layer.kind == LayerKind.IPV4) {
        return Checksums.pseudo(
            Arrays.copyOfRange(layer.header, 12, 16),
            Arrays.copyOfRange(layer.header, 16, 20),
            protocol,
            length);
      }
      if (layer.kind == LayerKind.IPV6) {
        return Checksums.pseudo(
            Arrays.copyOfRange(layer.header, 8, 24),
            Arrays.copyOfRange(layer.header, 24, 40),
            protocol,
            length);
      }
    }
    throw new IllegalStateException("a transport layer needs an IP layer before it");
  }

  private Layer lastIp() {
    for (int i = layers.size() - 1; i >= 0; i--) {
      var layer = layers.get(i);
      if (layer.kind == LayerKind.IPV4 || layer.kind == LayerKind.IPV6) {
        return layer;
      }
    }
    throw new IllegalStateException("no IP layer");
  }

  private Layer last(LayerKind kind) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      if (layers.get(i).kind == kind) {
        return layers.get(i);
      }
    }
    throw new IllegalStateException("no layer " + kind);
  }

  private static final class Layer {
    private final LayerKind kind;
    private byte[] header;
    private int next = -1;
    private int protocol;
    private boolean checksum = true;

    Layer(LayerKind kind, byte[] header) {
      this.kind = kind;
      this.header = header;
    }

    byte[] wrap(byte[] inner, int nextProtocol, PacketBuilder packet, int index) {
      byte[] all = join(header, inner);
      switch (kind) {
        case ETHERNET -> put16(all, 12, nextProtocol);
        case VLAN -> put16(all, 2, nextProtocol);
        case EXTENSION -> all[0] = (byte) nextProtocol;
        case IPV4 -> {
          put16(all, 2, all.length);
          all[9] = (byte) nextProtocol;
          put16(all, 10, Checksums.internet(all, 0, header.length, 0));
        }
        case IPV6 -> {
          put16(all, 4, inner.length);
          all[6] = (byte) nextProtocol;
        }
        case TCP -> put16(all, 16, transport(all, packet, index));
        case UDP -> {
          put16(all, 4, all.length);
          int sum = transport(all, packet, index);
          put16(all, 6, !checksum ? 0 : sum == 0 ? 0xFFFF : sum);
        }
        case ICMP -> put16(all, 2, Checksums.internet(all, 0, all.length, 0));
        case ICMP6 -> put16(all, 2, transport(all, packet, index));
        case SCTP -> put32(all, 8, Checksums.crc32c(all, 0, all.length));
        case ARP, VXLAN -> {}
      }
      return all;
    }

    private int transport(byte[] all, PacketBuilder packet, int index) {
      int pseudo = packet.pseudo(index, kind.protocol, all.length);
      return Checksums.internet(all, 0, all.length, pseudo);
    }
  }

  private static void ports(byte[] header, int source, int destination) {
    put16(header, 0, source);
    put16(header, 2, destination);
  }

  private static byte[] mac(String mac) {
    return HexFormat.ofDelimiter(":").parseHex(mac);
  }

  private static byte[] ip(String address, int size) {
    byte[] bytes = InetAddress.ofLiteral(address).getAddress();
    if (bytes.length != size) {
      throw new IllegalArgumentException(address + " is of the other family");
    }
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    var all = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  static int get16(byte[] data, int at) {
    return (data[at] & 0xFF) << 8 | (data[at + 1] & 0xFF);
  }

  static int get32(byte[] data, int at) {
    return get16(data, at) << 16 | get16(data, at + 2);
  }

  static void put16(byte[] data, int at, int value) {
    data[at] = (byte) (value >> 8);
    data[at + 1] = (byte) value;
  }

  static void put32(byte[] data, int at, int value) {
    put16(data, at, value >>> 16);
    put16(data, at + 2, value);
  }
}
