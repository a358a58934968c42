// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Verbs on one noun. */
@Command(synopsisSubcommandLabel = "VERB", commandListHeading = "%nVerbs:%n")
final class VerbGroup implements Runnable {
  private final String description;
  private CommandSpec spec = CommandSpec.create();

  VerbGroup(String description) {
    this.description = description;
  }

  @Spec
  void spec(CommandSpec injected) {
    spec = injected;
    injected.usageMessage().description(description);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "say which: %s %s"
            .formatted(spec.qualifiedName(" "), String.join("|", spec.subcommands().keySet())));
  }
}
