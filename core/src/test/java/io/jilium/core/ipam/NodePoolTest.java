// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import io.jilium.core.model.PodCidr;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodePoolTest {
  private static NodePool pool(String... cidrs) {
    return new NodePool(List.of(cidrs).stream().map(PodCidr::parse).toList());
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  @Test
  void givesEveryAddressOnceButTheFirstAndTheBroadcast() {
    NodePool pool = pool("10.244.1.0/24");
    Set<IpAddress> given = new HashSet<>();
    for (int i = 0; i < 254; i++) {
      given.add(pool.allocate("pod-" + i));
    }
    assertThat(given).hasSize(254).doesNotContain(ip("10.244.1.0"), ip("10.244.1.255"));
    assertThatThrownBy(() -> pool.allocate("default/web"))
        .isInstanceOf(PoolExhaustedException.class)
        .hasMessage(
            "pool 10.244.1.0/24 is exhausted: all 254 addresses are in use, none is left for default/web");
  }

  @Test
  void aRetiredCidrGivesNothingMoreAndGoesWithItsLastAddress() {
    NodePool pool = pool("10.244.1.0/24");
    pool.allocate("a");
    pool.allocate("b");
    pool.release(ip("10.244.1.2"));
    pool.add(PodCidr.parse("10.244.2.0/30"));
    assertThat(pool.retire(ip24())).isFalse();
    assertThat(pool.isRetired(ip("10.244.1.1"))).isTrue();
    assertThat(pool.capacity()).isEqualTo(2);
    assertThat(pool.allocate("c")).isEqualTo(ip("10.244.2.1"));
    assertThat(pool.claim(ip("10.244.1.2"), "d")).isEqualTo(new Claim.Outside());
    assertThat(pool.claim(ip("10.244.1.1"), "a")).isEqualTo(new Claim.Granted());
    pool.release(ip("10.244.1.1"));
    assertThat(pool.cidrs()).containsExactly(IpPrefix.parse("10.244.2.0/30"));
    assertThat(pool.isRetired(ip("10.244.1.1"))).isFalse();
  }

  @Test
  void aRetiredCidrThatComesBackGivesAllThatIsNotInUse() {
    NodePool pool = pool("10.244.1.0/29");
    for (int i = 0; i < 6; i++) {
      pool.allocate("p" + i);
    }
    pool.retire(IpPrefix.parse("10.244.1.0/29"));
    pool.release(ip("10.244.1.3"));
    pool.add(PodCidr.parse("10.244.1.0/29"));
    assertThat(pool.allocate("again")).isEqualTo(ip("10.244.1.3"));
    assertThatThrownBy(() -> pool.allocate("one more")).isInstanceOf(PoolExhaustedException.class);
  }

  private static IpPrefix ip24() {
    return IpPrefix.parse("10.244.1.0/24");
  }

  @Test
  void givesTheEndsOfARangeThatAllowsIt() {
    NodePool pool = pool("10.0.0.0/30+first+last");
    assertThat(
            List.of(pool.allocate("a"), pool.allocate("b"), pool.allocate("c"), pool.allocate("d")))
        .containsExactly(ip("10.0.0.0"), ip("10.0.0.1"), ip("10.0.0.2"), ip("10.0.0.3"));
    assertThat(pool("10.0.0.0/30+first").claim(ip("10.0.0.0"), "a")).isEqualTo(new Claim.Granted());
    assertThat(pool("10.0.0.0/30+first").claim(ip("10.0.0.3"), "a")).isEqualTo(new Claim.Outside());
    assertThat(pool("10.0.0.0/30+last").capacity()).isEqualTo(3);
  }

  @Test
  void givesAllOfARangeThatHasNothingButItsEnds() {
    assertThat(pool("10.0.0.7/32").allocate("a")).isEqualTo(ip("10.0.0.7"));
    assertThat(pool("10.0.0.6/31").capacity()).isEqualTo(2);
    assertThat(pool("fd00::7/128").allocate("a")).isEqualTo(ip("fd00::7"));
  }

  @Test
  void givesTheLastAddressOfIpv6() {
    NodePool pool = pool("fd00::/126");
    assertThat(List.of(pool.allocate("a"), pool.allocate("b"), pool.allocate("c")))
        .containsExactly(ip("fd00::1"), ip("fd00::2"), ip("fd00::3"));
  }

  @Test
  void handsOutTheLongestReleasedLast() {
    NodePool pool = pool("10.0.0.0/29");
    IpAddress first = pool.allocate("a");
    IpAddress second = pool.allocate("b");
    pool.release(second);
    pool.release(first);
    assertThat(
            List.of(pool.allocate("c"), pool.allocate("d"), pool.allocate("e"), pool.allocate("f")))
        .doesNotContain(first, second);
    assertThat(pool.allocate("g")).isEqualTo(second);
    assertThat(pool.allocate("h")).isEqualTo(first);
  }

  @Test
  void restoresWhatWasGivenBefore() {
    NodePool pool = pool("10.0.0.0/24");
    assertThat(pool.claim(ip("10.0.0.1"), "default/web")).isEqualTo(new Claim.Granted());
    assertThat(pool.claim(ip("10.0.0.1"), "default/web")).isEqualTo(new Claim.Granted());
    assertThat(pool.claim(ip("10.0.0.1"), "default/db")).isEqualTo(new Claim.Taken("default/web"));
    assertThat(pool.claim(ip("10.0.1.1"), "x")).isEqualTo(new Claim.Outside());
    assertThat(pool.claim(ip("10.0.0.0"), "x")).isEqualTo(new Claim.Outside());
    assertThat(pool.claim(ip("10.0.0.255"), "x")).isEqualTo(new Claim.Outside());
    assertThat(pool.allocate("router")).isEqualTo(ip("10.0.0.2"));
    assertThat(pool.used()).isEqualTo(2);
  }

  @Test
  void reclaimedAddressLeavesTheQueueOfReleasedOnes() {
    NodePool pool = pool("10.0.0.0/30");
    IpAddress a = pool.allocate("a");
    pool.allocate("b");
    pool.release(a);
    assertThat(pool.claim(a, "c")).isEqualTo(new Claim.Granted());
    assertThatThrownBy(() -> pool.allocate("d")).isInstanceOf(PoolExhaustedException.class);
  }

  @Test
  void releaseTellsTheOwner() {
    NodePool pool = pool("10.0.0.0/24");
    IpAddress address = pool.allocate("default/web");
    assertThat(pool.owner(address)).contains("default/web");
    assertThat(pool.release(address)).contains("default/web");
    assertThat(pool.release(address)).isEmpty();
  }

  @Test
  void growsByAnotherCidrAndKeepsOneInUse() {
    NodePool pool = pool("10.0.0.0/30");
    IpAddress a = pool.allocate("a");
    pool.allocate("b");
    pool.add(PodCidr.parse("10.0.1.0/30"));
    assertThat(pool.allocate("c")).isEqualTo(ip("10.0.1.1"));
    assertThat(pool.remove(IpPrefix.parse("10.0.0.0/30"))).isFalse();
    pool.release(a);
    pool.release(ip("10.0.0.2"));
    assertThat(pool.remove(IpPrefix.parse("10.0.0.0/30"))).isTrue();
    assertThat(pool.capacity()).isEqualTo(2);
    assertThatThrownBy(() -> pool.add(PodCidr.parse("10.0.0.0/16")))
        .hasMessageContaining("10.0.0.0/16 overlaps 10.0.1.0/30");
  }

  @Test
  void largeIpv6CidrCostsNothingUntilUsed() {
    NodePool pool = pool("fd00:10:244::/64");
    assertThat(pool.allocate("a")).isEqualTo(ip("fd00:10:244::1"));
    assertThat(pool.capacity()).isEqualTo(1 << 20);
  }
}
