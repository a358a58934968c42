// SPDX-License-Identifier: Apache-2.0
package io.jilium.test.e2e;

import static io.jilium.test.e2e.ServiceCalls.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** Clients from outside that ask node-1 for a server on node-2, and what passes by node-1 then. */
final class StraightAnswers {
  private static final String OUTSIDE = "outside";
  private static final List<String> NODE = List.of("172.30.0.1", "fd00:172:30::1");
  private static final String IPV4 = "172.30.255.254";
  private static final String IPV6 = "fd00:172:30::fffe";
  private static final int CALLS = 10;

  /** Counts packets of the client's, and those to it, until it asks for the last port. */
  private static final String WATCH =
      """
      import socket, struct, sys
      clients = [socket.inet_aton(sys.argv[1]), socket.inet_pton(socket.AF_INET6, sys.argv[2])]
      last = int(sys.argv[3])
      s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
      s.bind(('eth0', 0))
      s.settimeout(60)
      asked = answered = wrapped = 0
      print('ready', flush=True)
      while True:
          f = s.recv(65536)
          v4 = f[12:14] == bytes([8, 0])
          source, destination = (f[26:30], f[30:34]) if v4 else (f[22:38], f[38:54])
          l4 = 14 + (4 * (f[14] & 15) if v4 else 40)
          asked += source in clients
          answered += destination in clients and f[23 if v4 else 20] in (6, 17)
          wrapped += f[12:14] in (bytes([8, 0]), bytes([0x86, 0xdd])) and f[23 if v4 else 20] == (4 if v4 else 41)
          if source in clients and f[l4 + 2:l4 + 4] == struct.pack('!H', last):
              break
      print('asked', asked > 0, 'answered', answered, 'wrapped', wrapped > 0)
      """;

  private final Lab lab;
  private final ServiceCalls calls;

  StraightAnswers(Lab lab, ServiceCalls calls) {
    this.lab = lab;
    this.calls = calls;
  }

  /** Connects to a node port by both families; the server sees the client itself. */
  String connections(int port, String server) throws IOException {
    for (var node : NODE) {
      await(() -> calls.servers(OUTSIDE, node, port, CALLS), server);
    }
    return watch(
        port,
        () -> {
          assertThat(calls.http(OUTSIDE, NODE.get(0), port, CALLS))
              .containsOnly(server + " " + IPV4);
          assertThat(calls.http(OUTSIDE, NODE.get(1), port, CALLS))
              .containsOnly(server + " " + InetAddress.ofLiteral(IPV6).getHostAddress());
        });
  }

  /** Asks a node port by datagrams of both families. */
  String datagrams(int port, String server) throws IOException {
    for (var node : NODE) {
      await(() -> calls.datagrams(OUTSIDE, node, port, CALLS), server);
    }
    return watch(
        port,
        () -> {
          for (var node : NODE) {
            assertThat(calls.datagrams(OUTSIDE, node, port, CALLS)).containsOnlyKeys(server);
          }
        });
  }

  private String watch(int port, Runnable talk) throws IOException {
    int last = port + 1;
    var watch =
        lab.start("node/node-1", "python3", "-c", WATCH, IPV4, IPV6, Integer.toString(last));
    try (var output = watch.inputReader()) {
      assertThat(output.readLine()).isEqualTo("ready");
      talk.run();
      calls.http(OUTSIDE, NODE.get(0), last, 1);
      return String.valueOf(output.readLine());
    } finally {
      watch.destroyForcibly();
    }
  }
}
