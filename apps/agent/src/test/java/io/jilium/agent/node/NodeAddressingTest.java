// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.agent.endpoint.PodAddresses;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.PodCidr;
import io.jilium.core.model.PodName;
import io.jilium.core.model.PoolDemand;
import io.jilium.core.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeAddressingTest {
  private static final Settings.Families BOTH = new Settings.Families(true, true);

  @TempDir private Path directory;

  private NodeAddressing addressing(NodeAddresses addresses) {
    return new NodeAddressing(addresses, StateFile.open(directory.resolve("node")), BOTH);
  }

  private static boolean assign(NodeAddressing addressing, String... cidrs) {
    return addressing.assign(
        Map.of(PoolDemand.DEFAULT, Arrays.stream(cidrs).map(PodCidr::parse).toList()), "");
  }

  @Test
  void theFirstAddressesAreTheRouters() {
    var addressing = addressing(new NodeAddresses(BOTH));
    assertThat(assign(addressing, "10.1.0.0/24", "fd00:1::/64")).isTrue();
    assertThat(addressing.routers())
        .containsExactly(Samples.ip("10.1.0.1"), Samples.ip("fd00:1::1"));
    assertThat(addressing.isComplete()).isTrue();
    assertThat(assign(addressing, "10.1.0.0/24", "fd00:1::/64")).isFalse();
  }

  @Test
  void oneFamilyAloneIsNotEnough() {
    var addressing = addressing(new NodeAddresses(BOTH));
    assertThat(addressing.waitingFor()).isEqualTo("waiting for the operator to assign pod CIDRs");
    assign(addressing, "10.1.0.0/24");
    assertThat(addressing.isComplete()).isFalse();
    assertThat(addressing.waitingFor())
        .isEqualTo(
            "this node has no IPv6 pod CIDR beside 10.1.0.0/24: give it one, or set"
                + " ipv6.enabled=false");
  }

  @Test
  void aRestartKeepsRoutersAndReservesPodsFirst() {
    var before = addressing(new NodeAddresses(BOTH));
    assign(before, "10.1.0.0/24", "fd00:1::/64");
    var addresses = new NodeAddresses(BOTH);
    var after = addressing(addresses);
    after.beforeAllocation(() -> addresses.reserve(List.of(Samples.ip("10.1.0.2")), "default/pod"));
    after.restore();
    assertThat(after.routers()).isEqualTo(before.routers());
    assertThat(addresses.allocate("default/next", PodName.NONE))
        .containsExactly(Samples.ip("10.1.0.3"), Samples.ip("fd00:1::2"));
  }

  @Test
  void anotherPodCidrBringsAnotherRouter() {
    var addressing = addressing(new NodeAddresses(BOTH));
    assign(addressing, "10.1.0.0/24", "fd00:1::/64");
    assign(addressing, "10.2.0.0/24", "fd00:1::/64");
    assertThat(addressing.router(true)).contains(Samples.ip("10.2.0.1"));
    assertThat(addressing.router(false)).contains(Samples.ip("fd00:1::1"));
  }

  @Test
  void podsOfAFormerCidrKeepTheirAddressesAndNobodyGetsAnother() {
    var before = new NodeAddresses(BOTH);
    var addressing = addressing(before);
    assign(addressing, "10.1.0.0/24", "fd00:1::/64");
    before.reserve(List.of(Samples.ip("10.1.0.9")), "default/pod");
    assign(addressing, "10.2.0.0/24", "fd00:1::/64");
    assertThat(addressing.router(true)).contains(Samples.ip("10.2.0.1"));
    assertThat(addressing.retired()).containsExactly(Samples.ip("10.1.0.9"));
    assertThat(before.allocate("default/next", PodName.NONE).getFirst())
        .isEqualTo(Samples.ip("10.2.0.2"));

    var addresses = new NodeAddresses(BOTH);
    var after = addressing(addresses);
    after.beforeAllocation(() -> addresses.reserve(List.of(Samples.ip("10.1.0.9")), "default/pod"));
    after.restore();
    assertThat(after.router(true)).contains(Samples.ip("10.2.0.1"));
    assertThat(after.retired()).containsExactly(Samples.ip("10.1.0.9"));
    assertThatThrownBy(() -> addresses.reserve(List.of(Samples.ip("10.1.0.8")), "default/late"))
        .hasMessage("address 10.1.0.8 is in no pod CIDR of the node");
    addresses.release(List.of(Samples.ip("10.1.0.9")));
    assertThat(addresses.status()).hasSize(2);
  }

  @Test
  void whatTheOperatorSaysIsKept() {
    var addressing = addressing(new NodeAddresses(BOTH));
    addressing.assign(Map.of(), "the pool is exhausted");
    assertThat(addressing.waitingFor()).contains("the pool is exhausted");
  }

  @Test
  void anExhaustedFamilyGivesBackWhatTheOtherGave() {
    var addresses = new NodeAddresses(BOTH);
    addresses.assign(List.of(Samples.prefix("10.1.0.0/30"), Samples.prefix("fd00:1::/64")));
    addresses.allocate("a", PodName.NONE);
    addresses.allocate("b", PodName.NONE);
    assertThatThrownBy(() -> addresses.allocate("c", PodName.NONE))
        .isInstanceOf(PodAddresses.ExhaustedException.class)
        .hasMessageContaining("10.1.0.0/30 is exhausted");
    assertThat(addresses.status())
        .extracting(pool -> pool.allocated().size())
        .containsExactly(2, 2);
  }

  @Test
  void anAddressOfSomebodyElseIsRefused() {
    var addresses = new NodeAddresses(BOTH);
    addresses.assign(List.of(Samples.prefix("10.1.0.0/24")));
    addresses.reserve(List.of(Samples.ip("10.1.0.9")), "default/a");
    assertThatThrownBy(() -> addresses.reserve(List.of(Samples.ip("10.1.0.9")), "default/b"))
        .hasMessage("address 10.1.0.9 is taken by default/a");
    assertThatThrownBy(() -> addresses.reserve(List.of(Samples.ip("10.9.0.9")), "default/b"))
        .hasMessage("address 10.9.0.9 is in no pod CIDR of the node");
  }

  private static final PodName RED = new PodName("default", "red");

  /** Pods named red take from the pool of that name. */
  private static NodeAddresses pools(List<PoolDemand> demands, List<IpPrefix> unused) {
    var addresses = new NodeAddresses(new Settings.Families(true, false));
    addresses.usePools(
        (pod, _) -> pod.equals(RED) ? "red" : PoolDemand.DEFAULT,
        (needed, released) -> {
          demands.clear();
          demands.addAll(needed);
          unused.clear();
          unused.addAll(released);
        });
    return addresses;
  }

  @Test
  void aPoolThatAPodNamesIsAskedForAndUsedWhenItCame() {
    var demands = new ArrayList<PoolDemand>();
    var addresses = pools(demands, new ArrayList<>());
    assertThat(demands).containsExactly(new PoolDemand(PoolDemand.DEFAULT, 8, 0));
    addresses.assign(Map.of(PoolDemand.DEFAULT, List.of(PodCidr.parse("10.1.0.0/27"))));
    assertThat(addresses.allocate("default/plain", PodName.NONE))
        .containsExactly(Samples.ip("10.1.0.1"));
    assertThat(demands).containsExactly(new PoolDemand(PoolDemand.DEFAULT, 16, 0));
    assertThatThrownBy(() -> addresses.allocate("default/red", RED))
        .isInstanceOf(PodAddresses.ExhaustedException.class)
        .hasMessage("the node has no IPv4 CIDR of pool red yet");
    assertThat(demands)
        .containsExactly(new PoolDemand(PoolDemand.DEFAULT, 16, 0), new PoolDemand("red", 1, 0));
    addresses.assign(
        Map.of(
            PoolDemand.DEFAULT,
            List.of(PodCidr.parse("10.1.0.0/27")),
            "red",
            List.of(PodCidr.parse("10.9.0.0/28"))));
    assertThat(addresses.allocate("default/red", RED)).containsExactly(Samples.ip("10.9.0.1"));
    assertThat(demands).contains(new PoolDemand("red", 1, 0));
  }

  @Test
  void aCidrThatNobodyUsesIsGivenBackAsAWhole() {
    var demands = new ArrayList<PoolDemand>();
    var unused = new ArrayList<IpPrefix>();
    var addresses = pools(demands, unused);
    var given =
        Map.of(
            PoolDemand.DEFAULT,
            List.of(PodCidr.parse("10.1.0.0/28"), PodCidr.parse("10.1.0.16/28")));
    addresses.assign(given);
    for (int i = 0; i < 20; i++) {
      addresses.allocate("default/p" + i, PodName.NONE);
    }
    addresses.settle();
    assertThat(unused).isEmpty();
    for (int i = 1; i <= 14; i++) {
      addresses.release(List.of(Samples.ip("10.1.0." + i)));
    }
    assertThat(demands).containsExactly(new PoolDemand(PoolDemand.DEFAULT, 16, 0));
    assertThat(unused).isEmpty(); // 14 would be left of 16
    for (int i = 17; i <= 22; i++) {
      addresses.release(List.of(Samples.ip("10.1.0." + i)));
    }
    assertThat(demands).containsExactly(new PoolDemand(PoolDemand.DEFAULT, 8, 0));
    assertThat(unused).hasSize(1);
    addresses.assign(given); // an echo of before
    assertThat(addresses.status()).hasSize(1);
    var rest =
        given.values().stream()
            .flatMap(List::stream)
            .filter(c -> !unused.contains(c.prefix()))
            .toList();
    addresses.assign(Map.of(PoolDemand.DEFAULT, rest));
    assertThat(unused).isEmpty();
    for (int i = 0; i < 10; i++) {
      addresses.allocate("default/q" + i, PodName.NONE);
    }
    addresses.assign(given); // anew, because more is needed
    assertThat(addresses.status()).hasSize(2);
  }

  @Test
  void endsOfRangesAreGivenWhereThePoolAllowsItAfterARestartToo() {
    var state = StateFile.open(directory.resolve("ends"));
    var both = new Settings.Families(true, false);
    var before = new NodeAddressing(new NodeAddresses(both), state, both);
    before.assign(Map.of(PoolDemand.DEFAULT, List.of(PodCidr.parse("10.1.0.0/30+first+last"))), "");
    var addresses = new NodeAddresses(both);
    new NodeAddressing(addresses, state, both).restore();
    addresses.reserve(List.of(Samples.ip("10.1.0.3")), "default/last");
    assertThat(addresses.status().getFirst().capacity()).isEqualTo(4);
  }
}
