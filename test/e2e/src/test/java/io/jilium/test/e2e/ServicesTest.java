// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.await;
import static io.jilium.test.e2e.ServiceCalls.service;
import static io.jilium.test.e2e.ServiceCalls.slice;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Services by socket, from pods and nodes; names are those of Kubernetes' end-to-end tests. */
@Tag("lab")
final class ServicesTest extends EndpointChoiceScenarios {
  private static final String SERVER =
      """
      import http.server
      class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              self.send_response(200); self.end_headers(); self.wfile.write(b'on-the-node')
          def log_message(self, *arguments): pass
      http.server.ThreadingHTTPServer(('', 8090), Handler).serve_forever()
      """;

  @Test
  @DisplayName("should serve a basic endpoint from pods")
  void basic() {
    lab.apply(service("basic", "clusterIP: 10.96.0.10", "ports: [{port: 80, targetPort: 8080}]"));
    awaitHttp("client", "10.96.0.10", 80, "ConnectionRefusedError");
    server("basic", 1, "tcp/8080");
    awaitHttp("client", "10.96.0.10", 80, "basic-1");
    server("basic", 2, "tcp/8080");
    awaitHttp("client", "10.96.0.10", 80, "basic-1", "basic-2");
    remove("basic-1");
    awaitHttp("client", "10.96.0.10", 80, "basic-2");
    remove("basic-2");
    awaitHttp("client", "10.96.0.10", 80, "ConnectionRefusedError");
  }

  @Test
  @DisplayName("should serve multiport endpoints from pods")
  void multiport() {
    lab.apply(
        service(
            "ports",
            "clusterIP: 10.96.0.11",
            "ports: [{name: a, port: 80, targetPort: first}, {name: b, port: 81, targetPort: 101}]"));
    server("ports", 1, "first:tcp/100");
    server("ports", 2, "tcp/101");
    awaitHttp("client", "10.96.0.11", 80, "ports-1");
    assertThat(calls.servers("client", "10.96.0.11", 81, MANY))
        .containsKeys("ports-2", "ConnectionRefusedError");
    remove("ports-1", "ports-2");
  }

  @Test
  @DisplayName("should serve endpoints on same port and different protocols")
  void protocols() {
    lab.apply(
        service(
            "both",
            "clusterIP: 10.96.0.12",
            "ports: [{name: t, port: 80}, {name: u, port: 80, protocol: UDP}]"));
    server("both", 1, "tcp/80", "udp/80");
    awaitHttp("client", "10.96.0.12", 80, "both-1");
    await(() -> calls.datagrams("client", "10.96.0.12", 80, 3), "both-1");
    lab.apply(service("both", "clusterIP: 10.96.0.12", "ports: [{name: t, port: 80}]"));
    await(() -> calls.datagrams("client", "10.96.0.12", 80, 3), "ConnectionRefusedError");
    assertThat(calls.servers("client", "10.96.0.12", 80, 3)).containsOnlyKeys("both-1");
    remove("both-1");
  }

  /** Connected to a service for UDP, it asks who answers, until it is told otherwise. */
  private static final String FAITHFUL =
      """
      import errno, socket, time
      def connect():
          s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          s.settimeout(5)
          s.connect(('10.96.0.23', 80))
          s.send(b'hostname')
          print(s.recv(100).decode(), flush=True)
          return s
      s = connect()
      s.settimeout(30)
      try:
          s.recv(100)
      except OSError as e:
          print(errno.errorcode[e.errno], flush=True)
      time.sleep(1)
      connect()
      """;

  @Test
  @DisplayName("should cut connected UDP sockets of pods and nodes when their backend goes")
  void connectedDatagrams() throws IOException {
    lab.apply(service("cut", "clusterIP: 10.96.0.23", "ports: [{port: 80, protocol: UDP}]"));
    server("cut", 1, "udp/80");
    await(() -> calls.datagrams("client", "10.96.0.23", 80, 3), "cut-1");
    await(() -> calls.datagrams(NODE_1, "10.96.0.23", 80, 3), "cut-1");
    assertThat(lab.jilium("node-1", "service", "explain", "10.96.0.23:80/UDP", "--from", "client"))
        .contains("one of 1 of 1 endpoints, at random", "Verdict: balance");
    assertThat(
            lab.tryJilium("node-1", "service", "explain", "10.96.0.23:80/UDP", "--from", "x")
                .output())
        .contains("no pod of this node is called x");
    var clients =
        List.of(
            lab.start("client", "python3", "-u", "-c", FAITHFUL),
            lab.start(NODE_1, "python3", "-u", "-c", FAITHFUL));
    for (var client : clients) {
      assertThat(firstLine(client)).isEqualTo("cut-1");
    }
    server("cut", 2, "udp/80");
    await(() -> calls.datagrams("client", "10.96.0.23", 80, MANY), "cut-1", "cut-2");
    remove("cut-1");
    for (var client : clients) {
      assertThat(Lab.finish(client).output().lines()).containsExactly("ECONNABORTED", "cut-2");
    }
    remove("cut-2");
  }

  @Test
  @DisplayName("should be listed by every verb")
  void verbs() {
    server("verbs", 1, "tcp/80");
    lab.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: verbs, annotations: {service.cilium.io/lb-algorithm: maglev}}
        spec:
          type: LoadBalancer
          selector: {app: verbs}
          clusterIP: 10.96.0.24
          ports: [{port: 80, nodePort: 30014}]
          sessionAffinity: ClientIP
          loadBalancerSourceRanges: [10.1.0.0/16]
        status: {loadBalancer: {ingress: [{ip: 198.51.100.24}]}}
        """);
    awaitHttp("client", "10.96.0.24", 80, "verbs-1");
    var list = lab.jilium("node-1", "service", "list");
    var id = Lab.find(list, "(?m)^(\\d+) +10\\.96\\.0\\.24:80/TCP");
    var balancer = Lab.find(list, "(?m)^(\\d+) +198\\.51\\.100\\.24:80/TCP +LoadBalancer");
    assertThat(lab.jilium("node-1", "service", "list", "-o", "json")).contains("default/verbs");
    assertThat(lab.jilium("node-1", "service", "get", id)).contains("10.96.0.24:80/TCP", "active");
    assertThat(lab.jilium("node-1", "service", "get", id, "-o", "json"))
        .containsPattern("\"connections\": [1-9]");
    var lines =
        java.util.Map.of(
            "--backends", ":80/TCP +active +[1-9]",
            "--revnat", "(?m)^" + id + " +10\\.96\\.0\\.24:80$",
            "--maglev", "(?m)^\\d+ +\\[\\d+, \\d+, ",
            "--affinity", "(?m)^netns \\d+ +" + id + " +\\d+ +\\d+s",
            "--source-ranges", "(?m)^" + balancer + " +10\\.1\\.0\\.0/16$");
    lines.forEach((option, line) -> {
      assertThat(lab.jilium("node-1", "bpf", "lb", "list", option)).containsPattern(line);
      assertThat(lab.jilium("node-1", "bpf", "lb", "list", option, "-o", "json")).startsWith("[");
    });
    assertThat(lab.jilium("node-1", "bpf", "lb", "list"))
        .containsPattern("10\\.96\\.0\\.24:80/TCP \\(1\\) +\\S+:80/TCP \\(" + id + "\\) \\(1\\)");
    remove("verbs-1");
  }

  private static String firstLine(Process process) throws IOException {
    var line = new StringBuilder();
    int next = process.getInputStream().read();
    while (next > ' ') {
      line.append((char) next);
      next = process.getInputStream().read();
    }
    return line.toString();
  }

  @Test
  @DisplayName("should be able to create a functioning NodePort service")
  void nodePort() {
    lab.apply(
        service(
            "np",
            "type: NodePort",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{name: t, port: 80, nodePort: 30010}, {name: u, port: 80, nodePort: 30010, protocol: UDP}]"));
    server("np", 1, "tcp/80", "udp/80");
    server("np", 2, "tcp/80", "udp/80");
    for (var from : List.of("client", NODE_1, "client-2")) {
      for (var address : List.of(NODE_1_IP, NODE_2_IP, "fd00:172:30::2")) {
        awaitHttp(from, address, 30010, "np-1", "np-2");
        await(() -> calls.datagrams(from, address, 30010, MANY), "np-1", "np-2");
      }
    }
    awaitHttp(NODE_1, "127.0.0.1", 30010, "np-1", "np-2");
    assertThat(calls.servers("client", "127.0.0.1", 30010, 1))
        .as("a pod's loopback is its own")
        .containsOnlyKeys("ConnectionRefusedError");
    remove("np-1", "np-2");
  }

  @Test
  @DisplayName("should have session affinity work, be switched, and end with its timeout")
  void affinity() throws InterruptedException {
    var ports = "ports: [{port: 80, nodePort: 30011}]";
    var affine =
        new String[] {
          "type: NodePort",
          "clusterIP: 10.96.0.13",
          ports,
          "sessionAffinity: ClientIP",
          "sessionAffinityConfig: {clientIP: {timeoutSeconds: 2}}"
        };
    server("aff", 1, "tcp/80");
    server("aff", 2, "tcp/80");
    lab.apply(service("aff", "type: NodePort", "clusterIP: 10.96.0.13", ports));
    awaitHttp("client", "10.96.0.13", 80, "aff-1", "aff-2");
    awaitHttp("client", NODE_2_IP, 30011, "aff-1", "aff-2");
    lab.apply(service("aff", affine));
    for (var from : List.of("client", NODE_1)) {
      var first = calls.servers(from, "10.96.0.13", 80, MANY);
      assertThat(first).as("affinity is on from the first connection on").hasSize(1);
      assertThat(calls.servers(from, NODE_2_IP, 30011, MANY)).hasSize(1);
    }
    var seen = new java.util.TreeSet<String>();
    for (int i = 0; i < 12 && seen.size() < 2; i++) {
      seen.addAll(calls.servers("client", "10.96.0.13", 80, 1).keySet());
      TimeUnit.MILLISECONDS.sleep(2100);
    }
    assertThat(seen).as("after the timeout any will do").hasSize(2);
    lab.apply(service("aff", "type: NodePort", "clusterIP: 10.96.0.13", ports));
    awaitHttp("client", "10.96.0.13", 80, "aff-1", "aff-2");
    remove("aff-1", "aff-2");
  }

  @Test
  @DisplayName("should be rejected when no endpoints exist")
  void rejected() {
    lab.apply(
        service(
            "none",
            "type: NodePort",
            "clusterIPs: [10.96.0.14, 'fd00:10:96::14']",
            "ipFamilyPolicy: RequireDualStack",
            "ports: [{name: t, port: 80, nodePort: 30012}, {name: u, port: 53, protocol: UDP}]"));
    for (var from : List.of("client", NODE_1)) {
      awaitHttp(from, "10.96.0.14", 80, "ConnectionRefusedError");
      awaitHttp(from, "fd00:10:96::14", 80, "ConnectionRefusedError");
      awaitHttp(from, NODE_2_IP, 30012, "ConnectionRefusedError");
      await(() -> calls.datagrams(from, "10.96.0.14", 53, 2), "ConnectionRefusedError");
      assertThat(calls.servers(from, "10.96.0.14", 81, 1))
          .as("a port that the service does not have")
          .containsOnlyKeys("ConnectionRefusedError");
    }
  }

  @Test
  @DisplayName("should be able to change the type, and be updated after adding or deleting ports")
  void types() {
    server("type", 1, "tcp/80", "udp/80");
    lab.apply(service("type", "type: ExternalName", "externalName: example.com"));
    lab.apply(service("type", "clusterIP: 10.96.0.15", "ports: [{port: 80}]"));
    awaitHttp("client", "10.96.0.15", 80, "type-1");
    lab.apply(
        service(
            "type",
            "type: NodePort",
            "clusterIP: 10.96.0.15",
            "ports: [{name: t, port: 80, nodePort: 30013}, {name: u, port: 80, protocol: UDP, nodePort: 30013}]"));
    awaitHttp("client", NODE_2_IP, 30013, "type-1");
    await(() -> calls.datagrams("client", NODE_2_IP, 30013, 2), "type-1");
    lab.apply(
        service(
            "type",
            "type: NodePort",
            "clusterIP: 10.96.0.15",
            "ports: [{name: u, port: 80, protocol: UDP, nodePort: 30013}]"));
    awaitHttp("client", NODE_2_IP, 30013, "ConnectionRefusedError");
    await(() -> calls.datagrams("client", NODE_2_IP, 30013, 2), "type-1");
    lab.apply(service("type", "type: ExternalName", "externalName: example.com"));
    await(() -> calls.datagrams(NODE_1, NODE_1_IP, 30013, 2), "ConnectionRefusedError");
    lab.apply(service("type", "clusterIP: 10.96.0.15", "ports: [{port: 80}]"));
    awaitHttp("client", "10.96.0.15", 80, "type-1");
    remove("type-1");
  }

  @Test
  @DisplayName("should implement service.kubernetes.io/service-proxy-name and headless")
  void leftAlone() {
    server("alone", 1, "tcp/80");
    var labelled =
        service("alone", "clusterIP: 10.96.0.16", "ports: [{port: 80}]")
            .replace("{name: alone}", "{name: alone, labels: {service.kubernetes.io/LABEL: x}}");
    lab.apply(service("alone", "clusterIP: 10.96.0.16", "ports: [{port: 80}]"));
    awaitHttp("client", "10.96.0.16", 80, "alone-1");
    for (var label : List.of("service-proxy-name", "headless")) {
      lab.apply(labelled.replace("LABEL", label));
      await(() -> calls.servers("client", "10.96.0.16", 80, 1), "TimeoutError");
      assertThat(lab.jilium("node-1", "service", "explain", "10.96.0.16:80"))
          .contains("service default/alone is left alone");
      lab.apply(service("alone", "clusterIP: 10.96.0.16", "ports: [{port: 80}]"));
      awaitHttp("client", "10.96.0.16", 80, "alone-1");
    }
    remove("alone-1");
  }

  @Test
  @DisplayName("should (not) be able to connect to unready endpoints with PublishNotReadyAddresses")
  void notReady() {
    server("unready", 1, "tcp/80");
    lab.lab("pod", "ready", "unready-1", "--not");
    lab.apply(
        service(
            "unready",
            "clusterIP: 10.96.0.17",
            "ports: [{port: 80}]",
            "publishNotReadyAddresses: true"));
    awaitHttp("client", "10.96.0.17", 80, "unready-1");
    lab.apply(service("unready", "clusterIP: 10.96.0.17", "ports: [{port: 80}]"));
    awaitHttp("client", "10.96.0.17", 80, "ConnectionRefusedError");
    lab.lab("pod", "ready", "unready-1");
    awaitHttp("client", "10.96.0.17", 80, "unready-1");
    remove("unready-1");
  }

  @Test
  @DisplayName("should respect internalTrafficPolicy=Local Pod and Node, to Pod")
  void internalLocal() {
    lab.apply(
        service(
            "local",
            "clusterIP: 10.96.0.18",
            "ports: [{port: 80}]",
            "internalTrafficPolicy: Local"));
    server("local", 2, "tcp/80");
    awaitHttp("client-2", "10.96.0.18", 80, "local-2");
    awaitHttp("node/node-2", "10.96.0.18", 80, "local-2");
    for (var from : List.of("client", NODE_1)) {
      assertThat(calls.servers(from, "10.96.0.18", 80, 2))
          .as("endpoints elsewhere: no answer, and none from another node")
          .containsOnlyKeys("OSError");
    }
    server("local", 1, "tcp/80");
    awaitHttp("client", "10.96.0.18", 80, "local-1");
    remove("local-1", "local-2");
  }

  @Test
  @DisplayName("should respect internalTrafficPolicy=Local to Pod (hostNetwork: true)")
  void internalLocalHostNetwork() {
    lab.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: hostnet}
        spec: {clusterIP: 10.96.0.19, ports: [{port: 80}], internalTrafficPolicy: Local}
        """);
    var servers =
        List.of(
            lab.start("node/node-1", "python3", "-c", SERVER),
            lab.start("node/node-2", "python3", "-c", SERVER));
    try {
      lab.apply(slice("hostnet", NODE_1_IP, 8090, "node-1"));
      await(() -> calls.servers("client", "10.96.0.19", 80, 1), "on-the-node");
      await(() -> calls.servers(NODE_1, "10.96.0.19", 80, 1), "on-the-node");
      assertThat(calls.servers("client-2", "10.96.0.19", 80, 1)).containsOnlyKeys("OSError");
    } finally {
      servers.forEach(Process::destroy);
    }
  }

  @Test
  @DisplayName("should fallback to (local) terminating endpoints when there are no ready endpoints")
  void terminating() throws InterruptedException {
    var cluster = "10.96.0.21";
    var local = "10.96.0.20";
    var ips = Map.of("cluster", cluster, "local", local);
    ips.forEach((policy, ip) -> {
      var line = "internalTrafficPolicy: " + (policy.equals("local") ? "Local" : "Cluster");
      lab.apply(service("term-" + policy, "clusterIP: " + ip, "ports: [{port: 80}]", line));
      server("term-" + policy, 1, "tcp/80");
      awaitHttp("client", ip, 80, "term-" + policy + "-1");
    });
    var removal = lab.startLab("pod", "rm", "term-cluster-1", "term-local-1", "--grace", "15");
    TimeUnit.SECONDS.sleep(2);
    ips.forEach((policy, ip) -> {
      assertThat(calls.servers("client", ip, 80, MANY)).containsOnlyKeys("term-" + policy + "-1");
      server("term-" + policy, 2, "tcp/80");
    });
    awaitHttp("client", cluster, 80, "term-cluster-2");
    assertThat(calls.servers("client", local, 80, 5))
        .as("the ready one is on another node")
        .containsOnlyKeys("term-local-1");
    assertThat(removal).as("they are still terminating").isNotDone();
    removal.join();
    awaitHttp("client", cluster, 80, "term-cluster-2");
    awaitHttp("client", local, 80, "OSError");
    remove("term-cluster-2", "term-local-2");
  }

  @Test
  @DisplayName("should preserve source pod IP, and allow pods to hairpin back to themselves")
  void sourceAndHairpin() {
    lab.apply(
        service(
            "source",
            "clusterIPs: [10.96.0.22, 'fd00:10:96::22']",
            "ipFamilyPolicy: PreferDualStack",
            "ports: [{port: 80}]"));
    var far = server("source", 2, "tcp/80");
    awaitHttp("client", "10.96.0.22", 80, "source-2");
    assertThat(calls.http("client", "10.96.0.22", 80, 1))
        .containsExactly("source-2 " + client.ipv4());
    assertThat(calls.http("source-2", "10.96.0.22", 80, 3)).containsOnly("source-2 " + far.ipv4());
    assertThat(calls.servers("source-2", "fd00:10:96::22", 80, 3)).containsOnlyKeys("source-2");
    remove("source-2");
  }
}
