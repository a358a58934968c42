// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.ipam.MultiPool.Allocation;
import io.jilium.core.ipam.MultiPool.Assignment;
import io.jilium.core.ipam.MultiPool.Demand;
import io.jilium.core.ipam.MultiPool.Node;
import io.jilium.core.model.IpPrefix;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MultiPoolTest {
  private final MultiPool pools = new MultiPool();

  private static PodPool v4(String name, String cidr, int maskSize) {
    var ranges = new PodPool.Ranges(List.of(IpPrefix.parse(cidr)), maskSize);
    return new PodPool(name, Optional.of(ranges), Optional.empty(), false, false);
  }

  private static Allocation has(String pool, String... cidrs) {
    return new Allocation(pool, Arrays.stream(cidrs).map(IpPrefix::parse).toList());
  }

  private static Node node(String name, List<Demand> requested, Allocation... allocated) {
    return new Node(name, requested, List.of(allocated), "");
  }

  private static List<Demand> needs(String pool, long v4) {
    return List.of(new Demand(pool, v4, 0));
  }

  private Assignment assign(Node node) {
    return pools.assign(List.of(node)).getFirst();
  }

  @Test
  void aNodeGetsCidrsUntilTheySuffice() {
    pools.pools(List.of(v4("default", "10.10.0.0/16", 28)));

    Assignment assignment = assign(node("a", needs("default", 20)));

    assertThat(assignment.allocated())
        .containsExactly(has("default", "10.10.0.0/28", "10.10.0.16/28"));
    assertThat(assignment.error()).isEmpty();
    assertThat(assignment.isChange()).isTrue();
  }

  @Test
  void firstAndLastAddressCountWhereThePoolAllowsThem() {
    var ranges = new PodPool.Ranges(List.of(IpPrefix.parse("10.10.0.0/16")), 28);
    pools.pools(List.of(new PodPool("default", Optional.of(ranges), Optional.empty(), true, true)));

    assertThat(assign(node("a", needs("default", 16))).allocated())
        .containsExactly(has("default", "10.10.0.0/28"));
  }

  @Test
  void whatSufficesIsNotChanged() {
    pools.pools(List.of(v4("default", "10.10.0.0/16", 28)));

    assertThat(assign(node("a", needs("default", 14), has("default", "10.10.3.0/28"))).isChange())
        .isFalse();
  }

  @Test
  void aNodeKeepsWhatItHasThoughItNeedsNothingOrThePoolIsGone() {
    Node node = node("a", List.of(), has("gone", "10.10.3.0/28"));

    assertThat(assign(node).isChange()).isFalse();
  }

  @Test
  void aCidrThatANodeTookOutIsFreeForOthers() {
    pools.pools(List.of(v4("small", "10.10.0.0/28", 28)));
    pools.assign(List.of(node("a", needs("small", 1), has("small", "10.10.0.0/28"))));

    List<Assignment> after =
        pools.assign(List.of(node("a", List.of()), node("b", needs("small", 1))));

    assertThat(after.get(0).allocated()).isEmpty();
    assertThat(after.get(1).allocated()).containsExactly(has("small", "10.10.0.0/28"));
  }

  @Test
  void aCidrThatWasGivenButNotYetSeenAtTheNodeIsGivenToNobodyElse() {
    pools.pools(List.of(v4("small", "10.10.0.0/27", 28)));
    Node a = node("a", needs("small", 1));
    assign(a);

    List<Assignment> again = pools.assign(List.of(a, node("b", needs("small", 1))));

    assertThat(again.get(0).allocated()).containsExactly(has("small", "10.10.0.0/28"));
    assertThat(again.get(1).allocated()).containsExactly(has("small", "10.10.0.16/28"));
  }

  @Test
  void whatANodeHadThatIsGoneIsFree() {
    pools.pools(List.of(v4("small", "10.10.0.0/28", 28)));
    assign(node("a", needs("small", 1), has("small", "10.10.0.0/28")));

    assertThat(assign(node("b", needs("small", 1))).error()).isEmpty();
  }

  @Test
  void anExhaustedPoolIsSaidAndWhatThereIsIsGiven() {
    pools.pools(List.of(v4("small", "10.10.0.0/28", 28)));

    Assignment assignment = assign(node("a", needs("small", 15)));

    assertThat(assignment.allocated()).containsExactly(has("small", "10.10.0.0/28"));
    assertThat(assignment.error()).contains("small").contains("exhausted");
  }

  @Test
  void aPoolThatIsNotThereOrCannotBeUsedIsSaid() {
    pools.pools(List.of(v4("odd", "10.10.0.0/28", 24)));

    assertThat(assign(node("a", needs("none", 1))).error()).isEqualTo("there is no pool none");
    assertThat(assign(node("a", needs("odd", 1))).error())
        .isEqualTo("pool odd: range 10.10.0.0/28 cannot be cut into /24");
    assertThat(
            pools
                .assign(List.of(new Node("a", List.of(new Demand("odd", 0, 0)), List.of(), "")))
                .getFirst()
                .error())
        .isEmpty();
  }

  @Test
  void ofTwoNodesWithTheSameCidrTheSecondIsTold() {
    pools.pools(List.of(v4("default", "10.10.0.0/16", 28)));

    List<Assignment> assignments =
        pools.assign(
            List.of(
                node("b", needs("default", 1), has("default", "10.10.0.0/28")),
                node("a", needs("default", 1), has("default", "10.10.0.0/28"))));

    assertThat(assignments.get(0).error()).isEmpty();
    assertThat(assignments.get(1).error())
        .isEqualTo("CIDR 10.10.0.0/28 of pool default overlaps one of node a");
  }

  @Test
  void aPoolWithoutAFamilySaysSo() {
    pools.pools(List.of(v4("default", "10.10.0.0/16", 28)));

    assertThat(assign(node("a", List.of(new Demand("default", 1, 1)))).error())
        .isEqualTo("pool default has no IPv6 ranges");
  }
}
