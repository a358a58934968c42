// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.kube.kit;

import io.jilium.test.kube.kit.ClusterSpec.PodNetwork;
import io.jilium.test.kube.kit.ClusterSpec.ServiceProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** `jilium kube`: real Kubernetes clusters on this machine, for tests and trying out. */
@Command(
    name = "jilium kube",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description =
        "A real Kubernetes cluster on this machine: every node is a kubelet and a containerd in namespaces.",
    footer = {
      "",
      "Examples:",
      "  ./jilium kube up --nodes 3",
      "  eval \"$(./jilium kube env)\"; kubectl get nodes",
      "  ./jilium kube exec node-1 -- ip addr",
      "  ./jilium kube e2e '\\[sig-network\\].*\\[Conformance\\]' --procs 3",
    })
final class Main {
  @Option(
      names = "--name",
      defaultValue = "kube",
      scope = ScopeType.INHERIT,
      paramLabel = "NAME",
      description = "Which cluster (default: ${DEFAULT-VALUE}).")
  private String name = "kube";

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  private static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUnmatchedOptionsArePositionalParams(false)
        .setExecutionExceptionHandler((error, command, _) -> {
          if (!(error instanceof KubeException)) {
            error.printStackTrace(command.getErr());
          }
          command.getErr().println("jilium kube: " + error.getMessage());
          return 1;
        });
  }

  @Command(description = "Start a cluster, or complete one that is half there.")
  int up(
      @Option(
              names = "--nodes",
              defaultValue = "2",
              paramLabel = "N",
              description = "How many nodes (default: ${DEFAULT-VALUE}).")
          int nodes,
      @Option(
              names = "--kube-proxy",
              defaultValue = "iptables",
              paramLabel = "iptables|nftables|none",
              description = "Who makes Services work (default: ${DEFAULT-VALUE}).")
          ServiceProxy proxy,
      @Option(names = "--no-dns", description = "Without a name server.") boolean noDns,
      @Option(
              names = "--network",
              defaultValue = "none",
              paramLabel = "none|bridge",
              description =
                  "Pod network to begin with; without one nodes wait for it (default: ${DEFAULT-VALUE}).")
          PodNetwork network,
      @Option(
              names = "--dual-stack",
              description = "Nodes, pods and Services have IPv6 addresses as well.")
          boolean dualStack) {
    var spec = new ClusterSpec(name, nodes, proxy, !noDns, network, dualStack);
    var cluster = KubeCluster.up(spec, progress());
    System.out.println("export KUBECONFIG=" + cluster.kubeconfig());
    return 0;
  }

  @Command(description = "Take a cluster down, whatever is left of it.")
  int down(@Option(names = "--all", description = "Every cluster.") boolean all) {
    for (String each : all ? KubeCluster.names() : List.of(name)) {
      KubeCluster.remove(each);
      System.err.println("cluster '%s' is down".formatted(each));
    }
    return 0;
  }

  @Command(description = "Name the clusters that there are.")
  int list() {
    KubeCluster.names().forEach(System.out::println);
    return 0;
  }

  @Command(description = "Print how a shell comes to talk to the cluster.")
  int env() {
    var cluster = cluster();
    System.out.println("export KUBECONFIG=" + cluster.kubeconfig());
    System.out.println("export PATH=%s:$PATH".formatted(cluster.program("")));
    return 0;
  }

  @Command(description = "Run a command on a node.")
  int exec(
      @Parameters(index = "0", paramLabel = "NODE") String node,
      @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND") List<String> command) {
    return cluster().node(node).exec(command).interactive();
  }

  @Command(description = "Run kubectl as the cluster's administrator; its options after --.")
  int kubectl(@Parameters(arity = "0..*", paramLabel = "ARGUMENT") List<String> arguments) {
    return cluster().kubectlCommand().with(arguments).interactive();
  }

  @Command(description = "Give every node the images of an archive.")
  int load(@Parameters(paramLabel = "ARCHIVE") Path archive) {
    cluster().nodes().forEach(node -> node.load(archive));
    return 0;
  }

  @Command(description = "Add a node, remove one, cut its power or boot it again.")
  int node(
      @Parameters(index = "0", paramLabel = "add|rm|stop|start") String verb,
      @Parameters(index = "1", arity = "0..1", defaultValue = "", paramLabel = "NODE")
          String node) {
    var cluster = cluster();
    switch (verb) {
      case "add" -> System.out.println(cluster.addNode().name());
      case "rm" -> cluster.removeNode(cluster.node(node));
      case "stop" -> cluster.node(node).stop();
      case "start" -> cluster.node(node).start();
      default -> throw new KubeException("node %s: use add, rm, stop or start".formatted(verb));
    }
    return 0;
  }

  @Command(description = "Stop or start the API server or etcd.")
  int control(
      @Parameters(index = "0", paramLabel = "stop|start") String verb,
      @Parameters(index = "1", paramLabel = "api|etcd") String program) {
    var control = cluster().controlPlane();
    switch (verb + " " + program) {
      case "stop api" -> control.stopApiServer();
      case "start api" -> control.startApiServer();
      case "stop etcd" -> control.stopEtcd();
      case "start etcd" -> control.startEtcd();
      default ->
          throw new KubeException(
              "control %s %s: use stop or start, and api or etcd".formatted(verb, program));
    }
    return 0;
  }

  @Command(description = "Run Kubernetes' own end-to-end tests whose names match.")
  int e2e(
      @Parameters(index = "0", paramLabel = "FOCUS", description = "A regular expression.")
          String focus,
      @Option(
              names = "--skip",
              defaultValue = "",
              paramLabel = "REGEX",
              description = "These are not run.")
          String skip,
      @Option(
              names = "--procs",
              defaultValue = "1",
              paramLabel = "N",
              description = "How many run side by side (default: ${DEFAULT-VALUE}).")
          int processes)
      throws IOException {
    var reports = Files.createTempDirectory("jilium-e2e");
    int code = new EndToEnd(focus, skip, processes).command(cluster(), reports).interactive();
    System.err.println("the report is in " + reports);
    return code;
  }

  private KubeCluster cluster() {
    return KubeCluster.find(name)
        .orElseThrow(() ->
            new KubeException(
                "no cluster '%s': ./jilium kube up --name %s makes it".formatted(name, name)));
  }

  private static Consumer<String> progress() {
    var began = Instant.now();
    return step -> {
      var since = Duration.between(began, Instant.now());
      System.err.printf("%4d.%d s  %s%n", since.toSeconds(), since.toMillisPart() / 100, step);
    };
  }
}
