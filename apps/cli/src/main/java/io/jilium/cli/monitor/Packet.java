// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A captured packet, taken apart as far as the capture reaches. Addresses and ports are those of
 * the innermost IP header.
 *
 * @param layers outermost first
 * @param link source and destination MAC
 * @param network source and destination IP address
 * @param tunnel outer addresses of an encapsulated packet
 * @param transport what follows the IP header
 */
record Packet(
    List<Layer> layers,
    Optional<Pair> link,
    Optional<Pair> network,
    Optional<Pair> tunnel,
    Optional<Transport> transport,
    String innermost) {
  /** Source and destination. */
  record Pair(String src, String dst) {}

  /**
   * What an IP packet carries.
   *
   * @param protocol its IP number
   * @param sport 0 when the protocol has none; of an ICMP echo its identifier
   * @param summary {@code tcp SYN, ACK}, {@code udp}, {@code EchoRequest}
   */
  record Transport(int protocol, int sport, int dport, boolean ports, String summary) {}

  /** Takes apart a frame that begins with an Ethernet header, or else with an IP header. */
  static Packet of(byte[] data, boolean ethernet) {
    var dissector = new Dissector(data);
    dissector.start(ethernet);
    return dissector.packet();
  }

  /** One line: addresses, ports and what it is. */
  String summary() {
    if (network.isEmpty()) {
      return link.map(mac -> mac.src() + " -> " + mac.dst() + " " + innermost).orElse("[unknown]");
    }
    Pair ip = network.get();
    String outer = tunnel.map(out -> " (vxlan " + out.src() + " -> " + out.dst() + ")").orElse("");
    if (transport.isEmpty()) {
      return ip.src() + " -> " + ip.dst() + " " + innermost + outer;
    }
    Transport carried = transport.get();
    String src = carried.ports() ? endpoint(ip.src(), carried.sport()) : ip.src();
    String dst = carried.ports() ? endpoint(ip.dst(), carried.dport()) : ip.dst();
    return src + " -> " + dst + " " + carried.summary() + outer;
  }

  /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}. */
  static String endpoint(String address, int port) {
    return address.contains(":") ? "[" + address + "]:" + port : address + ":" + port;
  }

  /** One header: its name and its fields. */
  record Layer(String name, String fields) {
    String text() {
      return name + "\t{" + fields + "}";
    }
  }

  /** Collects what the dissector finds; an inner packet replaces what an outer one said. */
  static final class Builder {
    private final List<Layer> layers = new ArrayList<>();
    private Optional<Pair> link = Optional.empty();
    private Optional<Pair> network = Optional.empty();
    private Optional<Pair> tunnel = Optional.empty();
    private Optional<Transport> transport = Optional.empty();
    private String innermost = "";

    void layer(String name, String fields) {
      layers.add(new Layer(name, fields));
      innermost = name;
    }

    void link(String src, String dst) {
      link = Optional.of(new Pair(src, dst));
    }

    void network(String src, String dst) {
      network = Optional.of(new Pair(src, dst));
    }

    void transport(Transport found) {
      transport = Optional.of(found);
    }

    void innermost(String what) {
      innermost = what;
    }

    /** What comes now is inside a tunnel. */
    void enterTunnel() {
      tunnel = network;
      network = Optional.empty();
      transport = Optional.empty();
    }

    Packet build() {
      return new Packet(List.copyOf(layers), link, network, tunnel, transport, innermost);
    }
  }
}
