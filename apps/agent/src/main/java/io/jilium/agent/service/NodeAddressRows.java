// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.service;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.service.Place;
import io.jilium.datapath.FrontendKey;
import io.jilium.datapath.NodeAddressFlag;
import io.jilium.datapath.NodeAddressKey;
import io.jilium.datapath.NodeAddressMap;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The addresses of nodes, and which of them serve node ports. */
final class NodeAddressRows {
  private static final List<IpAddress> LOOPBACK =
      List.of(IpAddress.parse("127.0.0.1"), IpAddress.parse("::1"));

  private NodeAddressMap map;
  private final String self;
  private final List<IpPrefix> ranges;
  private Map<NodeAddressKey, Integer> mirror;

  /**
   * @param self {@link Node#fullName} of this node
   * @param ranges of addresses that serve node ports; empty means all
   */
  NodeAddressRows(NodeAddressMap map, String self, List<IpPrefix> ranges) {
    this.map = map;
    this.self = self;
    this.ranges = ranges;
    this.mirror = map.entries();
  }

  /** Goes on with a map that has the same in it, and more room. */
  void moveTo(NodeAddressMap larger) {
    map = larger;
  }

  /** Looks at the kernel again. */
  void read() {
    mirror = map.entries();
  }

  /** Makes the map what the nodes say; returns the addresses that changed, as whole ones. */
  List<FrontendKey> update(Collection<Node> nodes) {
    var wanted = new HashMap<NodeAddressKey, Integer>();
    for (var node : nodes) {
      boolean own = node.fullName().equals(self);
      for (var address : node.addresses()) {
        if (own || address.type() != NodeAddress.Type.CILIUM_INTERNAL_IP) {
          put(wanted, address.address(), own);
        }
      }
    }
    LOOPBACK.forEach(address -> put(wanted, address, true));
    var changed = new HashMap<NodeAddressKey, Integer>();
    wanted.forEach((key, flags) -> {
      if (!flags.equals(mirror.get(key))) {
        changed.put(key, flags);
      }
    });
    map.putAll(changed);
    var gone = mirror.keySet().stream().filter(key -> !wanted.containsKey(key)).toList();
    map.deleteAll(gone);
    mirror = wanted;
    return Stream.concat(changed.keySet().stream(), gone.stream())
        .map(key -> FrontendRows.whole(key.address()))
        .toList();
  }

  private void put(Map<NodeAddressKey, Integer> to, IpAddress address, boolean own) {
    boolean serves = ranges.isEmpty() || ranges.stream().anyMatch(r -> r.contains(address));
    int flags =
        (own ? NodeAddressFlag.OWN.number() : 0) | (serves ? NodeAddressFlag.PORTS.number() : 0);
    to.merge(new NodeAddressKey(address), flags, (a, b) -> a | b);
  }

  /** Whose ports those at the address are, as programs see it. */
  Place place(IpAddress address) {
    int flags = mirror.getOrDefault(new NodeAddressKey(address), 0);
    if (NodeAddressFlag.OWN.in(flags)) {
      return Place.THIS_NODE;
    }
    return NodeAddressFlag.PORTS.in(flags) ? Place.OTHER_NODE : Place.NO_NODE;
  }

  /** The addresses of all nodes. */
  static Set<IpAddress> all(Collection<Node> nodes) {
    return nodes.stream()
        .flatMap(node -> node.addresses().stream())
        .map(NodeAddress::address)
        .collect(Collectors.toSet());
  }
}
