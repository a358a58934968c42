// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.agent;

import static io.jilium.cli.verb.Json.object;

import io.jilium.cli.verb.Ago;
import io.jilium.wire.agent.Allocation;
import io.jilium.wire.agent.Component;
import io.jilium.wire.agent.Controller;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.Ipam;
import io.jilium.wire.agent.MapInfo;
import io.jilium.wire.agent.Masquerading;
import io.jilium.wire.agent.MonitorState;
import io.jilium.wire.agent.NodeHealth;
import io.jilium.wire.agent.PathHealth;
import io.jilium.wire.agent.Probe;
import io.jilium.wire.agent.Routing;
import io.jilium.wire.agent.Status;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A status for machines, with the field names of Cilium's StatusResponse where it has the field.
 */
final class StatusJson {
  private StatusJson() {}

  static Map<String, Object> of(Status status) {
    return object(
        "cilium", component(status.getAgent()),
        "version", status.getVersion(),
        "kvstore", component(status.getKvstore()),
        "kubernetes", component(status.getKubernetes()),
        "cni-file", component(status.getCni()),
        "nodeMonitor", monitor(status.getMonitor()),
        "ipam", ipam(status),
        "routing", routing(status.getRouting()),
        "attach-mode", status.getRouting().getAttachMode(),
        "datapath-mode", status.getRouting().getDeviceMode(),
        "load-balancer-mode", status.getRouting().getBalancer(),
        "xdp-acceleration", status.getRouting().getAcceleration(),
        "devices", status.getRouting().getDevicesList(),
        "mtu", status.getRouting().getMtu(),
        "route-mtu", status.getRouting().getRouteMtu(),
        "epoch", status.getRouting().getEpoch(),
        "masquerading", masquerading(status.getMasquerading()),
        "controllers", status.getControllersList().stream().map(StatusJson::controller).toList(),
        "identity-range",
            object(
                "min-identity", status.getIdentityMin(), "max-identity", status.getIdentityMax()),
        "bpf-maps", object("maps", status.getMapsList().stream().map(StatusJson::map).toList()),
        "cluster",
            object(
                "self", status.getCluster() + "/" + status.getNode(), "name", status.getCluster()),
        "cluster-health", health(status.getHealth()),
        "endpoints", object("total", status.getEndpoints(), "ready", status.getEndpointsReady()),
        "kernel", status.getKernel(),
        "started", Ago.timestamp(status.getStartedUnixNanos()),
        "resident-bytes", status.getResidentBytes());
  }

  static Map<String, Object> health(HealthStatus health) {
    return object(
        "enabled", health.getEnabled(),
        "timestamp", Ago.timestamp(health.getProbedUnixNanos()),
        "nodes", health.getNodesList().stream().map(StatusJson::node).toList());
  }

  private static Map<String, Object> node(NodeHealth node) {
    var json = object("name", node.getName(), "local", node.getLocal());
    json.put("reachable", HealthText.reachable(node));
    json.put("host", node.getHostList().stream().map(StatusJson::path).toList());
    json.put("endpoint", node.getEndpointList().stream().map(StatusJson::path).toList());
    return json;
  }

  private static Map<String, Object> path(PathHealth path) {
    return object(
        "ip", path.getAddress(),
        "icmp", probe(path.getIcmp()),
        "http", probe(path.getHttp()));
  }

  private static Map<String, Object> probe(Probe probe) {
    return object(
        "reachable", probe.getReachable(),
        "latency", probe.getLatencyNanos(),
        "status", probe.getMessage());
  }

  private static Map<String, Object> component(Component component) {
    return object("state", StatusText.word(component.getState()), "msg", component.getMessage());
  }

  private static Map<String, Object> monitor(MonitorState monitor) {
    return object(
        "cpus", monitor.getCpus(),
        "bytes", monitor.getRingBytes(),
        "seen", monitor.getSeen(),
        "lost", monitor.getLost(),
        "unknown", monitor.getUnknown(),
        "clients", monitor.getClients(),
        "client-lost", monitor.getClientLost());
  }

  private static Map<String, Object> ipam(Status status) {
    var allocations = new LinkedHashMap<String, Object>();
    for (Allocation allocation : status.getAllocationsList()) {
      allocations.put(allocation.getAddress(), allocation.getOwner());
    }
    var json = new LinkedHashMap<String, Object>();
    for (Ipam ipam : status.getIpamList()) {
      json.put(
          "ipv" + ipam.getFamily(),
          object(
              "allocated", ipam.getAllocated(),
              "capacity", ipam.getCapacity(),
              "cidr", ipam.getCidr()));
    }
    json.put("allocations", allocations);
    return json;
  }

  private static Map<String, Object> routing(Routing routing) {
    return object(
        "intra-host-routing-mode", routing.getHost(),
        "inter-host-routing-mode", routing.getTunnel() ? "Tunnel" : "Native",
        "tunnel-protocol", routing.getProtocol(),
        "tunnel-port", routing.getPort(),
        "overlay-capture", routing.getOverlayCapture());
  }

  private static Map<String, Object> masquerading(Masquerading masquerading) {
    return object(
        "enabled", masquerading.getIpv4() || masquerading.getIpv6(),
        "mode", masquerading.getMode(),
        "devices", masquerading.getDevicesList(),
        "snat-exclusion-cidrs", masquerading.getCidrsList(),
        "enabled-protocols",
            object("ipv4", masquerading.getIpv4(), "ipv6", masquerading.getIpv6()));
  }

  private static Map<String, Object> controller(Controller controller) {
    return object(
        "name", controller.getName(),
        "status",
            object(
                "last-success-timestamp", Ago.timestamp(controller.getLastSuccessUnixNanos()),
                "last-failure-timestamp", Ago.timestamp(controller.getLastErrorUnixNanos()),
                "consecutive-failure-count", controller.getFailures(),
                "last-failure-msg", controller.getMessage()));
  }

  private static Map<String, Object> map(MapInfo map) {
    return object(
        "name", map.getName(),
        "map", map.getMap(),
        "size", map.getMaxEntries(),
        "entries", map.getEntries());
  }
}
