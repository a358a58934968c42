// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.test.e2e.ServiceRules.Backend;
import io.jilium.test.e2e.ServiceRules.Policy;
import io.jilium.test.e2e.ServiceRules.Service;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Services by kube-proxy's rules in the nodes' netfilter, which has to see both directions of what
 * it translates, while pods talk past it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BesideKubeProxyScenarios {
  private static final int SAME = 30011;
  private static final int OTHER = 30012;
  private static final int SELF = 30013;
  private static final int KEEP = 30014;
  private static final int WORLD = 30015;
  private static final int DATAGRAMS = 30016;
  private static final int HOST_PORT = 8099;
  private static final String SERVER =
      """
      import http.server, socket, sys
      class Server(http.server.ThreadingHTTPServer):
          address_family = socket.AF_INET6
      class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
              body = (sys.argv[1] + ' ' + self.client_address[0] + '\\n').encode()
              self.send_response(200); self.send_header('Content-Length', str(len(body))); self.end_headers()
              self.wfile.write(body)
          def log_message(self, *arguments): pass
      Server(('::', 8099), Handler).serve_forever()
      """;

  private final List<Process> servers = new ArrayList<>();

  @SuppressWarnings("NullAway.Init") // set by up(), which JUnit calls first
  private Lab lab;

  @SuppressWarnings("NullAway.Init")
  private Lab.Addresses a1;

  @SuppressWarnings("NullAway.Init")
  private Lab.Addresses b1;

  @SuppressWarnings("NullAway.Init")
  private Lab.Addresses b2;

  abstract String purpose();

  abstract boolean tunnel();

  @BeforeAll
  void up() {
    lab =
        Lab.up(
            purpose(),
            2,
            "bpf.hostLegacyRouting=true",
            "routingMode=" + (tunnel() ? "tunnel" : "native"));
    a1 = lab.pod("a1", "node-1", "--port", "tcp/80");
    b1 = lab.pod("b1", "node-1", "--port", "tcp/80", "--port", "udp/9000");
    b2 = lab.pod("b2", "node-2", "--port", "tcp/80", "--port", "udp/9000");
    for (var place : List.of("node/node-1", "node/node-2", "outside")) {
      var name = place.substring(place.indexOf('/') + 1);
      servers.add(lab.start(place, "python3", "-c", SERVER, name));
    }
    for (var address : List.of("172.30.0.1:8099", "172.30.0.2:8099", "198.51.100.1:8099")) {
      lab.exec(
          "node/node-1",
          "curl",
          "-s",
          "--retry",
          "30",
          "--retry-delay",
          "1",
          "--retry-connrefused",
          address);
    }
    for (var pod : List.of(a1, b1, b2)) {
      lab.exec(
          "node/node-1",
          "curl",
          "-s",
          "--retry",
          "30",
          "--retry-delay",
          "1",
          "--retry-connrefused",
          pod.ipv4());
    }
  }

  @AfterAll
  void down() {
    servers.forEach(Process::destroy);
    lab.close();
  }

  private static String pick(boolean v4, Lab.Addresses addresses) {
    return v4 ? addresses.ipv4() : addresses.ipv6();
  }

  private static String clusterIp(boolean v4, int nodePort) {
    return (v4 ? "10.96.0." : "fd00:10:96::") + nodePort % 100;
  }

  private static String node(boolean v4, int number) {
    return (v4 ? "172.30.0." : "fd00:172:30::") + number;
  }

  private static String outside(boolean v4) {
    return v4 ? "172.30.255.254" : "fd00:172:30::fffe";
  }

  private static String world(boolean v4) {
    return v4 ? "198.51.100.1" : "2001:db8:51::1";
  }

  private List<Service> services(boolean v4, int node) {
    var onNode1 = new Backend(pick(v4, b1), 80);
    var services = new ArrayList<Service>();
    services.add(service(v4, SAME, "tcp", Policy.CLUSTER, List.of(onNode1)));
    services.add(service(v4, OTHER, "tcp", Policy.CLUSTER, List.of(new Backend(pick(v4, b2), 80))));
    services.add(service(v4, SELF, "tcp", Policy.CLUSTER, List.of(new Backend(pick(v4, a1), 80))));
    services.add(
        service(v4, WORLD, "tcp", Policy.CLUSTER, List.of(new Backend(world(v4), HOST_PORT))));
    services.add(
        service(v4, 21, "tcp", Policy.CLUSTER, List.of(new Backend(node(v4, 1), HOST_PORT))));
    services.add(
        service(v4, 22, "tcp", Policy.CLUSTER, List.of(new Backend(node(v4, 2), HOST_PORT))));
    var both = List.of(new Backend(pick(v4, b1), 9000), new Backend(pick(v4, b2), 9000));
    services.add(service(v4, DATAGRAMS, "udp", Policy.CLUSTER, both));
    services.add(
        new Service(
            "S" + KEEP,
            "tcp",
            clusterIp(v4, KEEP),
            80,
            KEEP,
            Policy.LOCAL,
            List.of(onNode1),
            node == 1 ? List.of(onNode1) : List.of()));
    return services;
  }

  private static Service service(
      boolean v4, int number, String protocol, Policy policy, List<Backend> backends) {
    return new Service(
        "S" + number,
        protocol,
        clusterIp(v4, number),
        80,
        number > 30000 ? number : 0,
        policy,
        backends,
        List.of());
  }

  private void install(ServiceRules rules) {
    for (int node = 1; node <= 2; node++) {
      var script = new StringBuilder("set -e\n");
      for (boolean v4 : new boolean[] {true, false}) {
        for (var kind : ServiceRules.values()) {
          script.append(kind.remove(v4)).append('\n');
        }
        var pods = v4 ? "10.244.0.0/16" : "fd00:10:244::/48";
        script.append(rules.install(v4, pods, services(v4, node))).append('\n');
      }
      lab.exec("node/node-" + node, "sh", "-c", script.toString());
    }
  }

  /** Asks each address from a place; what the servers answered, IPv6 addresses spelled shortly. */
  private Map<String, String> ask(String place, Map<String, String> urls) {
    var script = new StringBuilder();
    urls.forEach((name, url) ->
        script.append(
            "echo \"%s=$(curl -s -g --max-time 5 '%s' | head -n 1)\"\n".formatted(name, url)));
    var answers = new LinkedHashMap<String, String>();
    lab.exec(place, "sh", "-c", script.toString())
        .lines()
        .filter(line -> line.indexOf('=') > 0)
        .forEach(line -> {
          var parts = line.split("=", 2);
          var words = parts[1].strip().split(" ", -1);
          answers.put(parts[0], words.length < 2 ? parts[1] : words[0] + " " + shortly(words[1]));
        });
    return answers;
  }

  private static String shortly(String address) {
    return InetAddress.ofLiteral(address.replaceAll("%.*", "")).getHostAddress();
  }

  private static String url(String address, int port) {
    return "http://"
        + (address.indexOf(':') < 0 ? address : "[" + address + "]")
        + ":"
        + port
        + "/";
  }

  @ParameterizedTest
  @EnumSource
  void podsReachServicesUnderTheirOwnAddress(ServiceRules rules) {
    install(rules);
    for (boolean v4 : new boolean[] {true, false}) {
      var urls = new LinkedHashMap<String, String>();
      for (int service : new int[] {SAME, OTHER, SELF, KEEP, WORLD, 21, 22}) {
        urls.put("service" + service, url(clusterIp(v4, service), 80));
      }
      var own = shortly(pick(v4, a1));
      assertThat(ask("a1", urls))
          .containsEntry("service" + SAME, "b1 " + own)
          .containsEntry("service" + OTHER, "b2 " + own)
          .containsEntry("service" + SELF, "a1 " + shortly(router(v4, 1)))
          .containsEntry("service" + KEEP, "b1 " + own)
          .containsEntry("service" + WORLD, "outside " + shortly(node(v4, 1)))
          .containsEntry("service21", "node-1 " + own)
          .containsEntry("service22", "node-2 " + (tunnel() ? shortly(node(v4, 1)) : own));
    }
  }

  @ParameterizedTest
  @EnumSource
  void nodesReachServices(ServiceRules rules) {
    install(rules);
    for (boolean v4 : new boolean[] {true, false}) {
      var urls = new LinkedHashMap<String, String>();
      for (int service : new int[] {SAME, OTHER, WORLD, 21, 22}) {
        urls.put("service" + service, url(clusterIp(v4, service), 80));
        if (service > 30000) {
          urls.put("port" + service, url(node(v4, 1), service));
        }
      }
      for (var from : List.of("node/node-1", "node/node-2")) {
        var servers = ask(from, urls).values().stream().map(BesideKubeProxyScenarios::server);
        assertThat(servers)
            .as(from)
            .containsExactly("b1", "b1", "b2", "b2", "outside", "outside", "node-1", "node-2");
      }
    }
  }

  private static String server(String answer) {
    return answer.split(" ", -1)[0];
  }

  @ParameterizedTest
  @EnumSource
  void nodePortsFromOutsideAndFromPods(ServiceRules rules) {
    install(rules);
    for (boolean v4 : new boolean[] {true, false}) {
      for (var from : List.of("outside", "a1", "b2")) {
        var urls = new LinkedHashMap<String, String>();
        for (int node = 1; node <= 2; node++) {
          for (int service : new int[] {SAME, OTHER, SELF, WORLD}) {
            urls.put("port" + service + "@" + node, url(node(v4, node), service));
          }
        }
        urls.put("kept", url(node(v4, 1), KEEP));
        var answers = ask(from, urls);
        var kept = answers.remove("kept");
        assertThat(answers.values().stream().map(BesideKubeProxyScenarios::server))
            .as("%s: %s", from, answers)
            .containsExactly("b1", "b2", "a1", "outside", "b1", "b2", "a1", "outside");
        assertThat(kept).isEqualTo("b1 " + shortly(keptSource(v4, from)));
      }
    }
  }

  /** Local traffic keeps its source, but a pod's behind the tunnel leaves under its node's. */
  private String keptSource(boolean v4, String from) {
    return switch (from) {
      case "a1" -> pick(v4, a1);
      case "b2" -> tunnel() ? node(v4, 2) : pick(v4, b2);
      default -> outside(v4);
    };
  }

  @ParameterizedTest
  @EnumSource
  void datagramsToServicesAreAnswered(ServiceRules rules) {
    install(rules);
    var targets =
        List.of(
            clusterIp(true, DATAGRAMS) + " 80",
            clusterIp(false, DATAGRAMS) + " 80",
            node(true, 1) + " " + DATAGRAMS,
            node(false, 2) + " " + DATAGRAMS);
    var client =
        """
        import errno, socket, sys
        def asked(s, data):
            for attempt in range(3):
                try:
                    s.send(data)
                    return s.recv(65535)
                except OSError as e: # the path's MTU is learnt
                    if e.errno != errno.EMSGSIZE: raise
        for target in sys.argv[1:]:
            address, port = target.split()
            answered = 0
            for i in range(12):
                s = socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_DGRAM)
                s.settimeout(3); s.connect((address, int(port)))
                for size in (10, 1400, 4000):
                    answered += asked(s, bytes([i]) * size) == bytes([i]) * size
            print(answered)
        """;
    for (var from : List.of("a1", "b2", "node/node-1")) {
      var command = new ArrayList<>(List.of("python3", "-c", client));
      command.addAll(targets);
      assertThat(lab.exec(from, command.toArray(String[]::new)).strip().lines())
          .as(from)
          .containsExactly("36", "36", "36", "36");
    }
  }

  @ParameterizedTest
  @EnumSource
  void longConnectionsOutliveAnAgentsEnd(ServiceRules rules) throws Exception {
    install(rules);
    var client =
        """
        import http.client, select, sys
        connections = [http.client.HTTPConnection(host, 80, timeout=5) for host in sys.argv[1:]]
        count = 0
        first = [c.connect() or c.sock.getsockname() for c in connections]
        while not select.select([sys.stdin], [], [], 0.05)[0]: # until it is told to stop
            for c in connections:
                c.request('GET', '/'); c.getresponse().read(); count += 1
        print(count > 100, [c.sock.getsockname() for c in connections] == first)
        """;
    var talk =
        lab.start(
            "a1",
            "python3",
            "-c",
            client,
            clusterIp(true, SAME),
            clusterIp(true, OTHER),
            clusterIp(false, OTHER));
    TimeUnit.SECONDS.sleep(1);
    lab.lab("node", "kill", "node-1");
    TimeUnit.SECONDS.sleep(1);
    lab.lab("node", "start", "node-1");
    TimeUnit.SECONDS.sleep(2);
    talk.getOutputStream().close();
    assertThat(Lab.finish(talk).output().strip()).isEqualTo("True True");
  }

  @Test
  void podsTalkPastNetfilterAndServicesThroughIt() {
    install(ServiceRules.IPTABLES);
    var count =
        """
        for t in iptables ip6tables; do
          $t -t raw -F; $t -t raw -A PREROUTING -p tcp --sport 80; $t -t raw -A PREROUTING -p tcp --dport 80
        done
        """;
    for (int node = 1; node <= 2; node++) {
      lab.exec("node/node-" + node, "sh", "-c", count);
    }
    var urls = new LinkedHashMap<String, String>();
    for (var pod : List.of(b1, b2)) {
      urls.put("v4 " + pod.ipv4(), url(pod.ipv4(), 80));
      urls.put("v6 " + pod.ipv6(), url(pod.ipv6(), 80));
    }
    assertThat(ask("a1", urls).values()).noneMatch(String::isEmpty);
    assertThat(counted()).as("packets between pods that netfilter saw").isZero();
    assertThat(ask("a1", Map.of("service", url(clusterIp(true, SAME), 80))).values())
        .noneMatch(String::isEmpty);
    assertThat(counted()).as("packets of a service").isPositive();
    for (int node = 1; node <= 2; node++) {
      lab.exec("node/node-" + node, "sh", "-c", "iptables -t raw -F; ip6tables -t raw -F");
    }
  }

  private long counted() {
    var output =
        List.of("node/node-1", "node/node-2").stream()
            .map(
                node -> lab.exec(node, "sh", "-c", "iptables -t raw -S -v; ip6tables -t raw -S -v"))
            .collect(Collectors.joining());
    return output
        .lines()
        .filter(line -> line.startsWith("-A") && line.contains(" -c "))
        .mapToLong(line -> Long.parseLong(Lab.find(line, " -c (\\d+) ")))
        .sum();
  }

  @Test
  void theWorldSeesTheNodeAndWhoComesByARouteIsAnsweredPlainly() {
    install(ServiceRules.IPTABLES);
    for (boolean v4 : new boolean[] {true, false}) {
      assertThat(ask("a1", Map.of("world", url(world(v4), HOST_PORT))))
          .containsEntry("world", "outside " + shortly(node(v4, 1)));
      var pod = pick(v4, a1);
      var ip = v4 ? "ip" : "ip -6";
      lab.exec("outside", "sh", "-c", "%s route replace %s via %s".formatted(ip, pod, node(v4, 1)));
      assertThat(ask("outside", Map.of("pod", url(pod, 80))))
          .containsEntry("pod", "a1 " + shortly(outside(v4)));
      lab.exec("outside", "sh", "-c", "%s route del %s".formatted(ip, pod));
    }
  }

  @Test
  void aForwardChainThatDropsLetsPodsPass() {
    install(ServiceRules.IPTABLES);
    lab.exec("node/node-1", "sh", "-c", "iptables -P FORWARD DROP; ip6tables -P FORWARD DROP");
    lab.lab("node", "kill", "node-1"); // the next agent looks at once
    lab.lab("node", "start", "node-1");
    try {
      for (boolean v4 : new boolean[] {true, false}) {
        var urls = new LinkedHashMap<String, String>();
        urls.put("same", url(clusterIp(v4, SAME), 80));
        urls.put("other", url(clusterIp(v4, OTHER), 80));
        urls.put("world", url(world(v4), HOST_PORT));
        assertThat(ask("a1", urls).values()).noneMatch(String::isEmpty);
        assertThat(ask("outside", Map.of("kept", url(node(v4, 1), KEEP))).values())
            .containsExactly("b1 " + shortly(outside(v4)));
      }
    } finally {
      lab.exec(
          "node/node-1", "sh", "-c", "iptables -P FORWARD ACCEPT; ip6tables -P FORWARD ACCEPT");
    }
  }

  private String router(boolean v4, int node) {
    var addresses =
        lab.exec(
            "node/node-" + node,
            "ip",
            "-o",
            v4 ? "-4" : "-6",
            "address",
            "show",
            "dev",
            "cilium_host",
            "scope",
            "global");
    return Lab.find(addresses, v4 ? "inet (\\S+)/32" : "inet6 (\\S+)/128");
  }
}
