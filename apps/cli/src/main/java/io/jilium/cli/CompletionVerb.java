// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import io.jilium.cli.verb.AgentVerb;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jilium completion}. */
@Command(
    name = "completion",
    description = "Prints a script that teaches a shell the verbs and options.",
    footer = {
      "%nExamples:",
      "  source <(jilium completion bash)",
      "  jilium completion fish > ~/.config/fish/completions/jilium.fish"
    })
public final class CompletionVerb extends AgentVerb {
  /** What scripts there are. */
  public enum Shell {
    bash,
    zsh,
    fish
  }

  @Parameters(paramLabel = "SHELL", description = "bash, zsh or fish")
  private Shell shell = Shell.bash;

  @Override
  protected void run(PrintWriter out) {
    out.println(
        switch (shell) {
          case bash, zsh -> Completion.bashAndZsh();
          case fish -> Completion.fish();
        });
  }
}
