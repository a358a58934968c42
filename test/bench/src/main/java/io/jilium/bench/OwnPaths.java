// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Netns;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Pods joined by our programs without agent and lab. */
final class OwnPaths implements AutoCloseable {
  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final List<Path> pins = new ArrayList<>();
  private final Ends ends;

  private OwnPaths(Ends ends, List<OwnNode> nodes, List<? extends AutoCloseable> others) {
    this.ends = ends;
    others.forEach(owned::push);
    nodes.forEach(owned::push);
    owned.push(ends);
    nodes.forEach(node -> pins.add(node.pins()));
  }

  static OwnPaths sameNode() {
    var node = new OwnNode(1);
    try {
      node.start(false);
      var ends = new Ends("our programs", node.addPod(1), node.addPod(2), OwnNode.pod(1, 2));
      return new OwnPaths(ends, List.of(node), List.of());
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  static OwnPaths crossNode(boolean tunnel) {
    var underlay = Netns.createUnnamed();
    var nodes = List.of(new OwnNode(1), new OwnNode(2));
    try (var switching = NetlinkSocket.open(underlay)) {
      switching.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0").up()));
      int bridge = switching.find(Links.byName("br0")).orElseThrow().index();
      var pods = new ArrayList<Netns>();
      for (var node : nodes) {
        node.plug(switching, bridge);
        node.start(tunnel);
        pods.add(node.addPod(1));
      }
      nodes.getFirst().learn(nodes.getLast(), tunnel);
      nodes.getLast().learn(nodes.getFirst(), tunnel);
      var ends = new Ends("our programs", pods.getFirst(), pods.getLast(), OwnNode.pod(2, 1));
      return new OwnPaths(ends, nodes, List.of(underlay));
    } catch (RuntimeException e) {
      nodes.forEach(OwnNode::close);
      underlay.close();
      throw e;
    }
  }

  Ends ends() {
    return ends;
  }

  /** Where the links of the programs are pinned. */
  List<Path> pins() {
    return pins;
  }

  @Override
  public void close() {
    while (!owned.isEmpty()) {
      try {
        owned.pop().close();
      } catch (Exception e) {
        throw new BenchException("cannot clean up: " + e.getMessage(), e);
      }
    }
  }
}
