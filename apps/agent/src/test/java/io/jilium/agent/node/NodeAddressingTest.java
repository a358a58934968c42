// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.agent.endpoint.PodAddresses;
import io.jilium.core.model.ClusterEvent;
import io.jilium.core.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeAddressingTest {
  private static final Settings.Families BOTH = new Settings.Families(true, true);

  @TempDir private Path directory;

  private NodeAddressing addressing(NodeAddresses addresses) {
    return new NodeAddressing(addresses, StateFile.open(directory.resolve("node")), BOTH);
  }

  private static ClusterEvent.PodCidrsAssigned assigned(String... cidrs) {
    return new ClusterEvent.PodCidrsAssigned(
        java.util.Arrays.stream(cidrs).map(Samples::prefix).toList(), "");
  }

  @Test
  void theFirstAddressesAreTheRouters() {
    var addressing = addressing(new NodeAddresses(BOTH));
    assertThat(addressing.assign(assigned("10.1.0.0/24", "fd00:1::/64"))).isTrue();
    assertThat(addressing.routers())
        .containsExactly(Samples.ip("10.1.0.1"), Samples.ip("fd00:1::1"));
    assertThat(addressing.isComplete()).isTrue();
    assertThat(addressing.assign(assigned("10.1.0.0/24", "fd00:1::/64"))).isFalse();
  }

  @Test
  void oneFamilyAloneIsNotEnough() {
    var addressing = addressing(new NodeAddresses(BOTH));
    addressing.assign(assigned("10.1.0.0/24"));
    assertThat(addressing.isComplete()).isFalse();
  }

  @Test
  void aRestartKeepsRoutersAndReservesPodsFirst() {
    var before = addressing(new NodeAddresses(BOTH));
    before.assign(assigned("10.1.0.0/24", "fd00:1::/64"));
    var addresses = new NodeAddresses(BOTH);
    var after = addressing(addresses);
    after.beforeAllocation(() -> addresses.reserve(List.of(Samples.ip("10.1.0.2")), "default/pod"));
    after.restore();
    assertThat(after.routers()).isEqualTo(before.routers());
    assertThat(addresses.allocate("default/next"))
        .containsExactly(Samples.ip("10.1.0.3"), Samples.ip("fd00:1::2"));
  }

  @Test
  void anotherPodCidrBringsAnotherRouter() {
    var addressing = addressing(new NodeAddresses(BOTH));
    addressing.assign(assigned("10.1.0.0/24", "fd00:1::/64"));
    addressing.assign(assigned("10.2.0.0/24", "fd00:1::/64"));
    assertThat(addressing.router(true)).contains(Samples.ip("10.2.0.1"));
    assertThat(addressing.router(false)).contains(Samples.ip("fd00:1::1"));
  }

  @Test
  void whatTheOperatorSaysIsKept() {
    var addressing = addressing(new NodeAddresses(BOTH));
    addressing.assign(new ClusterEvent.PodCidrsAssigned(List.of(), "the pool is exhausted"));
    assertThat(addressing.problem()).isEqualTo("the pool is exhausted");
  }

  @Test
  void anExhaustedFamilyGivesBackWhatTheOtherGave() {
    var addresses = new NodeAddresses(BOTH);
    addresses.assign(List.of(Samples.prefix("10.1.0.0/30"), Samples.prefix("fd00:1::/64")));
    addresses.allocate("a");
    addresses.allocate("b");
    assertThatThrownBy(() -> addresses.allocate("c"))
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
}
