// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    List<String> overrides,
    String etcd,
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
        --node NAME        name of this node (default: the host name)
        --root DIR         where var/run/jilium and etc/cni/net.d are (default: /)
        --bpffs DIR        where the bpf file system is mounted (default: /sys/fs/bpf)
        --cgroup DIR       where the cgroup2 file system is mounted (default: /sys/fs/cgroup)
        --config FILE      settings in YAML
        --set KEY=VALUE    one setting; may be repeated, wins over the file
        --etcd URL[,URL]   where etcd listens; without it the node knows itself alone
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

  static AgentOptions parse(String[] args, String hostName) {
    var values = new LinkedHashMap<String, String>();
    var overrides = new ArrayList<String>();
    boolean cleanup = false;
    for (int i = 0; i < args.length; i++) {
      var argument = args[i];
      int equals = argument.indexOf('=');
      var name =
          equals < 0 || !argument.startsWith("--") ? argument : argument.substring(0, equals);
      switch (name) {
        case "--cleanup" -> cleanup = true;
        case "--set" -> addOverride(overrides, value(args, i, name));
        case "--node",
            "--root",
            "--bpffs",
            "--cgroup",
            "--config",
            "--etcd",
            "--cluster",
            "--log-level" ->
            values.put(name, value(args, i, name));
        default -> throw new UsageException("unknown argument " + argument);
      }
      if (equals < 0 && !name.equals("--cleanup")) {
        i++;
      }
    }
    return of(values, overrides, cleanup, hostName);
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
      Map<String, String> values, List<String> overrides, boolean cleanup, String hostName) {
    var node = values.getOrDefault("--node", hostName);
    if (!node.matches("[a-z0-9A-Z]([-a-z0-9A-Z._]{0,251}[a-z0-9A-Z])?")) {
      throw new UsageException("\"" + node + "\" is not a node name");
    }
    var level = values.getOrDefault("--log-level", "info");
    if (!List.of("error", "warn", "info", "debug").contains(level)) {
      throw new UsageException("--log-level is error, warn, info or debug, not " + level);
    }
    return new AgentOptions(
        node,
        Path.of(values.getOrDefault("--root", "/")),
        Path.of(values.getOrDefault("--bpffs", "/sys/fs/bpf")),
        Path.of(values.getOrDefault("--cgroup", "/sys/fs/cgroup")),
        Optional.ofNullable(values.get("--config")).map(Path::of),
        overrides,
        values.getOrDefault("--etcd", ""),
        Optional.ofNullable(values.get("--cluster")),
        level,
        cleanup);
  }
}
