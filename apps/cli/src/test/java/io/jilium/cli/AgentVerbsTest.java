// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.wire.agent.Address;
import io.jilium.wire.agent.AddressList;
import io.jilium.wire.agent.Config;
import io.jilium.wire.agent.Endpoint;
import io.jilium.wire.agent.EndpointList;
import io.jilium.wire.agent.HealthStatus;
import io.jilium.wire.agent.Identity;
import io.jilium.wire.agent.IdentityList;
import io.jilium.wire.agent.Metric;
import io.jilium.wire.agent.MetricList;
import io.jilium.wire.agent.Node;
import io.jilium.wire.agent.NodeAddress;
import io.jilium.wire.agent.NodeHealth;
import io.jilium.wire.agent.NodeList;
import io.jilium.wire.agent.PathHealth;
import io.jilium.wire.agent.Probe;
import io.jilium.wire.agent.Response;
import io.jilium.wire.agent.Setting;
import io.jilium.wire.agent.Version;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verbs on the agent's tables print. */
final class AgentVerbsTest {
  @TempDir private Path directory = Path.of("");

  private static Response endpoints() {
    return Response.newBuilder()
        .setEndpoints(
            EndpointList.newBuilder()
                .addEndpoints(
                    Endpoint.newBuilder()
                        .setId(1580)
                        .setState("ready")
                        .setIdentity(3352)
                        .addLabels("k8s:app=web")
                        .addLabels("k8s:io.kubernetes.pod.namespace=default")
                        .setIpv4("10.0.1.124")
                        .setIpv6("fd00:10:0:1::7c")
                        .setNamespace("default")
                        .setPod("web")
                        .setContainerId("c1")
                        .setContainerInterface("eth0")
                        .setInterface("lxc5f949d4fd7fa")
                        .setIfindex(26)
                        .setMac("42:ef:f8:7a:9e:f7")
                        .setHostMac("ca:0e:fa:6c:0f:30")
                        .setCreatedUnixNanos(1_700_000_000_000_000_000L))
                .addEndpoints(
                    Endpoint.newBuilder()
                        .setId(38)
                        .setState("ready")
                        .setIdentity(1)
                        .addLabels("reserved:host"))
                .addEndpoints(Endpoint.newBuilder().setId(78).setState("waiting-for-identity")))
        .build();
  }

  @Test
  void listsEndpoints() throws IOException {
    prints(
        """
        ENDPOINT   POLICY (ingress)   POLICY (egress)   IDENTITY   LABELS (source:key[=value])               IPv6              IPv4         STATUS
                   ENFORCEMENT        ENFORCEMENT
        38         Disabled           Disabled          1          reserved:host                                                            ready
        78         Disabled           Disabled          <none>                                                                              waiting-for-identity
        1580       Disabled           Disabled          3352       k8s:app=web                               fd00:10:0:1::7c   10.0.1.124   ready
                                                                   k8s:io.kubernetes.pod.namespace=default
        """,
        endpoints(),
        "endpoint",
        "list");
  }

  @Test
  void showsOneEndpointAsJson() throws IOException {
    try (var agent = FakeAgent.start(directory, endpoints())) {
      var outcome = agent.run("endpoint", "get", "pod-name:default/web");
      assertThat(agent.request().getEndpointList().getPod()).isEqualTo("default/web");
      assertThat(outcome.out())
          .contains(
              """
                "id": 1580,
                "status": {
                  "external-identifiers": {
                    "cni-attachment-id": "c1:eth0",
                    "container-id": "c1",
                    "k8s-namespace": "default",
                    "k8s-pod-name": "web",
                    "pod-name": "default/web"
                  },
                  "identity": {
                    "id": 3352,
                    "labels": [
                      "k8s:app=web",
                      "k8s:io.kubernetes.pod.namespace=default"
                    ]
                  },
              """
                  .indent(2)
                  .stripTrailing())
          .contains("\"interface-name\": \"lxc5f949d4fd7fa\"")
          .contains("\"created\": \"2023-11-14T22:13:20Z\"");
    }
  }

  @Test
  void listsNodes() throws IOException {
    var nodes =
        NodeList.newBuilder()
            .addNodes(
                Node.newBuilder()
                    .setName("node-2")
                    .setCluster("lab")
                    .setSource("kvstore")
                    .setIpv4("172.30.0.2")
                    .addIpv4Cidrs("10.244.1.0/24"))
            .addNodes(
                Node.newBuilder()
                    .setName("node-1")
                    .setCluster("lab")
                    .setSource("local")
                    .setIpv4("172.30.0.1")
                    .addIpv4Cidrs("10.244.0.0/24")
                    .setIpv6("fd00::1")
                    .addIpv6Cidrs("fd00:10:244::/64")
                    .addAddresses(
                        NodeAddress.newBuilder().setType("InternalIP").setAddress("172.30.0.1")));
    var answer = Response.newBuilder().setNodes(nodes).build();
    prints(
        """
        Name     IPv4 Address   Endpoint CIDR   IPv6 Address   Endpoint CIDR      Source
        node-1   172.30.0.1     10.244.0.0/24   fd00::1        fd00:10:244::/64   local
        node-2   172.30.0.2     10.244.1.0/24                                     kvstore
        """,
        answer,
        "node",
        "list");
    try (var agent = FakeAgent.start(directory, answer)) {
      assertThat(agent.run("node", "list", "-o", "json").out())
          .contains("\"name\": \"lab/node-1\"", "\"alloc-range\": \"10.244.0.0/24\"");
    }
  }

  @Test
  void listsIdentities() throws IOException {
    var identities =
        IdentityList.newBuilder()
            .addIdentities(
                Identity.newBuilder().setId(256).addLabels("k8s:app=web").addLabels("k8s:env=x"))
            .addIdentities(Identity.newBuilder().setId(1).addLabels("reserved:host"));
    var answer = Response.newBuilder().setIdentities(identities).build();
    prints(
        """
        ID    LABELS
        1     reserved:host
        256   k8s:app=web
              k8s:env=x
        """,
        answer,
        "identity",
        "list");
    try (var agent = FakeAgent.start(directory, answer)) {
      agent.run("identity", "get", "reserved:world");
      assertThat(agent.request().getIdentityList().getId()).isEqualTo(2);
    }
  }

  @Test
  void listsAddresses() throws IOException {
    var addresses =
        AddressList.newBuilder()
            .addAddresses(
                Address.newBuilder()
                    .setCidr("10.244.1.7/32")
                    .setIdentity(256)
                    .addLabels("k8s:app=web")
                    .addLabels("k8s:env=x")
                    .setSource("kvstore"))
            .addAddresses(
                Address.newBuilder()
                    .setCidr("0.0.0.0/0")
                    .setIdentity(2)
                    .addLabels("reserved:world"));
    var answer = Response.newBuilder().setAddresses(addresses).build();
    prints(
        """
        IP              IDENTITY         SOURCE
        0.0.0.0/0       reserved:world
        10.244.1.7/32   k8s:app=web      kvstore
                        k8s:env=x
        """,
        answer,
        "ip",
        "list");
    prints(
        """
        IP              IDENTITY   SOURCE
        0.0.0.0/0       2
        10.244.1.7/32   256        kvstore
        """,
        answer,
        "ip",
        "list",
        "-n");
  }

  @Test
  void listsMetrics() throws IOException {
    var metrics =
        MetricList.newBuilder()
            .addMetrics(
                Metric.newBuilder()
                    .setName("cilium_drop_count_total")
                    .putLabels("reason", "Policy denied")
                    .putLabels("direction", "INGRESS")
                    .setValue(12))
            .addMetrics(Metric.newBuilder().setName("cilium_endpoint").setValue(3));
    prints(
        """
        Metric                    Labels                                   Value
        cilium_drop_count_total   direction=INGRESS reason=Policy denied   12.000000
        cilium_endpoint                                                    3.000000
        """,
        Response.newBuilder().setMetrics(metrics).build(),
        "metrics",
        "list");
  }

  @Test
  void showsSettings() throws IOException {
    var config =
        Config.newBuilder()
            .addSettings(Setting.newBuilder().setName("ipam.mode").setValue("cluster-pool"))
            .addSettings(
                Setting.newBuilder().setName("routingMode").setValue("native").setChanged(true));
    var answer = Response.newBuilder().setConfig(config).build();
    prints(
        """
        ipam.mode   : cluster-pool
        routingMode : native
        """,
        answer,
        "config");
    prints("routingMode : native\n", answer, "config", "get", "--changed");
    prints("native\n", answer, "config", "get", "routingMode");
    prints(
        """
        {
          "ipam.mode": "cluster-pool",
          "routingMode": "native"
        }
        """,
        answer,
        "config",
        "-o",
        "json");
    try (var agent = FakeAgent.start(directory, answer)) {
      assertThat(agent.run("config", "get", "routngMode"))
          .isEqualTo(new FakeAgent.Outcome(1, "", "Error: there is no setting named routngMode\n"));
    }
  }

  @Test
  void showsProbes() throws IOException {
    var health =
        HealthStatus.newBuilder()
            .setEnabled(true)
            .setProbedUnixNanos(1_700_000_000_000_000_000L)
            .addNodes(
                NodeHealth.newBuilder()
                    .setName("node-2")
                    .addHost(
                        PathHealth.newBuilder()
                            .setAddress("172.30.0.2")
                            .setIcmp(Probe.newBuilder().setReachable(true).setLatencyNanos(431_200))
                            .setHttp(
                                Probe.newBuilder().setReachable(true).setLatencyNanos(1_234_567)))
                    .addEndpoint(
                        PathHealth.newBuilder()
                            .setAddress("10.244.1.3")
                            .setIcmp(Probe.newBuilder().setMessage("no answer within 5 s"))
                            .setHttp(Probe.newBuilder().setMessage("connection refused"))));
    prints(
        """
        Probe time:   2023-11-14T22:13:20Z
        Nodes:
          node-2:
            Host connectivity to 172.30.0.2:
              ICMP to stack:   OK, RTT=431.2µs
              HTTP to agent:   OK, RTT=1.2ms
            Endpoint connectivity to 10.244.1.3:
              ICMP to stack:   no answer within 5 s
              HTTP to agent:   connection refused
        """,
        Response.newBuilder().setHealth(health).build(),
        "health",
        "status");
  }

  @Test
  void showsBothVersions() throws IOException {
    var version = Version.newBuilder().setVersion("9.9").setJava("25").setPlatform("linux/amd64");
    try (var agent =
        FakeAgent.start(directory, Response.newBuilder().setVersion(version).build())) {
      assertThat(agent.run("version").out())
          .matches(
              "Client: \\S+ java version \\S+ linux/\\w+\nAgent: 9.9 java version 25 linux/amd64\n");
    }
  }

  private void prints(String expected, Response answer, String... verb) throws IOException {
    Path own = java.nio.file.Files.createTempDirectory(directory, "agent");
    try (var agent = FakeAgent.start(own, answer)) {
      assertThat(agent.run(verb)).isEqualTo(new FakeAgent.Outcome(0, expected, ""));
    }
  }
}
