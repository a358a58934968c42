// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PolicyObject;
import io.jilium.test.kit.Await;
import io.jilium.test.kit.EtcdServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real etcd; it takes seconds, and so does not run with the unit tests. */
@Tag("lab")
class EtcdStoreTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path directory;
  private EtcdServer server;
  private final List<EtcdStore> stores = new ArrayList<>();

  @BeforeEach
  void start() {
    server = EtcdServer.start(directory);
  }

  @AfterEach
  void stop() {
    stores.forEach(EtcdStore::close);
    server.close();
  }

  /** A node's store and everything it was told. */
  private record Joined(EtcdStore store, List<ClusterEvent> events) {
    long count(Class<? extends ClusterEvent> type) {
      return events.stream().filter(type::isInstance).count();
    }

    boolean sawLabel(String key, String value) {
      return events.stream()
          .anyMatch(event ->
              event instanceof ClusterEvent.NodeChanged(var node)
                  && value.equals(node.labels().get(key)));
    }

    boolean saw(ClusterEvent event) {
      return events.contains(event);
    }
  }

  private Joined join(String node) {
    return join(node, Duration.ofMinutes(15));
  }

  private Joined join(String node, Duration lease) {
    var store =
        EtcdStore.create(
            new EtcdStoreOptions(server.url(), "default", 0, node, false, lease, true));
    stores.add(store);
    var events = new CopyOnWriteArrayList<ClusterEvent>();
    store.start(events::addAll);
    return new Joined(store, events);
  }

  private static void await(String what, BooleanSupplier condition) {
    Await.until(what, LIMIT, condition);
  }

  private static IpMapping mapping(int last) {
    return new IpMapping(
        IpAddress.v4(0x0af40000 + last),
        IpAddress.parse("172.30.0.1"),
        new NumericIdentity(1000 + last),
        new PodName("default", "pod-" + last),
        0);
  }

  private static Labels labels(int number) {
    return Labels.of(
        Label.k8s("app", "a" + number),
        Label.k8s(io.jilium.core.model.SecurityLabels.NAMESPACE, "x"));
  }

  @Test
  void oneNodeSeesWhatAnotherPublishes() {
    Joined a = join("node-1");
    Joined b = join("node-2");
    a.store().publishNode(JsonTest.NODE);
    a.store().publishAddress(mapping(7));
    await("the node arrives", () -> b.saw(new ClusterEvent.NodeChanged(JsonTest.NODE)));
    await("the address arrives", () -> b.saw(new ClusterEvent.AddressChanged(mapping(7))));
    await(
        "all topics are synced",
        () -> b.count(ClusterEvent.Synced.class) == ClusterEvent.Topic.values().length);
    a.store().withdrawAddress(mapping(7).address());
    await("the address goes", () -> b.saw(new ClusterEvent.AddressGone(mapping(7).address())));
  }

  @Test
  void theClusterLabelsTheNode() {
    Joined a = join("node-1");
    a.store().publishNode(JsonTest.NODE);
    var resources = new Resources(a.store().connection());
    for (var zone : List.of("a", "b")) {
      var labels = Map.<String, Object>of("topology.kubernetes.io/zone", zone);
      resources.apply(
          Map.of(
              "apiVersion",
              "v1",
              "kind",
              "Node",
              "metadata",
              Map.of("name", JsonTest.NODE.name(), "labels", labels)));
      await("zone " + zone + " arrives", () -> a.sawLabel("topology.kubernetes.io/zone", zone));
    }
  }

  @Test
  void nothingIsLostWhileEtcdIsAway() {
    Joined a = join("node-1");
    Joined b = join("node-2");
    a.store().publishAddress(mapping(1));
    await("the first address arrives", () -> b.saw(new ClusterEvent.AddressChanged(mapping(1))));
    server.kill();
    await("a says that etcd is away", () -> a.store().connectivity() instanceof Connectivity.Away);
    assertThat(((Connectivity.Away) a.store().connectivity()).error()).contains(server.url());
    for (int i = 2; i < 250; i++) {
      a.store().publishAddress(mapping(i));
    }
    a.store().withdrawAddress(mapping(1).address());
    CompletableFuture<Identity> identity = a.store().allocateIdentity(labels(1));
    assertThat(identity).isNotDone();
    server.restart();
    await("b has every address", () -> b.count(ClusterEvent.AddressChanged.class) >= 249);
    await(
        "b knows that the first is gone",
        () -> b.saw(new ClusterEvent.AddressGone(mapping(1).address())));
    await("the identity comes", identity::isDone);
    await(
        "a says that etcd is back",
        () -> a.store().connectivity() instanceof Connectivity.Connected);
    assertThat(b.count(ClusterEvent.AddressGone.class)).isEqualTo(1);
    assertThat(b.count(ClusterEvent.Synced.class)).isEqualTo(ClusterEvent.Topic.values().length);
  }

  @Test
  void wipedEtcdIsFilledAgain() {
    Joined a = join("node-1");
    a.store().publishNode(JsonTest.NODE);
    a.store().publishAddress(mapping(1));
    Identity identity = a.store().allocateIdentity(labels(1)).join();
    await("all is written", a.store()::isWritten);
    server.kill();
    server.wipe();
    server.restart();
    Joined b = join("node-2");
    await("the node is back", () -> b.saw(new ClusterEvent.NodeChanged(JsonTest.NODE)));
    await("the address is back", () -> b.saw(new ClusterEvent.AddressChanged(mapping(1))));
    await("the identity is back", () -> b.saw(new ClusterEvent.IdentityChanged(identity)));
    await(
        "the CiliumNode is back",
        () -> b.store().connection().get(Layout.CILIUM_NODES + "node-1").isPresent());
    assertThat(b.store().allocateIdentity(labels(1)).join()).isEqualTo(identity);
    assertThat(a.count(ClusterEvent.OwnIdentityReplaced.class)).isZero();
  }

  @Test
  void lostLeaseIsReplacedAndEverythingWrittenAgain() {
    Joined a = join("node-1", Duration.ofSeconds(6));
    Joined b = join("node-2");
    a.store().publishAddress(mapping(1));
    Identity identity = a.store().allocateIdentity(labels(1)).join();
    await("all is written", a.store()::isWritten);
    await("b knows the address", () -> b.saw(new ClusterEvent.AddressChanged(mapping(1))));
    KeyValue entry = b.store().connection().list(Layout.ADDRESSES).entries().getFirst();
    b.store().connection().revoke(entry.lease());
    await("b sees it go", () -> b.saw(new ClusterEvent.AddressGone(mapping(1).address())));
    await("b sees it come back", () -> b.count(ClusterEvent.AddressChanged.class) == 2);
    await(
        "the identity has its user again",
        () ->
            b.store().connection().list(Layout.usersOf(labels(1).identityKey())).entries().size()
                == 1);
    assertThat(a.store().allocateIdentity(labels(1)).join()).isEqualTo(identity);
  }

  @Test
  void keysOfASilentNodeVanishAndACloseLeavesThem() {
    Joined a = join("node-1", Duration.ofSeconds(5));
    Joined b = join("node-2");
    a.store().publishAddress(mapping(1));
    await("b knows the address", () -> b.saw(new ClusterEvent.AddressChanged(mapping(1))));
    stores.remove(a.store());
    a.store().close();
    assertThat(b.store().connection().list(Layout.ADDRESSES).entries()).hasSize(1);
    await("the lease runs out", () -> b.saw(new ClusterEvent.AddressGone(mapping(1).address())));
  }

  @Test
  void restartRemovesWhatTheFormerRunLeft() {
    Joined a = join("node-1");
    a.store().publishNode(JsonTest.NODE);
    a.store().publishAddress(mapping(1));
    a.store().publishAddress(mapping(2));
    a.store().allocateIdentity(labels(1)).join();
    a.store().allocateIdentity(labels(2)).join();
    await("all is written", a.store()::isWritten);
    stores.remove(a.store());
    a.store().close();

    Joined again = join("node-1");
    Joined b = join("node-2");
    again.store().publishNode(JsonTest.NODE);
    again.store().publishAddress(mapping(2));
    again.store().allocateIdentity(labels(2)).join();
    again.store().removeLeftovers();
    await("leftovers are gone", () -> b.saw(new ClusterEvent.AddressGone(mapping(1).address())));
    await("all is written", again.store()::isWritten);
    Etcd etcd = b.store().connection();
    assertThat(etcd.list(Layout.usersOf(labels(1).identityKey())).entries()).isEmpty();
    assertThat(etcd.list(Layout.usersOf(labels(2).identityKey())).entries()).hasSize(1);
    assertThat(b.saw(new ClusterEvent.AddressGone(mapping(2).address()))).isFalse();
  }

  @Test
  void twoNodesAskingAtOnceAgreeOnOneIdentityPerLabels() {
    Joined a = join("node-1");
    Joined b = join("node-2");
    List<CompletableFuture<Identity>> asked = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      asked.add(a.store().allocateIdentity(labels(i)));
      asked.add(b.store().allocateIdentity(labels(49 - i)));
    }
    Map<Labels, Set<NumericIdentity>> numbers = new HashMap<>();
    asked.stream()
        .map(CompletableFuture::join)
        .forEach(identity ->
            numbers.computeIfAbsent(identity.labels(), l -> new HashSet<>()).add(identity.id()));
    assertThat(numbers).hasSize(50).allSatisfy((labels, ids) -> assertThat(ids).hasSize(1));
    assertThat(a.store().connection().list(Layout.IDENTITIES).entries()).hasSize(50);
    assertThat(numbers.values().stream().flatMap(Set::stream))
        .doesNotHaveDuplicates()
        .allSatisfy(id -> assertThat(id.value()).isBetween(256, 65535));
  }

  @Test
  void anIdentityOverwrittenByHandIsReplaced() {
    Joined a = join("node-1");
    Identity first = a.store().allocateIdentity(labels(1)).join();
    server.control("put", Layout.identity(first.id().value()), "k8s:app=thief;");
    Joined b = join("node-2");
    Identity second = b.store().allocateIdentity(labels(1)).join();
    assertThat(second.id()).isNotEqualTo(first.id());
    assertThat(
            a.store().connection().get(Layout.identity(second.id().value())).orElseThrow().value())
        .isEqualTo(labels(1).identityKey());
  }

  @Test
  void somebodysDeletionOfAnOwnKeyIsRepaired() {
    Joined a = join("node-1");
    a.store().publishAddress(mapping(1));
    await("it is written", () -> a.saw(new ClusterEvent.AddressChanged(mapping(1))));
    server.control("del", "--prefix", Layout.ADDRESSES);
    await("it is written again", () -> a.count(ClusterEvent.AddressChanged.class) == 2);
  }

  @Test
  void policiesAreReportedUnderTheNamesTheyAreAppliedWith() {
    Joined a = join("node-1");
    var resources = new Resources(a.store().connection());
    var kinds =
        Map.of(
            PolicyObject.Kind.NETWORK_POLICY, "networking.k8s.io/v1",
            PolicyObject.Kind.CLUSTER_NETWORK_POLICY, "policy.networking.k8s.io/v1alpha2",
            PolicyObject.Kind.CILIUM_NETWORK_POLICY, "cilium.io/v2",
            PolicyObject.Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY, "cilium.io/v2",
            PolicyObject.Kind.CIDR_GROUP, "cilium.io/v2");
    assertThat(kinds.keySet()).containsExactlyInAnyOrder(PolicyObject.Kind.values());
    kinds.forEach((kind, version) -> {
      Map<String, Object> object =
          Map.of(
              "apiVersion", version,
              "kind", kind.text(),
              "metadata", Map.of("name", "p"),
              "spec", Map.of("mark", kind.text()));
      resources.apply(object);
      boolean namespaced =
          kind == PolicyObject.Kind.NETWORK_POLICY
              || kind == PolicyObject.Kind.CILIUM_NETWORK_POLICY;
      var id = new PolicyObject.Id(kind, namespaced ? "default" : "", "p");
      var content = "{\"metadata\":{},\"spec\":{\"mark\":\"%s\"}}".formatted(kind.text());
      await(
          kind + " arrives",
          () -> a.saw(new ClusterEvent.PolicyChanged(new PolicyObject(id, content))));
      assertThat(resources.delete(object)).isTrue();
      await(kind + " goes", () -> a.saw(new ClusterEvent.PolicyGone(id)));
    });
  }

  @Test
  void podCidrsAndOwnPodsAreReported() {
    Joined a = join("node-1");
    a.store().publishNode(JsonTest.NODE);
    var resources = new Resources(a.store().connection());
    Map<String, Object> pod =
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Pod",
            "metadata",
            Map.of("name", "web", "labels", Map.of("app", "web")),
            "spec",
            Map.of("nodeName", "node-1"));
    assertThat(resources.apply(pod)).isEqualTo(Resources.Applied.CREATED);
    assertThat(resources.apply(pod)).isEqualTo(Resources.Applied.UNCHANGED);
    resources.apply(
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Pod",
            "metadata",
            Map.of("name", "far"),
            "spec",
            Map.of("nodeName", "x")));
    var name = new PodName("default", "web");
    await(
        "the own pod arrives",
        () ->
            a.saw(
                new ClusterEvent.PodChanged(
                    new Pod(
                        name,
                        "node-1",
                        "",
                        Map.of("app", "web"),
                        Map.of(),
                        List.of(),
                        false,
                        List.of()))));
    await(
        "the CIDRs that the node has are in its CiliumNode",
        () -> a.saw(new ClusterEvent.PodCidrsAssigned(JsonTest.NODE.podCidrs(), "")));
    assertThat(resources.delete(pod)).isTrue();
    await("the own pod goes", () -> a.saw(new ClusterEvent.PodGone(name)));
    assertThat(a.count(ClusterEvent.PodChanged.class)).isEqualTo(1);
    assertThat(JsonTest.NODE.podCidrs()).contains(IpPrefix.parse("10.244.0.0/24"));
  }
}
