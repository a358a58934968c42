// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The command line of the agent. Settings of the datapath are not options: they come from the file
 * and from --set.
 */
public record AgentOptions(
    String node,
    Path root,
    Path bpffs,
    Path cgroup,
    Optional<Path> config,
    Optional<Path> configDirectory,
    List<String> overrides,
    String etcd,
    boolean kubernetes,
    Optional<Path> kubeconfig,
    Optional<Path> cniPlugin,
    Optional<String> cluster,
    String logLevel,
    boolean cleanup) {
  /** A wrong command line: one sentence, exit code 2. */
  public static final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  static final String USAGE =
      """
      usage: agent [OPTIONS]
        --node NAME        name of this node (default: K8S_NODE_NAME of the environment, else the host name)
        --root DIR         where var/run/jilium and etc/cni/net.d are (default: /)
        --bpffs DIR        where the bpf file system is mounted (default: /sys/fs/bpf)
        --cgroup DIR       where the cgroup2 file system is mounted (default: /sys/fs/cgroup)
        --config-dir DIR   settings as a mounted ConfigMap: one file per flag
        --config FILE      settings in YAML; win over --config-dir
        --set KEY=VALUE    one setting; may be repeated, wins over the file
        --etcd URL[,URL]   where etcd listens; without it and --k8s the node knows itself alone
        --k8s              the cluster is at the Kubernetes API server
        --kubeconfig FILE  how to reach it, instead of by the pod's service account; implies --k8s
        --cni-plugin FILE  the CNI plugin, to be copied to opt/cni/bin
        --cluster NAME     name of the cluster, the same as --set cluster.name=NAME
        --log-level LEVEL  error, warn, info or debug (default: info)
        --cleanup          remove everything that an agent of this node left in the kernel and on disk, then exit
      """;

  public AgentOptions {
    overrides = List.copyOf(overrides);
  }

  /** R/var/run/jilium: sockets and state. */
  public Path runDirectory() {
    return root.resolve("var/run/jilium");
  }

  public Path stateDirectory() {
    return runDirectory().resolve("state");
  }

  public Path agentSocket() {
    return runDirectory().resolve("agent.sock");
  }

  public Path cniSocket() {
    return runDirectory().resolve("cni.sock");
  }

  /** Where kubelet and containerd look for network configurations. */
  public Path conflist() {
    return root.resolve("etc/cni/net.d/05-jilium.conflist");
  }

  /** Pins of this node: maps and links below it. */
  public Path pins() {
    return bpffs.resolve("jilium").resolve(node);
  }

  /**
   * @param hostName the node's name unless told
   */
  static AgentOptions parse(String[] args, String hostName) {
    var values = new LinkedHashMap<String, String>();
    var overrides = new ArrayList<String>();
    var switches = new HashSet<String>();
    for (int i = 0; i < args.length; i++) {
      var argument = args[i];
      int equals = argument.indexOf('=');
      var name =
          equals < 0 || !argument.startsWith("--") ? argument : argument.substring(0, equals);
      switch (name) {
        case "--cleanup", "--k8s" -> switches.add(name);
        case "--set" -> addOverride(overrides, value(args, i, name));
        case "--node",
            "--root",
            "--bpffs",
            "--cgroup",
            "--config",
            "--config-dir",
            "--etcd",
            "--kubeconfig",
            "--cni-plugin",
            "--cluster",
            "--log-level" ->
            values.put(name, value(args, i, name));
        default -> throw new UsageException("unknown argument " + argument);
      }
      if (equals < 0 && !switches.contains(name)) {
        i++;
      }
    }
    return of(values, overrides, switches, hostName);
  }

  private static String value(String[] args, int at, String name) {
    if (args[at].length() > name.length()) {
      return args[at].substring(name.length() + 1);
    }
    if (at + 1 == args.length) {
      throw new UsageException("option " + name + " needs a value");
    }
    return args[at + 1];
  }

  private static void addOverride(List<String> overrides, String assignment) {
    if (assignment.indexOf('=') <= 0) {
      throw new UsageException("--set needs KEY=VALUE, not " + assignment);
    }
    overrides.add(assignment);
  }

  private static AgentOptions of(
      Map<String, String> values, List<String> overrides, Set<String> switches, String hostName) {
    var node = values.getOrDefault("--node", hostName);
    if (!node.matches("[a-z0-9A-Z]([-a-z0-9A-Z._]{0,251}[a-z0-9A-Z])?")) {
      throw new UsageException("\"" + node + "\" is not a node name");
    }
    var level = values.getOrDefault("--log-level", "info");
    if (!List.of("error", "warn", "info", "debug").contains(level)) {
      throw new UsageException("--log-level is error, warn, info or debug, not " + level);
    }
    boolean kubernetes = switches.contains("--k8s") || values.containsKey("--kubeconfig");
    if (kubernetes && values.containsKey("--etcd")) {
      throw new UsageException("--etcd and --k8s: the cluster is at one of both");
    }
    return new AgentOptions(
        node,
        Path.of(values.getOrDefault("--root", "/")),
        Path.of(values.getOrDefault("--bpffs", "/sys/fs/bpf")),
        Path.of(values.getOrDefault("--cgroup", "/sys/fs/cgroup")),
        path(values, "--config"),
        path(values, "--config-dir"),
        overrides,
        values.getOrDefault("--etcd", ""),
        kubernetes,
        path(values, "--kubeconfig"),
        path(values, "--cni-plugin"),
        Optional.ofNullable(values.get("--cluster")),
        level,
        switches.contains("--cleanup"));
  }

  private static Optional<Path> path(Map<String, String> values, String name) {
    return Optional.ofNullable(values.get(name)).map(Path::of);
  }
}
