// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import io.jilium.cli.verb.AgentConnection;
import io.jilium.cli.verb.OutputClosedException;
import io.jilium.cli.verb.VerbException;
import io.jilium.wire.AgentClient;
import io.jilium.wire.AgentException;
import io.jilium.wire.AgentException.Kind;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line: {@code jilium VERB …}. */
@Command(
    name = "jilium",
    description = "Looks into the agent of a node: its state, its maps in the kernel, its events.",
    synopsisSubcommandLabel = "VERB",
    commandListHeading = "%nVerbs:%n",
    optionListHeading = "%nOptions:%n",
    footer = {
      "%nExamples:",
      "  jilium status --verbose",
      "  jilium --node node-1 endpoint list",
      "  jilium --node node-1 monitor -v --type drop"
    })
public final class Main implements Runnable, AgentConnection {
  private static final Path LABS = Path.of("/run/jilium-lab");
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--node",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      description = "talk to this node of a lab")
  private Optional<String> node = Optional.empty();

  @Option(
      names = "--lab",
      paramLabel = "NAME",
      scope = ScopeType.INHERIT,
      defaultValue = "lab",
      description = "the lab that --node means (default: lab)")
  private String lab = "lab";

  @Option(
      names = "--root",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "the agent's root directory (default: /)")
  private Optional<Path> rootDirectory = Optional.empty();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      scope = ScopeType.INHERIT,
      description = "the agent's socket (default: ROOT/var/run/jilium/agent.sock)")
  private Optional<Path> socket = Optional.empty();

  @SuppressWarnings("UnusedVariable") // the option parser acts on it
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "say what a verb does")
  private boolean help;

  /** Runs the verb and ends the process with its exit code. */
  public static void main(String[] arguments) {
    PrintWriter out = writer(FileDescriptor.out);
    PrintWriter err = writer(FileDescriptor.err);
    int code = run(out, err, arguments);
    out.flush();
    err.flush();
    System.exit(code);
  }

  /** Runs the verb: 0 done, 1 failed, 2 wrong usage. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine line = Verbs.commandLine(arguments);
    line.setOut(out);
    line.setErr(err);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler((e, words) -> wrongUsage(e, err));
    line.setExecutionExceptionHandler((e, command, parsed) -> failed(e, out, err));
    return line.execute(arguments);
  }

  /** With no verb there is nothing to do. */
  @Override
  public void run() {
    CommandLine line = spec.commandLine();
    throw new ParameterException(line, "no verb given");
  }

  /** Connects to the agent that the options mean. */
  @Override
  public AgentClient connect() {
    var sockets = new AgentSocket(LABS);
    try {
      return AgentClient.connect(socketPath(sockets), TIMEOUT);
    } catch (AgentException e) {
      boolean nothingSaid = node.isEmpty() && socket.isEmpty() && rootDirectory.isEmpty();
      Optional<String> advice =
          e.kind() == Kind.NOT_RUNNING && nothingSaid ? sockets.advice(lab) : Optional.empty();
      if (advice.isPresent()) {
        throw new AgentException(e.kind(), e.getMessage() + "; " + advice.get(), e);
      }
      throw e;
    }
  }

  private Path socketPath(AgentSocket sockets) {
    if (socket.isPresent()) {
      return socket.get();
    }
    if (node.isPresent() && rootDirectory.isPresent()) {
      throw new ParameterException(
          spec.commandLine(), "--node and --root each name an agent; give one of them");
    }
    return node.map(name -> sockets.ofNode(lab, name))
        .orElseGet(() -> AgentSocket.underRoot(rootDirectory.orElse(Path.of("/"))));
  }

  private static int wrongUsage(ParameterException e, PrintWriter err) {
    err.println("Error: %s; see '%s --help'".formatted(oneSentence(e), name(e.getCommandLine())));
    return ExitCode.USAGE;
  }

  private static int failed(Exception e, PrintWriter out, PrintWriter err) {
    out.flush();
    if (e instanceof OutputClosedException) {
      return ExitCode.OK;
    }
    if (e instanceof AgentException || e instanceof VerbException) {
      err.println("Error: " + e.getMessage());
    } else {
      err.println("Error: internal: " + e);
    }
    return ExitCode.SOFTWARE;
  }

  private static String oneSentence(Exception e) {
    String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong usage");
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }

  private static String name(CommandLine line) {
    return line.getCommandSpec().qualifiedName(" ");
  }

  private static PrintWriter writer(FileDescriptor descriptor) {
    return new PrintWriter(
        new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), false);
  }
}
