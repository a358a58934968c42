// SPDX-License-Identifier: Apache-2.0
package io.jilium.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Protocol;
import io.jilium.core.model.TrafficPolicy;
import io.jilium.core.service.Frontend;
import io.jilium.core.service.PortAddress;
import io.jilium.core.service.RandomServices;
import io.jilium.core.service.ServiceOracle;
import io.jilium.core.service.ServiceOracle.Answer;
import io.jilium.datapath.DatapathConfig.DirectReturn;
import io.jilium.datapath.DatapathConfig.Dispatch;
import io.jilium.datapath.Talk.Client;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random services whose backends are on this node and on another one, asked by pods and by the
 * outside: every packet leaves by the way, with the addresses and with the headers that the mode
 * says, answers come back as the service's, no two flows are taken for each other, and flows go on
 * through changes as Kubernetes says.
 */
@Tag("kernel")
class BalanceAcrossNodesTest {
  private static final int SEEDS = 3;
  private static final int STEPS = 30;
  private static final int QUESTIONS = 10;
  private static final int OLD_ONES = 8;

  /** So few that services meet in a client's port and a backend. */
  private static final int CLIENT_PORTS = 6;

  @RegisterExtension static final PacketLab lab = new PacketLab();

  /** How answers come back from another node's backend. */
  enum Mode {
    TUNNEL,
    NATIVE,
    HYBRID,
    DIRECT,
    DIRECT_WRAPPED;

    private DatapathConfig config() {
      return switch (this) {
        case TUNNEL -> lab.tunnel();
        case NATIVE -> lab.nativeRouting();
        case HYBRID -> lab.nativeRouting().withDirectReturn(DirectReturn.TCP, dispatch());
        case DIRECT, DIRECT_WRAPPED ->
            lab.nativeRouting().withDirectReturn(DirectReturn.TCP_AND_UDP, dispatch());
      };
    }

    Dispatch dispatch() {
      return this == DIRECT_WRAPPED ? Dispatch.IP_IN_IP : Dispatch.OPTION;
    }

    boolean direct(Protocol protocol) {
      return switch (this) {
        case TUNNEL, NATIVE -> false;
        case HYBRID -> protocol == Protocol.TCP;
        case DIRECT, DIRECT_WRAPPED -> protocol == Protocol.TCP || protocol == Protocol.UDP;
      };
    }
  }

  @BeforeAll
  static void routes() {
    lab.route("10.244.0.4/30", Ip.V4.otherNode);
    lab.route("fd00:244::4/126", Ip.V6.otherNode);
  }

  private RandomServices world = new RandomServices(0);
  private TalkCheck check = new TalkCheck(lab, Mode.NATIVE);
  private final Map<Talk, Optional<TalkCheck.Course>> live = new LinkedHashMap<>();
  private final Set<Talk> over = new HashSet<>();

  @ParameterizedTest
  @EnumSource
  void everyPacketGoesItsWayAndItsAnswerComesBack(Mode mode) {
    var seen = EnumSet.noneOf(TalkCheck.Kind.class);
    for (long seed = 1; seed <= SEEDS; seed++) {
      lab.beforeEach();
      lab.configure(Configs.lasting(mode.config()));
      places();
      live.clear();
      over.clear();
      check = new TalkCheck(lab, mode);
      world = new RandomServices(seed);
      steps(mode, "%s seed %d".formatted(mode, seed));
      seen.addAll(check.seen());
    }
    assertThat(seen).as("what happened at all").containsAll(check.expectedKinds());
  }

  private void steps(Mode mode, String run) {
    var rows = new RandomRows(lab.services());
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i <= world.number(4); i++) {
        world.change();
      }
      world.services().update();
      lab.datapath().serviceChanges().count(rows.write(world));
      var when = run + " step " + step;
      goOn(when);
      for (int i = 0; i < QUESTIONS; i++) {
        begin(mode, when + " question " + i);
      }
    }
  }

  /** Backends 1 to 3 are on this node, 4 to 6 on the other one. */
  private static void places() {
    int flags = IpcacheFlag.CLUSTER.number() | IpcacheFlag.TUNNEL.number();
    for (var prefix : List.of("10.244.0.", "fd00:244::")) {
      for (int host = 1; host <= 3; host++) {
        lab.pod(prefix + host);
      }
      for (int host = 4; host <= 6; host++) {
        lab.ipcache(prefix + host, PacketLab.IDENTITY_REMOTE, Ip.V4.otherNode, flags);
      }
    }
  }

  // ---- new flows ----

  private void begin(Mode mode, String when) {
    var to = destination();
    var talk = new Talk(client(mode, to), 20000 + world.number(CLIENT_PORTS), to);
    if (live.containsKey(talk) || over.contains(talk)) {
      return;
    }
    var answer = answer(talk);
    var course = check.begin(talk, answer, when);
    if (course.isPresent() || check.isKnown(talk)) {
      live.put(talk, course);
    }
    if (mode != Mode.TUNNEL && answer.word().equals("BALANCE") && !talk.client().isInside()) {
      check.asTheServersNode(talk, answer, when);
    }
  }

  /** Mostly one that somebody serves. */
  private PortAddress destination() {
    var frontends = List.copyOf(world.services().frontends().keySet());
    if (world.number(5) > 0 && !frontends.isEmpty()) {
      var known = world.pick(frontends);
      if (!known.address().isUnspecified()) {
        return known;
      }
      var nodes =
          RandomServices.NODES.stream()
              .filter(node -> node.isV4() == known.address().isV4())
              .sorted()
              .toList();
      return new PortAddress(world.pick(nodes), known.port(), known.protocol());
    }
    var ports = world.number(2) == 0 ? RandomServices.PORTS : RandomServices.NODE_PORTS;
    return new PortAddress(
        IpAddress.parse(world.pick(RandomServices.addresses())),
        world.pick(ports),
        world.pick(RandomServices.PROTOCOLS));
  }

  private Client client(Mode mode, PortAddress to) {
    var frontend = world.services().frontends().get(to);
    return switch (world.number(mode == Mode.TUNNEL ? 3 : 4)) {
      case 0 -> Client.POD;
      case 1 -> Client.NEAR;
      case 2 -> Client.FAR;
      // It would be one of outside where the service keeps clients' addresses.
      default -> keepsClients(to, frontend) ? Client.FAR : Client.OTHER_POD;
    };
  }

  private boolean keepsClients(PortAddress to, @Nullable Frontend exact) {
    var any = PortAddress.anyAddress(to.address().isV4(), to.port(), to.protocol());
    return Stream.of(
            Optional.ofNullable(exact), Optional.ofNullable(world.services().frontends().get(any)))
        .flatMap(Optional::stream)
        .anyMatch(frontend -> frontend.policy().external() == TrafficPolicy.LOCAL);
  }

  private boolean isRanged(PortAddress asked) {
    var frontend = world.services().frontends().get(asked);
    return frontend != null && !frontend.policy().ranges().isEmpty();
  }

  /** The oracle asks about ranges for the outside alone; as in kube-proxy they bind pods too. */
  private Answer answer(Talk talk) {
    var to = talk.to();
    boolean inside = talk.client().isInside();
    return inside && isRanged(to)
        ? new ServiceOracle.Answer("DROP", Set.of())
        : world
            .oracle()
            .connect(
                to.address(),
                to.port(),
                to.protocol(),
                inside ? Optional.empty() : Optional.of(talk.source()));
  }

  // ---- flows that are known ----

  private void goOn(String when) {
    var old = new ArrayList<>(live.keySet());
    for (int i = 0; i < OLD_ONES && !old.isEmpty(); i++) {
      var talk = old.remove(world.number(old.size()));
      goOn(talk, live.getOrDefault(talk, Optional.empty()), when + " old " + talk);
    }
  }

  private void goOn(Talk talk, Optional<TalkCheck.Course> course, String when) {
    boolean connection = talk.to().protocol() != Protocol.UDP;
    if (course.isPresent() && connection) {
      check.goesOn(talk, course.get(), when);
      return;
    }
    if (course.isEmpty() && connection) {
      check.passes(talk, when);
      return;
    }
    var answer = answer(talk);
    var stays =
        course.filter(known ->
            answer.balanced().contains(known.backend()) && answer.word().equals("BALANCE"));
    if (stays.isPresent()) {
      check.goesOn(talk, stays.get(), when);
      return;
    }
    if (isRanged(talk.to())) {
      return;
    }
    live.remove(talk);
    course.ifPresent(known -> check.isOver(talk, known));
    var now = check.begin(talk, answer, when);
    if (now.isPresent() || (answer.word().equals("PASS") && check.isKnown(talk))) {
      live.put(talk, now);
    } else {
      over.add(talk);
    }
  }
}
