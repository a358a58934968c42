// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What must hold between pods, nodes and the world in every routing mode. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ConnectivityScenarios {
  private static final String WORLD_IPV4 = "198.51.100.1";
  private static final String WORLD_IPV6 = "2001:db8:51::1";

  final Map<String, Lab.Addresses> pods = new TreeMap<>();

  @SuppressWarnings("NullAway.Init") // set by up(), which JUnit calls first
  Lab lab;

  abstract String purpose();

  abstract String[] settings();

  /** MTU that a pod's default route carries. */
  abstract int podMtu();

  @BeforeAll
  void up() {
    lab = Lab.up(purpose(), 3, settings());
    for (int node = 1; node <= 3; node++) {
      pods.put("a" + node, lab.pod("a" + node, "node-" + node, "-l", "app=a"));
    }
    pods.put(
        "b1", lab.pod("b1", "node-1", "-n", "other", "--port", "tcp/80", "--port", "udp/9000"));
    pods.put(
        "b2", lab.pod("b2", "node-2", "-n", "other", "--port", "tcp/80", "--port", "udp/9000"));
    for (String server : List.of("b1", "b2")) {
      lab.exec(
          "a1",
          "curl",
          "-s",
          "--retry",
          "30",
          "--retry-delay",
          "1",
          "--retry-connrefused",
          "--max-time",
          "30",
          "http://" + address(server).ipv4() + "/");
    }
  }

  @AfterAll
  void down() {
    lab.close();
  }

  final Lab.Addresses address(String pod) {
    return Objects.requireNonNull(pods.get(pod), pod);
  }

  static String target(String pod) {
    return pod.startsWith("b") ? "other/" + pod : pod;
  }

  @Test
  void everyPodReachesEveryPodInBothFamilies() {
    var script = new StringBuilder("set -e\n");
    for (var address : pods.values()) {
      for (var target : List.of(address.ipv4(), address.ipv6())) {
        script.append("ping -q -c 2 -i 0.1 -W 2 %s & all=\"$all $!\"\n".formatted(target));
      }
    }
    script.append("for ping in $all; do wait $ping; done\n");
    for (String pod : pods.keySet()) {
      lab.exec(target(pod), "sh", "-c", script.toString());
    }
  }

  @Test
  void tcpCrossesNodesAndKubernetesNamespaces() {
    for (String server : List.of("b1", "b2")) {
      var address = address(server);
      for (String url :
          List.of("http://" + address.ipv4() + "/", "http://[" + address.ipv6() + "]/")) {
        String answer = lab.exec("a1", "curl", "-s", "--max-time", "5", url);
        assertThat(answer).startsWith(server + " ");
        // Nobody translates between pods: the server sees the pod itself.
        assertThat(answer.replace("%eth0", "")).contains(expandedOrSame(address("a1"), url));
      }
    }
  }

  @Test
  void a64KibDatagramArrivesInFragments() {
    for (String server : List.of("b1", "b2")) {
      lab.exec(
          "a1",
          "ping",
          "-q",
          "-c",
          "2",
          "-i",
          "0.2",
          "-W",
          "3",
          "-s",
          "65000",
          address(server).ipv4());
      lab.exec(
          "a1",
          "ping",
          "-q",
          "-c",
          "2",
          "-i",
          "0.2",
          "-W",
          "3",
          "-s",
          "65000",
          address(server).ipv6());
      String echoed =
          lab.exec(
              "a1",
              "python3",
              "-c",
              """
              import socket
              for family, address in ((socket.AF_INET, '%s'), (socket.AF_INET6, '%s')):
                  s = socket.socket(family, socket.SOCK_DGRAM); s.settimeout(5)
                  sent = bytes(i %% 251 for i in range(60000))
                  s.sendto(sent, (address, 9000))
                  print(s.recv(65535) == sent)
              """
                  .formatted(address(server).ipv4(), address(server).ipv6()));
      assertThat(echoed.strip().lines()).containsExactly("True", "True");
    }
  }

  @Test
  void podsAndNodesReachEachOther() {
    for (String node : List.of("172.30.0.1", "172.30.0.2", "fd00:172:30::1", "fd00:172:30::2")) {
      lab.exec("a1", "ping", "-q", "-c", "2", "-i", "0.1", "-W", "2", node);
    }
    for (String pod : List.of("a1", "a2")) {
      lab.exec("node/node-1", "ping", "-q", "-c", "2", "-i", "0.1", "-W", "2", address(pod).ipv4());
      lab.exec("node/node-1", "ping", "-q", "-c", "2", "-i", "0.1", "-W", "2", address(pod).ipv6());
    }
    assertThat(
            lab.exec(
                "node/node-1", "curl", "-s", "--max-time", "5", "http://" + address("b2").ipv4()))
        .startsWith("b2 ");
  }

  @Test
  void theWorldSeesTheNodeAndItsAnswersComeBack() {
    lab.exec("a1", "ping", "-q", "-c", "2", "-i", "0.1", "-W", "2", WORLD_IPV4);
    lab.exec("a1", "ping", "-q", "-c", "2", "-i", "0.1", "-W", "2", WORLD_IPV6);
    var server =
        lab.start(
            "outside",
            "timeout",
            "60",
            "python3",
            "-u",
            "-c",
            """
            import http.server, socket
            class Server(http.server.ThreadingHTTPServer):
                address_family = socket.AF_INET6
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    body = (self.client_address[0] + '\\n').encode()
                    self.send_response(200); self.send_header('Content-Length', str(len(body))); self.end_headers()
                    self.wfile.write(body)
                def log_message(self, *arguments): pass
            Server(('::', 8080), Handler).serve_forever()
            """);
    try {
      String ipv4 = curl("http://" + WORLD_IPV4 + ":8080/");
      assertThat(ipv4.strip()).isEqualTo("::ffff:172.30.0.1");
      String ipv6 = curl("http://[" + WORLD_IPV6 + "]:8080/");
      assertThat(ipv6.strip()).isEqualTo("fd00:172:30::1");
    } finally {
      server.destroy();
    }
    assertThat(lab.jilium("node-1", "bpf", "nat", "list")).contains(WORLD_IPV4);
  }

  @Test
  void aPodsRoutesLeadThroughTheRouterAndItsNeighbourIsTheHostSideDevice() {
    String routes = lab.exec("a1", "ip", "route");
    String router = Lab.find(routes, "^default via (\\S+) dev eth0");
    assertThat(routes)
        .contains("default via " + router + " dev eth0 mtu " + podMtu())
        .contains(router + " dev eth0 scope link");
    lab.exec("a1", "ping", "-q", "-c", "1", "-W", "2", address("a2").ipv4());
    String neighbour = Lab.find(lab.exec("a1", "ip", "neigh"), router + " dev eth0 lladdr (\\S+)");
    String endpoints = lab.jilium("node-1", "bpf", "endpoint", "list");
    String nodeMac = Lab.find(endpoints, "^" + address("a1").ipv4() + ":0 .*nodemac=(\\S+)");
    assertThat(neighbour).isEqualToIgnoringCase(nodeMac);
    assertThat(lab.exec("node/node-1", "ip", "link")).containsIgnoringCase(nodeMac);
  }

  @Test
  void anExpiredHopLimitIsReported() {
    assertThat(
            lab.tryExec("a1", "ping", "-c", "1", "-W", "2", "-t", "1", address("a2").ipv4())
                .output())
        .contains("Time to live exceeded");
    assertThat(
            lab.tryExec("a1", "ping", "-c", "1", "-W", "2", "-t", "1", address("a2").ipv6())
                .output())
        .contains("Hop limit");
  }

  private String curl(String url) {
    return lab.exec(
        "a1",
        "curl",
        "-s",
        "--retry",
        "20",
        "--retry-delay",
        "1",
        "--retry-connrefused",
        "--max-time",
        "20",
        url);
  }

  private static String expandedOrSame(Lab.Addresses client, String url) {
    if (!url.contains("[")) {
      return client.ipv4();
    }
    // Java prints all eight groups, without leading zeros.
    try {
      return java.net.InetAddress.getByName(client.ipv6()).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
