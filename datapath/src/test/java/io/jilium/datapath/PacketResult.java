// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.DropReason;
import io.jilium.core.packet.DecodedPacket;
import io.jilium.core.packet.Layer;
import io.jilium.core.packet.PacketDecoder;
import io.jilium.core.packet.PacketSummary;
import io.jilium.test.kit.Checksums;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** What a program did to a packet, in one line that a table of tests can expect. */
@SuppressWarnings("ArrayRecordComponent") // compared by text only
record PacketResult(
    byte[] sent, int action, byte[] packet, List<Integer> drops, List<EventRecord> events) {
  private static final OptionalInt VXLAN = OptionalInt.of(8472);
  private static final Map<Integer, String> ACTIONS = Map.of(0, "ok", 2, "shot", 7, "redirect");
  private static final Map<String, String> NAMES =
      Map.of(
          PacketLab.MAC_A, "A",
          PacketLab.MAC_B, "B",
          PacketLab.MAC_LXC_A, "lxcA",
          PacketLab.MAC_LXC_B, "lxcB",
          PacketLab.MAC_ETH0, "eth0",
          PacketLab.MAC_OTHER, "other",
          PacketLab.MAC_GATEWAY, "gateway");

  /**
   * {@code redirect eth0>gateway node:50000 -> world:80 tcp SYN ttl 63}, or {@code shot: Invalid
   * source ip}. A tunnelled packet shows its outer header first.
   */
  String text(Ip ip) {
    return ip.names(text());
  }

  private String text() {
    var text = new StringBuilder(ACTIONS.getOrDefault(action, "action " + action));
    if (!drops.isEmpty()) {
      text.append(": ")
          .append(drops.stream().map(DropReason::text).collect(Collectors.joining(", ")));
    }
    if (!text.toString().startsWith("shot")) {
      text.append(' ').append(packetText());
    }
    return text.toString();
  }

  /** The packet that an ICMP error at hand quotes, as {@code world:1234 -> node:80 tcp}. */
  String quoted(Ip ip) {
    int start = 14 + (ip.isV4() ? 20 : 40) + 8;
    byte[] inner = Arrays.copyOfRange(packet, start, packet.length);
    return ip.names(PacketSummary.of(PacketDecoder.ip(inner, OptionalInt.empty())));
  }

  DecodedPacket decoded() {
    return PacketDecoder.ethernet(packet, VXLAN);
  }

  private String packetText() {
    var parts = new ArrayList<String>();
    var decoded = decoded();
    for (var layer : decoded.layers()) {
      switch (layer) {
        case Layer.Ethernet e ->
            parts.add(name(e.source().toString()) + ">" + name(e.destination().toString()));
        case Layer.Vxlan v -> parts.add(outer(decoded) + " vni " + v.vni() + ",");
        default -> {}
      }
    }
    parts.add(PacketSummary.of(decoded));
    for (var layer : decoded.layers().reversed()) {
      if (layer instanceof Layer.Ipv4 inner) {
        parts.add("ttl " + inner.ttl());
        break;
      }
      if (layer instanceof Layer.Ipv6 inner) {
        parts.add("ttl " + inner.hopLimit());
        break;
      }
    }
    return String.join(" ", parts);
  }

  private static String outer(DecodedPacket decoded) {
    var ip = decoded.first(Layer.Ipv4.class).orElseThrow();
    return ip.source() + " -> " + ip.destination();
  }

  private static String name(String mac) {
    return NAMES.getOrDefault(mac, mac);
  }

  /** Wrong checksums and lengths of what came out. */
  List<String> faults() {
    return Checksums.faults(packet);
  }
}
