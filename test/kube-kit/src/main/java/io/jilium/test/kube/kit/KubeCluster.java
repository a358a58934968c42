// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import io.jilium.linux.sys.Netns;
import io.jilium.test.kube.kit.ClusterSpec.PodNetwork;
import io.jilium.test.kube.kit.ClusterSpec.ServiceProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.Assumptions;

/**
 * A real Kubernetes cluster in namespaces of this machine. It outlives the process that made it
 * until it is closed; clusters of different names run side by side and see nothing of each other.
 * Nothing in it reaches anything but its own nodes and control plane. Not for concurrent use,
 * except running commands.
 */
public final class KubeCluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ClusterSpec spec;
  private final ClusterPlaces places;
  private final KubePrograms programs;
  private final KubeImages images;
  private final ClusterNetwork network;
  private final ControlPlane control;
  private final Map<Integer, KubeNode> nodes = new HashMap<>();

  private KubeCluster(ClusterSpec spec) {
    this.spec = spec;
    this.places = new ClusterPlaces(spec.name());
    this.programs = KubePrograms.get();
    this.images = KubeImages.get(programs);
    this.network = ClusterNetwork.of(places, spec.dualStack());
    this.control = new ControlPlane(spec, programs, places, network);
  }

  /**
   * Brings a cluster up; a cluster of that name that is half there is completed. On failure what
   * was started stays for inspection: {@link #remove} takes it away.
   *
   * @param progress is told each step
   */
  public static KubeCluster up(ClusterSpec spec, Consumer<String> progress) {
    KubePrograms.missing()
        .ifPresent(why -> {
          throw new KubeException(why);
        });
    var places = new ClusterPlaces(spec.name());
    try {
      Files.createDirectories(places.directory().resolve("nodes"));
      Command.of("chmod", "0700", places.directory().toString()).run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    spec.save(places.spec());
    MachineSettings.prepare();
    var cluster = new KubeCluster(spec);
    cluster.start(progress);
    return cluster;
  }

  /** As {@link #up}, for a test: it is skipped where Go or root is missing. */
  public static KubeCluster assumed(ClusterSpec spec) {
    KubePrograms.missing().ifPresent(why -> Assumptions.abort(why));
    remove(spec.name());
    return up(spec, _ -> {});
  }

  /** A cluster that was brought up before, by another process perhaps. */
  public static Optional<KubeCluster> find(String name) {
    var places = new ClusterPlaces(name);
    if (!Files.exists(places.spec())) {
      return Optional.empty();
    }
    var cluster = new KubeCluster(ClusterSpec.load(name, places.spec()));
    cluster.adoptNodes();
    return Optional.of(cluster);
  }

  /** Takes down whatever there is of a cluster. */
  public static void remove(String name) {
    var places = new ClusterPlaces(name);
    var run = places.directory().resolve("run");
    if (Files.isDirectory(run)) {
      try (var files = Files.list(run)) {
        var daemons =
            files
                .map(file -> file.getFileName().toString())
                .filter(file -> file.endsWith(".pid"))
                .map(file -> new Daemon(run, file.substring(0, file.length() - 4)))
                // Nodes first: what they lose is not missed then.
                .sorted(Comparator.comparing(daemon -> !daemon.name().startsWith("node-")))
                .toList();
        daemons.forEach(daemon -> daemon.stop(Duration.ZERO));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    ControlGroups.remove(places.prefix());
    ClusterNetwork.remove(places);
    Command.of("rm", "-rf", "--one-file-system", places.directory().toString()).run();
    MachineSettings.restoreAfterTheLast();
  }

  /** The names of all clusters on this machine. */
  public static List<String> names() {
    if (!Files.isDirectory(ClusterPlaces.all())) {
      return List.of();
    }
    try (var all = Files.list(ClusterPlaces.all())) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start(Consumer<String> progress) {
    network.create();
    control.start();
    progress.accept("API server at " + control.url());
    adoptNodes();
    for (int number = 1; number <= spec.nodes(); number++) {
      nodes.computeIfAbsent(number, this::node);
    }
    nodes.values().parallelStream().forEach(KubeNode::start);
    nodes.values().forEach(this::awaitRegistered);
    progress.accept("%d nodes have registered".formatted(nodes.size()));
    if (spec.proxy() != ServiceProxy.NONE) {
      apply(
          Resources.text("kube-proxy.yaml")
              .replace("MODE", spec.proxy().word())
              .replace("BUSYBOX", image("busybox"))
              .replace("PROGRAM", programs.program(ControlPlane.PROXY).toString())
              .replace("POD_CIDRS", spec.podCidrs())
              .replace("KUBECONFIG", places.kubeconfig(ControlPlane.PROXY).toString()));
    }
    if (spec.dns()) {
      apply(Resources.text("dns.yaml").replace("ADDRESS", ClusterSpec.DNS_ADDRESS));
    }
    if (spec.network() == PodNetwork.BRIDGE) {
      BridgeNetwork.install(this);
      kubectl("wait", "--for=condition=Ready", "node", "--all", "--timeout=120s");
      progress.accept("nodes are ready");
      if (spec.dns()) {
        awaitDns();
        progress.accept("DNS answers");
      }
    }
  }

  /** Returns when the name server runs; it needs a network and Services. */
  public void awaitDns() {
    kubectl("-n", "kube-system", "rollout", "status", "deployment/kube-dns", "--timeout=120s");
  }

  private KubeNode node(int number) {
    return new KubeNode(number, programs, images, places, network);
  }

  private void adoptNodes() {
    try (var all = Files.list(places.directory().resolve("nodes"))) {
      all.map(path -> Integer.parseInt(path.getFileName().toString().substring("node-".length())))
          .forEach(number -> nodes.computeIfAbsent(number, this::node));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns when its kubelet has registered and the control plane reaches its pods. */
  public void awaitRegistered(KubeNode node) {
    var get =
        kubectlCommand()
            .with(List.of("get", "node", node.name(), "-o", "jsonpath={.spec.podCIDR}"));
    Waiting.until(
        node.name() + " to register",
        PATIENCE,
        () -> {
          var result = get.attempt();
          return result.succeeded() && result.output().contains("/");
        });
    // The API server's proxy, and tests beside it, go to pods straight.
    for (String cidr : podCidrs(node)) {
      network.routeFromControlPlane(cidr, node.number());
    }
  }

  private List<String> podCidrs(KubeNode node) {
    var cidrs = kubectl("get", "node", node.name(), "-o", "jsonpath={.spec.podCIDRs[*]}").strip();
    return List.of(cidrs.split(" ", -1));
  }

  /** Of IPv4. */
  String podCidr(KubeNode node) {
    return kubectl("get", "node", node.name(), "-o", "jsonpath={.spec.podCIDR}").strip();
  }

  /** Runs a task in the control plane's network: the sockets that it opens are there. */
  <T> T inControlNetwork(Callable<T> task) {
    try (var netns = Netns.open(ClusterPlaces.namespaceFile(places.controlNamespace()))) {
      return netns.run(task);
    }
  }

  ClusterNetwork network() {
    return network;
  }

  public String name() {
    return spec.name();
  }

  /** The administrator's kubeconfig. */
  public Path kubeconfig() {
    return places.adminKubeconfig();
  }

  public ControlPlane controlPlane() {
    return control;
  }

  /** All nodes, in order. */
  public List<KubeNode> nodes() {
    return nodes.values().stream().sorted(Comparator.comparingInt(KubeNode::number)).toList();
  }

  /** By its name, node-1, node-2, … */
  public KubeNode node(String name) {
    return nodes().stream()
        .filter(node -> node.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new KubeException(
                "no node '%s': there are %s"
                    .formatted(
                        name, String.join(", ", nodes().stream().map(KubeNode::name).toList()))));
  }

  /** Adds a node under the next number and waits until it has registered. */
  public KubeNode addNode() {
    int next = nodes.keySet().stream().max(Comparator.naturalOrder()).orElse(0) + 1;
    var node = node(next);
    nodes.put(next, node);
    node.start();
    awaitRegistered(node);
    return node;
  }

  /** Removes a node from the API and from this machine. */
  public void removeNode(KubeNode node) {
    kubectl("delete", "node", node.name(), "--wait=false");
    node.remove();
    nodes.values().remove(node);
  }

  /** Has the control plane reach addresses through a node; its podCIDR is known already. */
  public void route(String cidr, KubeNode node) {
    network.routeFromControlPlane(cidr, node.number());
  }

  /** The reference under which the nodes have an image of the fixture: busybox, agnhost. */
  public String image(String name) {
    return images.reference(name);
  }

  /** Runs kubectl as the administrator; returns what it printed, fails if it does. */
  public String kubectl(String... arguments) {
    return kubectlCommand().with(List.of(arguments)).run();
  }

  /** kubectl as the administrator, to be completed. */
  public Command kubectlCommand() {
    return Command.of(program("kubectl").toString(), "--kubeconfig=" + kubeconfig());
  }

  /** Applies objects written as YAML or JSON, by the server. */
  public String apply(String objects) {
    return kubectlCommand()
        .with(List.of("apply", "--server-side", "--force-conflicts", "-f", "-"))
        .input(objects)
        .run();
  }

  /** One of the programs that the cluster is made of, for use on this machine. */
  public Path program(String name) {
    return programs.program(name);
  }

  /** Takes it down: processes, namespaces, control groups, files. */
  @Override
  public void close() {
    remove(spec.name());
    nodes.clear();
  }

  /** Whether anything of it is left, for tests of the fixture itself. */
  static List<String> traces(String name) {
    var places = new ClusterPlaces(name);
    var found = new ArrayList<String>();
    ControlGroups.existing(places.prefix()).forEach(path -> found.add(path.toString()));
    Command.of("ip", "netns", "list")
        .run()
        .lines()
        .filter(line -> line.startsWith(places.prefix()))
        .forEach(found::add);
    if (Files.exists(places.directory())) {
      found.add(places.directory().toString());
    }
    ProcessHandle.allProcesses()
        .filter(
            process -> process.info().commandLine().orElse("").contains(places.directory() + "/"))
        .forEach(process -> found.add("process " + process.pid()));
    return found;
  }
}
