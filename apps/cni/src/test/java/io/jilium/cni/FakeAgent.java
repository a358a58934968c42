// SPDX-License-Identifier: Apache-2.0
package io.jilium.cni;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Listens on cni.sock and behaves as a test wants. */
final class FakeAgent implements AutoCloseable {
  /** What to do with a connection; it is closed afterwards. */
  interface Behaviour {
    void serve(SocketChannel client) throws IOException, InterruptedException;
  }

  private final ServerSocketChannel listener;
  private final List<String> requests = new CopyOnWriteArrayList<>();

  private FakeAgent(ServerSocketChannel listener) {
    this.listener = listener;
  }

  static FakeAgent start(Path socket, Behaviour behaviour) throws IOException {
    var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    var agent = new FakeAgent(listener);
    Thread.startVirtualThread(() -> agent.accept(behaviour));
    return agent;
  }

  /** Reads the request and answers. */
  static FakeAgent answering(Path socket, String answer) throws IOException {
    var agents = new FakeAgent[1];
    agents[0] =
        start(
            socket,
            client -> {
              agents[0].requests.add(readRequest(client));
              Channels.newOutputStream(client).write(answer.getBytes(StandardCharsets.UTF_8));
            });
    return agents[0];
  }

  static String readRequest(SocketChannel client) throws IOException {
    var input = Channels.newInputStream(client);
    var line = new ByteArrayOutputStream();
    for (int next = input.read(); next != '\n'; next = input.read()) {
      if (next < 0) {
        throw new IOException("no request");
      }
      line.write(next);
    }
    var head = line.toString(StandardCharsets.UTF_8).split(" ", -1);
    int rest = Integer.parseInt(head[2]) + Integer.parseInt(head[3]);
    return line.toString(StandardCharsets.UTF_8)
        + "\n"
        + new String(input.readNBytes(rest), StandardCharsets.UTF_8);
  }

  List<String> requests() {
    return requests;
  }

  private void accept(Behaviour behaviour) {
    while (listener.isOpen()) {
      try {
        var client = listener.accept();
        Thread.startVirtualThread(() -> serve(client, behaviour));
      } catch (IOException _) {
        return;
      }
    }
  }

  private static void serve(SocketChannel client, Behaviour behaviour) {
    try (client) {
      behaviour.serve(client);
    } catch (IOException _) {
      return; // the plugin gave up
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
