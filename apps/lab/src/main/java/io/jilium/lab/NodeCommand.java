// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** `lab node kill|stop|start`: bad days on purpose. */
@Command(
    name = "node",
    description = "Stop, kill and start the agent of a node, etcd or the operator.",
    subcommands = {NodeCommand.Kill.class, NodeCommand.Stop.class, NodeCommand.Start.class})
final class NodeCommand {
  /** What the three verbs share: the part of the lab that is meant. */
  abstract static class OnPart implements Callable<Integer> {
    @Mixin NameOption name = new NameOption();

    @Parameters(paramLabel = "NODE|etcd|operator", description = "Which part of the lab.")
    String part = "";

    String process(LabState.Lab lab) {
      if (part.equals(Cluster.ETCD) || part.equals(Cluster.OPERATOR)) {
        return part;
      }
      if (!lab.nodeNames().contains(part)) {
        throw new LabException(
            "no node '%s': there are %s, etcd and operator"
                .formatted(part, String.join(", ", lab.nodeNames())));
      }
      return Cluster.agent(part);
    }
  }

  @Command(name = "kill", description = "SIGKILL.")
  static final class Kill extends OnPart {
    @Override
    public Integer call() {
      var labName = name.labName();
      new Processes(labName).kill(process(new LabState(labName).requireLab()));
      return 0;
    }
  }

  @Command(name = "stop", description = "SIGTERM, and wait.")
  static final class Stop extends OnPart {
    @Override
    public Integer call() {
      var labName = name.labName();
      new Processes(labName)
          .stop(process(new LabState(labName).requireLab()), Duration.ofSeconds(10));
      return 0;
    }
  }

  @Command(
      name = "start",
      description = "Start it again; an agent is waited for until it is ready.")
  static final class Start extends OnPart {
    @Override
    public Integer call() {
      var labName = name.labName();
      var lab = new LabState(labName).requireLab();
      var cluster = new Cluster(labName, name.progress());
      process(lab);
      switch (part) {
        case Cluster.ETCD -> cluster.startEtcd();
        case Cluster.OPERATOR -> cluster.startOperator(lab);
        default -> {
          cluster.startAgent(lab, part);
          cluster.awaitReady(part);
        }
      }
      return 0;
    }
  }
}
