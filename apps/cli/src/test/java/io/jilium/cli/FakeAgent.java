// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import io.jilium.wire.FrameChannel;
import io.jilium.wire.agent.End;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** An agent that gives every client the same answer, and verbs that are run against it. */
public final class FakeAgent implements AutoCloseable {
  private final Path socket;
  private final ServerSocketChannel server;
  private final List<Response> answers;
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();

  private FakeAgent(Path socket, ServerSocketChannel server, List<Response> answers) {
    this.socket = socket;
    this.server = server;
    this.answers = answers;
  }

  /** Listens in the directory. */
  public static FakeAgent start(Path directory, Response... answers) {
    try {
      Path socket = directory.resolve("agent.sock");
      var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
      var agent = new FakeAgent(socket, server, List.of(answers));
      Thread.ofVirtual().start(agent::serve);
      return agent;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a verb printed and how it ended. */
  public record Outcome(int code, String out, String err) {}

  /** Runs a verb against this agent. */
  public Outcome run(String... arguments) {
    var all = new String[arguments.length + 2];
    all[0] = "--socket";
    all[1] = socket.toString();
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return runAlone(all);
  }

  /** Runs a verb against whatever its arguments say. */
  public static Outcome runAlone(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  /** The next request that a client made. */
  public Request request() {
    try {
      return requests.take();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void serve() {
    while (true) {
      try (SocketChannel client = server.accept()) {
        var frames = new FrameChannel(client, FrameChannel.MAX_REQUEST, FrameChannel.MAX_RESPONSE);
        requests.add(frames.read(Request.parser()).orElseThrow());
        for (Response answer : answers) {
          frames.write(answer);
        }
        frames.write(Response.newBuilder().setEnd(End.getDefaultInstance()).build());
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
