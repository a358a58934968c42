// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** `lab pod add|rm|ready|list`. */
@Command(
    name = "pod",
    description = "Add, remove and list pods, make them ready or not.",
    subcommands = {
      PodCommand.Add.class,
      PodCommand.Remove.class,
      PodCommand.Ready.class,
      PodCommand.ListPods.class
    })
final class PodCommand {
  @Command(name = "add", description = "Make pods and give them to the CNI plugin of a node.")
  static final class Add implements Callable<Integer> {
    @Mixin private NameOption name = new NameOption();

    @Parameters(
        arity = "1..*",
        paramLabel = "NAME",
        description = "Names; with several, they are added at once.")
    private List<String> pods = new ArrayList<>();

    @Option(
        names = "--node",
        required = true,
        paramLabel = "NODE",
        description = "For example node-1.")
    private String node = "";

    @Option(
        names = {"-n", "--namespace"},
        defaultValue = "default",
        paramLabel = "NAMESPACE",
        description = "Kubernetes namespace (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(
        names = {"-l", "--labels"},
        split = ",",
        paramLabel = "KEY=VALUE",
        description = "Labels.")
    private Map<String, String> labels = new LinkedHashMap<>();

    @Option(
        names = "--port",
        paramLabel = "[NAME:]tcp|udp/PORT[@[ADDRESS:]HOSTPORT]",
        description =
            "A port that the pod serves: HTTP on tcp, an echo on udp; also at a port of its node."
                + " May be repeated.")
    private List<String> ports = new ArrayList<>();

    @Override
    public Integer call() {
      var parsed = ports.stream().map(Pod.Port::parse).toList();
      for (var pod : new Pods(name.labName()).add(pods, namespace, node, labels, parsed)) {
        name.out()
            .printf(
                "%s/%s %s %s%n",
                pod.namespace(), pod.name(), pod.node(), String.join(" ", pod.addresses()));
      }
      return 0;
    }
  }

  @Command(name = "rm", description = "Remove pods.")
  static final class Remove implements Callable<Integer> {
    @Mixin private NameOption name = new NameOption();

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Names.")
    private List<String> pods = new ArrayList<>();

    @Option(
        names = {"-n", "--namespace"},
        defaultValue = "default",
        paramLabel = "NAMESPACE",
        description = "Kubernetes namespace (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(
        names = "--grace",
        defaultValue = "0",
        paramLabel = "SECONDS",
        description = "How long they go on serving as terminating endpoints (default: 0).")
    private int grace = 0;

    @Override
    public Integer call() {
      new Pods(name.labName()).remove(pods, namespace, Duration.ofSeconds(grace));
      return 0;
    }
  }

  @Command(name = "ready", description = "Make pods ready for their services, or not ready.")
  static final class Ready implements Callable<Integer> {
    @Mixin private NameOption name = new NameOption();

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Names.")
    private List<String> pods = new ArrayList<>();

    @Option(
        names = {"-n", "--namespace"},
        defaultValue = "default",
        paramLabel = "NAMESPACE",
        description = "Kubernetes namespace (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    @Option(names = "--not", description = "Not ready: services do without them.")
    private boolean not;

    @Override
    public Integer call() {
      new Pods(name.labName()).ready(pods, namespace, !not);
      return 0;
    }
  }

  @Command(name = "list", description = "List pods.")
  static final class ListPods implements Callable<Integer> {
    @Mixin private NameOption name = new NameOption();

    @Option(
        names = {"-o", "--output"},
        paramLabel = "json",
        description = "json.")
    private OutputFormat output = OutputFormat.table;

    @Override
    public Integer call() {
      var state = new LabState(name.labName());
      state.requireLab();
      if (output == OutputFormat.json) {
        name.out().println(LabState.json(state.pods()));
        return 0;
      }
      name.out().printf("%-14s %-24s %-10s %s%n", "NAMESPACE", "NAME", "NODE", "ADDRESSES");
      for (var pod : state.pods()) {
        name.out()
            .printf(
                "%-14s %-24s %-10s %s%n",
                pod.namespace(), pod.name(), pod.node(), String.join(" ", pod.addresses()));
      }
      return 0;
    }
  }
}
