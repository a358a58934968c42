// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Which endpoints a client gets when they are not all alike. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EndpointChoiceScenarios {
  static final String NODE_1 = "node/node-1";
  static final String NODE_1_IP = "172.30.0.1";
  static final String NODE_2_IP = "172.30.0.2";
  static final int MANY = 16;
  private static final String OUTSIDE = "outside";

  @SuppressWarnings("NullAway.Init") // set by up(), which JUnit calls first
  Lab lab;

  @SuppressWarnings("NullAway.Init")
  ServiceCalls calls;

  @SuppressWarnings("NullAway.Init")
  Lab.Addresses client;

  @BeforeAll
  void up() {
    lab = Lab.up("services", 2, "kubeProxyReplacement=true");
    calls = new ServiceCalls(lab);
    client = lab.pod("client", "node-1");
    lab.pod("client-2", "node-2");
  }

  @AfterAll
  void down() {
    lab.close();
  }

  Lab.Addresses server(String app, int number, String... ports) {
    var options = new java.util.ArrayList<>(List.of("-l", "app=" + app));
    for (var port : ports) {
      options.addAll(List.of("--port", port));
    }
    return lab.pod(app + "-" + number, "node-" + number, options.toArray(String[]::new));
  }

  void remove(String... pods) {
    lab.remove(pods);
  }

  void awaitHttp(String from, String address, int port, String... servers) {
    await(() -> calls.servers(from, address, port, MANY), servers);
  }

  private static String weighted(String address, String node, String weight) {
    return ServiceCalls.slice("canary", address, 80, node)
        .replace("labels:", "annotations: {service.cilium.io/weight: '" + weight + "'}, labels:");
  }

  @Test
  @DisplayName("should weigh endpoint slices: a canary, then maintenance")
  void weights() {
    var stable = server("canary", 1, "tcp/80").ipv4();
    var fresh = server("canary", 2, "tcp/80").ipv4();
    lab.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: canary, annotations: {service.cilium.io/lb-algorithm: maglev}}
        spec: {type: NodePort, clusterIP: 10.96.0.25, ports: [{port: 80, nodePort: 30015}]}
        """);
    assertThat(lab.tryResources("apply", weighted(stable, "node-1", "much")).output())
        .contains("metadata.annotations[service.cilium.io/weight]: a whole number from 0 to 65535");
    lab.apply(weighted(stable, "node-1", "300"));
    lab.apply(weighted(fresh, "node-2", "100"));
    awaitHttp(OUTSIDE, NODE_1_IP, 30015, "canary-1", "canary-2");
    assertThat(calls.servers(OUTSIDE, NODE_1_IP, 30015, 160).get("canary-1"))
        .as("120 of 160, within five deviations")
        .isBetween(92, 148);
    assertThat(explainCanary())
        .contains("one of 2 of 2 endpoints, by Maglev, weighted")
        .containsPattern(stable + ":80/TCP +active +node-1 +300 +may be");
    lab.apply(weighted(stable, "node-1", "0"));
    awaitHttp(OUTSIDE, NODE_1_IP, 30015, "canary-2");
    awaitHttp("client", "10.96.0.25", 80, "canary-2");
    assertThat(explainCanary())
        .containsPattern(stable + ":80/TCP +maintenance +node-1 +0 +no: its weight is 0");
    assertThat(lab.jilium("node-1", "bpf", "lb", "list", "--backends"))
        .containsPattern(stable + ":80/TCP +maintenance");
    assertThat(lab.jilium("node-1", "bpf", "lb", "list", "--maglev", "-o", "json"))
        .containsPattern("\"entries\": \\{\\s*\"\\d+\": 16381");
    remove("canary-1", "canary-2");
  }

  @Test
  @DisplayName("should serve pods with one hostPort on different nodes, to everybody")
  void hostPorts() {
    server("host", 1, "tcp/80@8088", "udp/80@8088");
    server("host", 2, "tcp/80@8088", "udp/80@8088");
    for (var from : List.of("client", NODE_1, OUTSIDE, "host-1")) {
      await(() -> calls.servers(from, NODE_1_IP, 8088, 3), "host-1");
      await(() -> calls.servers(from, "fd00:172:30::2", 8088, 3), "host-2");
      await(() -> calls.datagrams(from, NODE_1_IP, 8088, 3), "host-1");
    }
    await(() -> calls.servers(OUTSIDE, NODE_2_IP, 8088, 3), "host-2");
    assertThat(calls.http("client-2", NODE_1_IP, 8088, 1))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("host-1 ");
    remove("host-1", "host-2");
    awaitHttp("client", NODE_1_IP, 8088, "ConnectionRefusedError");
  }

  @Test
  @DisplayName(
      "validates that there is no conflict between pods with same hostPort but different hostIP and protocol")
  void hostPortsOfDifferentAddressesAndProtocols() {
    server("loopback", 1, "tcp/80@127.0.0.1:8089");
    server("chosen", 1, "tcp/80@172.30.0.1:8089");
    server("datagram", 1, "udp/80@172.30.0.1:8089");
    awaitHttp(NODE_1, "127.0.0.1", 8089, "loopback-1");
    for (var from : List.of("client-2", NODE_1, OUTSIDE, "loopback-1")) {
      await(() -> calls.servers(from, NODE_1_IP, 8089, 3), "chosen-1");
      await(() -> calls.datagrams(from, NODE_1_IP, 8089, 3), "datagram-1");
    }
    assertThat(calls.servers("client", "127.0.0.1", 8089, 1))
        .as("a pod's loopback is its own")
        .containsOnlyKeys("ConnectionRefusedError");
    assertThat(calls.servers(OUTSIDE, "fd00:172:30::1", 8089, 1))
        .as("another address of the node")
        .containsOnlyKeys("ConnectionRefusedError");
    remove("loopback-1", "chosen-1", "datagram-1");
  }

  private void zones(String first, String second) {
    var node =
        "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {topology.kubernetes.io/zone: %s}}}";
    lab.apply(node.formatted("node-1", first) + "\n---\n" + node.formatted("node-2", second));
  }

  private void distribute(String distribution) {
    lab.apply(
        ServiceCalls.service(
            "zoned",
            "type: NodePort",
            "clusterIP: 10.96.0.26",
            "ports: [{port: 80, nodePort: 30016}]",
            distribution));
  }

  private void awaitZoned(String from, String... servers) {
    awaitHttp(
        from,
        from.equals(OUTSIDE) ? NODE_1_IP : "10.96.0.26",
        from.equals(OUTSIDE) ? 30016 : 80,
        servers);
  }

  @Test
  @DisplayName(
      "should route traffic to an endpoint in the same zone, on the same node, or fall back")
  void distribution() {
    zones("here", "there");
    distribute("");
    server("zoned", 1, "tcp/80");
    server("zoned", 2, "tcp/80");
    for (var wanted : List.of("PreferClose", "PreferSameZone")) {
      zones("here", "there");
      distribute("trafficDistribution: " + wanted);
      for (var near : List.of("client", NODE_1, OUTSIDE)) {
        awaitZoned(near, "zoned-1");
      }
      awaitZoned("client-2", "zoned-2");
      zones("here", "here");
      awaitZoned("client", "zoned-1", "zoned-2");
      awaitZoned(OUTSIDE, "zoned-1", "zoned-2");
    }
    distribute("trafficDistribution: PreferSameNode");
    awaitZoned("client", "zoned-1");
    awaitZoned("client-2", "zoned-2");
    zones("here", "there");
    distribute("trafficDistribution: PreferSameZone");
    awaitZoned(OUTSIDE, "zoned-1");
    assertThat(lab.jilium("node-1", "service", "explain", "10.96.0.26:80"))
        .contains("no: its hints name other zones than here");
    remove("zoned-1");
    awaitZoned("client", "zoned-2");
    awaitZoned(OUTSIDE, "zoned-2");
    remove("zoned-2");
  }

  private String explainCanary() {
    return lab.jilium(
        "node-1", "service", "explain", NODE_1_IP + ":30015", "--outside", "198.51.100.1");
  }
}
