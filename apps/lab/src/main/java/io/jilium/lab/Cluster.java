// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A whole lab: brings it up, completes it and takes it down. Every step looks at what is there
 * first, so that a second run on a half-dead lab repairs it.
 */
final class Cluster {
  static final String ETCD = "etcd";
  static final String OPERATOR = "operator";
  private static final Duration READY = Duration.ofSeconds(90);
  private static final Duration END = Duration.ofSeconds(10);

  private final LabName name;
  private final LabState state;
  private final Processes processes;
  private final LabNetwork network;
  private final Progress progress;
  private final Cgroups groups;

  Cluster(LabName name, Progress progress) {
    this.name = name;
    this.progress = progress;
    this.state = new LabState(name);
    this.processes = new Processes(name);
    this.network = new LabNetwork(name);
    this.groups = new Cgroups(name);
  }

  void up(LabState.Lab wanted) {
    requireRoot();
    if (wanted.nodes() < 1 || wanted.nodes() > Addresses.MAX_NODES) {
      throw new LabException(
          "--nodes %d: use 1 to %d".formatted(wanted.nodes(), Addresses.MAX_NODES));
    }
    var before = state.lab();
    if (before.isPresent() && before.get().nodes() > wanted.nodes()) {
      throw new LabException(
          "lab '%s' has %d nodes: take it down first to have fewer"
              .formatted(name.value(), before.get().nodes()));
    }
    boolean changed = before.isPresent() && !before.get().settings().equals(wanted.settings());
    // Remembered first: a lab that dies half-way can be completed or taken down.
    state.save(wanted);
    network.create(wanted.nodes());
    progress.step(
        "network: %d nodes on 172.30.0.0/16, the world behind outside".formatted(wanted.nodes()));
    startEtcd();
    if (changed) {
      progress.step("settings changed: restarting the operator and every agent; pods stay");
      for (String process : agentsAndOperator(wanted)) {
        processes.stop(process, END);
      }
    }
    startOperator(wanted);
    for (String node : wanted.nodeNames()) {
      startAgent(wanted, node);
    }
    for (String node : wanted.nodeNames()) {
      awaitReady(node);
      progress.step(node + " ready");
    }
  }

  void down() {
    requireRoot();
    var pods = new Pods(name);
    state.pods().forEach(pods::abandon);
    // Each takes a while to end.
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var ends =
          processes.names().stream()
              .filter(process -> !process.equals(ETCD))
              .map(process ->
                  CompletableFuture.runAsync(() -> processes.stop(process, END), executor))
              .toArray(CompletableFuture<?>[]::new);
      CompletableFuture.allOf(ends).join();
    }
    processes.stop(ETCD, END);
    network.remove();
    groups.remove();
    state.lab().ifPresent(lab -> lab.nodeNames().forEach(this::putGracePeriodsBack));
    removeTree(name.bpffs());
    removeTree(name.directory());
    removeEmptyParent(name.bpffs());
    removeEmptyParent(name.directory());
    progress.step("lab '%s' is down".formatted(name.value()));
  }

  void startEtcd() {
    if (processes.find(ETCD).isPresent()) {
      return;
    }
    var data = name.directory().resolve(ETCD);
    var command =
        List.of(
            "etcd",
            "--data-dir",
            data.toString(),
            "--listen-client-urls",
            Addresses.etcdUrl(),
            "--advertise-client-urls",
            Addresses.etcdUrl(),
            "--listen-peer-urls",
            "http://127.0.0.1:2380",
            "--initial-advertise-peer-urls",
            "http://127.0.0.1:2380",
            "--initial-cluster",
            "default=http://127.0.0.1:2380",
            "--logger",
            "zap");
    startIn(LabNetwork.UNDERLAY, ETCD, command);
    progress.step("etcd at " + Addresses.etcdUrl());
  }

  void startOperator(LabState.Lab lab) {
    var home = Home.current();
    var command = home.java(OPERATOR, "io.jilium.operator.Main", home.daemonFlags(OPERATOR, true));
    command.addAll(List.of("--etcd", Addresses.etcdUrl(), "--cluster", name.value()));
    addSettings(command, lab);
    startIn(LabNetwork.UNDERLAY, OPERATOR, command);
  }

  void startAgent(LabState.Lab lab, String node) {
    if (processes.find(agent(node)).isPresent()) {
      return;
    }
    // An agent writes it when it is ready; that of the one before would be taken for its sign.
    removeFile(name.conflist(node));
    var home = Home.current();
    installPlugin(home, node);
    boolean first = node.equals("node-1");
    var command = home.java("agent", "io.jilium.agent.Main", home.daemonFlags("agent", first));
    command.addAll(
        List.of(
            "--node", node,
            "--root", name.nodeRoot(node).toString(),
            "--bpffs", name.bpffs().toString(),
            "--cluster", name.value(),
            "--etcd", Addresses.etcdUrl(),
            "--set", "cgroup.hostRoot=" + groups.of(node)));
    addSettings(command, lab);
    startIn(node, agent(node), groups.inside(node, command));
  }

  void awaitReady(String node) {
    var end = Instant.now().plus(READY);
    while (!Files.exists(name.conflist(node)) || !Files.exists(name.agentSocket(node))) {
      if (processes.find(agent(node)).isEmpty()) {
        throw new LabException(
            "the agent of %s ended:%n%s".formatted(node, processes.tail(agent(node), 8)));
      }
      if (Instant.now().isAfter(end)) {
        throw new LabException(
            "%s is not ready after %d s; ./jilium --lab %s --node %s status says why, its log is %s"
                .formatted(
                    node, READY.toSeconds(), name.value(), node, processes.log(agent(node))));
      }
      pause();
    }
  }

  static String agent(String node) {
    return "agent-" + node;
  }

  static void requireRoot() {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new LabException("a lab makes network namespaces and loads programs: run it as root");
    }
  }

  private void startIn(String host, String process, List<String> command) {
    try (var netns = Netns.open(name.namespace(host))) {
      netns.run(() -> {
        processes.start(process, command);
        return true;
      });
    }
  }

  private void addSettings(List<String> command, LabState.Lab lab) {
    for (String setting : LabSettings.all(lab.settings())) {
      command.add("--set");
      command.add(setting);
    }
  }

  private List<String> agentsAndOperator(LabState.Lab lab) {
    var all = new ArrayList<String>();
    all.add(OPERATOR);
    lab.nodeNames().forEach(node -> all.add(agent(node)));
    return all;
  }

  private void installPlugin(Home home, String node) {
    var target = name.plugin(node);
    try {
      Files.createDirectories(target.getParent());
      var next = target.resolveSibling("jilium-cni.next");
      Files.copy(
          home.plugin(),
          next,
          StandardCopyOption.REPLACE_EXISTING,
          StandardCopyOption.COPY_ATTRIBUTES);
      Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new LabException("installing the CNI plugin: " + e.getMessage(), e);
    }
  }

  private static void removeFile(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new LabException(e);
    }
  }

  /** An agent that was killed while it attached a program left the kernel's switch on. */
  private void putGracePeriodsBack(String node) {
    var marker = name.nodeRoot(node).resolve("var/run/jilium/rcu_expedited");
    try {
      if (Files.exists(marker)) {
        Files.writeString(Path.of("/sys/kernel/rcu_expedited"), "0", StandardOpenOption.WRITE);
      }
    } catch (IOException e) {
      throw new LabException(e);
    }
  }

  static void removeTree(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new LabException("removing %s: %s".formatted(directory, e.getMessage()), e);
    }
  }

  /** Another lab may still need it; then it is not empty. */
  private static void removeEmptyParent(Path directory) {
    try {
      Files.deleteIfExists(Objects.requireNonNull(directory.getParent()));
    } catch (DirectoryNotEmptyException othersThere) {
      // Theirs.
    } catch (IOException e) {
      throw new LabException(e);
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
