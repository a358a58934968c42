// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** `lab delete`. */
@Command(name = "delete", description = "Delete Kubernetes resources from the lab's store.")
final class DeleteCommand implements Callable<Integer> {
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
    int missing = 0;
    try (var resources = Resources.open(name.labName())) {
      for (var manifest : Manifest.read(file)) {
        boolean deleted = resources.delete(manifest);
        System.out.printf("%s %s%n", manifest, deleted ? "deleted" : "not found");
        missing += deleted ? 0 : 1;
      }
    }
    return missing == 0 ? 0 : 1;
  }
}
