// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import io.jilium.agent.state.DatapathStatus;
import io.jilium.agent.state.DeviceStatus;
import io.jilium.agent.state.IpcacheRow;
import io.jilium.agent.state.RouteStatus;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.settings.Settings;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The node as status shows it. Any thread. */
public final class NodeView {
  private final Settings settings;
  private final Underlays underlays;
  private final OwnDevices devices;
  private final Supplier<RoutePlan> plan;
  private final KernelTables kernel;
  private final Programs programs;

  NodeView(
      Settings settings,
      Underlays underlays,
      OwnDevices devices,
      Supplier<RoutePlan> plan,
      KernelTables kernel,
      Programs programs) {
    this.settings = settings;
    this.underlays = underlays;
    this.devices = devices;
    this.plan = plan;
    this.kernel = kernel;
    this.programs = programs;
  }

  public List<IpcacheRow> ipcache() {
    return kernel.ipcache().snapshot();
  }

  public List<RouteStatus> routes() {
    var names = names();
    var rows = new ArrayList<RouteStatus>();
    plan.get().routes().forEach((prefix, route) -> rows.add(row(prefix, route, names)));
    return rows;
  }

  private RouteStatus row(IpPrefix prefix, Route route, java.util.Map<Integer, String> names) {
    int device = route.device().orElse(0);
    return new RouteStatus(
        prefix,
        route.gateway().map(Inet::model),
        names.getOrDefault(device, "if" + device),
        route.source().map(Inet::model),
        route.mtu().orElse(0),
        kernel.routeStatus(prefix));
  }

  public List<DeviceStatus> devices() {
    var rows = new ArrayList<DeviceStatus>();
    var role = DeviceStatus.Role.DIRECT_ROUTING;
    for (var underlay : underlays.discovery().underlays()) {
      rows.add(
          new DeviceStatus(
              underlay.name(),
              underlay.index(),
              role,
              underlay.mtu(),
              underlay.mac(),
              underlay.addresses(),
              programs.hooks(underlay.name()),
              ""));
      role = DeviceStatus.Role.UNDERLAY;
    }
    devices
        .present()
        .ifPresent(present -> {
          rows.add(own(present.host(), DeviceStatus.Role.HOST));
          rows.add(own(present.net(), DeviceStatus.Role.HOST_PEER));
          present.tunnel().ifPresent(link -> rows.add(own(link, DeviceStatus.Role.OVERLAY)));
        });
    return rows;
  }

  private DeviceStatus own(Link link, DeviceStatus.Role role) {
    return new DeviceStatus(
        link.name(),
        link.index(),
        role,
        link.mtu(),
        Inet.model(link.mac()),
        List.of(),
        programs.hooks(link.name()),
        "");
  }

  public DatapathStatus datapath(boolean overlayCapture) {
    return new DatapathStatus(
        programs.attachMode(),
        settings.routing().isTunnel()
            ? "Tunnel [" + settings.routing().tunnelProtocol().text() + "]"
            : "Native",
        masquerading(),
        underlays.deviceMtu(),
        underlays.routeMtu(),
        Integer.toUnsignedLong(programs.epoch()),
        overlayCapture,
        Stream.concat(plan.get().skipped().values().stream(), programs.problems().stream())
            .toList());
  }

  private String masquerading() {
    var masquerade = settings.masquerade();
    if (!masquerade.v4() && !masquerade.v6()) {
      return "Disabled";
    }
    var names =
        underlays.discovery().underlays().stream()
            .map(Underlay::name)
            .collect(Collectors.joining(", "));
    var kept =
        Optional.of(settings.routing())
            .filter(routing -> !routing.isTunnel())
            .flatMap(Settings.Routing::nativeCidrV4)
            .map(IpPrefix::toString)
            .orElseGet(this::ownCidr);
    return "BPF   [%s]   %s [IPv4: %s, IPv6: %s]"
        .formatted(names, kept, enabled(masquerade.v4()), enabled(masquerade.v6()));
  }

  private String ownCidr() {
    return plan.get().routes().keySet().stream()
        .filter(prefix -> prefix.isV4() && prefix.length() < 32)
        .findFirst()
        .map(IpPrefix::toString)
        .orElse("");
  }

  private java.util.Map<Integer, String> names() {
    return devices().stream()
        .collect(Collectors.toMap(DeviceStatus::ifindex, DeviceStatus::name, (a, _) -> a));
  }

  /** The node's addresses, for probes and for status. */
  public List<IpAddress> nodeAddresses() {
    return List.copyOf(underlays.ownAddresses());
  }

  private static String enabled(boolean on) {
    return on ? "Enabled" : "Disabled";
  }
}
