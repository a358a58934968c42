// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** `lab demo`. */
@Command(
    name = "demo",
    description =
        "A guided tour with real output: nodes, pods, the tunnel, the tables, a live monitor, native routing.")
final class DemoCommand implements Callable<Integer> {
  @Option(names = "--stay", description = "Leave the lab running at the end.")
  private boolean stay;

  @Option(
      names = "--name",
      defaultValue = "demo",
      paramLabel = "NAME",
      description = "Name of the lab (default: ${DEFAULT-VALUE}).")
  private String name = "demo";

  @Spec private CommandSpec verb = CommandSpec.create();

  @Override
  public Integer call() {
    var labName = new LabName(name);
    var cluster = new Cluster(labName, new Progress(verb.commandLine().getErr()));
    boolean done = false;
    try {
      new Demo(labName, cluster).run();
      done = true;
    } finally {
      if (stay && done) {
        System.out.printf(
            """

            The lab stays. Try:
              ./jilium lab exec --name %1$s default/client -- ping -c 3 %2$s
              ./jilium --lab %1$s --node node-1 status
              ./jilium --lab %1$s --node node-1 monitor -vv
              ./jilium lab down --name %1$s
            """,
            name, Addresses.WORLD_IPV4);
      } else {
        cluster.down();
      }
    }
    return 0;
  }

  /** The settings of the tour's second half. */
  static LabState.Lab nativeRouting(int nodes) {
    return new LabState.Lab(nodes, List.of("routingMode=native", "kubeProxyReplacement=true"));
  }
}
