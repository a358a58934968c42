// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.SocketLab.TCP;
import static io.jilium.datapath.SocketLab.UDP;
import static io.jilium.datapath.SocketLab.ip;
import static io.jilium.datapath.SocketLab.socketAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jilium.core.service.FrontendType;
import io.jilium.linux.ebpf.KernelFeature;
import io.jilium.linux.ebpf.KernelFeatures;
import io.jilium.linux.netlink.LinkSettings;
import io.jilium.linux.netlink.Links;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.Netns;
import io.jilium.linux.sys.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real sockets that talk to services, and what they see of it: nothing. */
@Tag("kernel")
final class SocketTest {
  private static final String SERVICE = "10.96.0.1";
  private static final String SERVICE_V6 = "fd00:96::1";
  private static final String ONE = "10.244.1.1";
  private static final String TWO = "10.244.1.2";
  private static final String ONE_V6 = "fd00:244::1";
  private static final StandardProtocolFamily INET = StandardProtocolFamily.INET;
  private static final StandardProtocolFamily INET6 = StandardProtocolFamily.INET6;

  @RegisterExtension final SocketLab lab = new SocketLab();

  private void assumeErrno() {
    assumeTrue(
        KernelFeatures.probe().has(KernelFeature.SET_RETVAL),
        KernelFeature.SET_RETVAL.description());
  }

  @Test
  void connectionsReachTheBackendsOfBothFamilies() {
    lab.tcpServer(ONE, 8080);
    lab.tcpServer(ONE_V6, 8080);
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0, lab.backend(ONE, 8080, TCP)));
    lab.frontend(SERVICE_V6, 80, TCP, lab.set(2, 0, lab.backend(ONE_V6, 8080, TCP)));
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
    assertThat(lab.ask(SERVICE_V6, 80)).isEqualTo(ONE_V6 + "|8080");
    assertThat(SocketLab.ask(lab.netns(), INET6, SERVICE, 80))
        .as("IPv4 through a socket of IPv6")
        .isEqualTo(ONE + "|8080");
    assertThat(lab.maps().backends().get(1).orElseThrow().connections()).isEqualTo(2);
  }

  @Test
  void whatIsNoServiceIsLeftAlone() {
    lab.tcpServer(ONE, 8080);
    assertThat(lab.ask(ONE, 8080)).isEqualTo(ONE + "|8080");
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0, lab.backend(ONE, 8080, TCP)));
    assertThatThrownBy(() -> lab.ask(SERVICE, 81)).hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void theOtherEndIsTheServiceThatWasAskedFor() {
    lab.tcpServer(ONE, 8080);
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0, lab.backend(ONE, 8080, TCP)));
    var peer =
        lab.netns()
            .run(() -> {
              try (var arena = Arena.ofConfined();
                  var socket = Sockets.socket(Sockets.AF_INET, Sockets.SOCK_STREAM, 0)) {
                Sockets.connect(socket, sockaddr(arena, SERVICE, 80));
                var address = arena.allocate(16, 4);
                Sockets.getpeername(socket, address);
                return address.toArray(ValueLayout.JAVA_BYTE);
              }
            });
    assertThat(Arrays.copyOfRange(peer, 2, 8)).containsExactly(0, 80, 10, 96, 0, 1);
  }

  private static MemorySegment sockaddr(Arena arena, String address, int port) {
    var segment = arena.allocate(16, 4);
    segment.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_INET);
    segment.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >> 8));
    segment.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
    MemorySegment.copy(
        MemorySegment.ofArray(ip(address).bytes()), 0, segment, 4, ip(address).bytes().length);
    return segment;
  }

  @Test
  void aServiceWithoutBackendsRefusesAtOnce() {
    assumeErrno();
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0));
    lab.frontend(SERVICE, 53, UDP, lab.set(2, 0));
    lab.frontend(SERVICE_V6, 80, TCP, lab.set(3, 0));
    lab.frontend(SERVICE, 443, TCP, lab.set(4, SetFlag.DROP.number()));
    assertThatThrownBy(() -> lab.ask(SERVICE, 80)).hasRootCauseInstanceOf(ConnectException.class);
    assertThatThrownBy(() -> lab.ask(SERVICE_V6, 80))
        .hasRootCauseInstanceOf(ConnectException.class);
    assertThatThrownBy(() -> lab.datagrams(INET).connect(socketAddress(SERVICE, 53)))
        .isInstanceOf(ConnectException.class);
    assertThat(lab.run("import socket; socket.socket(2, 2).sendto(b'?', ('10.96.0.1', 53))"))
        .as("Java does not tell of a datagram that was refused")
        .contains("ConnectionRefusedError");
    assertThatThrownBy(() -> lab.ask(SERVICE, 443))
        .as("endpoints exist, on other nodes")
        .hasRootCauseInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void aPortThatAServiceAddressDoesNotHaveIsRefused() {
    assumeErrno();
    int whole = FrontendFlag.WHOLE_ADDRESS.number();
    lab.frontend(SERVICE, 0, 0, FrontendType.CLUSTER_IP, whole, 0, lab.set(1, 0));
    assertThatThrownBy(() -> lab.ask(SERVICE, 81)).hasRootCauseInstanceOf(ConnectException.class);
    lab.tcpServer("198.51.100.80", 81);
    lab.frontend("198.51.100.80", 0, 0, FrontendType.LOAD_BALANCER, whole, 0, lab.set(2, 0));
    assertThat(lab.ask("198.51.100.80", 81))
        .as("a load balancer may serve more than the cluster knows")
        .isEqualTo("198.51.100.80|81");
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private static String answer(DatagramChannel socket) throws IOException {
    var buffer = ByteBuffer.allocate(64);
    var from = (InetSocketAddress) socket.receive(buffer);
    return SocketLab.text(buffer)
        + " from "
        + from.getAddress().getHostAddress()
        + ":"
        + from.getPort();
  }

  @Test
  void connectedDatagramsComeBackFromTheService() throws IOException {
    lab.udpServer(ONE, 5353);
    lab.frontend(SERVICE, 53, UDP, lab.set(1, 0, lab.backend(ONE, 5353, UDP)));
    var socket = lab.datagrams(INET);
    socket.connect(socketAddress(SERVICE, 53));
    socket.write(bytes("?"));
    var buffer = ByteBuffer.allocate(64);
    socket.read(buffer);
    assertThat(SocketLab.text(buffer)).isEqualTo(ONE + "|5353");
  }

  @Test
  void answersToUnconnectedDatagramsComeFromTheService() throws IOException {
    lab.udpServer(ONE, 5353);
    lab.udpServer(ONE_V6, 5353);
    lab.frontend(SERVICE, 53, UDP, lab.set(1, 0, lab.backend(ONE, 5353, UDP)));
    lab.frontend(SERVICE_V6, 53, UDP, lab.set(2, 0, lab.backend(ONE_V6, 5353, UDP)));
    var v4 = lab.datagrams(INET);
    v4.send(bytes("?"), socketAddress(SERVICE, 53));
    assertThat(answer(v4)).isEqualTo(ONE + "|5353 from 10.96.0.1:53");
    var v6 = lab.datagrams(INET6);
    v6.send(bytes("?"), socketAddress(SERVICE_V6, 53));
    assertThat(answer(v6)).isEqualTo(ONE_V6 + "|5353 from fd00:96:0:0:0:0:0:1:53");
    v6.send(bytes("?"), socketAddress(SERVICE, 53));
    assertThat(answer(v6)).as("IPv4 through IPv6").isEqualTo(ONE + "|5353 from 10.96.0.1:53");
    v4.send(bytes("?"), socketAddress(ONE, 5353));
    assertThat(answer(v4))
        .as("the backend itself now looks like the service to this socket")
        .startsWith(ONE + "|5353 from ");
  }

  @Test
  void aSocketStaysWithItsBackendUntilThatIsGone() throws IOException {
    lab.udpServer(ONE, 5353);
    lab.udpServer(TWO, 5353);
    int one = lab.backend(ONE, 5353, UDP);
    int two = lab.backend(TWO, 5353, UDP);
    lab.frontend(SERVICE, 53, UDP, lab.set(1, 0, one, two));
    var socket = lab.datagrams(INET);
    var seen = new TreeSet<String>();
    for (int i = 0; i < 20; i++) {
      socket.send(bytes("?"), socketAddress(SERVICE, 53));
      seen.add(answer(socket));
    }
    assertThat(seen).hasSize(1);
    boolean first = seen.first().startsWith(ONE);
    lab.frontend(SERVICE, 53, UDP, lab.set(1, 0, two, one));
    socket.send(bytes("?"), socketAddress(SERVICE, 53));
    assertThat(answer(socket)).as("a change that leaves its backend").isEqualTo(seen.first());
    int gone = first ? one : two;
    lab.frontend(SERVICE, 53, UDP, lab.set(1, 0, first ? two : one));
    lab.maps().members().delete(new MemberKey(1, gone));
    socket.send(bytes("?"), socketAddress(SERVICE, 53));
    assertThat(answer(socket)).startsWith(first ? TWO : ONE);
  }

  @Test
  void nodePortsAreServedAtTheAddressesOfNodes() {
    lab.tcpServer(ONE, 8080);
    lab.address("172.30.0.1");
    var set = lab.set(1, 0, lab.backend(ONE, 8080, TCP));
    lab.frontend("0.0.0.0", 30080, TCP, FrontendType.NODE_PORT, 0, 0, set);
    lab.frontend("0.0.0.0", 8081, TCP, FrontendType.HOST_PORT, 0, 0, set);
    int ports = NodeAddressFlag.PORTS.number();
    int own = NodeAddressFlag.OWN.number();
    lab.maps().nodeAddresses().put(new NodeAddressKey(ip("172.30.0.1")), own | ports);
    lab.maps().nodeAddresses().put(new NodeAddressKey(ip("172.30.0.2")), ports);
    lab.maps().nodeAddresses().put(new NodeAddressKey(ip("127.0.0.1")), own | ports);
    assertThat(lab.ask("172.30.0.1", 30080)).isEqualTo(ONE + "|8080");
    assertThat(lab.ask("172.30.0.2", 30080)).as("another node's").isEqualTo(ONE + "|8080");
    assertThat(lab.ask("127.0.0.1", 30080)).isEqualTo(ONE + "|8080");
    assertThat(lab.ask("172.30.0.1", 8081)).isEqualTo(ONE + "|8080");
    assertThatThrownBy(() -> lab.ask("172.30.0.2", 8081))
        .as("another node's host port is not ours")
        .hasRootCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> lab.ask(ONE, 30080)).hasRootCauseInstanceOf(ConnectException.class);
  }

  @Test
  void nodePortsOfOtherNodesThatKeepTheClientAreLeftToThem() {
    lab.tcpServer(ONE, 8080);
    lab.tcpServer("172.30.0.2", 30080);
    var set = lab.set(1, 0, lab.backend(ONE, 8080, TCP));
    int keep = FrontendFlag.KEEP_CLIENT.number();
    lab.frontend("0.0.0.0", 30080, TCP, FrontendType.NODE_PORT, keep, 0, set);
    int ports = NodeAddressFlag.PORTS.number();
    int own = NodeAddressFlag.OWN.number();
    lab.maps().nodeAddresses().put(new NodeAddressKey(ip("172.30.0.1")), own | ports);
    lab.maps().nodeAddresses().put(new NodeAddressKey(ip("172.30.0.2")), ports);
    assertThat(lab.ask("172.30.0.1", 30080)).isEqualTo(ONE + "|8080");
    assertThat(lab.ask("172.30.0.2", 30080)).isEqualTo("172.30.0.2|30080");
  }

  @Test
  void loopbackOfAPodIsThePods() {
    lab.tcpServer(ONE, 8080);
    var set = lab.set(1, 0, lab.backend(ONE, 8080, TCP));
    lab.frontend("127.0.0.1", 8081, TCP, FrontendType.HOST_PORT, 0, 0, set);
    assertThat(lab.ask("127.0.0.1", 8081)).isEqualTo(ONE + "|8080");
    try (var pod = Netns.createUnnamed();
        var netlink = NetlinkSocket.open(pod)) {
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
      assertThatThrownBy(() -> SocketLab.ask(pod, INET, "127.0.0.1", 8081))
          .hasRootCauseInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aClientKeepsItsBackendUntilTheTimeIsOver() throws Exception {
    lab.tcpServer(ONE, 8080);
    lab.tcpServer(TWO, 8080);
    int one = lab.backend(ONE, 8080, TCP);
    int two = lab.backend(TWO, 8080, TCP);
    var set = lab.set(1, 0, one, two);
    lab.frontend(SERVICE, 80, TCP, FrontendType.CLUSTER_IP, 0, 2, set);
    var seen = new TreeSet<String>();
    for (int i = 0; i < 20; i++) {
      seen.add(lab.ask(SERVICE, 80));
    }
    assertThat(seen).hasSize(1);
    var client = lab.maps().affinity().entries().keySet().iterator().next();
    assertThat(client.kind()).isEqualTo(ClientKind.NETNS.number());
    assertThat(client.netnsCookie()).isEqualTo(lab.netns().cookie().orElseThrow());
    boolean first = seen.first().startsWith(ONE);
    var other = lab.set(1, 0, first ? two : one);
    lab.maps().members().delete(new MemberKey(1, first ? one : two));
    lab.frontend(SERVICE, 80, TCP, FrontendType.CLUSTER_IP, 0, 2, other);
    assertThat(lab.ask(SERVICE, 80)).as("its backend is gone").startsWith(first ? TWO : ONE);
    lab.frontend(SERVICE, 80, TCP, FrontendType.CLUSTER_IP, 0, 2, lab.set(1, 0, one, two));
    for (int i = 0; i < 10; i++) {
      assertThat(lab.ask(SERVICE, 80)).as("it keeps the new one").startsWith(first ? TWO : ONE);
    }
    var both = lab.set(1, 0, one, two);
    lab.frontend(SERVICE, 80, TCP, FrontendType.CLUSTER_IP, 0, 1, both);
    var later = new TreeSet<String>();
    for (int i = 0; i < 12 && later.size() < 2; i++) {
      Thread.sleep(1050);
      later.add(lab.ask(SERVICE, 80));
    }
    assertThat(later).as("when the time is over any will do").hasSize(2);
    lab.frontend(SERVICE, 80, TCP, FrontendType.CLUSTER_IP, 0, 0, lab.set(1, 0, one, two));
    assertThat(spread(SERVICE, 40)).as("switched off at once").hasSize(2);
  }

  private Map<String, Integer> spread(String address, int connections) {
    var counts = new HashMap<String, Integer>();
    for (int i = 0; i < connections; i++) {
      counts.merge(lab.ask(address, 80), 1, Integer::sum);
    }
    return counts;
  }

  @Test
  void chancesAreEqual() {
    var backends = new int[4];
    for (int i = 0; i < 4; i++) {
      lab.tcpServer("10.244.1." + (i + 1), 8080);
      backends[i] = lab.backend("10.244.1." + (i + 1), 8080, TCP);
    }
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0, backends));
    var counts = spread(SERVICE, 400);
    assertThat(counts).hasSize(4);
    // 100 expected each, sigma 8.7: five of them
    assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(57, 143));
  }

  @Test
  void aTableDecidesWhereASetHasOne() {
    lab.tcpServer(ONE, 8080);
    lab.tcpServer(TWO, 8080);
    int one = lab.backend(ONE, 8080, TCP);
    int two = lab.backend(TWO, 8080, TCP);
    var set = lab.set(1, SetFlag.MAGLEV.number(), one, two);
    var table = new int[SocketLab.MAGLEV];
    Arrays.fill(table, 1);
    lab.maps().maglev().put(set.base(), table);
    lab.frontend(SERVICE, 80, TCP, set);
    assertThat(spread(SERVICE, 30)).containsOnly(java.util.Map.entry(TWO + "|8080", 30));
  }

  @Test
  void aFrontendWhoseSlotsAreAnothersIsNotFollowed() {
    assumeErrno();
    lab.tcpServer(ONE, 8080);
    var set = lab.set(1, 0, lab.backend(ONE, 8080, TCP));
    lab.frontend(SERVICE, 80, TCP, set);
    lab.maps().slots().clear(set.base(), 1);
    assertThatThrownBy(() -> lab.ask(SERVICE, 80))
        .hasRootCauseInstanceOf(NoRouteToHostException.class);
  }

  @Test
  void serviceWithSourceRangesIsLeftToThePacketPrograms() {
    lab.tcpServer(ONE, 8080);
    lab.tcpServer("198.51.100.80", 80);
    var set = lab.set(1, 0, lab.backend(ONE, 8080, TCP));
    lab.frontend(
        "198.51.100.80", 80, TCP, FrontendType.LOAD_BALANCER, FrontendFlag.RANGES.number(), 0, set);
    assertThat(lab.ask("198.51.100.80", 80)).isEqualTo("198.51.100.80|80");
  }

  @Test
  void nobodyOnTheNodeTakesThePortOfAService() {
    assumeErrno();
    lab.address("172.30.0.1");
    lab.maps().nodeAddresses().put(new NodeAddressKey(ip("172.30.0.1")), 3);
    var set = lab.set(1, 0);
    lab.frontend("0.0.0.0", 30080, TCP, FrontendType.NODE_PORT, 0, 0, set);
    assertThatThrownBy(() -> bind("0.0.0.0", 30080)).hasRootCauseInstanceOf(BindException.class);
    assertThatThrownBy(() -> bind("172.30.0.1", 30080)).hasRootCauseInstanceOf(BindException.class);
    bind("0.0.0.0", 30081);
    try (var pod = Netns.createUnnamed()) {
      pod.run(() -> {
        try (var server = ServerSocketChannel.open(INET)) {
          return server.bind(socketAddress("0.0.0.0", 30080)).isOpen();
        }
      });
    }
  }

  private void bind(String address, int port) {
    lab.netns()
        .run(() -> {
          try (var server = ServerSocketChannel.open(INET)) {
            return server.bind(socketAddress(address, port)).isOpen();
          }
        });
  }

  @Test
  void programsOfALaterAgentTakeOver() {
    lab.tcpServer(ONE, 8080);
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0, lab.backend(ONE, 8080, TCP)));
    lab.reload(false);
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
    lab.reload(true);
    assertThat(lab.ask(SERVICE, 80)).as("a socket of the node").isEqualTo(ONE + "|8080");
    try (var pod = Netns.createUnnamed();
        var netlink = NetlinkSocket.open(pod)) {
      netlink.apply(Links.set("lo", LinkSettings.none().up()));
      assertThatThrownBy(() -> SocketLab.ask(pod, INET, SERVICE, 80))
          .as("a pod's sockets are left alone")
          .hasRootCauseInstanceOf(IOException.class);
    }
  }
}
