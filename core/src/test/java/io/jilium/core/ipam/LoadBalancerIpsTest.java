// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.ipam.LoadBalancerIps.Plan;
import io.jilium.core.ipam.LoadBalancerIps.Service;
import io.jilium.core.ipam.LoadBalancerIps.Sharing;
import io.jilium.core.ipam.LoadBalancerPool.Range;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpPrefix;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadBalancerIpsTest {
  private static LoadBalancerPool pool(String name, long created, String... cidrs) {
    List<Range> ranges =
        Arrays.stream(cidrs).map(cidr -> Range.of(IpPrefix.parse(cidr), true)).toList();
    return new LoadBalancerPool(
        name, Instant.ofEpochSecond(created), ranges, labels -> true, false, "");
  }

  private static LoadBalancerPool disabled(LoadBalancerPool pool) {
    return new LoadBalancerPool(
        pool.name(), pool.created(), pool.ranges(), pool.selects(), true, "");
  }

  private static LoadBalancerPool forColor(LoadBalancerPool pool, String color) {
    return new LoadBalancerPool(
        pool.name(),
        pool.created(),
        pool.ranges(),
        labels -> color.equals(labels.get("color")),
        false,
        "");
  }

  private static Service service(String name, long created, String... current) {
    return new Service(
        "shop/" + name,
        Instant.ofEpochSecond(created),
        Map.of(),
        true,
        false,
        List.of(),
        Sharing.none(),
        ips(current));
  }

  private static Service wanting(String name, String... requested) {
    Service any = service(name, 1);
    return new Service(
        any.key(), any.created(), Map.of(), true, false, ips(requested), Sharing.none(), List.of());
  }

  private static Service sharing(String key, String port, Set<String> namespaces) {
    return new Service(
        key,
        Instant.EPOCH,
        Map.of(),
        true,
        false,
        List.of(),
        new Sharing("one", namespaces, Set.of(port), Optional.empty()),
        List.of());
  }

  private static List<IpAddress> ips(String... texts) {
    return Arrays.stream(texts).map(IpAddress::parse).toList();
  }

  private static List<IpAddress> addresses(Plan plan, String key) {
    return result(plan, key).addresses();
  }

  private static LoadBalancerIps.Result result(Plan plan, String key) {
    return Objects.requireNonNull(plan.services().get(key));
  }

  private static LoadBalancerIps.Usage usage(Plan plan, String pool) {
    return Objects.requireNonNull(plan.pools().get(pool));
  }

  @Test
  void olderServicesGetTheirsFirst() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/30")), List.of(service("b", 2), service("a", 1)));

    assertThat(addresses(plan, "shop/a")).isEqualTo(ips("192.0.2.0"));
    assertThat(addresses(plan, "shop/b")).isEqualTo(ips("192.0.2.1"));
    assertThat(result(plan, "shop/a").satisfied()).isTrue();
    assertThat(usage(plan, "p"))
        .isEqualTo(
            new LoadBalancerIps.Usage("", BigInteger.valueOf(4), BigInteger.TWO, BigInteger.TWO));
  }

  @Test
  void aServiceKeepsItsAddressThoughAnOlderOneCame() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/30")),
            List.of(service("new", 1), service("old", 2, "192.0.2.0")));

    assertThat(addresses(plan, "shop/old")).isEqualTo(ips("192.0.2.0"));
    assertThat(addresses(plan, "shop/new")).isEqualTo(ips("192.0.2.1"));
  }

  @Test
  void aDisabledPoolLeavesWhatItGaveAndGivesNothingNew() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(disabled(pool("p", 1, "192.0.2.0/30"))),
            List.of(service("has", 1, "192.0.2.2"), service("wants", 2)));

    assertThat(addresses(plan, "shop/has")).isEqualTo(ips("192.0.2.2"));
    assertThat(addresses(plan, "shop/wants")).isEmpty();
    assertThat(result(plan, "shop/wants").reason()).isEqualTo("no_pool");
  }

  @Test
  void anAddressOfNoPoolIsTakenAway() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/30")), List.of(service("a", 1, "198.51.100.1")));

    assertThat(addresses(plan, "shop/a")).isEqualTo(ips("192.0.2.0"));
  }

  @Test
  void aPoolServesOnlyTheServicesThatItSelects() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(forColor(pool("p", 1, "192.0.2.0/30"), "blue")), List.of(service("a", 1)));

    assertThat(result(plan, "shop/a").satisfied()).isFalse();
    assertThat(result(plan, "shop/a").reason()).isEqualTo("no_pool");
  }

  @Test
  void aUsedUpPoolIsSaid() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/32")), List.of(service("a", 1), service("b", 2)));

    assertThat(result(plan, "shop/b").reason()).isEqualTo("out_of_ips");
    assertThat(usage(plan, "p").available()).isEqualTo(BigInteger.ZERO);
  }

  @Test
  void ofPoolsThatOverlapTheOldestIsUsed() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(
                pool("young", 2, "192.0.2.0/25", "198.51.100.0/24"),
                pool("old", 1, "192.0.2.0/24")),
            List.of(service("a", 1)));

    assertThat(usage(plan, "old").conflict()).isEmpty();
    assertThat(usage(plan, "young").conflict())
        .isEqualTo(
            "range 192.0.2.0 - 192.0.2.127 overlaps range 192.0.2.0 - 192.0.2.255 of pool old");
    assertThat(addresses(plan, "shop/a")).isEqualTo(ips("192.0.2.0"));
  }

  @Test
  void aPoolThatOverlapsItselfIsNotUsed() {
    Plan plan =
        LoadBalancerIps.plan(List.of(pool("p", 1, "192.0.2.0/24", "192.0.2.8/32")), List.of());

    assertThat(usage(plan, "p").conflict()).endsWith("of the same pool");
  }

  @Test
  void requestedAddressesAreGivenAndNoOthers() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/24")),
            List.of(service("first", 0), wanting("a", "192.0.2.0", "192.0.2.77")));

    assertThat(addresses(plan, "shop/a")).isEqualTo(ips("192.0.2.0", "192.0.2.77"));
    assertThat(addresses(plan, "shop/first")).isEqualTo(ips("192.0.2.1"));
  }

  @Test
  void aRequestThatCannotBeMetSaysWhy() {
    LoadBalancerPool blue = forColor(pool("blue", 2, "203.0.113.0/24"), "blue");
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/24"), blue),
            List.of(
                service("owner", 0, "192.0.2.5"),
                wanting("taken", "192.0.2.5"),
                wanting("nowhere", "198.51.100.1"),
                wanting("other", "203.0.113.1")));

    assertThat(result(plan, "shop/taken").reason()).isEqualTo("already_allocated");
    assertThat(result(plan, "shop/taken").message())
        .isEqualTo("192.0.2.5 belongs to service shop/owner");
    assertThat(result(plan, "shop/nowhere").reason()).isEqualTo("no_pool");
    assertThat(result(plan, "shop/other").reason()).isEqualTo("pool_selector_mismatch");
  }

  @Test
  void servicesWithTheSameKeyShareUnlessAPortIsTheSame() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/24")),
            List.of(
                sharing("shop/a", "TCP/80", Set.of()),
                sharing("shop/b", "TCP/443", Set.of()),
                sharing("shop/c", "TCP/80", Set.of())));

    assertThat(addresses(plan, "shop/b")).isEqualTo(addresses(plan, "shop/a"));
    assertThat(addresses(plan, "shop/c")).isNotEqualTo(addresses(plan, "shop/a"));
  }

  @Test
  void otherNamespacesShareOnlyWhereBothSaySo() {
    Plan plan =
        LoadBalancerIps.plan(
            List.of(pool("p", 1, "192.0.2.0/24")),
            List.of(
                sharing("a/x", "TCP/1", Set.of("*")),
                sharing("b/y", "TCP/2", Set.of("a")),
                sharing("c/z", "TCP/3", Set.of())));

    assertThat(addresses(plan, "b/y")).isEqualTo(addresses(plan, "a/x"));
    assertThat(addresses(plan, "c/z")).isNotEqualTo(addresses(plan, "a/x"));
  }

  @Test
  void bothFamiliesAreGivenOrTheMissingOneIsSaid() {
    Service dual =
        new Service(
            "shop/d", Instant.EPOCH, Map.of(), true, true, List.of(), Sharing.none(), List.of());

    Plan both =
        LoadBalancerIps.plan(List.of(pool("p", 1, "192.0.2.0/24", "2001:db8::/64")), List.of(dual));
    Plan one = LoadBalancerIps.plan(List.of(pool("p", 1, "192.0.2.0/24")), List.of(dual));

    assertThat(addresses(both, "shop/d")).isEqualTo(ips("192.0.2.0", "2001:db8::"));
    assertThat(usage(both, "p").total()).isEqualTo(new BigInteger("18446744073709551872"));
    assertThat(addresses(one, "shop/d")).isEqualTo(ips("192.0.2.0"));
    assertThat(result(one, "shop/d").satisfied()).isFalse();
  }

  @Test
  void theEndsOfAPrefixAreLeftOutOnRequestButNotOfTheSmallest() {
    assertThat(Range.of(IpPrefix.parse("192.0.2.0/24"), false))
        .hasToString("192.0.2.1 - 192.0.2.254");
    assertThat(Range.of(IpPrefix.parse("192.0.2.0/31"), false))
        .hasToString("192.0.2.0 - 192.0.2.1");
  }

  @Test
  void aRangeThatEndsBeforeItStartsIsRefused() {
    assertThatThrownBy(() -> new Range(IpAddress.parse("192.0.2.9"), IpAddress.parse("192.0.2.1")))
        .hasMessage("stop 192.0.2.1 is before start 192.0.2.9");
  }
}
