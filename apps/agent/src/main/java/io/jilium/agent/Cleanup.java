// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import io.jilium.agent.endpoint.CniInstallation;
import io.jilium.agent.endpoint.EndpointService;
import io.jilium.agent.node.ForwardRules;
import io.jilium.agent.node.HostDevices;
import io.jilium.agent.node.RoutePlan;
import io.jilium.agent.node.StateFile;
import io.jilium.agent.node.Sysctls;
import io.jilium.datapath.Datapath;
import io.jilium.datapath.ServiceDatapath;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkKind;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Removes all that agents of this node left: configuration, programs, maps, devices, routes, kernel
 * parameters and state.
 */
final class Cleanup {
  private Cleanup() {}

  /** Refuses while an agent runs. Pods lose their network. */
  static void run(AgentOptions options) {
    try (var lock = AgentLock.take(options.runDirectory());
        var netlink = NetlinkSocket.open()) {
      CniInstallation.uninstall(options.conflist());
      EndpointService.cleanUp(options.runDirectory());
      var saved = StateFile.open(options.stateDirectory().resolve("node"));
      FormerName.takeOver(options, saved);
      ServiceDatapath.remove(options.pins());
      Datapath.remove(options.pins(), netlink);
      removeIfEmpty(options.bpffs().resolve("jilium"));
      removeRoutes(netlink);
      ForwardRules.remove();
      netlink.list(Links.all()).stream()
          .filter(Cleanup::isOurs)
          .forEach(link -> netlink.apply(Links.delete(link.name())));
      new Sysctls(saved).restore();
      for (var path :
          List.of(
              options.stateDirectory(),
              options.runDirectory().resolve("deleteQueue"),
              options.agentSocket(),
              options.cniSocket())) {
        removeTree(path);
      }
      lock.removeFile();
    } catch (IOException e) {
      throw new UncheckedIOException("clean up " + options.runDirectory(), e);
    }
  }

  private static boolean isOurs(Link link) {
    return HostDevices.isOurs(link.name())
        && (link.kind() instanceof LinkKind.Veth || link.kind() instanceof LinkKind.Vxlan);
  }

  private static void removeRoutes(NetlinkSocket netlink) {
    for (var family : new Family[] {Family.IPV4, Family.IPV6}) {
      netlink.list(Routes.table(family, Route.TABLE_MAIN)).stream()
          .filter(route -> route.protocol() == RoutePlan.PROTOCOL)
          .forEach(route -> netlink.apply(Routes.delete(route)));
    }
  }

  private static void removeIfEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException _) {
      // Agents of other nodes have their pins beside ours.
    }
  }

  private static void removeTree(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (var files = Files.walk(path)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
