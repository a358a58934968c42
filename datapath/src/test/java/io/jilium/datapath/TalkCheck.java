// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static io.jilium.datapath.PacketLab.MAC_A;
import static io.jilium.datapath.PacketLab.MAC_B;
import static io.jilium.datapath.PacketLab.MAC_ETH0;
import static io.jilium.datapath.PacketLab.MAC_GATEWAY;
import static io.jilium.datapath.PacketLab.MAC_LXC_A;
import static io.jilium.datapath.PacketLab.MAC_LXC_B;
import static io.jilium.datapath.PacketLab.MAC_OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.packet.Layer;
import io.jilium.core.service.ServiceOracle.Answer;
import io.jilium.datapath.BalanceAcrossNodesTest.Mode;
import io.jilium.datapath.Talk.Client;
import io.jilium.test.kit.PacketBuilder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What packets of clients and servers must look like behind this node, built anew byte by byte. It
 * knows who has which port towards which backend, and nothing else of the programs.
 */
final class TalkCheck {
  private static final int OUTER = 14 + 20 + 8 + 8;

  /** What can become of a flow. */
  enum Kind {
    HERE,
    THERE,
    DIRECT,
    /** Two services lead one port of a client to one backend. */
    MET,
    WENT_ON,
    TOLD
  }

  /** Where a flow goes on to, and as whom. */
  record Course(String backend, IpAddress source, int port, boolean direct) {
    IpAddress server() {
      return IpAddress.parse(backend.substring(0, backend.indexOf('|')));
    }

    int serverPort() {
      return Integer.parseInt(backend.substring(backend.indexOf('|') + 1));
    }

    boolean isHere() {
      return server().bytes()[server().bytes().length - 1] <= 3;
    }
  }

  private record Taken(IpAddress source, int port, String backend, Protocol protocol) {}

  private final PacketLab lab;
  private final Mode mode;
  private final Map<Taken, Talk> taken = new HashMap<>();
  private final Set<Kind> seen = EnumSet.noneOf(Kind.class);
  private int toldPort = 40000;

  TalkCheck(PacketLab lab, Mode mode) {
    this.lab = lab;
    this.mode = mode;
  }

  Set<Kind> seen() {
    return seen;
  }

  /** What happens surely, whichever backends the programs choose. */
  Set<Kind> expectedKinds() {
    var kinds = EnumSet.complementOf(EnumSet.of(Kind.MET));
    if (!mode.direct(Protocol.TCP)) {
      kinds.remove(Kind.DIRECT);
    }
    if (mode == Mode.TUNNEL) {
      kinds.remove(Kind.TOLD);
    }
    return kinds;
  }

  // ---- what happens ----

  /** The first packets of a flow; empty if no service has it. */
  Optional<Course> begin(Talk talk, Answer answer, String when) {
    var result = send(talk, "S");
    var to = talk.to();
    if (!answer.word().equals("BALANCE")) {
      assertThat(BalanceRandomTest.wrong(to.address(), to.port(), result, answer))
          .as("%s: %s", when, talk)
          .isEmpty();
      if (answer.word().equals("PASS")) {
        passes(talk, when);
      }
      return Optional.empty();
    }
    var backend = BalanceRandomTest.destination(result);
    assertThat(answer.balanced())
        .as("%s: %s: %s", when, talk, result.text(talk.ip()))
        .contains(backend);
    var course = course(talk, backend, result);
    assertThat(taken.put(taken(talk, course), talk))
        .as("%s: whose port %s is given to %s", when, course, talk)
        .isIn(null, talk);
    check(talk, course, result, "S", when);
    check(talk, course, send(talk, "A"), "A", when + ", second packet");
    answer(talk, course, when);
    return Optional.of(course);
  }

  /** A packet of a flow that is known. */
  void goesOn(Talk talk, Course course, String when) {
    check(talk, course, send(talk, "A"), "A", when);
    answer(talk, course, when);
    seen.add(Kind.WENT_ON);
  }

  /** A packet of a connection that no service had when it began. */
  void passes(Talk talk, String when) {
    var to = talk.to();
    assertThat(
            BalanceRandomTest.wrong(
                to.address(), to.port(), send(talk, "A"), new Answer("PASS", Set.of())))
        .as("%s: %s", when, talk)
        .isEmpty();
  }

  /** Is there an entry of the flow? What passes from outside has none, nor what is dropped. */
  boolean isKnown(Talk talk) {
    var to = talk.to();
    int ifindex = talk.client() == Client.POD ? lab.lxcA : 0;
    var key =
        new FlowKey(
            talk.source(), to.address(), talk.port(), to.port(), ifindex, to.protocol().number());
    return lab.datapath().flows().lookup(key).isPresent();
  }

  /** The flow has left its backend. */
  void isOver(Talk talk, Course course) {
    taken.remove(taken(talk, course));
  }

  /** Another node was asked, and has chosen a backend of this one. */
  void asTheServersNode(Talk talk, Answer answer, String when) {
    var to = talk.to();
    var here =
        answer.balanced().stream()
            .map(backend -> new Course(backend, talk.source(), toldPort, true))
            .filter(Course::isHere)
            .findFirst();
    if (here.isEmpty() || to.protocol() == Protocol.SCTP) {
      return;
    }
    var course = here.get();
    var at = when + " told: " + talk + " " + course;
    toldPort++;
    var packet =
        PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0)
            .ip(talk.source().toString(), course.server().toString());
    packet =
        new Told(mode.dispatch(), talk.ip().otherNode)
            .service(packet, to.address().toString(), to.port());
    var result =
        lab.run(
            Hook.FROM_NETDEV,
            lab.eth0,
            payload(packet, to.protocol(), course.port(), course.serverPort(), "S").bytes());
    assertThat(result.drops()).as(at).isEmpty();
    same(at, result.packet(), onward(talk, course, "S"));
    answer(new Talk(talk.client(), course.port(), to), course, at);
    seen.add(Kind.TOLD);
  }

  // ---- what it must look like ----

  private Taken taken(Talk talk, Course course) {
    return new Taken(course.source, course.port, course.backend, talk.to().protocol());
  }

  private boolean isFree(Talk talk, Course course) {
    var owner = taken.get(taken(talk, course));
    return owner == null || owner.equals(talk);
  }

  /** As whom the flow must go on to this backend; a port that somebody has becomes what it is. */
  private Course course(Talk talk, String backend, PacketResult result) {
    var own = new Course(backend, talk.source(), talk.port(), false);
    if (own.isHere() || talk.client() == Client.POD) {
      return withPort(talk, own, result);
    }
    if (mode.direct(talk.to().protocol()) && isFree(talk, own)) {
      return new Course(backend, talk.source(), talk.port(), true);
    }
    if (mode.direct(talk.to().protocol())) {
      seen.add(Kind.MET);
    }
    var ip = talk.ip();
    var node = IpAddress.parse(mode == Mode.TUNNEL ? ip.router : ip.node);
    return withPort(talk, new Course(backend, node, talk.port(), false), result);
  }

  private Course withPort(Talk talk, Course course, PacketResult result) {
    if (isFree(talk, course)) {
      return course;
    }
    seen.add(Kind.MET);
    return new Course(course.backend, course.source, sourcePort(result), false);
  }

  private void check(Talk talk, Course course, PacketResult result, String flags, String when) {
    var at = "%s: %s of %s by %s: %s".formatted(when, flags, talk, course, result.text(talk.ip()));
    assertThat(result.drops()).as(at).isEmpty();
    seen.add(course.isHere() ? Kind.HERE : course.direct ? Kind.DIRECT : Kind.THERE);
    if (course.isHere() || mode != Mode.TUNNEL) {
      same(at, result.packet(), onward(talk, course, flags));
      return;
    }
    var outer = result.decoded().first(Layer.Ipv4.class).orElseThrow();
    assertThat(outer.source() + " -> " + outer.destination())
        .as(at)
        .isEqualTo(Ip.V4.node + " -> " + Ip.V4.otherNode);
    assertThat(result.decoded().first(Layer.Vxlan.class).orElseThrow().vni())
        .as(at)
        .isEqualTo(talk.client() == Client.POD ? PacketLab.IDENTITY_A : 2);
    var inner = PacketBuilder.bare().ip(course.source.toString(), course.server().toString());
    same(
        at,
        Arrays.copyOfRange(result.packet(), OUTER + 14, result.packet().length),
        toServer(inner, talk, course, flags).bytes());
  }

  private static void same(String what, byte[] actual, byte[] expected) {
    assertThat(HexFormat.of().formatHex(actual))
        .as(what)
        .isEqualTo(HexFormat.of().formatHex(expected));
  }

  /** What goes on to the backend's pod or, natively, to its node. */
  private byte[] onward(Talk talk, Course course, String flags) {
    var packet =
        (course.isHere()
                ? PacketBuilder.ethernet(MAC_LXC_B, MAC_B)
                : PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER))
            .ip(course.source.toString(), course.server().toString())
            .ttl(63);
    var to = talk.to();
    boolean tells =
        course.direct && !course.isHere() && (to.protocol() == Protocol.UDP || flags.equals("S"));
    if (tells) {
      packet =
          new Told(mode.dispatch(), talk.ip().node)
              .service(packet, to.address().toString(), to.port());
    }
    return toServer(packet, talk, course, flags).bytes();
  }

  private static PacketBuilder toServer(
      PacketBuilder packet, Talk talk, Course course, String flags) {
    return payload(packet, talk.to().protocol(), course.port, course.serverPort(), flags);
  }

  /** The server's answer is the service's, wherever it comes by. */
  private void answer(Talk talk, Course course, String when) {
    if (course.direct && !course.isHere()) {
      return;
    }
    var packet = answerOf(talk, course);
    if (packet.isEmpty()) {
      assertNoted(talk, course, when);
      return;
    }
    var to = talk.to();
    boolean here = course.isHere();
    var result =
        lab.run(
            here ? Hook.FROM_POD : Hook.FROM_NETDEV,
            here ? lab.lxcB : lab.eth0,
            payload(packet.get(), to.protocol(), course.serverPort(), course.port, "A").bytes());
    var expected =
        switch (talk.client()) {
          case POD -> PacketBuilder.ethernet(MAC_LXC_A, MAC_A);
          case NEAR, FAR -> PacketBuilder.ethernet(MAC_ETH0, MAC_GATEWAY);
          case OTHER_POD -> PacketBuilder.ethernet(MAC_ETH0, MAC_OTHER);
        };
    expected = expected.ip(to.address().toString(), talk.source().toString()).ttl(63);
    same(
        "%s: answer to %s by %s: %s".formatted(when, talk, course, result.text(talk.ip())),
        result.packet(),
        payload(expected, to.protocol(), to.port(), talk.port(), "A").bytes());
  }

  /** Ethernet and IP of the answer; empty where a test run cannot bring it in. */
  private Optional<PacketBuilder> answerOf(Talk talk, Course course) {
    var source = course.server().toString();
    var destination = course.source.toString();
    if (course.isHere()) {
      return Optional.of(PacketBuilder.ethernet(MAC_B, MAC_LXC_B).ip(source, destination));
    }
    if (mode != Mode.TUNNEL) {
      return Optional.of(PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0).ip(source, destination));
    }
    boolean byTunnel = talk.client() == Client.POD && PacketLab.unwraps(talk.ip());
    return byTunnel
        ? Optional.of(NetdevTest.tunnelled(PacketLab.IDENTITY_REMOTE, source, destination))
        : Optional.empty();
  }

  /** Answers through the tunnel to the node itself come with a key that a test run cannot carry. */
  private void assertNoted(Talk talk, Course course, String when) {
    var to = talk.to();
    var entry =
        lab.flow(
            new FlowKey(
                course.server(),
                course.source,
                course.serverPort(),
                course.port,
                0,
                to.protocol().number()));
    assertThat(entry.natSource() + ":" + entry.natSourcePort())
        .as("%s: answer to %s by %s", when, talk, course)
        .isEqualTo(to.address() + ":" + to.port());
    if (entry.has(FlowFlag.REWRITE_DST) || talk.client() != Client.POD) {
      assertThat(entry.natDestination() + ":" + entry.natDestinationPort())
          .as("%s: answer to %s by %s", when, talk, course)
          .isEqualTo(talk.source() + ":" + talk.port());
    }
  }

  // ---- packets ----

  private PacketResult send(Talk talk, String flags) {
    var to = talk.to();
    var macs =
        switch (talk.client()) {
          case POD -> PacketBuilder.ethernet(MAC_A, MAC_LXC_A);
          case NEAR, FAR -> PacketBuilder.ethernet(MAC_GATEWAY, MAC_ETH0);
          case OTHER_POD -> PacketBuilder.ethernet(MAC_OTHER, MAC_ETH0);
        };
    var packet =
        payload(
            macs.ip(talk.source().toString(), to.address().toString()),
            to.protocol(),
            talk.port(),
            to.port(),
            flags);
    return talk.client() == Client.POD
        ? lab.run(Hook.FROM_POD, lab.lxcA, packet.bytes())
        : lab.run(Hook.FROM_NETDEV, lab.eth0, packet.bytes());
  }

  private static PacketBuilder payload(
      PacketBuilder packet, Protocol protocol, int from, int to, String flags) {
    return switch (protocol) {
      case TCP -> packet.tcp(from, to).flags(flags).payload(flags.equals("S") ? 0 : 5);
      case UDP -> packet.udp(from, to).payload(10);
      default -> packet.sctp(from, to).payload(16);
    };
  }

  private static int sourcePort(PacketResult result) {
    int port = 0;
    for (var layer : result.decoded().layers()) {
      switch (layer) {
        case Layer.Tcp tcp -> port = tcp.sourcePort();
        case Layer.Udp udp -> port = udp.sourcePort();
        case Layer.Sctp sctp -> port = sctp.sourcePort();
        default -> {}
      }
    }
    return port;
  }
}
