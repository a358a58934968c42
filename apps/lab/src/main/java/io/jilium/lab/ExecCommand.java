// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** `lab exec`. */
@Command(
    name = "exec",
    description = "Run a command in a pod, on a node or outside of the cluster.",
    footer = {
      "",
      "Examples:",
      "  ./jilium lab exec client -- ping -c 1 10.244.2.17",
      "  ./jilium lab exec web/server -- ip route",
      "  ./jilium lab exec node/node-1 -- tcpdump -ni eth0 udp port 8472",
      "  ./jilium lab exec outside -- curl -s http://172.30.0.1/"
    })
final class ExecCommand implements Callable<Integer> {
  @Mixin private NameOption name = new NameOption();

  @Parameters(index = "0", paramLabel = "[NAMESPACE/]POD|node/NODE|outside", description = "Where.")
  private String target = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "What, after --.")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() {
    return new Execution(name.labName()).run(target, command);
  }
}
