// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.IpPrefix;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterPoolTest {
  private static ClusterPool pool(int maskSize, String... cidrs) {
    return new ClusterPool(List.of(cidrs).stream().map(IpPrefix::parse).toList(), maskSize);
  }

  private static IpPrefix cidr(String text) {
    return IpPrefix.parse(text);
  }

  @Test
  void givesSubnetsInOrder() {
    ClusterPool pool = pool(24, "10.244.0.0/16");
    assertThat(pool.allocate("node-1")).isEqualTo(cidr("10.244.0.0/24"));
    assertThat(pool.allocate("node-2")).isEqualTo(cidr("10.244.1.0/24"));
    assertThat(pool.held("node-2")).containsExactly(cidr("10.244.1.0/24"));
    assertThat(pool.capacity()).isEqualTo(256);
  }

  @Test
  void goesOnInTheNextRangeAndSaysWhenAllIsGone() {
    ClusterPool pool = pool(24, "10.0.0.0/24", "10.9.0.0/24");
    pool.allocate("node-1");
    assertThat(pool.allocate("node-2")).isEqualTo(cidr("10.9.0.0/24"));
    assertThatThrownBy(() -> pool.allocate("node-3"))
        .isInstanceOf(PoolExhaustedException.class)
        .hasMessage(
            "pool 10.0.0.0/24, 10.9.0.0/24 is exhausted: no /24 is left for node node-3, 2 are in use");
  }

  @Test
  void neverGivesWhatOverlapsANodesCidr() {
    ClusterPool pool = pool(24, "10.0.0.0/22");
    assertThat(pool.claim("old", cidr("10.0.0.0/23"))).isEqualTo(new Claim.Granted());
    assertThat(pool.claim("tiny", cidr("10.0.2.128/25"))).isEqualTo(new Claim.Granted());
    assertThat(pool.allocate("new")).isEqualTo(cidr("10.0.3.0/24"));
    assertThatThrownBy(() -> pool.allocate("more")).isInstanceOf(PoolExhaustedException.class);
  }

  @Test
  void twoNodesCannotClaimTheSame() {
    ClusterPool pool = pool(24, "10.0.0.0/16");
    pool.claim("a", cidr("10.0.7.0/24"));
    assertThat(pool.claim("a", cidr("10.0.7.0/24"))).isEqualTo(new Claim.Granted());
    assertThat(pool.claim("b", cidr("10.0.7.0/24"))).isEqualTo(new Claim.Taken("a"));
    assertThat(pool.claim("b", cidr("10.0.0.0/16"))).isEqualTo(new Claim.Taken("a"));
    assertThat(pool.claim("b", cidr("192.168.0.0/24"))).isEqualTo(new Claim.Outside());
    assertThat(pool.held("b")).containsExactly(cidr("192.168.0.0/24"));
  }

  @Test
  void releasedCidrComesBackLast() {
    ClusterPool pool = pool(24, "10.0.0.0/22");
    pool.allocate("a");
    pool.allocate("b");
    assertThat(pool.release("a")).containsExactly(cidr("10.0.0.0/24"));
    assertThat(pool.allocate("c")).isEqualTo(cidr("10.0.2.0/24"));
    assertThat(pool.allocate("d")).isEqualTo(cidr("10.0.3.0/24"));
    assertThat(pool.allocate("e")).isEqualTo(cidr("10.0.0.0/24"));
  }

  @Test
  void carvesHugeIpv6Ranges() {
    ClusterPool pool = pool(64, "fd00:10:244::/48");
    assertThat(pool.allocate("a")).isEqualTo(cidr("fd00:10:244::/64"));
    assertThat(pool.allocate("b")).isEqualTo(cidr("fd00:10:244:1::/64"));
    assertThat(pool(120, "fd00::/16").capacity()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void refusesOverlappingRanges() {
    assertThatThrownBy(() -> pool(24, "10.0.0.0/8", "10.3.0.0/16"))
        .hasMessage("range 10.3.0.0/16 overlaps 10.0.0.0/8");
    assertThatThrownBy(() -> pool(24, "10.0.0.0/28"))
        .hasMessageContaining("cannot be cut into /24");
  }
}
