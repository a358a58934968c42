// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.agent.node.RoutePlan;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.Link;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.Netns;
import io.jilium.test.kit.Await;
import io.jilium.test.kit.Namespaces;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** An agent in a process and a namespace of its own, alone in its cluster. */
@Tag("kernel")
class AgentKernelTest {
  private static final Path RCU_EXPEDITED = Path.of("/sys/kernel/rcu_expedited");
  private static final Path BPFFS = Path.of("/sys/fs/bpf");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String NODE = "agenttest-" + ProcessHandle.current().pid();

  @RegisterExtension private final Namespaces namespaces = Namespaces.perTest();
  @TempDir private Path root;
  private final List<Process> processes = new ArrayList<>();
  private String name = NODE;
  private Netns netns;
  private NetlinkSocket netlink;

  @SuppressWarnings("NullAway.Init")
  AgentKernelTest() {}

  @BeforeEach
  void wire() {
    netns = namespaces.create("agenttest");
    var peer = namespaces.create("agenttest-peer");
    netlink = NetlinkSocket.open(netns);
    netlink.apply(
        Links.createVeth(LinkSettings.named("eth0"), LinkSettings.named("eth0").netns(peer)));
    netlink.apply(Links.set("eth0", LinkSettings.none().up()));
    netlink.apply(Links.set("lo", LinkSettings.none().up()));
    netlink.apply(Addresses.add(Address.of(link("eth0").index(), Prefix.parse("172.28.0.1/24"))));
    try (var there = NetlinkSocket.open(peer)) {
      there.apply(Links.set("eth0", LinkSettings.none().up()));
    }
  }

  @AfterEach
  void cleanUp() throws Exception {
    for (var process : processes) {
      process.destroyForcibly().waitFor();
    }
    assertThat(run("--cleanup")).isZero();
    netlink.close();
    assertThat(BPFFS.resolve("jilium").resolve(NODE)).doesNotExist();
  }

  @Test
  void makesTheNodeReadyAndRepairsWhatIsTakenAway() throws Exception {
    start();
    assertThat(devices()).contains("cilium_host", "cilium_net", "cilium_vxlan", "lxc_health");
    assertThat(pins("links"))
        .contains(
            "cilium_host-from_host",
            "cilium_vxlan-from_overlay",
            "eth0-from_netdev",
            "eth0-to_netdev",
            "lxc_health-from_pod");
    var routes = routes();
    assertThat(routes).extracting(r -> r.destination().toString()).contains("10.9.0.0/24");
    assertThat(hello("10.9.0.2")).isTrue();

    ours().forEach(route -> netlink.apply(Routes.delete(route)));
    Await.until("routes are back", PATIENCE, () -> routes().equals(routes));
    netlink.apply(Links.delete("cilium_vxlan"));
    Await.until(
        "cilium_vxlan is back",
        PATIENCE,
        () -> pinned("cilium_vxlan", "cilium_vxlan-from_overlay"));
    netlink.apply(Links.delete("cilium_host"));
    Await.until(
        "cilium_host is back", PATIENCE, () -> pinned("cilium_host", "cilium_host-from_host"));
    Await.until("its routes are back", PATIENCE, () -> routes().size() == routes.size());
    netlink.apply(Links.delete("lxc_health"));
    Await.until("the health endpoint is back", PATIENCE, () -> hello("10.9.0.2"));
    assertThat(namespacesOfThreads(processes.getFirst()))
        .as("who visited the health endpoint's namespace is home again")
        .containsOnly("net:[" + netns.inode() + "]");
  }

  private static List<String> namespacesOfThreads(Process process) throws IOException {
    var found = new ArrayList<String>();
    try (var threads = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
      for (var thread : threads) {
        try {
          found.add(Files.readSymbolicLink(thread.resolve("ns/net")).toString());
        } catch (NoSuchFileException e) {
          assertThat(thread).as("a thread that has ended").doesNotExist();
        }
      }
    }
    return found;
  }

  @Test
  void aKilledAgentsNodeIsTakenOverAsItIs() throws Exception {
    var first = start();
    var host = link("cilium_host").index();
    var routes = routes();
    first.destroyForcibly().waitFor();
    assertThat(pins("links")).contains("cilium_host-from_host");
    start();
    assertThat(link("cilium_host").index()).isEqualTo(host);
    assertThat(routes()).isEqualTo(routes);
    assertThat(run()).as("a second agent").isEqualTo(1);
  }

  /** Programs of the old name beside those of the new one would decide on the same packets. */
  @Test
  void aNodeThatHasAnotherNameGoesOnWithItsProgramsAndMaps() throws Exception {
    var first = start();
    var host = link("cilium_host").index();
    first.destroyForcibly().waitFor();
    name = NODE + "-renamed";
    start();
    assertThat(former()).doesNotExist();
    assertThat(link("cilium_host").index()).isEqualTo(host);
    assertThat(pins("links")).contains("eth0-from_netdev");
    assertThat(hello("10.9.0.2")).isTrue();
    processes.getLast().destroyForcibly().waitFor();
    name = NODE; // the next one cleans up under the first name again
    assertThat(run("--cleanup")).isZero();
    assertThat(BPFFS.resolve("jilium").resolve(NODE + "-renamed")).doesNotExist();
    assertThat(devices()).containsExactlyInAnyOrder("lo", "eth0");
  }

  private static Path former() {
    return BPFFS.resolve("jilium").resolve(NODE);
  }

  @Test
  void otherPeoplesRoutesStay() throws Exception {
    var theirs =
        Route.to(Prefix.parse("10.77.0.0/24"))
            .device(link("eth0").index())
            .protocol(Route.PROTOCOL_STATIC);
    netlink.apply(Routes.add(theirs));
    start();
    assertThat(run("--cleanup")).as("while an agent runs").isEqualTo(1);
    processes.getFirst().destroy();
    assertThat(processes.getFirst().waitFor(15, TimeUnit.SECONDS)).isTrue();
    assertThat(run("--cleanup")).isZero();
    assertThat(devices()).containsExactlyInAnyOrder("lo", "eth0");
    assertThat(routes()).isEmpty();
    assertThat(netlink.list(Routes.table(Family.IPV4, Route.TABLE_MAIN))).contains(theirs);
    assertThat(root.resolve("var/run/jilium/state")).doesNotExist();
  }

  @Test
  void cleaningUpPutsBackWhatAnAgentKilledWhileAttachingSwitched() throws Exception {
    start().destroyForcibly().waitFor();
    var marker = root.resolve("var/run/jilium/rcu_expedited");
    Files.write(marker, new byte[0]);
    Files.writeString(RCU_EXPEDITED, "1");
    assertThat(run("--cleanup")).isZero();
    assertThat(marker).doesNotExist();
    // Another test's agent may be attaching a program right now.
    Await.until(
        "the kernel's grace periods are as before",
        PATIENCE,
        () -> read(RCU_EXPEDITED).strip().equals("0"));
  }

  private Process start() throws Exception {
    var log = root.resolve("log-" + processes.size());
    var process = process(log, "--set", "ipam.operator.clusterPoolIPv4PodCIDRList=10.9.0.0/16");
    processes.add(process);
    Await.until(
        "the agent is ready",
        PATIENCE,
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError(read(log));
          }
          return read(log).contains("ready after") && pinned("lxc_health", "lxc_health-from_pod");
        },
        () -> read(log));
    return process;
  }

  private int run(String... options) throws Exception {
    return process(root.resolve("log-run"), options).waitFor();
  }

  private Process process(Path log, String... options) {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--node",
                name,
                "--root",
                root.toString(),
                "--bpffs",
                BPFFS.toString(),
                "--set",
                "bpf.ctTcpMax=4096",
                "--set",
                "bpf.ctAnyMax=4096"));
    command.addAll(List.of(options));
    return netns.run(() ->
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  private boolean pinned(String device, String pin) {
    return devices().contains(device) && pins("links").contains(pin);
  }

  private boolean hello(String address) {
    return netns.run(() -> {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), 4240), 1000);
        return true;
      } catch (IOException e) {
        return false;
      }
    });
  }

  private Set<String> devices() {
    return netlink.list(Links.all()).stream()
        .map(Link::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private Link link(String name) {
    return netlink.find(Links.byName(name)).orElseThrow();
  }

  /** Ours, without the index of the device, which another cilium_host does not share. */
  private List<Route> routes() {
    return ours().stream().map(route -> route.device(1)).toList();
  }

  private List<Route> ours() {
    return netlink.list(Routes.table(Family.IPV4, Route.TABLE_MAIN)).stream()
        .filter(route -> route.protocol() == RoutePlan.PROTOCOL)
        .toList();
  }

  private List<String> pins(String kind) {
    try (var files = Files.list(BPFFS.resolve("jilium").resolve(name).resolve(kind))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "";
    }
  }
}
