// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import io.jilium.cli.agent.ConfigVerb;
import io.jilium.cli.agent.EndpointGetVerb;
import io.jilium.cli.agent.EndpointListVerb;
import io.jilium.cli.agent.HealthStatusVerb;
import io.jilium.cli.agent.IdentityGetVerb;
import io.jilium.cli.agent.IdentityListVerb;
import io.jilium.cli.agent.IpListVerb;
import io.jilium.cli.agent.MetricsListVerb;
import io.jilium.cli.agent.NodeListVerb;
import io.jilium.cli.agent.StatusVerb;
import io.jilium.cli.agent.VersionVerb;
import io.jilium.cli.bpf.CtFlushVerb;
import io.jilium.cli.bpf.CtListVerb;
import io.jilium.cli.bpf.FragListVerb;
import io.jilium.cli.bpf.IpcacheListVerb;
import io.jilium.cli.bpf.LbListVerb;
import io.jilium.cli.bpf.LocalEndpointListVerb;
import io.jilium.cli.bpf.MapMetricsListVerb;
import io.jilium.cli.bpf.NatListVerb;
import io.jilium.cli.bpf.TunnelListVerb;
import io.jilium.cli.cluster.connectivity.ConnectivityCleanupVerb;
import io.jilium.cli.cluster.connectivity.ConnectivityTestVerb;
import io.jilium.cli.cluster.status.ClusterStatusVerb;
import io.jilium.cli.cluster.sysdump.SysdumpVerb;
import io.jilium.cli.install.ConfigMapVerbs;
import io.jilium.cli.install.InstallVerb;
import io.jilium.cli.install.RollbackVerb;
import io.jilium.cli.install.UninstallVerb;
import io.jilium.cli.install.UpgradeVerb;
import io.jilium.cli.monitor.MonitorVerb;
import io.jilium.cli.service.ServiceExplainVerb;
import io.jilium.cli.service.ServiceGetVerb;
import io.jilium.cli.service.ServiceListVerb;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine;

/**
 * All verbs as a tree. Inspecting a class for its options costs milliseconds, so a command line
 * that names its verb gets only the branch that leads there.
 */
final class Verbs {
  private static final Set<String> OPTIONS_WITH_VALUE =
      Set.of("--node", "--lab", "--root", "--socket");

  private static final List<Verb> ALL =
      List.of(
          leaf("status", StatusVerb::new),
          group(
              "endpoint",
              "What is attached to the network here",
              leaf("list", EndpointListVerb::new),
              leaf("get", EndpointGetVerb::new)),
          group("node", "Nodes of the cluster", leaf("list", NodeListVerb::new)),
          group(
              "identity",
              "Security identities",
              leaf("list", IdentityListVerb::new),
              leaf("get", IdentityGetVerb::new)),
          group(
              "service",
              "Services and what serves them",
              leaf("list", ServiceListVerb::new),
              leaf("get", ServiceGetVerb::new),
              leaf("explain", ServiceExplainVerb::new)),
          group("ip", "Which identity an address has", leaf("list", IpListVerb::new)),
          group(
              "bpf",
              "Maps in the kernel",
              group("endpoint", "Local endpoints", leaf("list", LocalEndpointListVerb::new)),
              group("tunnel", "Prefixes behind the tunnel", leaf("list", TunnelListVerb::new)),
              group("ipcache", "Prefix to identity", leaf("list", IpcacheListVerb::new)),
              group(
                  "ct",
                  "Connection tracking",
                  leaf("list", CtListVerb::new),
                  leaf("flush", CtFlushVerb::new)),
              group("lb", "Services", leaf("list", LbListVerb::new)),
              group("nat", "Address translations", leaf("list", NatListVerb::new)),
              group("metrics", "Packet counters", leaf("list", MapMetricsListVerb::new)),
              group("frag", "Ports of fragmented datagrams", leaf("list", FragListVerb::new))),
          leaf("monitor", MonitorVerb::new),
          group("metrics", "The agent's metrics", leaf("list", MetricsListVerb::new)),
          leaf("config", ConfigVerb::new),
          leaf("install", InstallVerb::new),
          leaf("upgrade", UpgradeVerb::new),
          leaf("rollback", RollbackVerb::new),
          leaf("uninstall", UninstallVerb::new),
          group("health", "Reachability of other nodes", leaf("status", HealthStatusVerb::new)),
          group(
              "connectivity",
              "Whether the cluster's network works",
              leaf("test", ConnectivityTestVerb::new),
              leaf("cleanup", ConnectivityCleanupVerb::new)),
          leaf("sysdump", SysdumpVerb::new),
          leaf("version", VersionVerb::new),
          leaf("completion", CompletionVerb::new));

  /** Stands in for the agent's verb of that name where one of its words follows. */
  private static final Verb CLUSTER_CONFIG =
      group(
          "config",
          "The settings of a cluster; without a word: of an agent",
          leaf("view", ConfigMapVerbs.View::new),
          leaf("set", ConfigMapVerbs.Set::new),
          leaf("delete", ConfigMapVerbs.Delete::new));

  private Verbs() {}

  /** The parser for these arguments. */
  static CommandLine commandLine(String... arguments) {
    var root = new CommandLine(new Main());
    var verbs = new ArrayList<Verb>(ALL);
    if (Whose.status(arguments) == Whose.CLUSTER) {
      verbs.set(0, leaf("status", ClusterStatusVerb::new));
    }
    List<String> words = words(arguments);
    if (words.size() > 1
        && words.getFirst().equals("config")
        && List.of("view", "set", "delete").contains(words.get(1))) {
      verbs.replaceAll(verb -> verb.name().equals("config") ? CLUSTER_CONFIG : verb);
    }
    addAll(root, verbs, words);
    return root;
  }

  /** The parser for every verb. */
  static CommandLine complete() {
    return commandLine();
  }

  private static void addAll(CommandLine parent, List<Verb> verbs, List<String> words) {
    Optional<Verb> named =
        words.isEmpty()
            ? Optional.empty()
            : verbs.stream().filter(verb -> verb.name().equals(words.getFirst())).findFirst();
    if (named.isPresent()) {
      add(parent, named.get(), words.subList(1, words.size()));
    } else {
      verbs.forEach(verb -> add(parent, verb, List.of()));
    }
  }

  private static void add(CommandLine parent, Verb verb, List<String> words) {
    var line = new CommandLine(verb.command().get());
    addAll(line, verb.children(), words);
    parent.addSubcommand(verb.name(), line);
  }

  /** What is neither an option nor the value of a global one. */
  private static List<String> words(String... arguments) {
    var words = new ArrayList<String>();
    for (int i = 0; i < arguments.length; i++) {
      if (OPTIONS_WITH_VALUE.contains(arguments[i])) {
        i++;
      } else if (!arguments[i].startsWith("-")) {
        words.add(arguments[i]);
      }
    }
    return words;
  }

  private static Verb leaf(String name, Supplier<Object> command) {
    return new Verb(name, command, List.of());
  }

  private static Verb group(String name, String description, Verb... children) {
    return new Verb(name, () -> new VerbGroup(description), List.of(children));
  }

  private record Verb(String name, Supplier<Object> command, List<Verb> children) {}
}
