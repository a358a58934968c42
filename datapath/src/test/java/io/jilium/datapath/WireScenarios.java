// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must work whatever the routing mode and the means of attachment. */
abstract class WireScenarios {
  private static final int PORT = 7777;
  private static final int TIMEOUT_MILLIS = 5000;
  private static final int STREAM = 8 << 20;

  /** Tasks here wait for each other: a pool of few threads would never end. */
  private static final Executor THREADS = task -> Thread.ofPlatform().daemon().start(task);

  private static final List<List<String>> PAIRS =
      List.of(
          List.of("a", "b"),
          List.of("a", "c"),
          List.of("c", "a"),
          List.of("a", "world"),
          List.of("c", "world"),
          List.of("a", "node1"),
          List.of("a", "node2"),
          List.of("node1", "a"),
          List.of("node1", "c"));

  abstract WireLab lab();

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everybodyAnswersPings(boolean v4) {
    for (var pair : PAIRS) {
      var output =
          lab()
              .command(
                  pair.get(0),
                  "ping",
                  "-c",
                  "3",
                  "-i",
                  "0.02",
                  "-W",
                  "2",
                  lab().address(pair.get(1), v4));
      assertThat(output).as("%s", pair).contains(" 3 received");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void largePingsGoInFragments(boolean v4) {
    for (var pair : PAIRS) {
      var output =
          lab()
              .command(
                  pair.get(0),
                  "ping",
                  "-c",
                  "2",
                  "-i",
                  "0.02",
                  "-W",
                  "2",
                  "-s",
                  "20000",
                  lab().address(pair.get(1), v4));
      assertThat(output).as("%s", pair).contains(" 2 received");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void streamsArriveWhole(boolean v4) throws Exception {
    for (var pair : PAIRS) {
      byte[] sent = new byte[STREAM];
      new Random(7).nextBytes(sent);
      try (var server = lab().in(pair.get(1)).run(() -> new ServerSocket(PORT))) {
        var echo = CompletableFuture.runAsync(() -> echoOnce(server), THREADS);
        byte[] back = lab().in(pair.get(0)).run(() -> exchange(pair.get(1), v4, sent));
        assertThat(Arrays.equals(back, sent)).as("%s", pair).isTrue();
        echo.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private static void echoOnce(ServerSocket server) {
    try (var socket = server.accept()) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] exchange(String to, boolean v4, byte[] data) throws Exception {
    try (var socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(
          new InetSocketAddress(InetAddress.ofLiteral(lab().address(to, v4)), PORT),
          TIMEOUT_MILLIS);
      var sender =
          CompletableFuture.runAsync(() -> {
            try {
              socket.getOutputStream().write(data);
              socket.shutdownOutput();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      byte[] back = socket.getInputStream().readAllBytes();
      sender.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      return back;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void datagramsOfEverySizeArriveWhole(boolean v4) throws Exception {
    for (var pair : PAIRS) {
      try (var server = server(pair.get(1), v4);
          var client = lab().in(pair.get(0)).run(() -> new DatagramSocket())) {
        client.setSoTimeout(TIMEOUT_MILLIS);
        server.setSoTimeout(TIMEOUT_MILLIS);
        for (int size : new int[] {0, 1, 1400, 1472, 5000, 60000}) {
          byte[] sent = new byte[size];
          new Random(size).nextBytes(sent);
          var to = InetAddress.ofLiteral(lab().address(pair.get(1), v4));
          client.send(new DatagramPacket(sent, size, to, PORT));
          var there = receive(server, pair + " " + size + " bytes");
          assertThat(Arrays.equals(there.getData(), 0, there.getLength(), sent, 0, size))
              .as("%s %s bytes", pair, size)
              .isTrue();
          server.send(new DatagramPacket(sent, size, there.getAddress(), there.getPort()));
          assertThat(receive(client, "back " + pair + " " + size + " bytes").getLength())
              .as("%s %s bytes", pair, size)
              .isEqualTo(size);
        }
      }
    }
  }

  /** Bound to the address, so that answers come from it. */
  private DatagramSocket server(String name, boolean v4) {
    var address = InetAddress.ofLiteral(lab().address(name, v4));
    return lab().in(name).run(() -> new DatagramSocket(PORT, address));
  }

  private DatagramPacket receive(DatagramSocket socket, String what) throws IOException {
    var packet = new DatagramPacket(new byte[65536], 65536);
    try {
      socket.receive(packet);
    } catch (SocketTimeoutException e) {
      throw new AssertionError(what + " did not arrive\n" + lab().drops(), e);
    }
    return packet;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void worldSeesTheNodeAndPodsSeePods(boolean v4) throws Exception {
    assertThat(seen("a", "world", v4)).isEqualTo(lab().address("node1", v4));
    assertThat(seen("c", "world", v4)).isEqualTo(lab().address("node2", v4));
    assertThat(seen("a", "b", v4)).isEqualTo(lab().address("a", v4));
    assertThat(seen("a", "c", v4)).isEqualTo(lab().address("a", v4));
    assertThat(seen("a", "node1", v4)).isEqualTo(lab().address("a", v4));
  }

  private String seen(String from, String by, boolean v4) throws Exception {
    try (var server = server(by, v4);
        var client = lab().in(from).run(() -> new DatagramSocket())) {
      server.setSoTimeout(TIMEOUT_MILLIS);
      var to = InetAddress.ofLiteral(lab().address(by, v4));
      client.send(new DatagramPacket(new byte[1], 1, to, PORT));
      var address = receive(server, from).getAddress();
      return Ip.address(address.getHostAddress().replaceFirst("%.*", "")).toString();
    }
  }

  @Test
  void newAgentTakesOverWithoutALostPacket() throws Exception {
    for (var pair : List.of(List.of("a", "b"), List.of("a", "c"), List.of("a", "world"))) {
      try (var server = server(pair.get(1), true);
          var client = lab().in(pair.get(0)).run(() -> new DatagramSocket())) {
        server.setSoTimeout(TIMEOUT_MILLIS);
        client.setSoTimeout(TIMEOUT_MILLIS);
        var restart = CompletableFuture.runAsync(() -> lab().nodes.getFirst().restart(), THREADS);
        var to = InetAddress.ofLiteral(lab().address(pair.get(1), true));
        int count = 0;
        while (!restart.isDone() || count < 200) {
          client.send(new DatagramPacket(new byte[] {(byte) count}, 1, to, PORT));
          var there = receive(server, pair + " " + count);
          server.send(new DatagramPacket(there.getData(), 1, there.getAddress(), there.getPort()));
          assertThat(receive(client, "back " + pair + " " + count).getData()[0])
              .isEqualTo((byte) count++);
        }
        restart.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }
}
