// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.await;
import static io.jilium.test.e2e.ServiceCalls.service;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Services of which no socket knows: pods' packets are balanced one by one, and so are those that
 * come from outside. The results are those of sockets.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BalancedPacketsScenarios {
  private static final int MANY = 30;
  static final String OUTSIDE = "outside";
  private static final String OUTSIDE_IP = "172.30.255.254";
  static final List<String> NODES = List.of("172.30.0.1", "172.30.0.2");
  private static final String EXTERNAL = "198.51.100.60";

  @SuppressWarnings("NullAway.Init") // set by up(), which JUnit calls first
  Lab lab;

  @SuppressWarnings("NullAway.Init")
  ServiceCalls calls;

  @SuppressWarnings("NullAway.Init")
  private Lab.Addresses client;

  abstract String routingMode();

  /** {@code loadBalancer.mode}. */
  abstract String balancerMode();

  /** {@code loadBalancer.acceleration}. */
  abstract String acceleration();

  @BeforeAll
  void up() {
    lab =
        Lab.up(
            "packets-" + routingMode(),
            2,
            "kubeProxyReplacement=true",
            "socketLB.hostNamespaceOnly=true",
            "routingMode=" + routingMode(),
            "loadBalancer.mode=" + balancerMode(),
            "loadBalancer.acceleration=" + acceleration());
    calls = new ServiceCalls(lab);
    client = lab.pod("client", "node-1");
    lab.exec(OUTSIDE, "ip", "route", "replace", EXTERNAL, "via", NODES.getFirst());
  }

  @AfterAll
  void down() {
    lab.close();
  }

  Lab.Addresses server(String app, int number) {
    return lab.pod(
        app + "-" + number,
        "node-" + number,
        "-l",
        "app=" + app,
        "--port",
        "tcp/80",
        "--port",
        "udp/80");
  }

  void remove(String... pods) {
    lab.remove(pods);
  }

  void awaitHttp(String from, String address, int port, String... servers) {
    await(() -> calls.servers(from, address, port, MANY), servers);
  }

  @Test
  @DisplayName("should function for endpoint-Service and node-Service: http and udp, both families")
  void clusterAndNodePorts() {
    lab.apply(
        service(
            "both",
            "type: NodePort",
            "clusterIPs: [10.96.0.30, 'fd00:10:96::30']",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{name: t, port: 8080, targetPort: 80, nodePort: 30030}, {name: u, port: 8080, targetPort: 80, nodePort: 30030, protocol: UDP}]"));
    server("both", 1);
    server("both", 2);
    for (var address : List.of("10.96.0.30", "fd00:10:96::30")) {
      awaitHttp("client", address, 8080, "both-1", "both-2");
      await(() -> calls.datagrams("client", address, 8080, MANY), "both-1", "both-2");
    }
    for (var from : List.of("client", OUTSIDE)) {
      for (var address : List.of(NODES.get(0), NODES.get(1), "fd00:172:30::2")) {
        awaitHttp(from, address, 30030, "both-1", "both-2");
        await(() -> calls.datagrams(from, address, 30030, MANY), "both-1", "both-2");
      }
    }
    assertThat(calls.http("client", "10.96.0.30", 8080, MANY))
        .as("servers see the pod itself")
        .containsOnly("both-1 " + client.ipv4(), "both-2 " + client.ipv4());
    assertThat(lab.jilium("node-1", "bpf", "ct", "list")).contains("Service");
    remove("both-1", "both-2");
  }

  @Test
  @DisplayName("should allow pods to hairpin back to themselves through services")
  void hairpin() {
    lab.apply(
        service(
            "self",
            "clusterIPs: [10.96.0.31, 'fd00:10:96::31']",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{port: 8080, targetPort: 80}]"));
    server("self", 1);
    for (var address : List.of("10.96.0.31", "fd00:10:96::31")) {
      awaitHttp("self-1", address, 8080, "self-1");
      awaitHttp("client", address, 8080, "self-1");
    }
    remove("self-1");
  }

  @Test
  @DisplayName("should be rejected when no endpoints exist, and for evicted pods")
  void rejected() {
    lab.apply(
        service(
            "none",
            "type: NodePort",
            "clusterIPs: [10.96.0.32, 'fd00:10:96::32']",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{name: t, port: 80, nodePort: 30032}, {name: u, port: 80, nodePort: 30032, protocol: UDP}]"));
    for (var address : List.of("10.96.0.32", "fd00:10:96::32")) {
      awaitHttp("client", address, 80, "ConnectionRefusedError");
      await(() -> calls.datagrams("client", address, 80, 2), "ConnectionRefusedError");
      assertThat(calls.servers("client", address, 81, 1))
          .as("a port that the service does not have")
          .containsOnlyKeys("ConnectionRefusedError");
    }
    for (var address : List.of(NODES.get(0), NODES.get(1), "fd00:172:30::1")) {
      awaitHttp(OUTSIDE, address, 30032, "ConnectionRefusedError");
      await(() -> calls.datagrams(OUTSIDE, address, 30032, 2), "ConnectionRefusedError");
    }
  }

  @Test
  @DisplayName("should implement NodePort and ExternalIP with externalTrafficPolicy=Local")
  void externalLocal() {
    var ports = "ports: [{port: 80, nodePort: 30033}]";
    var addresses = "externalIPs: [%s]".formatted(EXTERNAL);
    lab.apply(
        service(
            "here",
            "type: NodePort",
            "clusterIP: 10.96.0.33",
            addresses,
            ports,
            "externalTrafficPolicy: Local"));
    server("here", 1);
    awaitHttp(OUTSIDE, NODES.get(0), 30033, "here-1");
    awaitHttp(OUTSIDE, EXTERNAL, 80, "here-1");
    assertThat(calls.http(OUTSIDE, EXTERNAL, 80, 5))
        .as("the client's address is preserved")
        .containsOnly("here-1 " + OUTSIDE_IP);
    assertThat(calls.servers(OUTSIDE, NODES.get(1), 30033, 1))
        .as("a node without an endpoint does not answer")
        .containsOnlyKeys("TimeoutError");
    assertThat(calls.servers("client", NODES.get(1), 30033, 1))
        .as("nor does another node than its own answer a pod")
        .containsOnlyKeys("TimeoutError");
    awaitHttp("client", NODES.get(0), 30033, "here-1");
    lab.apply(service("here", "type: NodePort", "clusterIP: 10.96.0.33", addresses, ports));
    awaitHttp(OUTSIDE, NODES.get(1), 30033, "here-1");
    remove("here-1");
  }

  @Test
  @DisplayName("should only allow access from service loadbalancer source ranges")
  void sourceRanges() {
    var status = "status: {loadBalancer: {ingress: [{ip: %s}]}}\n".formatted(EXTERNAL);
    var spec =
        new ArrayList<>(
            List.of(
                "type: LoadBalancer",
                "clusterIP: 10.96.0.34",
                "ports: [{port: 8034, targetPort: 80}]"));
    server("ranged", 2);
    lab.apply(service("ranged", spec.toArray(String[]::new)) + status);
    awaitHttp(OUTSIDE, EXTERNAL, 8034, "ranged-2");
    awaitHttp("client", EXTERNAL, 8034, "ranged-2");
    spec.add("loadBalancerSourceRanges: [%s/32]".formatted(client.ipv4()));
    lab.apply(service("ranged", spec.toArray(String[]::new)) + status);
    await(() -> calls.servers(OUTSIDE, EXTERNAL, 8034, 1), "TimeoutError");
    awaitHttp("client", EXTERNAL, 8034, "ranged-2");
    assertThat(calls.servers("ranged-2", EXTERNAL, 8034, 1)).containsOnlyKeys("TimeoutError");
    assertThat(lab.jilium("node-1", "bpf", "metrics", "list")).contains("LB src range check");
    remove("ranged-2");
  }

  @Test
  @DisplayName("should have session affinity work for clients from outside and for pods")
  void affinity() {
    server("aff", 1);
    server("aff", 2);
    var spec =
        new ArrayList<>(
            List.of(
                "type: NodePort", "clusterIP: 10.96.0.35", "ports: [{port: 80, nodePort: 30035}]"));
    lab.apply(service("aff", spec.toArray(String[]::new)));
    awaitHttp("client", "10.96.0.35", 80, "aff-1", "aff-2");
    spec.add("sessionAffinity: ClientIP");
    lab.apply(service("aff", spec.toArray(String[]::new)));
    for (int i = 0; i < 20 && calls.servers("client", "10.96.0.35", 80, MANY).size() > 1; i++) {
      // until the nodes know of it
    }
    assertThat(calls.servers("client", "10.96.0.35", 80, MANY)).hasSize(1);
    assertThat(calls.servers(OUTSIDE, NODES.get(1), 30035, MANY)).hasSize(1);
    remove("aff-1", "aff-2");
  }

  @Test
  @DisplayName("should preserve UDP traffic when server pod cycles for a NodePort service")
  void datagramsMove() {
    lab.apply(
        service(
            "cycle",
            "type: NodePort",
            "clusterIP: 10.96.0.36",
            "ports: [{port: 80, protocol: UDP, nodePort: 30036}]"));
    server("cycle", 1);
    await(() -> calls.datagrams(OUTSIDE, NODES.get(1), 30036, 3), "cycle-1");
    server("cycle", 2);
    remove("cycle-1");
    await(() -> calls.datagrams(OUTSIDE, NODES.get(1), 30036, MANY), "cycle-2");
    await(() -> calls.datagrams("client", "10.96.0.36", 80, MANY), "cycle-2");
    remove("cycle-2");
  }
}
