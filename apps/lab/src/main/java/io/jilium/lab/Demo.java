// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The tour itself. Whatever it prints after a `$` was really run. */
final class Demo {
  private static final int NODES = 3;
  private static final String CLIENT = "default/client";
  private static final String SERVICE_IP = "10.96.0.80";
  private static final int SERVICE_PORT = 30080;
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: shop}
      spec:
        type: NodePort
        clusterIP: %s
        selector: {app: shop}
        ports: [{port: 80, targetPort: http, nodePort: %d}]
      """
          .formatted(SERVICE_IP, SERVICE_PORT);

  private final LabName name;
  private final Cluster cluster;
  private final Execution execution;

  Demo(LabName name, Cluster cluster) {
    this.name = name;
    this.cluster = cluster;
    this.execution = new Execution(name);
  }

  void run() {
    chapter(
        "A cluster of three nodes",
        "Each node is a network namespace with its own agent; etcd and the operator are real.");
    cluster.up(new LabState.Lab(NODES, List.of("kubeProxyReplacement=true")));
    jilium("node-1", "status");

    chapter(
        "Pods",
        "Every pod is given to the CNI plugin, as kubelet does. It gets an interface and an address per family.");
    var pods = new Pods(name);
    var web = List.of(Pod.Port.parse("http:tcp/80"));
    var client =
        pods.add(List.of("client"), "default", "node-1", Map.of("app", "client"), List.of());
    var near = pods.add(List.of("near"), "web", "node-1", Map.of("app", "web"), web).getFirst();
    var far = pods.add(List.of("far"), "web", "node-2", Map.of("app", "web"), web).getFirst();
    System.out.printf("client %s%n", client.getFirst().addresses());
    System.out.printf("near   %s (same node, other Kubernetes namespace)%n", near.addresses());
    System.out.printf("far    %s (other node)%n", far.addresses());
    exec(CLIENT, "ip", "route");
    String nearIp = near.addresses().getFirst();
    String farIp = far.addresses().getFirst();

    chapter(
        "Packets between pods",
        "Same node, other node, IPv6, and the world outside of the cluster.");
    exec(CLIENT, "ping", "-c", "2", "-i", "0.2", nearIp);
    exec(CLIENT, "ping", "-c", "2", "-i", "0.2", farIp);
    exec(CLIENT, "ping", "-c", "2", "-i", "0.2", far.addresses().getLast());
    awaitServer(farIp);
    exec(CLIENT, "curl", "-s", "--max-time", "5", "http://" + farIp + "/");
    System.out.println("(the answer names the pod and the client's address as the pod saw it)");
    exec(CLIENT, "ping", "-c", "2", "-i", "0.2", Addresses.WORLD_IPV4);
    exec("node/node-1", "ip", "neigh", "show", "dev", "eth0");
    exec(CLIENT, "ip", "neigh");

    chapter(
        "The tunnel",
        "On the wire between the nodes, the same ping is UDP to port 8472 with the packet inside.");
    captured("udp port 8472", farIp);

    tables(client.getFirst().addresses().getFirst(), farIp);
    services(pods);

    chapter(
        "Native routing",
        "The same pods, without encapsulation. Only the agents restart; established connections live on.");
    cluster.up(DemoCommand.nativeRouting(NODES));
    exec("node/node-1", "ip", "route");
    exec(CLIENT, "ping", "-c", "2", "-i", "0.2", farIp);
    captured("(icmp and host " + farIp + ") or udp port 8472", farIp);
    System.out.println("No 8472 any more: the pods' packets cross the wire as they are.");
  }

  private void tables(String clientIp, String farIp) {
    chapter("What the datapath knows", "Straight from the kernel's maps on node-1.");
    jilium("node-1", "endpoint", "list");
    jilium("node-1", "bpf", "endpoint", "list");
    jilium("node-1", "bpf", "tunnel", "list");
    connections(clientIp);

    chapter(
        "A live monitor", "One ping, seen by the programs of node-2: conntrack, verdict, layers.");
    monitored(farIp);
  }

  private void services(Pods pods) {
    chapter(
        "Services",
        "One address for pods on three nodes, chosen anew for each connection; no kube-proxy runs.");
    var web = List.of(Pod.Port.parse("http:tcp/80"));
    var labels = Map.of("app", "shop");
    for (int node = 1; node <= NODES; node++) {
      pods.add(List.of("shop-" + node), "default", "node-" + node, labels, web);
    }
    try (var resources = Resources.open(name)) {
      System.out.print(SERVICE.indent(2));
      resources.apply(
          Manifest.parse(SERVICE, "the tour"),
          (manifest, _) -> System.out.printf("%s configured%n", manifest));
    }
    pause(300);
    loop(CLIENT, "http://" + SERVICE_IP);
    loop("node/node-2", "http://" + Addresses.nodeIpv4(1) + ":" + SERVICE_PORT);
    loop("outside", "http://" + Addresses.nodeIpv4(NODES) + ":" + SERVICE_PORT);
    jilium("node-1", "service", "list");
    jilium("node-1", "service", "explain", SERVICE_IP + ":80");
    System.out.println("One of the pods is not ready any more:");
    pods.ready(List.of("shop-2"), "default", false);
    pause(300);
    loop(CLIENT, "http://" + SERVICE_IP);
  }

  private void loop(String target, String url) {
    exec(
        target,
        "sh",
        "-c",
        "for i in 1 2 3 4 5 6 7 8; do curl -s --max-time 5 %s; done".formatted(url));
  }

  private void captured(String filter, String target) {
    var dump =
        execution.start(
            "node/node-1",
            List.of("timeout", "-s", "INT", "5", "tcpdump", "-lnni", "eth0", "-c", "4", filter),
            ProcessBuilder.Redirect.PIPE);
    System.out.printf("$ tcpdump -nni eth0 -c 4 '%s'     (on node-1)%n", filter);
    pause(700);
    execution.output(CLIENT, "ping", "-c", "3", "-i", "0.2", target);
    System.out.println(text(dump));
  }

  private void monitored(String target) {
    var command = jiliumCommand("node-2", "monitor", "-vv");
    try {
      var monitor = new ProcessBuilder(command).redirectErrorStream(true).start();
      System.out.println("$ ./jilium --node node-2 monitor -vv");
      pause(1500);
      execution.output(CLIENT, "ping", "-c", "1", target);
      pause(500);
      // The process, not its pipe: what it printed is still to be read.
      monitor.toHandle().destroy();
      System.out.println(text(monitor));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void connections(String address) {
    System.out.printf("$ ./jilium --node node-1 bpf ct list | grep %s%n", address);
    printed("node-1", "bpf", "ct", "list")
        .lines()
        .filter(line -> line.contains(address + ":"))
        .forEach(System.out::println);
  }

  private void jilium(String node, String... arguments) {
    System.out.printf("$ ./jilium --node %s %s%n", node, String.join(" ", arguments));
    System.out.println(printed(node, arguments));
  }

  private String printed(String node, String... arguments) {
    try {
      var process =
          new ProcessBuilder(jiliumCommand(node, arguments)).redirectErrorStream(true).start();
      return text(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> jiliumCommand(String node, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Home.current().directory().resolve("jilium").toString());
    command.addAll(List.of("--lab", name.value(), "--node", node));
    command.addAll(Arrays.asList(arguments));
    return command;
  }

  private void exec(String target, String... command) {
    System.out.printf("$ %s     (in %s)%n", String.join(" ", command), target);
    System.out.println(execution.output(target, command));
  }

  /** The pod's server is a process of its own and starts while the tour goes on. */
  private void awaitServer(String address) {
    execution.output(
        CLIENT,
        "curl",
        "-s",
        "-o",
        "/dev/null",
        "--retry",
        "30",
        "--retry-delay",
        "1",
        "--retry-connrefused",
        "--max-time",
        "20",
        "http://" + address + "/");
  }

  private static void chapter(String title, String what) {
    System.out.printf("%n=== %s ===%n%s%n%n", title, what);
  }

  private static String text(Process process) {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pause(int milliseconds) {
    try {
      TimeUnit.MILLISECONDS.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted", e);
    }
  }
}
