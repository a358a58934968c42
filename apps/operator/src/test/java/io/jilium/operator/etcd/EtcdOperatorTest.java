// SPDX-License-Identifier: Apache-2.0
package io.jilium.operator.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.PodCidrsAssigned;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Node;
import io.jilium.core.settings.Settings;
import io.jilium.operator.serve.OperatorConfig;
import io.jilium.source.etcd.Etcd;
import io.jilium.source.etcd.EtcdStore;
import io.jilium.source.etcd.EtcdStoreOptions;
import io.jilium.source.etcd.Layout;
import io.jilium.test.kit.Await;
import io.jilium.test.kit.EtcdServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Operators and agents' stores around a real etcd. */
@Tag("lab")
@Execution(ExecutionMode.CONCURRENT) // each has a server of its own
class EtcdOperatorTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration LEADER_LEASE = Duration.ofSeconds(3);

  @TempDir Path directory;
  private EtcdServer server;
  private final List<AutoCloseable> running = new ArrayList<>();

  @BeforeEach
  void start() {
    server = EtcdServer.start(directory);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable part : running.reversed()) {
      part.close();
    }
    server.close();
  }

  private EtcdOperator operator(String name, String... sets) {
    var listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var config = new OperatorConfig(name, listen, Settings.of(Map.of(), List.of(sets)));
    EtcdOperator operator = EtcdOperator.start(server.url(), config, LEADER_LEASE);
    running.add(operator);
    return operator;
  }

  private record Agent(EtcdStore store, List<ClusterEvent> events) {
    Optional<PodCidrsAssigned> assigned() {
      return events.stream()
          .filter(PodCidrsAssigned.class::isInstance)
          .map(PodCidrsAssigned.class::cast)
          .reduce((first, second) -> second);
    }

    boolean has(String cidr) {
      return assigned().filter(a -> a.podCidrs().contains(IpPrefix.parse(cidr))).isPresent();
    }
  }

  private Agent agent(String node, Duration lease) {
    var store =
        EtcdStore.create(
            new EtcdStoreOptions(server.url(), "default", 0, node, false, lease, true));
    running.add(store);
    var events = new CopyOnWriteArrayList<ClusterEvent>();
    store.start(events::addAll);
    store.publishNode(new Node(node, "default", 0, List.of(), List.of(), List.of(), Map.of(), ""));
    return new Agent(store, events);
  }

  private static void await(String what, BooleanSupplier condition) {
    Await.until(what, LIMIT, condition);
  }

  @Test
  void nodesGetTheirCidrsAndTheLastOneIsToldThatThePoolIsExhausted() {
    operator("one", "ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/23");
    Agent a = agent("node-1", Duration.ofMinutes(5));
    await("node-1 has a CIDR", () -> a.has("10.244.0.0/24"));
    Agent b = agent("node-2", Duration.ofMinutes(5));
    await("node-2 has a CIDR", () -> b.has("10.244.1.0/24"));
    Agent c = agent("node-3", Duration.ofMinutes(5));
    await("node-3 is told", () -> c.assigned().filter(x -> !x.error().isEmpty()).isPresent());
    assertThat(c.assigned().orElseThrow().error())
        .isEqualTo("pool 10.244.0.0/23 is exhausted: no /24 is left for node node-3, 2 are in use");
  }

  @Test
  void theNextOperatorTakesOverAndChangesNothing() throws Exception {
    EtcdOperator one = operator("one", "ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16");
    await("one leads", one::isLeading);
    EtcdOperator two = operator("two", "ipam.operator.clusterPoolIPv4PodCIDRList=10.244.0.0/16");
    Agent a = agent("node-1", Duration.ofMinutes(5));
    await("node-1 has a CIDR", () -> a.has("10.244.0.0/24"));
    assertThat(two.isLeading()).isFalse();
    assertThat(page(two, "/metrics"))
        .contains("cilium_operator_leader_election_master_status{name=\"two\"} 0.0");

    running.remove(one);
    one.close();
    await("two leads", two::isLeading);
    Agent b = agent("node-2", Duration.ofMinutes(5));
    await("node-2 has another CIDR", () -> b.has("10.244.1.0/24"));
    assertThat(a.has("10.244.0.0/24")).isTrue();
    await(
        "metrics tell",
        () -> page(two, "/metrics").contains("cilium_operator_ipam_nodes{category=\"total\"} 2.0"));
    assertThat(page(two, "/healthz")).isEqualTo("ok\n");
  }

  @Test
  void anOperatorWhoseKeyIsGoneStopsAndOneLeadsAgain() {
    EtcdOperator one = operator("one");
    await("one leads", one::isLeading);
    server.control("del", Layout.OPERATOR_LEADER);
    await("one notices", () -> !one.isLeading());
    await("and is elected anew", one::isLeading);
  }

  @Test
  void withoutEtcdNobodyLeads() {
    EtcdOperator one = operator("one");
    await("one leads", one::isLeading);
    server.kill();
    await("one stops before its lease can be another's", () -> !one.isLeading());
    await("and says so", () -> page(one, "/healthz").equals("etcd does not answer\n"));
    server.restart();
    await("one leads again", one::isLeading);
  }

  @Test
  void goneNodesAndUnusedIdentitiesAreCollected() throws Exception {
    EtcdOperator one =
        operator(
            "one",
            "jilium.nodeGracePeriod=1s",
            "operator.identityGCInterval=500ms",
            "operator.identityHeartbeatTimeout=1s");
    await("one leads", one::isLeading);
    Agent gone = agent("node-1", Duration.ofSeconds(5));
    await("node-1 has a CIDR", () -> gone.has("10.0.0.0/24"));
    Identity identity = gone.store().allocateIdentity(Labels.of(Label.k8s("app", "a"))).join();
    Agent stays = agent("node-2", Duration.ofMinutes(5));
    Identity used = stays.store().allocateIdentity(Labels.of(Label.k8s("app", "b"))).join();
    running.remove(gone.store());
    gone.store().close();
    Etcd etcd = stays.store().connection();
    await("the CiliumNode goes", () -> etcd.get(Layout.CILIUM_NODES + "node-1").isEmpty());
    await("the identity goes", () -> etcd.get(Layout.identity(identity.id().value())).isEmpty());
    assertThat(etcd.get(Layout.identity(used.id().value()))).isPresent();
    assertThat(etcd.get(Layout.CILIUM_NODES + "node-2")).isPresent();
    // The labels get a number again.
    assertThat(stays.store().allocateIdentity(Labels.of(Label.k8s("app", "a"))).join().labels())
        .isEqualTo(identity.labels());
  }

  private static String page(EtcdOperator operator, String path) {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + operator.port() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
