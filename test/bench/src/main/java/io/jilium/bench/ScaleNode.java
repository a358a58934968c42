// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.NumericIdentity;
import io.jilium.datapath.DatapathMap;
import io.jilium.datapath.IpcacheKey;
import io.jilium.datapath.IpcacheMap;
import io.jilium.lab.Home;
import io.jilium.linux.ebpf.KernelMap;
import io.jilium.linux.netlink.Address;
import io.jilium.linux.netlink.Addresses;
import io.jilium.linux.netlink.Family;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.netlink.Prefix;
import io.jilium.linux.netlink.Route;
import io.jilium.linux.netlink.Routes;
import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A node with one real agent in a namespace of its own, whose only way out is the counted one to an
 * API server.
 */
final class ScaleNode implements AutoCloseable {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path BPFFS = Path.of("/sys/fs/bpf");
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** As the image starts an agent. */
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms24m",
          "-Xmx384m",
          "-Xss512k",
          "-XX:ReservedCodeCacheSize=48m",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "-XX:+ExitOnOutOfMemoryError",
          "-Xlog:aot=off",
          "-Xlog:cds=off");

  private final String name = "bench-kube-" + ProcessHandle.current().pid();
  private final Path path = NAMESPACES.resolve(name);
  private final Path bpffs = BPFFS.resolve("jilium-" + name);
  private final Path root;
  private final Path kubeconfig;
  private final Netns netns;
  private final Netns outside;
  private final CountingProxy proxy;
  private final List<Path> pods = new ArrayList<>();
  private Optional<Process> agent = Optional.empty();

  ScaleNode(Path root, Path kubeconfig, int port) {
    this.root = root;
    this.kubeconfig = kubeconfig;
    this.netns = Netns.create(path);
    this.outside = Netns.createUnnamed();
    this.proxy = CountingProxy.start(connected(), port);
    install();
  }

  private Netns connected() {
    try (var inside = NetlinkSocket.open(netns);
        var beyond = NetlinkSocket.open(outside)) {
      inside.apply(Links.set("lo", LinkSettings.none().up()));
      beyond.apply(
          Links.createVeth(LinkSettings.named("port"), LinkSettings.named("eth0").netns(netns)));
      beyond.apply(Links.set("port", LinkSettings.none().up()));
      inside.apply(Links.set("eth0", LinkSettings.none().up()));
      int device = inside.find(Links.byName("eth0")).orElseThrow().index();
      inside.apply(
          Addresses.add(Address.of(device, Prefix.parse(KubePopulation.LOCAL_ADDRESS + "/24"))));
      var gateway = InetAddress.ofLiteral(KubePopulation.LOCAL_GATEWAY);
      inside.apply(Routes.replace(Route.toAll(Family.of(gateway)).device(device).via(gateway)));
    }
    return netns;
  }

  private void install() {
    try {
      Files.createDirectories(plugin().program().getParent());
      Files.copy(Home.current().plugin(), plugin().program());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CniPlugin plugin() {
    return new CniPlugin(root.resolve("opt/cni/bin/jilium-cni"), conflist());
  }

  private Path conflist() {
    return root.resolve("etc/cni/net.d/05-jilium.conflist");
  }

  /** Runs an agent once without a cluster, as the image's build does, to make its cache. */
  void train() {
    start(
        List.of("-XX:AOTCacheOutput=" + cache()),
        List.of("--set", "ipam.operator.clusterPoolIPv4PodCIDRList=10.99.0.0/24"));
    Tool.pause(1000);
    stop();
  }

  /** Starts the agent; returns the seconds until pods can be added. */
  double startAgent(List<String> settings) {
    var arguments = new ArrayList<>(List.of("--kubeconfig", kubeconfig.toString()));
    for (var setting : settings) {
      arguments.addAll(List.of("--set", setting));
    }
    return start(List.of("-XX:AOTCache=" + cache()), arguments);
  }

  private Path cache() {
    return root.resolve("agent.aot");
  }

  private double start(List<String> flags, List<String> arguments) {
    var all = new ArrayList<>(FLAGS);
    all.addAll(flags);
    var command = Home.current().java("agent", "io.jilium.agent.Main", all);
    command.addAll(options());
    command.addAll(arguments);
    try {
      Files.deleteIfExists(conflist());
      long begin = System.nanoTime();
      var process = netns.run(() -> inherit(command).start());
      agent = Optional.of(process);
      var end = Instant.now().plus(DEADLINE);
      while (!Files.exists(conflist())) {
        if (!process.isAlive() || Instant.now().isAfter(end)) {
          throw new BenchException("the agent is not ready: " + lastWords());
        }
        Tool.pause(2);
      }
      return (System.nanoTime() - begin) / 1e9;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> options() {
    return List.of(
        "--node",
        KubePopulation.LOCAL_NODE,
        "--root",
        root.toString(),
        "--bpffs",
        bpffs.toString(),
        "--set",
        "ipam.mode=kubernetes",
        "--set",
        "devices=eth0");
  }

  private ProcessBuilder inherit(List<String> command) {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
  }

  private Path log() {
    return root.resolve("agent.log");
  }

  private String lastWords() {
    try {
      var lines = Files.readAllLines(log());
      return String.join("; ", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    } catch (IOException e) {
      return "no log at " + log();
    }
  }

  void stop() {
    agent.ifPresent(process -> {
      process.destroy();
      try {
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new BenchException("interrupted", e);
      }
    });
    agent = Optional.empty();
  }

  void addPod(String namespace, String pod) {
    var place = NAMESPACES.resolve(name + "-" + pod);
    pods.add(place);
    Netns.create(place).close();
    plugin().call("ADD", namespace, pod, place);
  }

  /** The map that the agent keeps. */
  IpcacheMap ipcache() {
    var pins = bpffs.resolve("jilium").resolve(KubePopulation.LOCAL_NODE).resolve("maps");
    return new IpcacheMap(KernelMap.open(pins.resolve(DatapathMap.IPCACHE.pinName())));
  }

  /**
   * The identity that the map has for an address; 0 if the address is but one of a node's range.
   */
  int identity(IpcacheMap map, String address) {
    var identity =
        map.lookup(new IpcacheKey(IpPrefix.parse(address + "/32")))
            .map(entry -> entry.identity().value())
            .orElse(0);
    return identity < NumericIdentity.CLUSTER_MIN ? 0 : identity;
  }

  /** Bytes that the API server sent so far. */
  long received() {
    return proxy.received();
  }

  Duration cpuTime() {
    return agent
        .flatMap(process -> process.info().totalCpuDuration())
        .orElseThrow(() -> new BenchException("the agent ended: " + lastWords()));
  }

  /** MiB. */
  double residentMemory() {
    var pid = agent.orElseThrow(() -> new BenchException("the agent ended: " + lastWords())).pid();
    return AgentProcess.residentMemory(pid);
  }

  @Override
  public void close() {
    stop();
    var command = Home.current().java("agent", "io.jilium.agent.Main", FLAGS);
    command.addAll(options());
    command.add("--cleanup");
    netns.run(() -> inherit(command).start().waitFor());
    pods.forEach(Netns::delete);
    Netns.delete(path);
    proxy.close();
    netns.close();
    outside.close();
    removeTree(bpffs);
    removeTree(root);
  }

  static void removeTree(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
