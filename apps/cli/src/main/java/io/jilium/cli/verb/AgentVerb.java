// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.verb;

import io.jilium.wire.AgentClient;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A verb that talks to one agent. */
@Command(mixinStandardHelpOptions = false)
public abstract class AgentVerb implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Does it; returns normally when done, throws {@code AgentException} when not. */
  protected abstract void run(PrintWriter out);

  @Override
  public final Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    run(out);
    out.flush();
    return 0;
  }

  /** Asks for one answer. */
  protected final Response ask(UnaryOperator<Request.Builder> request) {
    try (AgentClient agent = connect()) {
      return agent.call(request.apply(Request.newBuilder()).build());
    }
  }

  /** Asks for an answer in parts. */
  protected final void ask(UnaryOperator<Request.Builder> request, Consumer<Response> receiver) {
    try (AgentClient agent = connect()) {
      agent.stream(request.apply(Request.newBuilder()).build(), receiver);
    }
  }

  /** Asks for what has no end. */
  protected final void follow(UnaryOperator<Request.Builder> request, Consumer<Response> receiver) {
    try (AgentClient agent = connect()) {
      agent.follow(request.apply(Request.newBuilder()).build(), receiver);
    }
  }

  /** Wrong usage that the option parser cannot see. */
  protected final RuntimeException wrongUsage(String message) {
    return new picocli.CommandLine.ParameterException(spec.commandLine(), message);
  }

  private AgentClient connect() {
    return ((AgentConnection) spec.root().userObject()).connect();
  }
}
