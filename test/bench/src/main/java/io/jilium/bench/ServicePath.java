// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Through a service, by the number of services that the node knows: ours against straight to the
 * backend, and against what kube-proxy would have written. A ClusterIP is turned by the client's
 * socket, or by its packets where the client is in no control group of ours; a node port by
 * packets.
 *
 * @param meter what is measured
 * @param straight what is expected of sockets against straight to the backend; what turns packets
 *     is not expected to cost nothing
 * @param proxy what is expected of ours against kube-proxy's rules
 */
record ServicePath(String name, String description, Meter meter, Budget straight, Budget proxy)
    implements Benchmark {
  private static final List<Integer> SERVICES = List.of(1, 1000, 10_000);
  private static final String NODE = "node-1";
  private static final String ADDRESS = "10.96.200.1";

  /**
   * Each way has a client of its own: two ways from one client to one backend compete for the
   * client's ports, which thousands of connections a second use up, in the kernel's NAT as in ours.
   */
  private static final String PACKETS = "packets-client";

  private static final String NODE_PORT = "node-port-client";

  /** Of the lab's first node. */
  private static final String NODE_ADDRESS = "172.30.0.1";

  private static final String SAME = "    the same";
  private static final int PATIENCE_MILLIS = 60_000;

  static ServicePath requestResponse() {
    return new ServicePath(
        "service-rr",
        "TCP request/response through a service",
        Meter.REQUEST_RESPONSE,
        Budget.ratioAtMost(1.02),
        Budget.ratioAtMost(1));
  }

  static ServicePath connections() {
    return new ServicePath(
        "service-connections",
        "new TCP connections a second through a service",
        Meter.CONNECTIONS,
        Budget.ratioAtLeast(0.95),
        Budget.ratioAtLeast(1));
  }

  @Override
  public List<Row> run(Rounds rounds, Labs labs) {
    var rows = new ArrayList<Row>();
    var lab = labs.services();
    try (var ends = lab.ends("jilium, straight", NODE);
        var packets = lab.client(PACKETS);
        var nodePort = lab.client(NODE_PORT)) {
      for (int services : SERVICES) {
        compare(
            rows, rounds, lab, new Ways(ends, ends.from(packets), ends.from(nodePort)), services);
      }
    } finally {
      lab.removePods(List.of("client-" + NODE, "server-" + NODE, PACKETS, NODE_PORT));
    }
    return rows;
  }

  /** To one server from three clients. */
  private record Ways(Ends plain, Ends packets, Ends nodePort) {}

  private void compare(List<Row> rows, Rounds rounds, LabCluster lab, Ways ways, int services) {
    rounds.progress().say("%,d services, ours and kube-proxy's rules".formatted(services));
    var manifest = manifest(ways.plain().listen(), services);
    try (var iptables = KernelPaths.service(KubeProxyRules.IPTABLES, meter.port(), services);
        var nftables = KernelPaths.service(KubeProxyRules.NFTABLES, meter.port(), services);
        var iptablesNode = KernelPaths.service(KubeProxyRules.IPTABLES, meter.port(), services);
        var nftablesNode = KernelPaths.service(KubeProxyRules.NFTABLES, meter.port(), services)) {
      lab.manifest("apply", manifest);
      awaitServices(lab, services);
      var all =
          rounds.measure(
              meter,
              List.of(
                  ways.plain(),
                  ways.plain()
                      .clientIn(lab.controlGroup(NODE))
                      .through(ADDRESS, "jilium, by sockets"),
                  ways.packets().through(ADDRESS, "jilium, by packets"),
                  ways.nodePort().through(NODE_ADDRESS, "jilium, node port"),
                  iptables,
                  nftables,
                  iptablesNode.through(KernelPaths.NODE_ADDRESS, "iptables, node port"),
                  nftablesNode.through(KernelPaths.NODE_ADDRESS, "nftables, node port")));
      var what = "%s, %,d services".formatted(description, services);
      rows.add(Row.compared(what + ", sockets", all.get(1), all.get(0), "straight", straight));
      rows.add(Row.compared(SAME, all.get(1), all.get(4), "iptables", proxy));
      rows.add(Row.compared(SAME, all.get(1), all.get(5), "nftables", proxy));
      rows.add(Row.compared("  packets", all.get(2), all.get(0), "straight", new Budget.None()));
      rows.add(Row.compared(SAME, all.get(2), all.get(4), "iptables", proxy));
      rows.add(Row.compared(SAME, all.get(2), all.get(5), "nftables", proxy));
      rows.add(Row.compared("  node port", all.get(3), all.get(0), "straight", new Budget.None()));
      rows.add(Row.compared(SAME, all.get(3), all.get(6), "iptables", proxy));
      rows.add(Row.compared(SAME, all.get(3), all.get(7), "nftables", proxy));
      lab.manifest("delete", manifest);
    } finally {
      delete(manifest);
    }
  }

  /** Until the agent lists them all. */
  private static void awaitServices(LabCluster lab, int services) {
    for (int waited = 0; waited < PATIENCE_MILLIS; waited += 500) {
      if (lab.agentVerb(NODE, "service", "list").lines().count() > services) {
        return;
      }
      Tool.pause(500);
    }
    throw new BenchException("the agent does not know %,d services".formatted(services));
  }

  /** One service leads to the backend; each of the others to ten addresses that nobody has. */
  private Path manifest(String backend, int services) {
    var text = new StringBuilder(one("measured", ADDRESS, meter.port(), List.of(backend)));
    for (int i = 1; i < services; i++) {
      var backends = new ArrayList<String>();
      for (int n = 0; n < 10; n++) {
        backends.add("10.%d.%d.%d".formatted(200 + n, i >> 8, i & 0xff));
      }
      text.append(one("other-" + i, "10.96.%d.%d".formatted(i >> 8, i & 0xff), 0, backends));
    }
    try {
      var file = Files.createTempFile("jilium-bench", ".yaml");
      Files.writeString(file, text);
      return file;
    } catch (IOException e) {
      throw new BenchException("cannot write the services", e);
    }
  }

  /**
   * @param nodePort 0: the service has none
   */
  private String one(String name, String address, int nodePort, List<String> backends) {
    var endpoints = new StringBuilder();
    backends.forEach(backend -> endpoints.append("- addresses: [%s]%n".formatted(backend)));
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: default}
    spec: {type: %5$s, clusterIP: %2$s, ports: [{name: tcp, protocol: TCP, port: %3$d, nodePort: %6$d}]}
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata: {name: %1$s-1, namespace: default, labels: {kubernetes.io/service-name: %1$s}}
    addressType: IPv4
    ports:
    - {name: tcp, protocol: TCP, port: %3$d}
    endpoints:
    %4$s\
    """
        .formatted(
            name,
            address,
            meter.port(),
            endpoints,
            nodePort == 0 ? "ClusterIP" : "NodePort",
            nodePort);
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new BenchException("cannot delete " + file, e);
    }
  }
}
