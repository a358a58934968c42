// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.wire.agent.Allocation;
import io.jilium.wire.agent.Component;
import io.jilium.wire.agent.Controller;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.Ipam;
import io.jilium.wire.agent.MapInfo;
import io.jilium.wire.agent.Masquerading;
import io.jilium.wire.agent.MonitorState;
import io.jilium.wire.agent.NodeHealth;
import io.jilium.wire.agent.PathHealth;
import io.jilium.wire.agent.Probe;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.Routing;
import io.jilium.wire.agent.State;
import io.jilium.wire.agent.Status;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code jilium status} prints. */
final class StatusVerbTest {
  private static final long NOW = 1_700_000_000_000_000_000L;
  private static final long SECOND = 1_000_000_000L;

  @TempDir private Path directory = Path.of("");

  private static Status.Builder status() {
    return Status.newBuilder()
        .setAgent(component(State.STATE_OK, "0.1.0"))
        .setNode("node-1")
        .setCluster("lab")
        .setKvstore(component(State.STATE_OK, "etcd 3.4.23 at http://172.30.255.1:2379"))
        .setKubernetes(component(State.STATE_DISABLED, ""))
        .setCni(component(State.STATE_OK, "successfully wrote /etc/cni/net.d/05-jilium.conflist"))
        .setMonitor(MonitorState.newBuilder().setCpus(2).setRingBytes(4 << 20))
        .addIpam(
            Ipam.newBuilder()
                .setFamily(4)
                .setAllocated(3)
                .setCapacity("254")
                .setCidr("10.244.0.0/24"))
        .addIpam(
            Ipam.newBuilder()
                .setFamily(6)
                .setAllocated(3)
                .setCapacity("18446744073709551614")
                .setCidr("fd00:10:244::/64"))
        .setRouting(
            Routing.newBuilder()
                .setTunnel(true)
                .setProtocol("vxlan")
                .setHost("BPF")
                .setAttachMode("TCX")
                .setDeviceMode("veth")
                .setBalancer("Hybrid [ipip]")
                .setAcceleration("Best-Effort"))
        .setMasquerading(
            Masquerading.newBuilder()
                .setMode("BPF")
                .addDevices("eth0")
                .addCidrs("10.244.0.0/24")
                .setIpv4(true))
        .setControllersTotal(3)
        .setIdentityMin(256)
        .setIdentityMax(65535)
        .setHealth(health())
        .setNowUnixNanos(NOW);
  }

  private static HealthStatus health() {
    var well =
        PathHealth.newBuilder()
            .setIcmp(Probe.newBuilder().setReachable(true))
            .setHttp(Probe.newBuilder().setReachable(true));
    return HealthStatus.newBuilder()
        .setEnabled(true)
        .setProbedUnixNanos(NOW)
        .addNodes(
            NodeHealth.newBuilder()
                .setName("node-1")
                .setLocal(true)
                .addHost(well.clone().setAddress("172.30.0.1"))
                .addEndpoint(well.clone().setAddress("10.244.0.9")))
        .addNodes(
            NodeHealth.newBuilder()
                .setName("node-2")
                .addHost(PathHealth.newBuilder().setAddress("172.30.0.2")))
        .build();
  }

  @Test
  void showsOneLinePerTopic() throws IOException {
    prints(
        """
        KVStore:                 Ok   etcd 3.4.23 at http://172.30.255.1:2379
        Kubernetes:              Disabled
        CNI Config file:         Ok   successfully wrote /etc/cni/net.d/05-jilium.conflist
        Jilium:                  Ok   0.1.0
        NodeMonitor:             Listening for events on 2 CPUs with 4096 KiB of shared memory
        IPAM:                    IPv4: 3/254 allocated from 10.244.0.0/24, IPv6: 3/18446744073709551614 allocated from fd00:10:244::/64
        Routing:                 Network: Tunnel [vxlan]   Host: BPF
        Attach Mode:             TCX
        Device Mode:             veth
        Load Balancer Mode:      Hybrid [ipip]
        XDP Acceleration:        Best-Effort
        Masquerading:            BPF   [eth0]   10.244.0.0/24  [IPv4: Enabled, IPv6: Disabled]
        Controller Status:       3/3 healthy
        Global Identity Range:   min 256, max 65535
        Cluster health:          1/2 reachable   (2023-11-14T22:13:20Z)
        """,
        status(),
        "status");
  }

  @Test
  void showsDetailsWhenVerbose() throws IOException {
    var status =
        status()
            .addAllocations(
                Allocation.newBuilder().setAddress("10.244.0.7").setOwner("default/web"))
            .addAllocations(Allocation.newBuilder().setAddress("10.244.0.1").setOwner("router"))
            .setControllersFailing(1)
            .addControllers(
                Controller.newBuilder()
                    .setName("routes")
                    .setLastSuccessUnixNanos(NOW - 93 * SECOND))
            .addControllers(
                Controller.newBuilder()
                    .setName("endpoints")
                    .setLastErrorUnixNanos(NOW - 5 * SECOND)
                    .setFailures(2)
                    .setMessage("write endpoint 10.244.0.7: E2BIG"))
            .addMaps(
                MapInfo.newBuilder()
                    .setName("IP cache")
                    .setMap("ipcache_v1")
                    .setMaxEntries(512000)
                    .setEntries(12))
            .addMaps(
                MapInfo.newBuilder()
                    .setName("Fragments")
                    .setMap("fragments_v1")
                    .setMaxEntries(8192)
                    .setEntries(-1));
    try (var agent = FakeAgent.start(directory, answer(status))) {
      String out = agent.run("status", "--verbose").out();
      assertThat(agent.request().getStatus().getVerbose()).isTrue();
      assertThat(out)
          .contains(
              """
              Allocated addresses:
                10.244.0.7 (default/web)
                10.244.0.1 (router)
              """)
          .contains(
              """
              Controller Status:       2/3 healthy
                Name        Last success   Last error   Count   Message
                routes      1m33s ago      never        0       no error
                endpoints   never          5s ago       2       write endpoint 10.244.0.7: E2BIG
              """)
          .contains(
              """
              Cluster health:          1/2 reachable   (2023-11-14T22:13:20Z)
                Name                 IP           Node          Endpoints
                node-1 (localhost)   172.30.0.1   reachable     reachable
                node-2               172.30.0.2   unreachable
              BPF Maps:
                Name        Size     Entries   Map
                IP cache    512000   12        ipcache_v1
                Fragments   8192     -         fragments_v1
              """);
    }
  }

  @Test
  void failsWhenTheAgentIsNotWell() throws IOException {
    var status = status().setAgent(component(State.STATE_FAILURE, "waits for a pod CIDR"));
    try (var agent = FakeAgent.start(directory, answer(status))) {
      assertThat(agent.run("status", "--brief"))
          .isEqualTo(
              new FakeAgent.Outcome(1, "", "Error: the agent is not well: waits for a pod CIDR\n"));
    }
  }

  @Test
  void saysOkWhenBrief() throws IOException {
    prints("OK\n", status(), "status", "--brief");
  }

  @Test
  void tellsLostEvents() throws IOException {
    var status =
        status()
            .setMonitor(
                MonitorState.newBuilder()
                    .setCpus(2)
                    .setRingBytes(4 << 20)
                    .setLost(7)
                    .setUnknown(1)
                    .setClientLost(3));
    try (var agent = FakeAgent.start(directory, answer(status))) {
      assertThat(agent.run("status").out())
          .contains(
              "memory   7 events lost, 1 unknown notifications   3 not read in time by clients");
    }
  }

  @Test
  void writesJson() throws IOException {
    try (var agent = FakeAgent.start(directory, answer(status()))) {
      assertThat(agent.run("status", "-o", "json").out())
          .contains("\"inter-host-routing-mode\": \"Tunnel\"")
          .contains("\"min-identity\": 256")
          .startsWith("{\n  \"cilium\": {\n    \"state\": \"Ok\",");
    }
  }

  private void prints(String expected, Status.Builder status, String... verb) throws IOException {
    try (var agent = FakeAgent.start(directory, answer(status))) {
      assertThat(agent.run(verb)).isEqualTo(new FakeAgent.Outcome(0, expected, ""));
    }
  }

  private static Response answer(Status.Builder status) {
    return Response.newBuilder().setStatus(status).build();
  }

  private static Component component(State state, String message) {
    return Component.newBuilder().setState(state).setMessage(message).build();
  }
}
