// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import io.jilium.wire.FrameChannel;
import io.jilium.wire.FrameException;
import io.jilium.wire.agent.End;
import io.jilium.wire.agent.Error;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on agent.sock and gives every client a thread. Who may connect is decided by the socket's
 * file permission: owner and group.
 */
public final class ApiServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
  private static final int MAX_CLIENTS = 64;

  /** A client that sends no whole request, or does not read its answer, is cut off after this. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path socket;
  private final ServerSocketChannel server;
  private final Conversation conversation;
  private final Duration patience;
  private final Semaphore places = new Semaphore(MAX_CLIENTS);
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

  private ApiServer(
      Path socket, ServerSocketChannel server, Conversation conversation, Duration patience) {
    this.socket = socket;
    this.server = server;
    this.conversation = conversation;
    this.patience = patience;
  }

  /** Listens on the socket, which replaces one that a dead agent left behind. */
  public static ApiServer start(Path socket, Conversation conversation) {
    return start(socket, conversation, PATIENCE);
  }

  static ApiServer start(Path socket, Conversation conversation, Duration patience) {
    if (isListening(socket)) {
      throw new IllegalStateException("another agent listens at " + socket);
    }
    try {
      var server = new ApiServer(socket, listen(socket), conversation, patience);
      Thread.ofVirtual().name("api").start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("listen at " + socket + ": " + e.getMessage(), e);
    }
  }

  /** The name appears only once the permission is right. */
  private static ServerSocketChannel listen(Path socket) throws IOException {
    Path hidden = socket.resolveSibling(socket.getFileName() + ".new");
    Files.createDirectories(socket.toAbsolutePath().getParent());
    Files.deleteIfExists(hidden);
    var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(hidden));
      Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rw-rw----"));
      Files.move(
          hidden, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static boolean isListening(Path socket) {
    try (var probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        clients.add(client);
        Thread.ofVirtual().name("api-client").start(() -> serve(client));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("accept a client at {}: {}", socket, e.getMessage());
        pause();
      }
    }
  }

  private void serve(SocketChannel client) {
    boolean placed = places.tryAcquire();
    try (var frames =
            new FrameChannel(client, FrameChannel.MAX_REQUEST, FrameChannel.MAX_RESPONSE);
        var watch = new Watch(client, patience)) {
      if (!placed) {
        frames.write(error(Error.Kind.UNAVAILABLE, MAX_CLIENTS + " clients are served already"));
        return;
      }
      converse(frames, watch);
    } catch (IOException e) {
      LOG.debug("a client went away: {}", e.getMessage());
    } finally {
      clients.remove(client);
      if (placed) {
        places.release();
      }
    }
  }

  private void converse(FrameChannel frames, Watch watch) throws IOException {
    try {
      var request = frames.read(Request.parser());
      if (request.isEmpty()) {
        return;
      }
      conversation.answer(request.get(), new ConnectedClient(frames, watch));
      frames.write(Response.newBuilder().setEnd(End.getDefaultInstance()).build());
    } catch (FrameException e) {
      frames.write(error(Error.Kind.BAD_REQUEST, "the agent refuses " + e.getMessage()));
    } catch (Refusal e) {
      frames.write(error(e.kind(), String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("a request failed", e);
      frames.write(error(Error.Kind.INTERNAL, "the agent failed: " + e.getMessage()));
    }
  }

  private static Response error(Error.Kind kind, String message) {
    return Response.newBuilder()
        .setError(Error.newBuilder().setKind(kind).setMessage(message))
        .build();
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record ConnectedClient(FrameChannel frames, Watch watch) implements Conversation.Client {
    @Override
    public void send(Response response) throws IOException {
      frames.write(response);
    }

    @Override
    public void staysLong() {
      watch.close();
    }
  }

  /** Closes a connection that takes too long, which makes its thread's next step fail. */
  private static final class Watch implements AutoCloseable {
    private final Thread thread;

    Watch(SocketChannel client, Duration patience) {
      this.thread =
          Thread.ofVirtual()
              .name("api-watch")
              .start(() -> {
                try {
                  Thread.sleep(patience);
                  client.close();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                } catch (IOException e) {
                  LOG.debug("close a slow client: {}", e.getMessage());
                }
              });
    }

    @Override
    public void close() {
      thread.interrupt();
    }
  }

  /** Stops listening, cuts clients off and removes the socket. */
  @Override
  public void close() {
    try {
      server.close();
      for (SocketChannel client : clients) {
        client.close();
      }
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.warn("close {}: {}", socket, e.getMessage());
    }
  }
}
