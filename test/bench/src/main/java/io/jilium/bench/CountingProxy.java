// SPDX-License-Identifier: Apache-2.0
package io.jilium.bench;

import io.jilium.linux.sys.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Makes a port of this machine's loopback be there at the loopback of another namespace as well,
 * and counts the bytes that go through, as TCP carries them.
 */
final class CountingProxy implements AutoCloseable {
  private static final int BUFFER = 65_536;
  private static final int BACKLOG = 50;

  private final int port;
  private final ServerSocket server;
  private final LongAdder received = new LongAdder();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private CountingProxy(int port, ServerSocket server) {
    this.port = port;
    this.server = server;
  }

  static CountingProxy start(Netns namespace, int port) {
    var server =
        namespace.run(() -> new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress()));
    var proxy = new CountingProxy(port, server);
    Thread.ofVirtual().name("proxy").start(proxy::accept);
    return proxy;
  }

  /** Bytes that the namespace received so far. */
  long received() {
    return received.sum();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var client = server.accept();
        var upstream = new Socket(InetAddress.getLoopbackAddress(), port);
        client.setTcpNoDelay(true);
        upstream.setTcpNoDelay(true);
        open.add(client);
        open.add(upstream);
        Thread.ofVirtual().start(() -> copy(client, upstream, new LongAdder()));
        Thread.ofVirtual().start(() -> copy(upstream, client, received));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void copy(Socket from, Socket to, LongAdder count) {
    try (from;
        to) {
      var input = from.getInputStream();
      var output = to.getOutputStream();
      var buffer = new byte[BUFFER];
      int length = input.read(buffer);
      while (length >= 0) {
        output.write(buffer, 0, length);
        count.add(length);
        length = input.read(buffer);
      }
    } catch (IOException _) {
      // One end is gone: so is the other now.
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      for (var socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
