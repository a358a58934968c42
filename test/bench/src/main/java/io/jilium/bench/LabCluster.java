// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.lab.EtcdGateway;
import io.jilium.linux.sys.Mounts;
import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A lab of two nodes, driven by the commands that a user types; its files are where the lab
 * documents them.
 */
final class LabCluster implements AutoCloseable {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path LABS = Path.of("/run/jilium-lab");
  private static final int DEADLINE_SECONDS = 300;

  private final String name;

  private LabCluster(String name) {
    this.name = name;
  }

  static LabCluster up(String purpose, List<String> settings, Progress progress) {
    var lab = new LabCluster("bench-%s-%d".formatted(purpose, ProcessHandle.current().pid()));
    progress.say("bringing lab " + lab.name + " up");
    var command = new ArrayList<>(List.of("lab", "up", "--name", lab.name, "--nodes", "2"));
    settings.forEach(setting -> command.addAll(List.of("--set", setting)));
    try {
      jilium(command);
      return lab;
    } catch (RuntimeException e) {
      lab.close();
      throw e;
    }
  }

  /** Adds pods to a node; returns the first one's IPv4 address. */
  String addPods(String node, List<String> pods) {
    var command = new ArrayList<>(List.of("lab", "pod", "add", "--name", name, "--node", node));
    command.addAll(pods);
    return jilium(command).strip().split("\\s+", -1)[2];
  }

  void removePods(List<String> pods) {
    var command = new ArrayList<>(List.of("lab", "pod", "rm", "--name", name));
    command.addAll(pods);
    jilium(command);
  }

  /** Two pods of their own: the client on node-1, the server on the given node. */
  Ends ends(String label, String serverNode) {
    var client = "client-" + serverNode;
    var server = "server-" + serverNode;
    addPods("node-1", List.of(client));
    var address = addPods(serverNode, List.of(server));
    return new Ends(
        label, Netns.open(podNamespace(client)), Netns.open(podNamespace(server)), address);
  }

  /** One more pod on node-1. */
  Netns client(String pod) {
    addPods("node-1", List.of(pod));
    return Netns.open(podNamespace(pod));
  }

  Path podNamespace(String pod) {
    return NAMESPACES.resolve(name + "-pod-default-" + pod);
  }

  /** The lab's etcd. */
  EtcdGateway store() {
    return new EtcdGateway(name);
  }

  Path nodeRoot(String node) {
    return LABS.resolve(name).resolve(node);
  }

  /** The control group of a node and of its pods. */
  Path controlGroup(String node) {
    return Mounts.ensureCgroup2(LABS.resolve("cgroup2"))
        .resolve("jilium-lab-" + name)
        .resolve(node);
  }

  Path conflist(String node) {
    return nodeRoot(node).resolve("etc/cni/net.d/05-jilium.conflist");
  }

  Path pinDirectory() {
    return Path.of("/sys/fs/bpf/jilium-lab", name);
  }

  ProcessHandle agent(String node) {
    var file = LABS.resolve(name).resolve("processes/agent-" + node + ".pid");
    try {
      long pid = Long.parseLong(Files.readString(file).strip().split(" ", -1)[0]);
      return ProcessHandle.of(pid)
          .orElseThrow(() -> new BenchException("agent of %s does not run".formatted(node)));
    } catch (NoSuchFileException e) {
      throw new BenchException("agent of %s was never started".formatted(node), e);
    } catch (IOException e) {
      throw new BenchException("cannot read " + file, e);
    }
  }

  /** {@code jilium lab node VERB NODE} */
  void node(String verb, String node) {
    jilium(List.of("lab", "node", verb, "--name", name, node));
  }

  /** {@code jilium lab apply|delete -f FILE} */
  void manifest(String verb, Path file) {
    jilium(List.of("lab", verb, "--name", name, "-f", file.toString()));
  }

  /** {@code jilium --node NODE VERB …} */
  String agentVerb(String node, String... verb) {
    var command = new ArrayList<>(List.of("--lab", name, "--node", node));
    command.addAll(List.of(verb));
    return jilium(command);
  }

  @Override
  public void close() {
    jilium(List.of("lab", "down", "--name", name));
  }

  private static String jilium(List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("jilium.home", "."), "jilium").toString());
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.PIPE);
    // What was built when the benchmark began is what is measured.
    builder.environment().put("JILIUM_BUILD", "never");
    try {
      var errors = Files.createTempFile("jilium-bench", ".err");
      try {
        var process = builder.redirectError(errors.toFile()).start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
          var lines = Files.readString(errors).strip().lines().toList();
          throw new BenchException(
              "jilium %s failed: %s"
                  .formatted(
                      String.join(" ", arguments),
                      lines.isEmpty() ? output.strip() : lines.getLast()));
        }
        return output;
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new BenchException("cannot run jilium", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("interrupted", e);
    }
  }
}
