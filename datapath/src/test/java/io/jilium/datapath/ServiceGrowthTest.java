// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.SocketLab.TCP;
import static io.jilium.datapath.SocketLab.UDP;
import static io.jilium.datapath.SocketLab.socketAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpPrefix;
import io.jilium.core.service.FrontendType;
import io.jilium.linux.netlink.NetlinkSocket;
import io.jilium.linux.sys.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Maps of services become larger while sockets talk through them. */
@Tag("kernel")
final class ServiceGrowthTest {
  private static final String SERVICE = "10.96.0.1";
  private static final String ONE = "10.244.1.1";
  private static final String TWO = "10.244.1.2";
  private static final int LARGER = 16384;
  private static final int MORE = 1500;

  /** Every map that can grow. */
  private static final Map<DatapathMap, Integer> ALL = new EnumMap<>(DatapathMap.class);

  static {
    for (var map : DatapathMap.values()) {
      if (map.grows()) {
        ALL.put(map, LARGER);
      }
    }
  }

  @RegisterExtension final SocketLab lab = new SocketLab();

  private static void nothing() {}

  private int tcpService() {
    lab.tcpServer(ONE, 8080);
    int backend = lab.backend(ONE, 8080, TCP);
    lab.frontend(SERVICE, 80, TCP, lab.set(1, 0, backend));
    return backend;
  }

  /** More than the maps were made for, each with a backend of its own. */
  private void fill() {
    for (int i = 0; i < MORE; i++) {
      int backend = lab.backend(ONE, 8080, TCP);
      lab.frontend(
          "10.97.%d.%d".formatted(i / 250, 1 + i % 250), 80, TCP, lab.set(2 + i, 0, backend));
    }
  }

  private List<String> pins() {
    try (var files = Files.list(lab.pins().resolve("maps"))) {
      return files.map(Path::getFileName).map(Path::toString).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void moreThanFittedIsServedWithoutAnotherStart() {
    tcpService();
    assertThatThrownBy(this::fill)
        .isInstanceOfSatisfying(
            MapFull.class, full -> assertThat(full.map()).isEqualTo(DatapathMap.FRONTENDS));
    var before = pins();
    lab.enlarge(ALL, ServiceGrowthTest::nothing);
    ALL.keySet().forEach(map -> assertThat(lab.maps().capacity(map)).isEqualTo(LARGER));
    fill();
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
    assertThat(lab.ask("10.97.5.250", 80)).isEqualTo(ONE + "|8080");
    assertThat(pins()).as("nothing is left behind").isEqualTo(before);
    lab.reload(false);
    ALL.keySet()
        .forEach(map ->
            assertThat(lab.maps().capacity(map)).as("%s after a restart", map).isEqualTo(LARGER));
    assertThat(lab.ask("10.97.5.250", 80)).isEqualTo(ONE + "|8080");
  }

  @Test
  void everythingIsInTheLargerMaps() {
    tcpService();
    lab.frontend("10.96.0.2", 80, TCP, lab.set(2, SetFlag.MAGLEV.number(), 1, 1));
    lab.maps().maglev().put(2, new int[SocketLab.MAGLEV]);
    lab.maps().sourceRanges().put(new RangeKey(1, IpPrefix.parse("10.0.0.0/8")), 1);
    lab.maps().nodeAddresses().put(new NodeAddressKey(SocketLab.ip("172.30.0.1")), 3);
    var before = contents();
    lab.enlarge(ALL, ServiceGrowthTest::nothing);
    assertThat(contents()).isEqualTo(before);
  }

  private List<Object> contents() {
    var maps = lab.maps();
    var all = new ArrayList<Object>();
    all.add(maps.frontends().entries());
    all.add(maps.members().entries());
    all.add(maps.sourceRanges().entries());
    all.add(maps.nodeAddresses().entries());
    maps.maglev().forEach((base, table) -> all.add(base + " " + Arrays.toString(table)));
    for (int i = 0; i < 8; i++) {
      all.add(maps.slots().get(i));
      all.add(maps.backends().get(i));
    }
    return all;
  }

  @Test
  void noConnectionFailsMeanwhile() throws Exception {
    int backend = tcpService();
    var over = new AtomicBoolean();
    var begun = new CountDownLatch(1);
    var answers = new ArrayList<String>();
    var client =
        CompletableFuture.runAsync(() -> {
          while (!over.get()) {
            answers.add(lab.ask(SERVICE, 80));
            begun.countDown();
          }
        });
    begun.await();
    lab.enlarge(ALL, ServiceGrowthTest::nothing);
    over.set(true);
    client.join();
    assertThat(answers).isNotEmpty().containsOnly(ONE + "|8080");
    assertThat(lab.maps().backends().get(backend).orElseThrow().connections())
        .isEqualTo(answers.size());
  }

  @Test
  void whatProgramsWriteMeanwhileIsNotLost() throws IOException {
    lab.udpServer(ONE, 5353);
    lab.udpServer(TWO, 5353);
    int one = lab.backend(ONE, 5353, UDP);
    int two = lab.backend(TWO, 5353, UDP);
    lab.frontend(SERVICE, 53, UDP, lab.set(1, 0, one, two));
    lab.tcpServer(ONE, 8080);
    lab.tcpServer(TWO, 8080);
    var sticky = lab.set(2, 0, lab.backend(ONE, 8080, TCP), lab.backend(TWO, 8080, TCP));
    lab.frontend(SERVICE, 80, TCP, FrontendType.CLUSTER_IP, 0, 60, sticky);
    var socket = lab.datagrams(StandardProtocolFamily.INET);
    var seen = new TreeSet<String>();
    long counted = lab.maps().backends().get(one).orElseThrow().connections();
    lab.enlarge(
        ALL,
        () -> {
          seen.add(lab.ask(SERVICE, 80));
          seen.add(datagram(socket) + " by datagram");
          lab.maps().backends().addConnections(one, 5); // a packet, by programs of before
        });
    for (int i = 0; i < 20; i++) {
      seen.add(lab.ask(SERVICE, 80));
      seen.add(datagram(socket) + " by datagram");
    }
    assertThat(seen).as("one backend for the client, one for the socket").hasSize(2);
    assertThat(lab.maps().backends().get(one).orElseThrow().connections())
        .isBetween(counted + 5, counted + 6);
  }

  private static String datagram(DatagramChannel socket) {
    try {
      var query = ByteBuffer.wrap("?".getBytes(StandardCharsets.US_ASCII));
      socket.send(query, socketAddress(SERVICE, 53));
      var buffer = ByteBuffer.allocate(64);
      socket.receive(buffer);
      return SocketLab.text(buffer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whenItFailsTheMapsOfBeforeGoOn() {
    tcpService();
    var before = pins();
    var size = lab.maps().capacity(DatapathMap.BACKENDS);
    assertThatThrownBy(() ->
            lab.enlarge(
                Map.of(DatapathMap.BACKENDS, Integer.MAX_VALUE), ServiceGrowthTest::nothing))
        .as("more than the machine's memory")
        .isInstanceOf(LinuxException.class);
    assertOld(before, size);
    assertThatThrownBy(() ->
            lab.enlarge(
                ALL,
                () -> {
                  throw new IllegalStateException("packets");
                }))
        .hasMessage("packets");
    assertOld(before, size);
  }

  private void assertOld(List<String> pins, int size) {
    assertThat(pins()).isEqualTo(pins);
    assertThat(lab.maps().capacity(DatapathMap.BACKENDS)).isEqualTo(size);
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
    lab.frontend("10.96.0.9", 80, TCP, new BackendSetEntry(1, 1, 1, 0));
    assertThat(lab.ask("10.96.0.9", 80)).as("programs use these maps").isEqualTo(ONE + "|8080");
    lab.maps().frontends().delete(new FrontendKey(SocketLab.ip("10.96.0.9"), 80, TCP));
    lab.reload(false);
    assertThat(lab.maps().capacity(DatapathMap.BACKENDS)).isEqualTo(size);
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
  }

  /** No exception that anybody handles: nothing after it is done. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  @Test
  void theNextAgentGoesOnWhereOneWasKilled() {
    tcpService();
    var before = pins();
    assertThatThrownBy(() ->
            lab.enlarge(
                ALL,
                () -> {
                  throw new Killed();
                }))
        .isInstanceOf(Killed.class);
    assertThat(pins()).contains("frontends_v2-resized");
    assertThat(lab.ask(SERVICE, 80)).as("without an agent").isEqualTo(ONE + "|8080");
    lab.reload(false);
    assertThat(lab.maps().capacity(DatapathMap.FRONTENDS)).isEqualTo(LARGER);
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
    lab.maps()
        .frontends()
        .put(
            new FrontendKey(SocketLab.ip("10.96.0.9"), 80, TCP),
            new FrontendEntry(
                9, 0, 0, 0, new BackendSetEntry(1, 1, 1, 0), new BackendSetEntry(1, 1, 1, 0)));
    lab.maps().frontends().delete(new FrontendKey(SocketLab.ip(SERVICE), 80, TCP));
    settle();
    assertThat(lab.maps().frontends().entries()).as("what is gone stays gone").hasSize(1);
    assertThat(pins()).containsAll(before).noneMatch(pin -> pin.contains("resized"));
  }

  /** The packet programs of the next agent. */
  private void settle() {
    lab.netns()
        .run(() -> {
          try (var netlink = NetlinkSocket.open();
              var datapath = Datapath.load(lab.pins(), Configs.minimal(), netlink)) {
            return datapath.settle();
          }
        });
  }

  @Test
  void aMapWithoutPinIsFoundBeside() throws IOException {
    tcpService();
    var maps = lab.pins().resolve("maps");
    Files.move(maps.resolve("frontends_v2"), maps.resolve("frontends_v2-resized"));
    lab.reload(false);
    assertThat(lab.maps().frontends().entries()).hasSize(1);
    assertThat(lab.ask(SERVICE, 80)).isEqualTo(ONE + "|8080");
    assertThat(pins()).contains("frontends_v2").doesNotContain("frontends_v2-resized");
  }
}
