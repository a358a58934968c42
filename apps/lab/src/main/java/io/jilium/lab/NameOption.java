// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What every lab verb has: the option `--name`, and where it prints. */
final class NameOption {
  @Option(
      names = "--name",
      defaultValue = "lab",
      paramLabel = "NAME",
      description = "Which lab (default: ${DEFAULT-VALUE}).")
  private String name = "lab";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec verb = CommandSpec.create();

  LabName labName() {
    return new LabName(name);
  }

  /** For results. */
  PrintWriter out() {
    return verb.commandLine().getOut();
  }

  /** For what is told on the way. */
  Progress progress() {
    return new Progress(verb.commandLine().getErr());
  }
}
