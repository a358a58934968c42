// SPDX-License-Identifier: Apache-2.0
package io.jilium.lab;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Executors;

/**
 * What runs in a pod that was given ports: HTTP on TCP ports answers with the pod's name and the
 * client's address, UDP ports echo, but tell the pod's name to whoever asks "hostname". Both
 * families.
 */
final class PodServer {
  /** Printed when all ports are open. */
  static final String SERVING = "serving";

  private static final byte[] QUESTION = "hostname".getBytes(StandardCharsets.UTF_8);

  private PodServer() {}

  /**
   * Serves until it is ended.
   *
   * @param arguments the pod's name, then its ports, for example server tcp/80 udp/53
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String pod = arguments[0];
    for (int i = 1; i < arguments.length; i++) {
      var port = Pod.Port.parse(arguments[i]);
      if (port.protocol().equals("tcp")) {
        serveHttp(pod, port.number());
      } else {
        var _ = Thread.ofPlatform().start(echo(pod, new DatagramSocket(port.number())));
      }
    }
    System.out.println(SERVING);
    Thread.currentThread().join();
  }

  private static void serveHttp(String pod, int port) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(port), 128);
    server.createContext(
        "/",
        exchange -> {
          var client = exchange.getRemoteAddress();
          byte[] body =
              "%s %s\n"
                  .formatted(pod, client.getAddress().getHostAddress())
                  .getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
          exchange.sendResponseHeaders(200, body.length);
          try (var out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  private static Runnable echo(String pod, DatagramSocket socket) {
    byte[] name = pod.getBytes(StandardCharsets.UTF_8);
    return () -> {
      byte[] buffer = new byte[65535];
      var packet = new DatagramPacket(buffer, buffer.length);
      try (socket) {
        while (true) {
          packet.setLength(buffer.length);
          socket.receive(packet);
          if (Arrays.equals(
              packet.getData(), 0, packet.getLength(), QUESTION, 0, QUESTION.length)) {
            packet.setData(name);
            socket.send(packet);
            packet.setData(buffer);
            continue;
          }
          socket.send(packet);
        }
      } catch (IOException e) {
        System.err.println("udp echo ended: " + e.getMessage());
      }
    };
  }
}
