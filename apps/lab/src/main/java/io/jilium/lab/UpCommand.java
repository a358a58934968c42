// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** `lab up`. */
@Command(
    name = "up",
    description = "Start a lab; returns when every node is ready. A half-dead lab is completed.")
final class UpCommand implements Callable<Integer> {
  @Mixin private NameOption name = new NameOption();

  @Option(
      names = "--nodes",
      defaultValue = "3",
      paramLabel = "N",
      description = "How many nodes (default: ${DEFAULT-VALUE}).")
  private int nodes = 3;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting, with Cilium's Helm name; may be repeated.")
  private List<String> settings = new ArrayList<>();

  @Override
  public Integer call() {
    new Cluster(name.labName(), name.progress()).up(new LabState.Lab(nodes, settings));
    return 0;
  }
}
