// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static io.jilium.source.kube.StoreCluster.await;
import static io.jilium.source.kube.StoreCluster.endpoint;
import static io.jilium.source.kube.StoreCluster.node;
import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.Connectivity;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.test.kube.kit.FaultyApi;
import io.jilium.test.kube.kit.FaultyApi.Faults;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real API server on a bad day: what is lost is found again, and nothing is gone that is not. */
@Tag("kube")
class BadApiTest {
  private static final IpAddress HOST = IpAddress.parse("192.0.2.1");
  private static final NumericIdentity IDENTITY = new NumericIdentity(3000);

  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  private static StoreCluster cluster;

  @SuppressWarnings("NullAway.Init")
  BadApiTest() {}

  @BeforeAll
  static void start(@TempDir Path directory) {
    cluster = StoreCluster.start(directory);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private StoreCluster.Joined behind(FaultyApi proxy, String node) {
    return cluster.join(
        node, proxy.kubeconfig(cluster.api().kubeconfig(), directory.resolve(node + ".conf")));
  }

  @Test
  void watchesThatEndEverySecondLoseNothing() throws InterruptedException {
    var writer = cluster.join("writer");
    writer.store().publishNode(node("writer", HOST.toString()));
    try (var proxy = FaultyApi.before(cluster.api())) {
      proxy.have(Faults.NONE.cuttingWatches(Duration.ofSeconds(1)).withUnknownFields());
      var reader = behind(proxy, "reader");
      await("synced", reader::isSynced);
      for (int i = 1; i <= 20; i++) {
        cluster.pod("default", "cut-" + i, "writer");
        writer.store().publishEndpoint(endpoint(i, "cut-" + i, "10.1.2." + i, IDENTITY), HOST);
        if (i > 5) {
          writer.store().withdrawEndpoint(i - 5);
        }
        Thread.sleep(250);
      }
      for (int i = 1; i <= 20; i++) {
        var address = IpAddress.parse("10.1.2." + i);
        boolean wanted = i > 15;
        await(address + " is known: " + wanted, () -> reader.knows(address) == wanted);
      }
      assertThat(proxy.cutWatches()).isGreaterThan(6);
      assertThat(reader.events()).filteredOn(ClusterEvent.NodeGone.class::isInstance).isEmpty();
    }
  }

  @Test
  void whatVanishedWhileTheVersionWasForgottenIsGoneAfterTheNewList() {
    cluster.api().apply(identity(2001));
    cluster.api().apply(identity(2002));
    try (var proxy = FaultyApi.before(cluster.api())) {
      var reader = behind(proxy, "forgetful");
      await("synced", reader::isSynced);
      proxy.have(Faults.NONE.refusing(410, 1));
      proxy.cut();
      cluster.api().kubectl("delete", "ciliumid", "2001");
      cluster.api().apply(identity(2003));
      await("refused", () -> proxy.refused() > 10);
      var gone = new ClusterEvent.IdentityGone(new NumericIdentity(2001));
      assertThat(reader.events()).doesNotContain(gone);
      proxy.have(Faults.NONE);
      await("2001 is gone", () -> reader.saw(gone));
      await(
          "2003 is there",
          () ->
              reader.events().stream()
                  .anyMatch(event ->
                      event instanceof ClusterEvent.IdentityChanged(var identity)
                          && identity.id().value() == 2003));
      assertThat(reader.events())
          .filteredOn(ClusterEvent.IdentityGone.class::isInstance)
          .containsExactly(gone);
    }
  }

  @Test
  void anOverloadedServerIsAskedUntilItAnswers() {
    try (var proxy = FaultyApi.before(cluster.api())) {
      proxy.have(Faults.NONE.refusing(429, 2));
      var reader = behind(proxy, "patient");
      await("synced", reader::isSynced);
      assertThat(reader.store().troubles()).isEmpty();
      assertThat(proxy.refused()).isPositive();
    }
  }

  @Test
  void aServerThatStopsTakesNothingAwayAndGetsWhatWasPublishedMeanwhile() {
    var a = cluster.join("stays");
    a.store().publishNode(node("stays", HOST.toString()));
    cluster.pod("default", "before", "stays");
    cluster.pod("default", "meanwhile", "stays");
    a.store().publishEndpoint(endpoint(1, "before", "10.1.9.1", IDENTITY), HOST);
    await("synced", a::isSynced);
    await("written", a.store()::isWritten);
    await("known", () -> a.knows(IpAddress.parse("10.1.9.1")));
    cluster.api().stop();
    await("away", () -> a.store().connectivity() instanceof Connectivity.Away);
    a.store().publishEndpoint(endpoint(2, "meanwhile", "10.1.9.2", IDENTITY), HOST);
    a.store().withdrawEndpoint(1);
    assertThat(a.knows(IpAddress.parse("10.1.9.1"))).isTrue();
    cluster.api().restart();
    await("connected", () -> a.store().connectivity() instanceof Connectivity.Connected);
    await("published", () -> a.knows(IpAddress.parse("10.1.9.2")));
    await("withdrawn", () -> !a.knows(IpAddress.parse("10.1.9.1")));
    assertThat(a.events()).filteredOn(ClusterEvent.NodeGone.class::isInstance).isEmpty();
  }

  private static String identity(int number) {
    return CiliumIdentities.write(
            new NumericIdentity(number), StoreCluster.labels("identity-" + number))
        .toString();
  }
}
