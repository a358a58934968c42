// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** `lab status`. */
@Command(
    name = "status",
    description =
        "What of the lab runs. Exit code 1 if a part does not. ./jilium --node NODE status tells more of a node.")
final class StatusCommand implements Callable<Integer> {
  @Mixin private NameOption name = new NameOption();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "json",
      description = "json.")
  private OutputFormat output = OutputFormat.table;

  @Override
  public Integer call() {
    var labName = name.labName();
    var state = new LabState(labName);
    var lab = state.requireLab();
    var processes = new Processes(labName);
    var parts = new LinkedHashMap<String, String>();
    parts.put("etcd", running(processes, Cluster.ETCD));
    parts.put("operator", running(processes, Cluster.OPERATOR));
    for (String node : lab.nodeNames()) {
      String agent = running(processes, Cluster.agent(node));
      boolean ready = agent.equals("running") && Files.exists(labName.conflist(node));
      parts.put(node, ready ? "ready" : agent.equals("running") ? "not ready" : agent);
    }
    boolean well =
        parts.values().stream().allMatch(it -> it.equals("running") || it.equals("ready"));
    if (output == OutputFormat.json) {
      var all = new LinkedHashMap<String, Object>();
      all.put("name", labName.value());
      all.put("settings", lab.settings());
      all.put("parts", parts);
      all.put("pods", state.pods().size());
      name.out().println(LabState.json(all));
    } else {
      parts.forEach((part, what) -> name.out().printf("%-12s %s%n", part, what));
      name.out().printf("%-12s %d%n", "pods", state.pods().size());
      if (!lab.settings().isEmpty()) {
        name.out().printf("%-12s %s%n", "settings", String.join(" ", lab.settings()));
      }
    }
    return well ? 0 : 1;
  }

  private static String running(Processes processes, String process) {
    return processes.find(process).isPresent() ? "running" : "stopped";
  }
}
