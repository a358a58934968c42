// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.agent.metrics.AgentMetrics;
import io.jilium.agent.monitor.EventMonitor;
import io.jilium.agent.monitor.FakeEvents;
import io.jilium.core.model.Connectivity;
import io.jilium.core.settings.Settings;
import io.jilium.test.kit.Await;
import io.jilium.wire.AgentClient;
import io.jilium.wire.AgentException;
import io.jilium.wire.FrameChannel;
import io.jilium.wire.agent.AddressListRequest;
import io.jilium.wire.agent.ConfigRequest;
import io.jilium.wire.agent.EndpointListRequest;
import io.jilium.wire.agent.Event;
import io.jilium.wire.agent.HealthRequest;
import io.jilium.wire.agent.IdentityListRequest;
import io.jilium.wire.agent.MapDumpRequest;
import io.jilium.wire.agent.MetricListRequest;
import io.jilium.wire.agent.MonitorRequest;
import io.jilium.wire.agent.NodeListRequest;
import io.jilium.wire.agent.Request;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.State;
import io.jilium.wire.agent.StatusRequest;
import io.jilium.wire.agent.VersionRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent's API over a real socket: what it answers, and what bad clients cannot do to it. */
final class ApiServerTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Request VERSION =
      Request.newBuilder().setVersion(VersionRequest.getDefaultInstance()).build();

  @TempDir private Path directory = Path.of("");

  private final FakeState state = new FakeState();
  private final FakeEvents events = new FakeEvents();
  private final ArrayList<AutoCloseable> opened = new ArrayList<>();
  private Path socket = Path.of("");

  @BeforeEach
  void choosePath() {
    socket = directory.resolve("run/agent.sock");
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable resource : opened.reversed()) {
      resource.close();
    }
  }

  @Test
  void ownerAndGroupMayConnect() throws IOException {
    start();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
    assertThat(ask(VERSION).getVersion().getPlatform()).startsWith("linux/");
  }

  @Test
  void replacesTheSocketOfADeadAgentButNotOfALivingOne() throws IOException {
    Files.createDirectories(socket.getParent());
    Files.createFile(socket);
    start();
    assertThatThrownBy(this::start).hasMessage("another agent listens at " + socket);
    assertThat(ask(VERSION).hasVersion()).isTrue();
  }

  @Test
  void takesTheSocketAway() throws Exception {
    start();
    closeAll();
    opened.clear();
    assertThat(socket).doesNotExist();
  }

  @Test
  void answersFromTables() {
    start();
    assertThat(
            ask(Request.newBuilder()
                    .setEndpointList(EndpointListRequest.newBuilder().setId(8))
                    .build())
                .getEndpoints()
                .getEndpoints(0)
                .getPod())
        .isEqualTo("web-8");
    var nodes =
        ask(Request.newBuilder().setNodeList(NodeListRequest.getDefaultInstance()).build())
            .getNodes();
    assertThat(nodes.getNodes(0).getSource()).isEqualTo("local");
    assertThat(nodes.getNodes(1).getSource()).isEqualTo("kvstore");
    assertThat(nodes.getNodes(1).getIpv4Cidrs(0)).isEqualTo("10.244.1.0/24");
    var identities =
        ask(Request.newBuilder()
                .setIdentityList(IdentityListRequest.newBuilder().setId(3352))
                .build())
            .getIdentities();
    assertThat(identities.getIdentities(0).getLabelsList()).containsExactly("k8s:app=web");
    var address =
        ask(Request.newBuilder().setAddressList(AddressListRequest.getDefaultInstance()).build())
            .getAddresses()
            .getAddresses(0);
    assertThat(address.getLabelsList()).containsExactly("k8s:app=web");
    assertThat(address.getHost()).isEqualTo("172.30.0.2");
    assertThat(address.getPod()).isEqualTo("default/other");
  }

  @Test
  void saysHowTheAgentIs() {
    start();
    var request = Request.newBuilder().setStatus(StatusRequest.newBuilder().setVerbose(true));
    var status = ask(request.build()).getStatus();
    assertThat(status.getAgent().getState()).isEqualTo(State.STATE_OK);
    assertThat(status.getKvstore().getMessage()).isEqualTo("etcd 3.4.23");
    assertThat(status.getKubernetes().getState()).isEqualTo(State.STATE_DISABLED);
    assertThat(status.getIpam(0).getCapacity()).isEqualTo("254");
    assertThat(status.getAllocations(0).getOwner()).isEqualTo("router");
    assertThat(status.getControllersFailing()).isEqualTo(1);
    assertThat(status.getControllersCount()).isEqualTo(2);
    assertThat(status.getHealth().getNodes(1).getHost(0).getIcmp().getMessage())
        .isEqualTo("no answer within 5 s");
    assertThat(status.getResidentBytes()).isPositive();

    state.waitingFor("waits for a pod CIDR");
    state.connectivity(new Connectivity.Away(Instant.EPOCH, "connection refused"));
    status = ask(request.build()).getStatus();
    assertThat(status.getAgent().getState()).isEqualTo(State.STATE_FAILURE);
    assertThat(status.getAgent().getMessage()).isEqualTo("waits for a pod CIDR");
    assertThat(status.getKvstore().getMessage())
        .isEqualTo("connection refused, since 1970-01-01T00:00:00Z; what was known stays in force");
    assertThat(
            ask(Request.newBuilder().setHealth(HealthRequest.getDefaultInstance()).build())
                .getHealth()
                .getEnabled())
        .isTrue();
  }

  @Test
  void listsMetricsThatMatch() {
    start();
    var list =
        ask(Request.newBuilder()
                .setMetricList(MetricListRequest.newBuilder().setPattern("endpoint_state"))
                .build())
            .getMetrics();
    assertThat(list.getMetricsList()).hasSize(1);
    assertThat(list.getMetrics(0).getLabelsMap()).containsEntry("endpoint_state", "ready");
    assertThat(list.getMetrics(0).getValue()).isEqualTo(2);
    refuses(
        Request.newBuilder().setMetricList(MetricListRequest.newBuilder().setPattern("[")).build(),
        "\"[\" is no regular expression: Unclosed character class");
  }

  @Test
  void showsEverySetting() {
    start();
    var config =
        ask(Request.newBuilder().setConfig(ConfigRequest.getDefaultInstance()).build()).getConfig();
    assertThat(config.getSettingsList())
        .anyMatch(setting -> setting.getName().equals("routingMode"));
  }

  @Test
  void refusesWithOneSentence() {
    start();
    refuses(
        Request.newBuilder().setEndpointList(EndpointListRequest.newBuilder().setId(9)).build(),
        "there is no endpoint 9");
    refuses(
        Request.newBuilder()
            .setEndpointList(EndpointListRequest.newBuilder().setPod("default/x"))
            .build(),
        "there is no endpoint of pod default/x");
    refuses(
        Request.newBuilder().setIdentityList(IdentityListRequest.newBuilder().setId(5)).build(),
        "there is no identity 5");
    assertThatThrownBy(() -> ask(Request.getDefaultInstance()))
        .hasMessageMatching("the agent is of version \\S+ and does not know this request");
  }

  @Test
  void saysWhyMapsCannotBeShownYet() {
    state.waitingFor("waits for a pod CIDR");
    var metrics = new AgentMetrics(state, Optional::empty, Optional::empty);
    serve(
        new Requests(
            new Requests.Sources(
                state,
                new FakeEndpoints(),
                Settings.defaults(),
                Optional::empty,
                metrics,
                Optional::empty)),
        TIMEOUT);
    refuses(
        Request.newBuilder()
            .setMapDump(MapDumpRequest.newBuilder().setMap(MapDumpRequest.Map.FLOWS))
            .build(),
        "no programs are loaded yet: waits for a pod CIDR");
    var status = Request.newBuilder().setStatus(StatusRequest.newBuilder().setVerbose(true));
    assertThat(ask(status.build()).getStatus().getAgent().getMessage())
        .isEqualTo("waits for a pod CIDR");
  }

  @Test
  void refusesAnOversizeRequest() throws IOException {
    start();
    try (var client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.allocate(4).putInt(0, FrameChannel.MAX_REQUEST + 1));
      var frames = new FrameChannel(client, FrameChannel.MAX_RESPONSE, 100);
      assertThat(frames.read(Response.parser()).orElseThrow().getError().getMessage())
          .isEqualTo("the agent refuses a frame of 65537 bytes, more than the 65536 allowed");
    }
    assertThat(ask(VERSION).hasVersion()).isTrue();
  }

  @Test
  void survivesClientsThatBreakOff() throws IOException {
    start();
    for (int i = 0; i < 200; i++) {
      try (var client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
        client.write(
            ByteBuffer.allocate(i % 6)
                .put(i % 6 > 3 ? new byte[] {0, 0, 1, 0} : new byte[0])
                .rewind());
      }
    }
    Await.until("the agent got there", Duration.ofSeconds(5), () -> answers());
  }

  private boolean answers() {
    try {
      return ask(VERSION).hasVersion();
    } catch (AgentException e) {
      return false;
    }
  }

  @Test
  void cutsOffAClientThatSaysNothing() throws IOException {
    serve((request, client) -> {}, Duration.ofMillis(200));
    try (var client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void servesABoundedNumberAtOnce() throws IOException {
    start();
    var idle = new ArrayList<SocketChannel>();
    try {
      for (int i = 0; i < 64; i++) {
        idle.add(idleClient());
      }
      Await.until(
          "the agent got there",
          Duration.ofSeconds(5),
          () -> {
            // A question may have been quicker than the last of those that idle, and had its place.
            idle.add(idleClient());
            try {
              return !ask(VERSION).hasVersion();
            } catch (AgentException e) {
              return String.valueOf(e.getMessage()).equals("64 clients are served already");
            }
          });
    } finally {
      for (SocketChannel channel : idle) {
        channel.close();
      }
    }
    Await.until("the agent got there", Duration.ofSeconds(5), () -> answers());
  }

  private SocketChannel idleClient() {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFailingRequestHarmsNobodyElse() {
    serve(
        (request, client) -> {
          throw new IllegalStateException("bug");
        },
        TIMEOUT);
    refuses(VERSION, "the agent failed: bug");
    refuses(VERSION, "the agent failed: bug");
  }

  @Test
  void aSlowMonitorClientLosesEventsAndHoldsNobodyUp() throws IOException {
    EventMonitor monitor = startMonitor();
    try (var slow = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      var frames = new FrameChannel(slow, FrameChannel.MAX_RESPONSE, FrameChannel.MAX_REQUEST);
      frames.write(monitorRequest());
      assertThat(frames.read(Response.parser()).orElseThrow().getMonitor().hasStart()).isTrue();
      Await.until("the agent got there", Duration.ofSeconds(5), () -> monitor.listeners() == 1);
      byte[] event = FakeEvents.event(4, 0, 7, 8);
      int count = 50_000;
      for (int i = 0; i < count; i++) {
        events.add(event);
      }
      Await.until("the agent got there", Duration.ofSeconds(20), () -> monitor.seen() == count);
      events.lose(5);
      long received = 0;
      long lostHere = 0;
      long lostInKernel = 0;
      while (received + lostHere < count || lostInKernel < 5) {
        var report = frames.read(Response.parser()).orElseThrow().getMonitor();
        received += report.getEventsCount();
        lostHere += report.getLostClient();
        lostInKernel += report.getLostKernel();
      }
      assertThat(received).isPositive();
      assertThat(lostHere).isPositive();
      assertThat(received + lostHere).isEqualTo(count);
      assertThat(lostInKernel).isEqualTo(5);
      assertThat(monitor.clientLost()).isEqualTo(lostHere);
    }
    Await.until("the agent got there", Duration.ofSeconds(10), () -> monitor.listeners() == 0);
  }

  @Test
  void aQuickMonitorClientGetsEveryEventInOrder() {
    EventMonitor monitor = startMonitor();
    var hashes = new ArrayList<Event>();
    var lost = new AtomicLong();
    var reader =
        Thread.ofVirtual()
            .start(() -> {
              try (var client = AgentClient.connect(socket, TIMEOUT)) {
                client.follow(
                    monitorRequest(),
                    response -> {
                      hashes.addAll(response.getMonitor().getEventsList());
                      lost.addAndGet(response.getMonitor().getLostClient());
                      if (hashes.size() >= 1000) {
                        throw new IllegalStateException("enough");
                      }
                    });
              } catch (IllegalStateException e) {
                // Enough was seen.
              }
            });
    Await.until("the agent got there", Duration.ofSeconds(5), () -> monitor.listeners() == 1);
    for (int i = 0; i < 1000; i++) {
      events.add(FakeEvents.event(4, 0, i, 8));
    }
    Await.until("the agent got there", Duration.ofSeconds(10), () -> !reader.isAlive());
    assertThat(lost.get()).isZero();
    for (int i = 0; i < 1000; i++) {
      assertThat(hashes.get(i).getEndpoint()).isEqualTo(i);
    }
  }

  private EventMonitor startMonitor() {
    var monitor = EventMonitor.start(events, events);
    opened.add(monitor);
    var sessions = new MonitorSessions(monitor, new Whereabouts(state));
    serve((request, client) -> sessions.serve(request.getMonitor(), client), TIMEOUT);
    return monitor;
  }

  private static Request monitorRequest() {
    return Request.newBuilder().setMonitor(MonitorRequest.getDefaultInstance()).build();
  }

  private void start() {
    var metrics = new AgentMetrics(state, Optional::empty, Optional::empty);
    serve(
        new Requests(
            new Requests.Sources(
                state,
                new FakeEndpoints(),
                Settings.defaults(),
                Optional::empty,
                metrics,
                Optional::empty)),
        TIMEOUT);
  }

  private void serve(Conversation conversation, Duration patience) {
    opened.add(ApiServer.start(socket, conversation, patience));
  }

  private Response ask(Request request) {
    try (var client = AgentClient.connect(socket, TIMEOUT)) {
      return client.call(request);
    }
  }

  private void refuses(Request request, String message) {
    assertThatThrownBy(() -> ask(request)).isInstanceOf(AgentException.class).hasMessage(message);
  }
}
