// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import io.jilium.agent.endpoint.CniException.Code;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on {@code cni.sock} for the plugin, one request a connection, root only. A connection has
 * one platform thread from its first byte to the last: work on the kernel blocks it, and where many
 * pods start at once, each handing over to another thread waits for a processor.
 */
final class CniServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CniServer.class);
  private static final int BACKLOG = 1024;
  private static final int MAX_CONNECTIONS = 1024;
  private static final int AT_WORK = 32;
  private static final Duration TRANSFER_PATIENCE = Duration.ofSeconds(5);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
  private static final Set<String> ROOT = Set.of("root", "0");

  private final Path path;
  private final ServerSocketChannel listener;
  private final CniVerbs verbs;
  private final Semaphore connections = new Semaphore(MAX_CONNECTIONS);
  private final Semaphore places = new Semaphore(AT_WORK);
  private final ExecutorService clients =
      Executors.newCachedThreadPool(Thread.ofPlatform().name("cni-", 0).daemon().factory());
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("cni-watchdog").daemon().factory());

  private CniServer(Path path, ServerSocketChannel listener, CniVerbs verbs) {
    this.path = path;
    this.listener = listener;
    this.verbs = verbs;
  }

  /** Opens the socket in place of one that a dead agent left. */
  static CniServer open(Path path, CniVerbs verbs) {
    try {
      refuseSecond(path);
      var fresh = path.resolveSibling(path.getFileName() + ".new");
      Files.deleteIfExists(fresh);
      var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listener.bind(UnixDomainSocketAddress.of(fresh), BACKLOG);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
      var server = new CniServer(path, listener, verbs);
      Thread.ofPlatform().name("cni-accept").daemon().start(server::accept);
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException("listen on " + path + ": " + e.getMessage(), e);
    }
  }

  private static void refuseSecond(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException _) {
      return; // nobody listens
    }
    throw new IOException("another agent listens there");
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path);
      listener.close();
      clients.shutdown();
      if (!clients.awaitTermination(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        clients.shutdownNow();
      }
    } catch (IOException e) {
      LOG.warn("close {}: {}", path, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watchdog.shutdownNow();
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        var client = listener.accept();
        if (connections.tryAcquire()) {
          clients.execute(() -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException | RejectedExecutionException e) {
        if (listener.isOpen()) {
          LOG.warn("accept on {}: {}", path, e.getMessage());
          pause();
        }
      }
    }
  }

  /** Out of descriptors, most likely: others may give some back. */
  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      if (!isRoot(client)) {
        LOG.warn("{}: refused a client that is not root", path);
        return;
      }
      converse(client);
    } catch (IOException e) {
      LOG.debug("client of {}: {}", path, e.getMessage());
    } finally {
      connections.release();
    }
  }

  private void converse(SocketChannel client) throws IOException {
    CniRequest request;
    try {
      request = read(client);
    } catch (CniException e) {
      write(client, CniVerbs.Answer.failure(e, CniVersion.LATEST));
      return;
    }
    try {
      places.acquire();
    } catch (InterruptedException e) {
      var stopping = new CniException(Code.TRY_AGAIN_LATER, "the agent is stopping");
      write(client, CniVerbs.Answer.failure(stopping, CniVersion.LATEST));
      return;
    }
    try {
      deliver(client, request, verbs.perform(request));
    } finally {
      places.release();
    }
  }

  private CniRequest read(SocketChannel client) throws IOException {
    var reading = bound(client);
    try {
      return CniRequest.read(new BufferedInputStream(Channels.newInputStream(client)));
    } finally {
      reading.cancel(false);
    }
  }

  private void deliver(SocketChannel client, CniRequest request, CniVerbs.Answer answer) {
    try {
      write(client, answer);
    } catch (IOException e) {
      verbs.undelivered(request, answer);
    }
  }

  private void write(SocketChannel client, CniVerbs.Answer answer) throws IOException {
    var body = answer.body().getBytes(StandardCharsets.UTF_8);
    var head = (answer.exitCode() + " " + body.length + "\n").getBytes(StandardCharsets.US_ASCII);
    var bytes = ByteBuffer.allocate(head.length + body.length).put(head).put(body).flip();
    var writing = bound(client);
    try {
      while (bytes.hasRemaining()) {
        client.write(bytes);
      }
    } finally {
      writing.cancel(false);
    }
  }

  /** Closes the connection of a client that takes too long. */
  private Future<?> bound(SocketChannel client) {
    return watchdog.schedule(
        () -> {
          client.close();
          return true;
        },
        TRANSFER_PATIENCE.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private static boolean isRoot(SocketChannel client) throws IOException {
    return ROOT.contains(client.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName());
  }
}
