// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.health;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers {@code GET /hello} with 200, so that other nodes see that TCP and this agent work. One
 * virtual thread per connection.
 */
final class HelloServer implements AutoCloseable {
  static final int PORT = 4240;
  private static final Logger LOG = LoggerFactory.getLogger(HelloServer.class);
  private static final int MOST_REQUEST_BYTES = 8192;
  private static final int MOST_CONNECTIONS = 64;
  private static final int TIMEOUT_MILLIS = 5000;

  private final ServerSocket server;
  private final Semaphore free = new Semaphore(MOST_CONNECTIONS);

  private HelloServer(ServerSocket server) {
    this.server = server;
  }

  /** Listens on all addresses of the calling OS thread's network namespace. */
  static HelloServer open(int port) {
    try {
      var server = new ServerSocket();
      try {
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(port), MOST_CONNECTIONS);
      } catch (IOException e) {
        server.close();
        throw e;
      }
      return new HelloServer(server);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "listen on port " + port + " for health probes: " + e.getMessage(), e);
    }
  }

  /** Begins to answer. Not inside a pod's namespace: what runs its threads would stay there. */
  HelloServer start() {
    Thread.ofVirtual().name("health-hello").start(this::accept);
    return this;
  }

  int port() {
    return server.getLocalPort();
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      LOG.debug("close", e);
    }
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        var socket = server.accept();
        if (free.tryAcquire()) {
          Thread.ofVirtual().name("health-hello-connection").start(() -> serve(socket));
        } else {
          socket.close();
        }
      } catch (SocketException e) {
        if (!server.isClosed()) {
          LOG.warn("accept a health probe: {}", e.getMessage());
        }
      } catch (IOException e) {
        LOG.warn("accept a health probe: {}", e.getMessage());
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var line = requestLine(socket.getInputStream());
      boolean hello = line.startsWith("GET /hello ");
      var response =
          "HTTP/1.1 "
              + (hello ? "200 OK" : "404 Not Found")
              + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(response.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      LOG.debug("a health probe ended early: {}", e.getMessage());
    } finally {
      free.release();
    }
  }

  /**
   * Reads to the end of the header and returns its first line; a longer header than allowed counts
   * as ended.
   */
  private static String requestLine(InputStream in) throws IOException {
    var header = new byte[MOST_REQUEST_BYTES];
    int length = 0;
    while (length < header.length) {
      int read = in.read(header, length, header.length - length);
      if (read < 0) {
        break;
      }
      length += read;
      if (new String(header, 0, length, StandardCharsets.ISO_8859_1).contains("\r\n\r\n")) {
        break;
      }
    }
    var text = new String(header, 0, length, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n");
    return end < 0 ? text : text.substring(0, end);
  }
}
