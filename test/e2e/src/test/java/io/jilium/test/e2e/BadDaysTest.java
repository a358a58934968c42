// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What goes wrong in a cluster's life: nothing is lost, nothing leaks, and a clear sentence says
 * what happened.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class BadDaysTest {
  private static final int PATIENCE_SECONDS = 20;

  @SuppressWarnings("NullAway.Init") // set by up(), which JUnit calls first
  private Lab lab;

  @SuppressWarnings("NullAway.Init")
  private Lab.Addresses far;

  @BeforeAll
  void up() {
    lab = Lab.up("bad", 2, "kubeProxyReplacement=true", "bpf.lbMapMax=256");
    lab.pod("near", "node-1");
    far = lab.pod("far", "node-2");
  }

  @AfterAll
  void down() {
    lab.close();
  }

  @Test
  void killingAnAgentLosesNoPacketOfThousandASecond() {
    // With real-time priority, so that a busy machine sends in time, too.
    var ping =
        lab.start(
            "near", "chrt", "-f", "10", "ping", "-q", "-i", "0.001", "-c", "6000", far.ipv4());
    pause(Duration.ofSeconds(1));
    lab.lab("node", "kill", "node-1");
    pause(Duration.ofSeconds(1));
    lab.lab("node", "start", "node-1");
    String output = Lab.finish(ping).output();
    assertThat(output).contains("6000 received, 0% packet loss");
    assertThat(Integer.parseInt(Lab.find(output, "time (\\d+)ms")))
        .as("milliseconds for 6000 packets, in:%n%s", output)
        .isBetween(5_900, 8_000);
  }

  /** Tells its name and stays connected: what comes goes back. */
  private static final String ECHO =
      """
      import socketserver
      class Echo(socketserver.BaseRequestHandler):
          def handle(self):
              while data := self.request.recv(100):
                  self.request.sendall(data)
      socketserver.ThreadingTCPServer.allow_reuse_address = True
      socketserver.ThreadingTCPServer.request_queue_size = 1000
      socketserver.ThreadingTCPServer(('', 7777), Echo).serve_forever()
      """;

  /** One connection that lasts and a new one every 20 ms, until standard input ends. */
  private static final String TRAFFIC =
      """
      import socket, sys, threading
      place = (sys.argv[1], int(sys.argv[2]))
      end = threading.Event()
      threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
      def ask(s):
          s.sendall(b'x')
          return s.recv(1) == b'x'
      lasting = socket.create_connection(place, timeout=5)
      asked = made = failed = 0
      while not end.wait(0.02):
          try:
              asked += ask(lasting)
              with socket.create_connection(place, timeout=5) as s:
                  made += ask(s)
          except OSError as e:
              failed += 1
              print('failed:', e)
              if failed > 5: break
      print(f'asked {"enough" if asked > 50 else asked} made {"enough" if made > 50 else made} failed {failed}')
      """;

  private static String port(String name, String address, int nodePort) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s}
    spec: {type: NodePort, clusterIP: %s, ports: [{port: 80, nodePort: %d, targetPort: 7777}]}
    """
        .formatted(name, address, nodePort);
  }

  @Test
  void trafficThroughServicesOutlivesTheAgentAndEtcd() throws IOException {
    var server = lab.start("far", "python3", "-c", ECHO);
    try {
      lab.apply(port("steady", "10.96.0.80", 30080));
      lab.apply(ServiceCalls.slice("steady", far.ipv4(), 7777, "node-2"));
      eventually(
          "the service is served",
          () -> lab.jilium("node-1", "service", "list"),
          list -> list.contains(far.ipv4() + ":7777"));
      var inside = lab.start("near", "python3", "-c", TRAFFIC, "10.96.0.80", "80");
      var outside = lab.start("outside", "python3", "-c", TRAFFIC, "172.30.0.1", "30080");
      pause(Duration.ofSeconds(1));
      lab.lab("node", "kill", "node-1");
      pause(Duration.ofSeconds(1));
      lab.lab("node", "start", "node-1");
      lab.lab("node", "kill", "etcd");
      pause(Duration.ofSeconds(1));
      startEtcd();
      for (var client : List.of(inside, outside)) {
        client.getOutputStream().close();
        assertThat(Lab.finish(client).output()).isEqualTo("asked enough made enough failed 0\n");
      }
    } finally {
      server.destroy();
    }
  }

  @Test
  void fullMapsOfServicesGrowUnderTrafficAndStayLarge() throws IOException {
    var server = lab.start("far", "python3", "-c", ECHO);
    var many = new StringBuilder();
    for (int i = 1; i <= 150; i++) {
      many.append("---\n")
          .append(
              ServiceCalls.service("many-" + i, "clusterIP: 10.96.9." + i, "ports: [{port: 80}]"));
    }
    try {
      lab.apply(port("full", "10.96.0.82", 30082));
      lab.apply(ServiceCalls.slice("full", far.ipv4(), 7777, "node-2"));
      eventually(
          "the service is served",
          () -> lab.jilium("node-1", "service", "list"),
          list -> list.contains(far.ipv4() + ":7777"));
      var inside = lab.start("near", "python3", "-c", TRAFFIC, "10.96.0.82", "80");
      var outside = lab.start("outside", "python3", "-c", TRAFFIC, "172.30.0.1", "30082");
      lab.apply(many.toString());
      eventually(
          "the map has room for two entries of each service",
          () -> lab.jilium("node-1", "status", "--verbose"),
          status -> frontends(status)[0] >= 512 && frontends(status)[1] >= 300);
      assertThat(lab.jilium("node-1", "metrics", "list"))
          .containsPattern("jilium_bpf_map_resizes_total +map_name=frontends");
      assertThat(lab.jilium("node-1", "service", "list")).contains("10.96.9.150:80");
      lab.lab("node", "kill", "node-1");
      lab.lab("node", "start", "node-1");
      eventually(
          "the next agent keeps the size",
          () -> lab.jilium("node-1", "status", "--verbose"),
          status -> frontends(status)[0] >= 512 && frontends(status)[1] >= 300);
      for (var client : List.of(inside, outside)) {
        client.getOutputStream().close();
        assertThat(Lab.finish(client).output()).isEqualTo("asked enough made enough failed 0\n");
      }
    } finally {
      server.destroy();
      lab.tryResources("delete", many.toString());
    }
  }

  /** The size of the map of frontends, and its entries; 0 before services are known. */
  private static int[] frontends(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("  Service frontends"))
        .map(line -> line.strip().split(" +", -1))
        .map(words -> new int[] {Integer.parseInt(words[2]), Integer.parseInt(words[3])})
        .findFirst()
        .orElse(new int[2]);
  }

  /** A hundred times a second with or without an address that nobody has; first it is there. */
  private static final String FLAPPING =
      """
      import base64, http.client, json, sys, time
      key, one, two = [base64.b64encode(a.encode()).decode() for a in sys.argv[1:4]]
      etcd = http.client.HTTPConnection('172.30.255.1', 2379)
      begin = time.monotonic()
      for i in range(300):
          value = two if i % 2 == 0 else one
          etcd.request('POST', '/v3/kv/put', json.dumps({'key': key, 'value': value}))
          etcd.getresponse().read()
          time.sleep(max(0, begin + (i + 1) / 100 - time.monotonic()))
      """;

  @Test
  void aFlappingBackendGetsNothingWhenItIsGone() {
    var nobody = far.ipv4().replaceAll("\\.\\d+$", ".250");
    var server = lab.start("far", "python3", "-c", ECHO.replace("7777", "7778"));
    try {
      lab.apply(port("flapping", "10.96.0.81", 30081).replace("7777", "7778"));
      var slice =
          """
          {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
           "metadata": {"name": "flaps", "namespace": "default",
                        "labels": {"kubernetes.io/service-name": "flapping"}},
           "addressType": "IPv4", "ports": [{"name": "", "protocol": "TCP", "port": 7778}],
           "endpoints": [{"addresses": ["%s"], "nodeName": "node-2"} %s]}
          """;
      lab.exec(
          "node/node-1",
          "python3",
          "-c",
          FLAPPING,
          "jilium/resources/endpointslices.discovery.k8s.io/default/flaps",
          slice.formatted(far.ipv4(), ""),
          slice.formatted(far.ipv4(), ", {\"addresses\": [\"%s\"]}".formatted(nobody)));
      pause(Duration.ofSeconds(1));
      assertThat(lab.jilium("node-1", "service", "list"))
          .as("the agent keeps up")
          .contains(far.ipv4() + ":7778")
          .doesNotContain(nobody);
      assertThat(
              lab.exec(
                  "near",
                  "python3",
                  "-c",
                  """
                  import socket
                  for i in range(200):
                      with socket.create_connection(('10.96.0.81', 80), timeout=1) as s:
                          s.sendall(b'x')
                          assert s.recv(1) == b'x'
                  print('all')
                  """))
          .isEqualTo("all\n");
    } finally {
      server.destroy();
    }
  }

  @Test
  void stoppingEtcdStopsNoTrafficAndLosesNothing() {
    lab.lab("node", "kill", "etcd");
    lab.exec("near", "ping", "-q", "-c", "3", "-i", "0.2", "-W", "2", far.ipv4());
    eventually(
        "the agent says that etcd is away",
        () -> lab.jilium("node-1", "status"),
        status ->
            status.lines().anyMatch(line -> line.startsWith("KVStore:") && !line.contains("Ok")));
    startEtcd();
    var late = lab.pod("late", "node-2");
    eventually(
        "a pod made after the outage is reachable",
        () -> lab.tryExec("near", "ping", "-q", "-c", "1", "-W", "1", late.ipv4()).output(),
        output -> output.contains("1 received"));
    lab.lab("pod", "rm", "late");
  }

  @Test
  void anAgentRestartedWithoutEtcdKnowsTheClusterAsBefore() {
    var late = lab.pod("moved", "node-2");
    eventually(
        "the other node's pod is known",
        () -> lab.jilium("node-1", "bpf", "ipcache", "list"),
        list -> list.contains(late.ipv4()));
    lab.lab("node", "kill", "etcd");
    var ping = lab.start("near", "ping", "-q", "-i", "0.01", far.ipv4());
    lab.lab("node", "kill", "node-1");
    lab.lab("node", "start", "node-1");
    eventually(
        "the agent says which store it misses",
        () -> lab.jilium("node-1", "status"),
        status ->
            status.lines().anyMatch(line -> line.startsWith("KVStore:") && line.contains("etcd")));
    assertThat(lab.jilium("node-1", "node", "list")).contains("node-2 ");
    String cidr = far.ipv4().replaceAll("\\.\\d+$", ".0/24");
    lab.exec("node/node-1", "ip", "route", "del", cidr);
    eventually(
        "the other node's route is repaired",
        () -> lab.exec("node/node-1", "ip", "route"),
        routes -> routes.contains(cidr));
    assertThat(lab.jilium("node-1", "bpf", "ipcache", "list")).contains(late.ipv4());
    assertThat(Lab.interrupt(ping)).contains(" 0% packet loss");
    startEtcd();
    lab.lab("pod", "rm", "moved");
    eventually(
        "what goes when etcd is back goes",
        () -> lab.jilium("node-1", "bpf", "ipcache", "list"),
        list -> !list.contains(late.ipv4()));
  }

  /** Starts etcd and waits for every agent: each finds it by itself, after a pause of its own. */
  private void startEtcd() {
    lab.lab("node", "start", "etcd");
    for (var node : List.of("node-1", "node-2")) {
      eventually(
          node + " says that etcd is back",
          () -> lab.jilium(node, "status"),
          status ->
              status.lines().anyMatch(line -> line.startsWith("KVStore:") && line.contains("Ok")));
    }
  }

  @Test
  void aRouteDeletedByHandComesBack() {
    String cidr = far.ipv4().replaceAll("\\.\\d+$", ".0/24");
    var deleted = lab.typed("exec", "node/node-1", "--", "ip", "route", "del", cidr);
    assertThat(deleted.code()).as(deleted.output()).isZero();
    eventually(
        "the route is back",
        () -> lab.exec("node/node-1", "ip", "route"),
        routes -> routes.contains(cidr));
  }

  @Test
  void anInterfaceRemovedByHandIsReportedAndThePodCanStillBeRemoved() {
    lab.pod("broken", "node-1");
    String endpoints = lab.jilium("node-1", "endpoint", "list", "-o", "json");
    String device = Lab.find(endpoints, "(?s)broken.*?\"(lxc[0-9a-f]{12})\"");
    lab.exec("node/node-1", "ip", "link", "del", device);
    eventually(
        "the endpoint list tells",
        () -> lab.jilium("node-1", "endpoint", "list"),
        list ->
            list.contains("invalid")
                || list.contains("not-ready")
                || list.contains("disconnected"));
    lab.lab("pod", "rm", "broken");
    assertThat(lab.jilium("node-1", "endpoint", "list", "-o", "json")).doesNotContain("broken");
  }

  @Test
  void aPodNameTwiceIsRefused() {
    var again = lab.typed("pod", "add", "near", "--node", "node-1");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.output()).contains("pod 'near' already exists");
  }

  @Test
  void anUnknownNodeIsRefused() {
    var refused = lab.tryLab("pod", "add", "x", "--node", "node-9");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.output()).contains("no node 'node-9'").contains("node-1, node-2");
  }

  @Test
  void twoHundredPodsComeAndGoAndLeaveNoTrace() {
    String before = inventory();
    var add = new java.util.ArrayList<String>(java.util.List.of("pod", "add"));
    var remove = new java.util.ArrayList<String>(java.util.List.of("pod", "rm"));
    for (int i = 1; i <= 200; i++) {
      add.add("many-" + i);
      remove.add("many-" + i);
    }
    add.addAll(java.util.List.of("--node", "node-1"));
    assertThat(lab.lab(add.toArray(String[]::new)).lines()).hasSize(200);
    lab.lab(remove.toArray(String[]::new));
    eventually("nothing is left", this::inventory, before::equals);
  }

  /** Devices, endpoint map, ipcache and state of node-1; equal before and after means no trace. */
  private String inventory() {
    return lab.exec("node/node-1", "sh", "-c", "ls /proc/sys/net/ipv4/conf | sort")
        + lab.jilium("node-1", "bpf", "endpoint", "list")
        + lab.jilium("node-1", "bpf", "ipcache", "list")
        + lab.exec(
            "node/node-1",
            "sh",
            "-c",
            "ls /run/jilium-lab/" + lab.name() + "/node-1/var/run/jilium/state | sort");
  }

  private static void eventually(
      String what, Supplier<String> look, java.util.function.Predicate<String> seen) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    String last = look.get();
    while (!seen.test(last)) {
      assertThat(System.nanoTime()).as("%s; last seen:%n%s", what, last).isLessThan(end);
      pause(Duration.ofMillis(200));
      last = look.get();
    }
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
