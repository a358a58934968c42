// SPDX-License-Identifier: Apache-2.0
package io.jilium.wire;

import io.jilium.wire.AgentException.Kind;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One connection to the agent, good for one request. Every failure is an {@link AgentException}
 * whose message can be shown to people as it is.
 */
public final class AgentClient implements AutoCloseable {
  private final Path socket;
  private final Duration timeout;
  private final TimedChannel channel;
  private final FrameChannel frames;

  private AgentClient(Path socket, Duration timeout, TimedChannel channel) {
    this.socket = socket;
    this.timeout = timeout;
    this.channel = channel;
    this.frames = new FrameChannel(channel, FrameChannel.MAX_RESPONSE, FrameChannel.MAX_REQUEST);
  }

  /**
   * Connects to the agent that listens on the socket.
   *
   * @param timeout how long to wait for any progress
   */
  public static AgentClient connect(Path socket, Duration timeout) {
    SocketChannel channel;
    try {
      channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new AgentException(Kind.INTERNAL, "open a unix socket: " + e.getMessage(), e);
    }
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      return new AgentClient(socket, timeout, new TimedChannel(channel, timeout));
    } catch (IOException e) {
      closeQuietly(channel);
      throw notConnected(socket, e);
    }
  }

  /** Asks for one answer. */
  public Response call(Request request) {
    Response[] answer = new Response[1];
    stream(request, response -> answer[0] = response);
    return Optional.ofNullable(answer[0])
        .orElseThrow(() -> new AgentException(Kind.PROTOCOL, at() + " answered nothing"));
  }

  /** Asks, and hands on each answer until the agent says that it was the last. */
  public void stream(Request request, Consumer<Response> receiver) {
    converse(request, receiver);
  }

  /**
   * As {@link #stream}, for answers that may be a long time coming: waits for ever once the request
   * is sent.
   */
  public void follow(Request request, Consumer<Response> receiver) {
    channel.timeout(Duration.ZERO);
    converse(request, receiver);
  }

  private void converse(Request request, Consumer<Response> receiver) {
    try {
      send(request);
      while (true) {
        Response response = frames.read(Response.parser()).orElseThrow(EOFException::new);
        switch (response.getResponseCase()) {
          case END -> {
            return;
          }
          case ERROR -> throw refused(response.getError());
          case RESPONSE_NOT_SET ->
              throw new AgentException(
                  Kind.PROTOCOL, at() + " is newer than this client and answered something else");
          default -> receiver.accept(response);
        }
      }
    } catch (SocketTimeoutException e) {
      throw new AgentException(
          Kind.TIMEOUT, "%s did not answer within %d s".formatted(at(), timeout.toSeconds()), e);
    } catch (FrameException e) {
      throw new AgentException(Kind.PROTOCOL, "%s sent %s".formatted(at(), e.getMessage()), e);
    } catch (IOException e) {
      throw new AgentException(Kind.GONE, at() + " went away before its answer was complete", e);
    }
  }

  /** An agent that refuses before it has read the request says why; that is what must be told. */
  private void send(Request request) throws IOException {
    try {
      frames.write(request);
    } catch (SocketTimeoutException | FrameException e) {
      throw e;
    } catch (IOException e) {
      // Reading goes on: it yields the refusal, or fails in its turn.
    }
  }

  private String at() {
    return "agent at " + socket;
  }

  private static AgentException refused(Error error) {
    Kind kind =
        switch (error.getKind()) {
          case BAD_REQUEST -> Kind.BAD_REQUEST;
          case NOT_FOUND -> Kind.NOT_FOUND;
          case UNAVAILABLE -> Kind.UNAVAILABLE;
          case UNSUPPORTED -> Kind.UNSUPPORTED;
          case INTERNAL, UNRECOGNIZED -> Kind.INTERNAL;
        };
    return new AgentException(kind, error.getMessage());
  }

  private static AgentException notConnected(Path socket, IOException e) {
    String reason = String.valueOf(e.getMessage());
    if (reason.contains("Permission denied")) {
      return new AgentException(
          Kind.PERMISSION_DENIED,
          "permission denied: %s is open to its owner and group alone; run as root"
              .formatted(socket),
          e);
    }
    if (reason.contains("refused")) {
      return new AgentException(
          Kind.NOT_RUNNING, "agent not running: nobody listens at " + socket, e);
    }
    if (!Files.exists(socket)) {
      return new AgentException(Kind.NOT_RUNNING, "agent not running: no socket at " + socket, e);
    }
    return new AgentException(
        Kind.INTERNAL, "connect to the agent at %s: %s".formatted(socket, reason), e);
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It was never connected, and the failure to connect is what gets reported.
    }
  }

  @Override
  public void close() {
    try {
      frames.close();
    } catch (IOException e) {
      // The conversation is over; nothing of it can be lost any more.
    }
  }
}
