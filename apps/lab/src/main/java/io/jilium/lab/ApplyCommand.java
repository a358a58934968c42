// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** `lab apply`. */
@Command(name = "apply", description = "Create or change Kubernetes resources in the lab's store.")
final class ApplyCommand implements Callable<Integer> {
  @Mixin private NameOption name = new NameOption();

  @Option(
      names = {"-f", "--filename"},
      required = true,
      paramLabel = "FILE",
      description = "YAML, several documents allowed; - is standard input.")
  private String file = "";

  @Override
  public Integer call() {
    new LabState(name.labName()).requireLab();
    try (var resources = Resources.open(name.labName())) {
      resources.apply(
          Manifest.read(file),
          (manifest, changed) ->
              name.out().printf("%s %s%n", manifest, changed ? "configured" : "unchanged"));
    }
    return 0;
  }
}
