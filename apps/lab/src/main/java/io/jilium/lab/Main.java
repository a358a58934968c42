// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import io.jilium.linux.sys.LinuxException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ScopeType;

/** `jilium lab`: a cluster on one machine, for demos, tests and benchmarks. */
@Command(
    name = "jilium lab",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    description =
        "A cluster on this machine: every node is a network namespace with its own agent, etcd is real.",
    subcommands = {
      UpCommand.class,
      DownCommand.class,
      StatusCommand.class,
      PodCommand.class,
      ExecCommand.class,
      ApplyCommand.class,
      DeleteCommand.class,
      NodeCommand.class,
      DemoCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** Runs a verb: 0 done, 1 failed, 2 wrong usage. What `exec` runs has this process's terminal. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return commandLine().setOut(out).setErr(err).execute(arguments);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((error, command, _) -> {
          if (!(error instanceof LabException || error instanceof LinuxException)) {
            // Not foreseen: the sentence alone would hide where.
            error.printStackTrace(command.getErr());
          }
          command.getErr().println("jilium lab: " + sentence(error));
          return 1;
        });
  }

  private static String sentence(Exception error) {
    return error.getMessage() == null ? error.toString() : error.getMessage();
  }
}
