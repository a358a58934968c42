// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.ClusterEvent.Topic;
import io.jilium.core.model.ClusterStore;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.Endpoint;
import io.jilium.core.model.Identity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.Namespace;
import io.jilium.core.model.Node;
import io.jilium.core.model.NodeAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.Pod;
import io.jilium.core.model.PodName;
import io.jilium.core.model.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an agent knows that starts while the store is away. */
final class RememberingStoreTest {
  private static final Labels WEB = Labels.of(Label.k8s("app", "web_1.a"));
  private static final ClusterEvent IDENTITY =
      new ClusterEvent.IdentityChanged(new Identity(new NumericIdentity(300), WEB));
  private static final ClusterEvent NODE =
      new ClusterEvent.NodeChanged(
          new Node(
              "node-2",
              "lab",
              1,
              List.of(new NodeAddress(NodeAddress.Type.INTERNAL_IP, IpAddress.parse("172.30.0.2"))),
              List.of(IpPrefix.parse("10.244.2.0/24"), IpPrefix.parse("fd00:10:244:2::/64")),
              List.of(IpAddress.parse("10.244.2.9")),
              Map.of("zone", "a"),
              "boot"));
  private static final ClusterEvent ADDRESS = address("10.244.2.3");
  private static final ClusterEvent POD =
      new ClusterEvent.PodChanged(
          new Pod(
              new PodName("default", "web-0"),
              "node-1",
              "",
              Map.of("app", "web"),
              Map.of("note", "two\nlines"),
              List.of(IpAddress.parse("fd00::1")),
              false,
              List.of(new Pod.HostPort(List.of(), 8080, 80, Protocol.TCP))));
  private static final ClusterEvent NAMESPACE =
      new ClusterEvent.NamespaceChanged(new Namespace("default", Map.of("team", "x")));
  private static final List<ClusterEvent> ALL = List.of(IDENTITY, NODE, ADDRESS, POD, NAMESPACE);

  @TempDir private Path directory;
  private final List<ClusterEvent> heard = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  RememberingStoreTest() {}

  private static ClusterEvent address(String address) {
    return new ClusterEvent.AddressChanged(
        new IpMapping(
            IpAddress.parse(address),
            IpAddress.parse("172.30.0.2"),
            new NumericIdentity(300),
            new PodName("default", "far"),
            0));
  }

  private static ClusterEvent synced(Topic topic) {
    return new ClusterEvent.Synced(topic);
  }

  private Path file() {
    return directory.resolve("cluster");
  }

  /** An agent's life with a store that reports this, or nothing while it is away. */
  private FakeStore life(ClusterEvent... reports) {
    heard.clear();
    var store = new FakeStore();
    var remembering = new RememberingStore(store, file());
    store.agent = remembering;
    remembering.start(heard::addAll);
    store.report(reports);
    return store;
  }

  @Test
  void everyKindOfObjectIsHeardAgain() {
    life(ALL.toArray(ClusterEvent[]::new));
    life();
    assertThat(heard).containsExactlyElementsOf(ALL);
  }

  @Test
  void whatTheStoreSaysLaterWins() {
    life(NODE, ADDRESS, IDENTITY, new ClusterEvent.IdentityGone(new NumericIdentity(300)));
    life();
    assertThat(heard).containsExactly(NODE, ADDRESS);
  }

  @Test
  void whatVanishedMeanwhileIsGoneBeforeItsTopicIsSynced() {
    life(NODE, ADDRESS, address("10.244.2.4"));
    var store = life();
    heard.clear();
    store.report(ADDRESS, synced(Topic.ADDRESSES));
    assertThat(heard)
        .containsExactly(
            ADDRESS,
            new ClusterEvent.AddressGone(IpAddress.parse("10.244.2.4")),
            synced(Topic.ADDRESSES));
    life();
    assertThat(heard).containsExactly(NODE, ADDRESS);
  }

  @Test
  void tornLastLineCostsThatLineAlone() throws IOException {
    life(NODE, ADDRESS);
    Files.writeString(file(), "{\"AddressChanged\":{\"map", StandardOpenOption.APPEND);
    life(POD);
    life();
    assertThat(heard).containsExactly(NODE, ADDRESS, POD);
  }

  @Test
  void fileDoesNotGrowWithTime() throws IOException {
    var store = life(NODE);
    for (int i = 0; i < 20_000; i++) {
      store.report(
          address("10.244.2." + i % 20),
          new ClusterEvent.AddressGone(IpAddress.parse("10.244.2." + i % 20)));
    }
    assertThat(Files.readAllLines(file())).hasSizeLessThan(2000);
  }

  @Test
  void endpointsHearWhenTheirLabelsHaveAnotherNumberNow() {
    life(IDENTITY);
    var store = life();
    heard.clear();
    var allocated = store.agent.allocateIdentity(WEB);
    assertThat(allocated).isNotDone();
    var now = new Identity(new NumericIdentity(301), WEB);
    store.allocation.complete(now);
    assertThat(heard)
        .containsExactly(
            new ClusterEvent.OwnIdentityReplaced(new Identity(new NumericIdentity(300), WEB), now));
  }

  @Test
  void directoryThatCannotBeWrittenIsNoObstacle() {
    var store = new FakeStore();
    var remembering = new RememberingStore(store, directory.resolve("none/cluster"));
    remembering.start(heard::addAll);
    store.report(NODE);
    assertThat(heard).containsExactly(NODE);
  }

  /** Reports what the test says; what is published goes nowhere. */
  private static final class FakeStore implements ClusterStore {
    private final CompletableFuture<Identity> allocation = new CompletableFuture<>();
    private Consumer<List<ClusterEvent>> listener = events -> {};
    private ClusterStore agent = this;

    void report(ClusterEvent... events) {
      listener.accept(List.of(events));
    }

    @Override
    public String sourceName() {
      return "fake";
    }

    @Override
    public void start(Consumer<List<ClusterEvent>> listener) {
      this.listener = listener;
    }

    @Override
    public Connectivity connectivity() {
      return new Connectivity.Away(Instant.EPOCH, "away");
    }

    @Override
    public void publishNode(Node node) {}

    @Override
    public List<String> troubles() {
      return List.of();
    }

    @Override
    public void publishEndpoint(Endpoint endpoint, IpAddress host) {}

    @Override
    public void withdrawEndpoint(int id) {}

    @Override
    public void lookUp(PodName pod) {}

    @Override
    public CompletableFuture<Identity> allocateIdentity(Labels labels) {
      return allocation;
    }

    @Override
    public void releaseIdentity(Labels labels) {}

    @Override
    public void removeLeftovers() {}

    @Override
    public void close() {}
  }
}
