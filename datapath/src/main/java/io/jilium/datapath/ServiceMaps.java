// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import java.util.ArrayDeque;

/** Handles of the maps of services. */
public record ServiceMaps(
    FrontendMap frontends,
    BackendArray backends,
    SlotArray slots,
    MaglevMap maglev,
    MemberMap members,
    AffinityMap affinity,
    SourceRangeMap sourceRanges,
    NodeAddressMap nodeAddresses,
    SocketFlowMap socketFlows)
    implements AutoCloseable {
  /** Opens handles of its own. */
  static ServiceMaps of(Programs programs) {
    var opened = new ArrayDeque<Runnable>();
    try {
      var frontends = new FrontendMap(programs.map(DatapathMap.FRONTENDS));
      opened.push(frontends::close);
      var backends = new BackendArray(programs.map(DatapathMap.BACKENDS));
      opened.push(backends::close);
      var slots = new SlotArray(programs.map(DatapathMap.BACKEND_SLOTS));
      opened.push(slots::close);
      var maglev = new MaglevMap(programs.map(DatapathMap.MAGLEV));
      opened.push(maglev::close);
      var members = new MemberMap(programs.map(DatapathMap.MEMBERS));
      opened.push(members::close);
      var affinity = new AffinityMap(programs.map(DatapathMap.AFFINITY));
      opened.push(affinity::close);
      var ranges = new SourceRangeMap(programs.map(DatapathMap.SOURCE_RANGES));
      opened.push(ranges::close);
      var nodes = new NodeAddressMap(programs.map(DatapathMap.NODE_ADDRESSES));
      opened.push(nodes::close);
      var flows = new SocketFlowMap(programs.map(DatapathMap.SOCKET_FLOWS));
      opened.clear();
      return new ServiceMaps(
          frontends, backends, slots, maglev, members, affinity, ranges, nodes, flows);
    } finally {
      opened.forEach(Runnable::run);
    }
  }

  /** The entries that a map can have. */
  public int capacity(DatapathMap map) {
    return switch (map) {
      case FRONTENDS -> frontends.capacity();
      case BACKENDS -> backends.capacity();
      case BACKEND_SLOTS -> slots.capacity();
      case MAGLEV -> maglev.capacity();
      case MEMBERS -> members.capacity();
      case AFFINITY -> affinity.capacity();
      case SOURCE_RANGES -> sourceRanges.capacity();
      case NODE_ADDRESSES -> nodeAddresses.capacity();
      case SOCKET_FLOWS -> socketFlows.capacity();
      default -> throw new IllegalArgumentException(map + " is no map of services");
    };
  }

  @Override
  public void close() {
    frontends.close();
    backends.close();
    slots.close();
    maglev.close();
    members.close();
    affinity.close();
    sourceRanges.close();
    nodeAddresses.close();
    socketFlows.close();
  }
}
