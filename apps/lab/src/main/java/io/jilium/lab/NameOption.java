// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import picocli.CommandLine.Option;

/** The `--name` option that every lab verb has. */
final class NameOption {
  @Option(
      names = "--name",
      defaultValue = "lab",
      paramLabel = "NAME",
      description = "Which lab (default: ${DEFAULT-VALUE}).")
  private String name = "lab";

  LabName labName() {
    return new LabName(name);
  }
}
