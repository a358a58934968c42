// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import io.jilium.core.model.DropReason;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sysctl;
import io.jilium.test.kit.BpffsDirectory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two nodes on a bridge, two pods on the first, one on the second, and a world behind a gateway;
 * the programs are attached and the kernel moves the packets.
 */
final class WireLab implements BeforeAllCallback, AfterAllCallback {
  private final boolean tunnel;
  private final boolean clsact;
  private final BpffsDirectory bpffs = new BpffsDirectory();
  private final Deque<Runnable> cleanup = new ArrayDeque<>();
  private final Map<String, Netns> namespaces = new LinkedHashMap<>();
  final List<WireNode> nodes = new ArrayList<>();

  WireLab(boolean tunnel, boolean clsact) {
    this.tunnel = tunnel;
    this.clsact = clsact;
  }

  /** Namespace of {@code a}, {@code b} (first node), {@code c} (second node) or {@code world}. */
  Netns in(String name) {
    var netns = namespaces.get(name);
    if (netns == null) {
      throw new NoSuchElementException(name);
    }
    return netns;
  }

  String address(String name, boolean v4) {
    return switch (name) {
      case "a" -> nodes.get(0).pod(10, v4);
      case "b" -> nodes.get(0).pod(11, v4);
      case "c" -> nodes.get(1).pod(10, v4);
      case "node1" -> nodes.get(0).underlay(v4);
      case "node2" -> nodes.get(1).underlay(v4);
      case "world" -> v4 ? "198.51.100.1" : "fd00:198::1";
      default -> throw new NoSuchElementException(name);
    };
  }

  private Netns create(String name) {
    var netns = Netns.createUnnamed();
    cleanup.push(netns::close);
    namespaces.put(name, netns);
    return netns;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    cleanup.push(() -> bpffs.afterEach(context));
    var wire = create("wire");
    try (var netlink = NetlinkSocket.open(wire)) {
      netlink.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br").up()));
      int bridge = netlink.find(Links.byName("br")).orElseThrow().index();
      for (var name : List.of("node1", "node2", "world")) {
        netlink.apply(
            Links.createVeth(
                LinkSettings.named("to-" + name).master(bridge),
                LinkSettings.named("eth0").netns(create(name))));
        netlink.apply(Links.set("to-" + name, LinkSettings.none().up()));
        try (var inside = NetlinkSocket.open(in(name))) {
          inside.apply(Links.set("eth0", LinkSettings.none().up()));
          inside.apply(Links.set("lo", LinkSettings.none().up()));
        }
      }
    }
    world();
    for (int i = 1; i <= 2; i++) {
      var node = new WireNode(i, in("node" + i), bpffs.path().resolve("node" + i), tunnel, clsact);
      cleanup.push(node::close);
      nodes.add(node);
    }
    nodes.get(0).meet(nodes.get(1));
    nodes.get(1).meet(nodes.get(0));
    pod("a", nodes.get(0), 10);
    pod("b", nodes.get(0), 11);
    pod("c", nodes.get(1), 10);
  }

  private void world() {
    try (var netlink = NetlinkSocket.open(in("world"))) {
      int eth0 = netlink.find(Links.byName("eth0")).orElseThrow().index();
      int lo = netlink.find(Links.byName("lo")).orElseThrow().index();
      WireNode.add(netlink, eth0, "172.30.0.254/24");
      WireNode.add(netlink, eth0, "fd00:172:30::fe/64");
      WireNode.add(netlink, lo, "198.51.100.1/32");
      WireNode.add(netlink, lo, "fd00:198::1/128");
    }
    in("world").execute(() -> Sysctl.write("net/ipv4/ip_forward", 1));
  }

  private void pod(String name, WireNode node, int number) {
    node.addPod(number, create(name));
    for (var other : nodes) {
      if (other != node) {
        other.know(node, number);
      }
    }
  }

  /** What a command in a namespace printed; fails if it fails. */
  String command(String name, String... words) {
    return in(name)
        .run(() -> {
          var process = new ProcessBuilder(words).redirectErrorStream(true).start();
          var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          if (process.waitFor() != 0) {
            throw new AssertionError(name + ": " + String.join(" ", words) + "\n" + output);
          }
          return output;
        });
  }

  /** Whether somebody captures packets there. */
  boolean isListening(String name) {
    return command(name, "cat", "/proc/thread-self/net/packet").lines().count() > 1;
  }

  /** What the programs dropped so far, for a failure's message. */
  String drops() {
    var text = new StringBuilder();
    for (var node : nodes) {
      node.datapath()
          .metrics()
          .entries()
          .forEach((key, entry) ->
              text.append(
                  "node%d: %s at line %d of file %d: %d%n"
                      .formatted(
                          node.number,
                          DropReason.text(key.reason()),
                          key.line(),
                          key.file(),
                          entry.packets())));
    }
    return text.toString();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    var failures = new ArrayList<RuntimeException>();
    while (!cleanup.isEmpty()) {
      try {
        cleanup.pop().run();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      throw new AssertionError("cleaning up", failures.getFirst());
    }
  }
}
