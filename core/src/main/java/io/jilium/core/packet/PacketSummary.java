// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.packet;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A packet in a few words: {@code 10.0.0.1:60372 -> 10.0.0.2:80 tcp SYN, ACK}. */
public final class PacketSummary {
  private static final Layer EMPTY =
      new Layer.Ethernet(new Layer.Span(0, 0, 0), MacAddress.ZERO, MacAddress.ZERO, 0);

  private PacketSummary() {}

  /** The innermost connection of the packet. */
  public static String of(DecodedPacket packet) {
    List<Layer> layers = packet.layers();
    var innermost = innermostIp(layers);
    return switch (innermost) {
      case Layer.Ipv4 ip -> flow(ip.source(), ip.destination(), after(layers, ip));
      case Layer.Ipv6 ip -> flow(ip.source(), ip.destination(), after(layers, ip));
      case Layer.Arp arp ->
          arp.operation() == 1
              ? "arp who-has " + arp.target() + " tell " + arp.sender()
              : "arp " + arp.sender() + " is-at " + arp.senderMac();
      case Layer.Ethernet e -> e.source() + " -> " + e.destination() + " " + type(e);
      case Layer other -> LayerText.name(other);
    };
  }

  private static Layer innermostIp(List<Layer> layers) {
    for (Layer layer : layers.reversed()) {
      if (layer instanceof Layer.Ipv4
          || layer instanceof Layer.Ipv6
          || layer instanceof Layer.Arp) {
        return layer;
      }
    }
    return layers.isEmpty() ? EMPTY : layers.getFirst();
  }

  private static String type(Layer.Ethernet layer) {
    return String.format(Locale.ROOT, "0x%04x", layer.type());
  }

  private static List<Layer> after(List<Layer> layers, Layer layer) {
    return layers.subList(layers.indexOf(layer) + 1, layers.size());
  }

  private static String flow(IpAddress from, IpAddress to, List<Layer> rest) {
    for (Layer layer : rest) {
      switch (layer) {
        case Layer.Tcp t -> {
          return ports(from, t.sourcePort(), to, t.destinationPort(), "tcp") + flags(t);
        }
        case Layer.Udp u -> {
          return ports(from, u.sourcePort(), to, u.destinationPort(), "udp");
        }
        case Layer.Sctp s -> {
          return ports(from, s.sourcePort(), to, s.destinationPort(), "sctp");
        }
        case Layer.Icmpv4 i -> {
          return from + " -> " + to + " " + IcmpText.v4(i.type(), i.code());
        }
        case Layer.Icmpv6 i -> {
          return from + " -> " + to + " " + IcmpText.v6(i.type(), i.code());
        }
        default -> {}
      }
    }
    return from + " -> " + to;
  }

  private static String ports(
      IpAddress from, int fromPort, IpAddress to, int toPort, String protocol) {
    return host(from) + ":" + fromPort + " -> " + host(to) + ":" + toPort + " " + protocol;
  }

  private static String host(IpAddress address) {
    return address.isV4() ? address.toString() : "[" + address + "]";
  }

  private static String flags(Layer.Tcp tcp) {
    var names = new ArrayList<String>();
    if (tcp.has(Layer.Tcp.SYN)) {
      names.add("SYN");
    }
    if (tcp.has(Layer.Tcp.ACK)) {
      names.add("ACK");
    }
    if (tcp.has(Layer.Tcp.RST)) {
      names.add("RST");
    }
    if (tcp.has(Layer.Tcp.FIN)) {
      names.add("FIN");
    }
    return names.isEmpty() ? "" : " " + String.join(", ", names);
  }
}
