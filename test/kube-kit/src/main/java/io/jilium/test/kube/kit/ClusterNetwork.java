// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A cluster's wires: the namespace "control" holds a bridge that joins the nodes to the control
 * plane, 192.168.N.1. The machine itself has one device on it, 192.168.N.254, by which commands
 * reach the API; nothing is forwarded to or from anywhere else.
 */
final class ClusterNetwork {
  private static final int FIRST = 60;
  private static final int LAST = 240;
  private static final int FIRST_NODE = 10;
  private static final String BRIDGE = "br0";

  private final ClusterPlaces places;
  private final int number;
  private final boolean dualStack;

  private ClusterNetwork(ClusterPlaces places, int number, boolean dualStack) {
    this.places = places;
    this.number = number;
    this.dualStack = dualStack;
  }

  /** The network that the cluster has; a free subnet is chosen for a new one. */
  static ClusterNetwork of(ClusterPlaces places, boolean dualStack) {
    try {
      if (!Files.exists(places.subnet())) {
        KubePrograms.inCacheLocked(
            () -> Files.writeString(places.subnet(), Integer.toString(choose())));
      }
      return new ClusterNetwork(
          places, Integer.parseInt(Files.readString(places.subnet())), dualStack);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int choose() throws IOException {
    var used = new HashSet<Integer>();
    try (var clusters = Files.newDirectoryStream(ClusterPlaces.all())) {
      for (var cluster : clusters) {
        var file = cluster.resolve("subnet");
        if (Files.exists(file)) {
          used.add(Integer.parseInt(Files.readString(file)));
        }
      }
    }
    used.addAll(ofThisMachine());
    for (int candidate = FIRST; candidate <= LAST; candidate++) {
      if (!used.contains(candidate)) {
        return candidate;
      }
    }
    throw new KubeException(
        "no free subnet between 192.168.%d.0/24 and 192.168.%d.0/24: take clusters down"
            .formatted(FIRST, LAST));
  }

  private static Set<Integer> ofThisMachine() throws IOException {
    var used = new HashSet<Integer>();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .map(InetAddress::getAddress)
        .filter(bytes -> (bytes[0] & 0xFF) == 192 && (bytes[1] & 0xFF) == 168)
        .forEach(bytes -> used.add(bytes[2] & 0xFF));
    return used;
  }

  String controlAddress() {
    return "192.168." + number + ".1";
  }

  String nodeAddress(int node) {
    return "192.168." + number + "." + (FIRST_NODE + node);
  }

  /** Of IPv4, and of IPv6 in dual stack. */
  List<String> nodeAddresses(int node) {
    return dualStack
        ? List.of(nodeAddress(node), v6(FIRST_NODE + node))
        : List.of(nodeAddress(node));
  }

  private String v6(int host) {
    return "fd00:192:168:%d::%d".formatted(number, host);
  }

  /** Makes what is missing. */
  void create() {
    String control = places.controlNamespace();
    if (Netns.exists(ClusterPlaces.namespaceFile(control))) {
      return;
    }
    Netns.create(ClusterPlaces.namespaceFile(control)).close();
    in(control, "link set lo up");
    in(control, "link add %s type bridge".formatted(BRIDGE));
    in(control, "addr add %s/24 dev %s".formatted(controlAddress(), BRIDGE));
    in(control, "link set %s up".formatted(BRIDGE));
    // A node's way to anywhere else ends here, and it is told so.
    in(control, "route add unreachable default table 250");
    in(control, "rule add iif %s lookup 250 priority 250".formatted(BRIDGE));
    sysctl(control, "net/ipv4/ip_forward", 1);
    if (dualStack) {
      in(control, "addr add %s/64 dev %s nodad".formatted(v6(1), BRIDGE));
      in(control, "-6 route add unreachable default table 250");
      in(control, "-6 rule add iif %s lookup 250 priority 250".formatted(BRIDGE));
      sysctl(control, "net/ipv6/conf/all/forwarding", 1);
    }
    ip("link add %s type veth peer name machine netns %s".formatted(device(), control));
    in(control, "link set machine master %s up".formatted(BRIDGE));
    ip("addr add 192.168.%d.254/24 dev %s".formatted(number, device()));
    ip("link set %s up".formatted(device()));
  }

  /** Plugs a node in; one that is plugged in stays so. */
  void createNode(String node, int nodeNumber) {
    String namespace = places.nodeNamespace(node);
    if (Netns.exists(ClusterPlaces.namespaceFile(namespace))) {
      return;
    }
    Netns.create(ClusterPlaces.namespaceFile(namespace)).close();
    in(namespace, "link set lo up");
    String control = places.controlNamespace();
    in(control, "link add %s type veth peer name eth0 netns %s".formatted(node, namespace));
    in(control, "link set %s master %s up".formatted(node, BRIDGE));
    in(namespace, "addr add %s/24 dev eth0".formatted(nodeAddress(nodeNumber)));
    in(namespace, "link set eth0 up");
    in(namespace, "route add default via %s".formatted(controlAddress()));
    sysctl(namespace, "net/ipv4/ip_forward", 1);
    if (dualStack) {
      in(namespace, "addr add %s/64 dev eth0 nodad".formatted(v6(FIRST_NODE + nodeNumber)));
      in(namespace, "-6 route add default via %s".formatted(v6(1)));
      sysctl(namespace, "net/ipv6/conf/all/forwarding", 1);
    }
  }

  /** Gives a node the address of another number; of IPv4 alone. */
  void changeAddress(String node, int from, int to) {
    String namespace = places.nodeNamespace(node);
    in(namespace, "addr del %s/24 dev eth0".formatted(nodeAddress(from)));
    in(namespace, "addr add %s/24 dev eth0".formatted(nodeAddress(to)));
    in(namespace, "route replace default via %s".formatted(controlAddress()));
  }

  /** Unplugs a node. Its processes must have ended. */
  void removeNode(String node) {
    Netns.delete(ClusterPlaces.namespaceFile(places.nodeNamespace(node)));
  }

  /** How the control plane reaches pods of a node. */
  void routeFromControlPlane(String cidr, int nodeNumber) {
    in(
        places.controlNamespace(),
        "route replace %s via %s"
            .formatted(
                cidr, cidr.contains(":") ? v6(FIRST_NODE + nodeNumber) : nodeAddress(nodeNumber)));
  }

  void routeFromNode(String node, String cidr, int to) {
    in(places.nodeNamespace(node), "route replace %s via %s".formatted(cidr, nodeAddress(to)));
  }

  /** Removes every namespace of the cluster and the machine's device. */
  static void remove(ClusterPlaces places) {
    if (Files.exists(places.subnet())) {
      // Its other end may live on with the namespace while a process has it open.
      Command.of("ip", "link", "del", of(places, false).device()).attempt();
    }
    try (var files =
        Files.newDirectoryStream(ClusterPlaces.NAMED_NAMESPACES, places.prefix() + "*")) {
      for (Path file : files) {
        Netns.delete(file);
      }
    } catch (java.nio.file.NoSuchFileException _) {
      // No namespace was ever named on this machine.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String device() {
    return "jilium-kube" + number;
  }

  private static void sysctl(String namespace, String path, int value) {
    try (var netns = Netns.open(ClusterPlaces.namespaceFile(namespace))) {
      netns.execute(() -> Sysctl.write(path, value));
    }
  }

  private static void in(String namespace, String arguments) {
    ip("-n " + namespace + " " + arguments);
  }

  private static void ip(String arguments) {
    Command.of("ip").with(List.of(arguments.split(" ", -1))).run();
  }
}
