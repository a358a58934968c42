// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.DropReason;
import io.jilium.core.service.FrontendType;
import io.jilium.test.kit.PacketBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Every reason for a drop that the programs know, provoked by a packet of either family. */
@Tag("kernel")
class VerdictTest {
  /** What no packet can provoke, and why. */
  private static final Set<DropReason> UNREACHABLE =
      EnumSet.of(
          DropReason.CT_INSERT_FAILED, // the flow table evicts before it refuses
          DropReason.WRITE_ERROR); // a helper fails on memory that was just checked

  @RegisterExtension static final PacketLab lab = new PacketLab();

  private record Row(DropReason reason, Ip ip, boolean tunnelled, Supplier<PacketResult> packet) {}

  private static PacketBuilder from(Ip ip, String to) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podA, to);
  }

  private static PacketResult pod(PacketBuilder packet) {
    return pod(packet.bytes());
  }

  private static PacketResult pod(byte[] packet) {
    return lab.run(Hook.FROM_POD, lab.lxcA, packet);
  }

  private static PacketResult tunnel(int vni, String source, String destination) {
    var packet =
        PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
            .ipv4(Ip.V4.otherNode, Ip.V4.node)
            .udp(51000, 8472)
            .noChecksum()
            .vxlan(vni)
            .innerEthernet(MAC_OTHER, MAC_ETH0)
            .ip(source, destination)
            .udp(1, 2);
    return lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
  }

  private static List<Row> rows(Ip ip) {
    var dead = ip.isV4() ? "203.0.113.7" : "fd00:bad::7";
    var nobody = ip.isV4() ? "10.244.0.99" : "fd00:10:244::99";
    var many = ip.isV4() ? "224.0.0.251" : "ff02::fb";
    byte[] cut = Arrays.copyOf(from(ip, ip.podB).tcp(1, 2).bytes(), 14 + (ip.isV4() ? 22 : 42));
    byte[] version = from(ip, ip.podB).udp(1, 2).bytes();
    version[14] = (byte) (ip.isV4() ? 0x55 : 0x50);
    var rows = new ArrayList<>(serviceRows(ip));
    rows.addAll(
        List.of(
            row(
                ip,
                DropReason.INVALID_SOURCE_IP,
                () -> pod(PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(ip.podB, ip.podA).udp(1, 2))),
            row(
                ip,
                DropReason.INVALID_SOURCE_IP,
                () -> pod(PacketBuilder.ethernet(MAC_A, MAC_LXC_A).ip(nobody, ip.podB).udp(1, 2))),
            tunnelled(
                ip,
                DropReason.INVALID_SOURCE_IP,
                () -> tunnel(PacketLab.IDENTITY_REMOTE, ip.podB, ip.podA)),
            row(ip, DropReason.INVALID_PACKET, () -> pod(version)),
            row(ip, DropReason.CT_INVALID_HEADER, () -> pod(cut)),
            row(
                ip,
                DropReason.UNSUPPORTED_L2,
                () -> pod(from(ip, ip.podB).udp(1, 2).etherType(0x88CC))),
            row(ip, DropReason.UNSUPPORTED_L3, () -> withoutFamily(ip)),
            row(ip, DropReason.UNSUPPORTED_L2, () -> pod(tagged(ip))),
            row(ip, DropReason.UNKNOWN_TARGET, () -> pod(from(ip, many).udp(5353, 5353))),
            row(ip, DropReason.UNROUTABLE, () -> pod(from(ip, nobody).udp(1, 2))),
            row(ip, DropReason.NO_FIB, () -> pod(from(ip, dead).udp(1, 2))),
            row(ip, DropReason.ENCAPSULATION_PROHIBITED, () -> pod(from(ip, ip.node).udp(1, 8472))),
            tunnelled(ip, DropReason.INVALID_IDENTITY, () -> tunnel(1, ip.remotePod, ip.podA)),
            row(ip, DropReason.TTL_EXCEEDED, () -> pod(from(ip, ip.podB).ttl(1).udp(1, 2))),
            row(ip, DropReason.FRAGMENTATION_NEEDED, () -> pod(tooBig(ip))),
            row(
                ip,
                DropReason.FRAGMENT_NOT_FOUND,
                () -> pod(from(ip, ip.world).udp(1, 2).payload(64).fragments(32, 9).get(1))),
            row(
                ip,
                DropReason.NAT_UNSUPPORTED_PROTOCOL,
                () -> pod(from(ip, ip.world).protocol(47).payload(20))),
            row(ip, DropReason.NAT_NO_MAPPING, () -> exhausted(ip)),
            row(ip, DropReason.NO_TUNNEL_ENDPOINT, () -> withoutTunnelEndpoint(ip)),
            row(
                ip,
                DropReason.NO_TUNNEL_KEY,
                () -> lab.run(Hook.FROM_OVERLAY, lab.vxlan, from(ip, ip.podB).udp(1, 2).bytes())),
            row(
                ip,
                DropReason.HOST_NOT_READY,
                () -> {
                  lab.epoch(0);
                  return pod(from(ip, ip.podB).udp(1, 2));
                })));
    return rows;
  }

  private static List<Row> serviceRows(Ip ip) {
    return List.of(
        row(
            ip,
            DropReason.UNKNOWN_SENDER,
            () -> {
              lab.configure(lab.nativeRouting());
              var told = new Told(DatapathConfig.Dispatch.IP_IN_IP, ip.world);
              var packet = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.podB);
              told.service(packet, ip.service(), 80);
              return lab.run(Hook.FROM_NETDEV, lab.eth0, packet.udp(1, 80).bytes());
            }),
        row(
            ip,
            DropReason.NO_SERVICE,
            () -> {
              var none = lab.services().set(1, SetFlag.DROP.number());
              lab.services().clusterIp(ip.service(), 80, Flows.UDP, none);
              return pod(from(ip, ip.service()).udp(1, 80));
            }),
        row(
            ip,
            DropReason.IS_CLUSTER_IP,
            () -> {
              lab.services().clusterIp(ip.service(), 80, Flows.UDP, lab.services().set(1, 0));
              var packet = PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(ip.world, ip.service());
              return lab.run(Hook.FROM_NETDEV, lab.eth0, packet.udp(1, 80).bytes());
            }),
        row(
            ip,
            DropReason.NOT_IN_SOURCE_RANGE,
            () -> {
              var none = lab.services().set(1, 0);
              int flags = FrontendFlag.RANGES.number();
              lab.services()
                  .frontend(
                      ip.service(), 80, Flows.UDP, FrontendType.LOAD_BALANCER, flags, none, none);
              return pod(from(ip, ip.service()).udp(1, 80));
            }));
  }

  private static Row row(Ip ip, DropReason reason, Supplier<PacketResult> packet) {
    return new Row(reason, ip, false, packet);
  }

  private static Row tunnelled(Ip ip, DropReason reason, Supplier<PacketResult> packet) {
    return new Row(reason, ip, true, packet);
  }

  private static PacketBuilder tagged(Ip ip) {
    return PacketBuilder.ethernet(MAC_A, MAC_LXC_A).vlan(7).ip(ip.podA, ip.podB).udp(1, 2);
  }

  private static PacketBuilder tooBig(Ip ip) {
    var packet = from(ip, ip.remotePod).udp(1, 2).payload(1440);
    return ip.isV4() ? packet.dontFragment() : packet;
  }

  private static PacketResult exhausted(Ip ip) {
    lab.configure(
        Configs.with(
            new DatapathConfig.Devices(lab.host, lab.net, lab.vxlan),
            DatapathConfig.Tunnel.VXLAN,
            new DatapathConfig.Masquerade(
                true, true, Optional.empty(), Optional.empty(), 50000, 50000)));
    pod(from(ip, ip.world).udp(1, 2));
    return pod(from(ip, ip.world).udp(3, 2));
  }

  private static PacketResult withoutTunnelEndpoint(Ip ip) {
    lab.configure(
        Configs.with(
            new DatapathConfig.Devices(lab.host, lab.net, 0),
            DatapathConfig.Tunnel.VXLAN,
            DatapathConfig.Masquerade.NONE));
    lab.ipcache(ip.remotePod, 2001, "203.0.113.1", IpcacheFlag.TUNNEL.number());
    return pod(from(ip, ip.remotePod).udp(1, 2));
  }

  private static PacketResult withoutFamily(Ip ip) {
    var both =
        Configs.with(
            new DatapathConfig.Devices(lab.host, lab.net, lab.vxlan),
            DatapathConfig.Tunnel.VXLAN,
            DatapathConfig.Masquerade.NONE);
    lab.configure(Configs.oneFamily(both, !ip.isV4()));
    return pod(from(ip, ip.podB).udp(1, 2));
  }

  private static List<Row> ipv6Only() {
    var ip = Ip.V6;
    var deep = from(ip, ip.podB);
    for (int i = 0; i < 9; i++) {
      deep.extension(60);
    }
    return List.of(
        row(ip, DropReason.INVALID_EXTENSION_HEADER, () -> pod(deep.udp(1, 2))),
        row(
            ip,
            DropReason.FORBIDDEN_ICMP6,
            () -> pod(from(ip, ip.podB).icmp(134, 0, 0).payload(16))));
  }

  @Test
  void everyReasonIsGivenAndCounted() {
    var seen = EnumSet.noneOf(DropReason.class);
    var wrong = new ArrayList<String>();
    for (var ip : Ip.values()) {
      var rows = new ArrayList<>(rows(ip));
      if (!ip.isV4()) {
        rows.addAll(ipv6Only());
      }
      for (var row : rows) {
        if (row.tunnelled() && !PacketLab.unwraps(ip)) {
          continue; // the device's program refuses it instead
        }
        lab.beforeEach();
        var result = row.packet().get();
        seen.add(row.reason());
        if (!result.drops().equals(List.of(row.reason().number()))) {
          wrong.add(row.ip() + " " + row.reason() + ": " + result.text(ip));
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen).containsAll(used());
  }

  private static Path sources() {
    return Path.of(System.getProperty("jilium.home", "..")).resolve("datapath/src/main/bpf");
  }

  /** The reasons that the sources name. */
  private static Set<DropReason> used() {
    var used = EnumSet.noneOf(DropReason.class);
    var pattern = Pattern.compile("drop\\(DROP_([A-Z0-9_]+)");
    try (var files = Files.list(sources())) {
      for (var file : files.filter(f -> f.toString().matches(".*\\.[ch]")).toList()) {
        pattern
            .matcher(Files.readString(file))
            .results()
            .map(match -> DropReason.valueOf(match.group(1)))
            .forEach(used::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    used.removeAll(UNREACHABLE);
    return used;
  }
}
