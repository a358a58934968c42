// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.qemu;

import io.jilium.core.model.IpAddress;
import io.jilium.linux.sys.Netns;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;

/** Packets between two namespaces, by the kernel's own sockets; fails if they do not arrive. */
final class Exchange {
  private static final int PORT = 8080;
  private static final int TIMEOUT_MILLIS = 20_000;
  private static final int STREAM_BYTES = 1 << 20;
  private static final int DATAGRAM_BYTES = 60_000;

  private Exchange() {}

  /** Three echo requests, all answered. */
  static void ping(Netns from, IpAddress to) throws Exception {
    expectAllAnswered(startPing(from, to, 3));
  }

  /** One every 20 ms. */
  static Process startPing(Netns from, IpAddress to, int count) {
    return from.run(() ->
        new ProcessBuilder(
                "ping", "-n", "-q", "-i", "0.02", "-W", "10", "-c", count + "", to.toString())
            .redirectErrorStream(true)
            .start());
  }

  static void expectAllAnswered(Process ping) throws IOException, InterruptedException {
    var output = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!ping.waitFor(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS) || ping.exitValue() != 0) {
      ping.destroyForcibly();
      throw new AssertionError(output);
    }
    if (!output.contains(" 0% packet loss")) {
      throw new AssertionError(output);
    }
  }

  private static <T> FutureTask<T> background(Callable<T> task) {
    var future = new FutureTask<>(task);
    Thread.ofVirtual().start(future);
    return future;
  }

  private static byte[] noise(int size) {
    var bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static long checksum(byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(bytes, 0, length);
    return crc.getValue();
  }

  /** A megabyte there, its checksum back. */
  static void tcp(Netns from, Netns at, IpAddress to) throws Exception {
    var server = at.run(() -> new ServerSocket(PORT, 1, Wires.inet(to)));
    try (server) {
      server.setSoTimeout(TIMEOUT_MILLIS);
      var answered = background(() -> answer(server));
      var bytes = noise(STREAM_BYTES);
      try (var client = from.run(() -> new Socket())) {
        // A Java socket is made in the kernel when it is bound or connected.
        long back = from.run(() -> ask(client, to, bytes));
        if (back != checksum(bytes, bytes.length)) {
          throw new AssertionError("another checksum came back");
        }
      }
      finish(answered);
    }
  }

  private static long ask(Socket client, IpAddress to, byte[] bytes) throws IOException {
    client.setSoTimeout(TIMEOUT_MILLIS);
    client.connect(new InetSocketAddress(Wires.inet(to), PORT), TIMEOUT_MILLIS);
    client.getOutputStream().write(bytes);
    client.shutdownOutput();
    return new DataInputStream(client.getInputStream()).readLong();
  }

  private static boolean answer(ServerSocket server) throws IOException {
    try (var connection = server.accept()) {
      connection.setSoTimeout(TIMEOUT_MILLIS);
      InputStream in = connection.getInputStream();
      var bytes = in.readAllBytes();
      new DataOutputStream(connection.getOutputStream()).writeLong(checksum(bytes, bytes.length));
      return true;
    }
  }

  /** A datagram that does not fit one packet there, and back. */
  static void udp(Netns from, Netns at, IpAddress to) throws Exception {
    try (var server = at.run(() -> new DatagramSocket(PORT, Wires.inet(to)));
        var client = from.run(() -> new DatagramSocket())) {
      server.setSoTimeout(TIMEOUT_MILLIS);
      client.setSoTimeout(TIMEOUT_MILLIS);
      var answered = background(() -> echo(server));
      var bytes = noise(DATAGRAM_BYTES);
      client.send(new DatagramPacket(bytes, bytes.length, Wires.inet(to), PORT));
      var back = new DatagramPacket(new byte[DATAGRAM_BYTES + 1], DATAGRAM_BYTES + 1);
      client.receive(back);
      finish(answered);
      if (back.getLength() != bytes.length
          || checksum(back.getData(), back.getLength()) != checksum(bytes, bytes.length)) {
        throw new AssertionError(back.getLength() + " bytes came back, or others");
      }
    }
  }

  private static boolean echo(DatagramSocket server) throws IOException {
    var packet = new DatagramPacket(new byte[DATAGRAM_BYTES + 1], DATAGRAM_BYTES + 1);
    server.receive(packet);
    server.send(packet);
    return true;
  }

  /** A datagram under a source address; nobody listens. */
  static void sendFrom(Netns from, IpAddress source, IpAddress to) throws Exception {
    try (var socket = from.run(() -> new DatagramSocket(0, Wires.inet(source)))) {
      var bytes = noise(8);
      socket.send(new DatagramPacket(bytes, bytes.length, Wires.inet(to), PORT));
    }
  }

  private static void finish(FutureTask<Boolean> task) throws Exception {
    try {
      task.get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("the answering side failed", e.getCause());
    }
  }
}
