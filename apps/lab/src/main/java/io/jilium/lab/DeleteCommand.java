// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.util.ArrayList;
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
    var missing = new ArrayList<Manifest>();
    try (var resources = Resources.open(name.labName())) {
      resources.delete(
          Manifest.read(file),
          (manifest, existed) -> {
            name.out().printf("%s %s%n", manifest, existed ? "deleted" : "not found");
            if (!existed) {
              missing.add(manifest);
            }
          });
    }
    return missing.isEmpty() ? 0 : 1;
  }
}
