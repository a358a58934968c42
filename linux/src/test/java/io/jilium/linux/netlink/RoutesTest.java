// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutesTest extends NamespaceTest {
  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }

  @Test
  void listedRouteEqualsTheOneAdded() {
    int device = device("d0", "10.0.0.1/24", "fd00::1/64");
    var routes =
        List.of(
            Route.to(Prefix.parse("10.1.0.0/24")).device(device),
            Route.to(Prefix.parse("10.2.0.0/24")).device(device).via(ip("10.0.0.2")).mtu(1450),
            Route.to(Prefix.parse("10.3.0.0/24"))
                .device(device)
                .viaOnlink(ip("192.168.7.7"))
                .source(ip("10.0.0.1"))
                .protocol(Route.PROTOCOL_STATIC),
            Route.toAll(Family.IPV4).device(device).via(ip("10.0.0.3")).table(1000).priority(5),
            Route.to(Prefix.parse("10.4.0.0/24")).device(device).via(ip("fd00::2")),
            Route.to(Prefix.parse("10.5.0.0/16")).type(Route.Type.BLACKHOLE),
            Route.to(Prefix.parse("10.6.0.1/32"))
                .type(Route.Type.LOCAL)
                .device(device)
                .table(Route.TABLE_LOCAL),
            Route.to(Prefix.parse("fd01::/64")).device(device),
            Route.to(Prefix.parse("fd02::/64")).device(device).via(ip("fd00::2")).mtu(1430),
            Route.to(Prefix.parse("fd03::/64"))
                .device(device)
                .viaOnlink(ip("fd77::1"))
                .source(ip("fd00::1")),
            Route.toAll(Family.IPV6).device(device).via(ip("fd00::3")).table(1000),
            Route.to(Prefix.parse("fd05::/64")).type(Route.Type.UNREACHABLE));
    for (Route route : routes) {
      var family = route.destination().family();
      assertThat(kernel.apply(Routes.add(route))).as(route.toString()).isTrue();
      assertThat(kernel.list(Routes.table(family, route.table()))).contains(route);
      assertThat(kernel.apply(Routes.add(route))).as(route.toString()).isFalse();
      assertThat(kernel.apply(Routes.delete(route))).as(route.toString()).isTrue();
      assertThat(kernel.apply(Routes.delete(route))).as(route.toString()).isFalse();
      assertThat(kernel.list(Routes.all(family))).doesNotContain(route);
    }
  }

  @Test
  void replaceTakesThePlaceOfTheOldRoute() {
    int device = device("d0", "10.0.0.1/24", "fd00::1/64");
    for (var pair : List.of(List.of("10.9.0.0/24", "10.0.0."), List.of("fd09::/64", "fd00::"))) {
      var destination = Prefix.parse(pair.getFirst());
      var first = Route.to(destination).device(device).via(ip(pair.getLast() + "2"));
      var second = Route.to(destination).device(device).via(ip(pair.getLast() + "3")).mtu(1400);
      kernel.apply(Routes.replace(first));
      kernel.apply(Routes.replace(second));
      assertThat(kernel.list(Routes.all(destination.family())))
          .contains(second)
          .doesNotContain(first);
    }
  }

  @Test
  void listsThousandsOfRoutesOfBothFamilies() {
    int device = device("d0");
    for (String pattern : List.of("10.%d.%d.0/24", "fd00:%x:%x::/48")) {
      var routes = new ArrayList<Route>();
      for (int i = 0; i < 2000; i++) {
        var prefix = Prefix.parse(pattern.formatted(i / 200, i % 200));
        routes.add(Route.to(prefix).device(device).table(1000));
      }
      assertThat(kernel.apply(routes.stream().map(Routes::add).toList())).doesNotContain(false);
      var family = routes.getFirst().destination().family();
      var listed = kernel.list(Routes.table(family, 1000));
      assertThat(listed).hasSize(2000);
      assertThat(new HashSet<>(listed)).isEqualTo(new HashSet<>(routes));
      kernel.apply(routes.stream().map(Routes::delete).toList());
      assertThat(kernel.list(Routes.table(family, 1000))).isEmpty();
    }
  }

  @Test
  void findsTheWayToAnAddress() {
    int device = device("d0", "10.0.0.1/24", "fd00::1/64");
    kernel.apply(
        Routes.add(Route.to(Prefix.parse("10.7.0.0/16")).device(device).via(ip("10.0.0.9"))));
    var route = kernel.find(Routes.toward(ip("10.7.1.1"))).orElseThrow();
    assertThat(route.gateway()).hasValue(ip("10.0.0.9"));
    assertThat(route.device()).hasValue(device);
    assertThat(route.source()).hasValue(ip("10.0.0.1"));
    assertThat(kernel.find(Routes.toward(ip("fd00::5"))).orElseThrow().device()).hasValue(device);
    assertThat(kernel.find(Routes.toward(ip("192.0.2.1")))).isEmpty();
    assertThat(kernel.find(Routes.toward(ip("2001:db8::1")))).isEmpty();
  }

  @Test
  void missingTableIsEmpty() {
    assertThat(kernel.list(Routes.table(Family.IPV4, 4711))).isEmpty();
    assertThat(kernel.list(Routes.table(Family.IPV6, 4711))).isEmpty();
  }

  @Test
  void failureCarriesTheKernelsText() {
    int device = device("d0", "10.0.0.1/24");
    var route = Route.to(Prefix.parse("10.1.0.0/24")).device(device).via(ip("192.168.1.1"));
    assertThatThrownBy(() -> kernel.apply(Routes.add(route)))
        .hasMessageStartingWith("add route 10.1.0.0/24 via 192.168.1.1 dev " + device)
        .hasMessageContaining("ENETUNREACH")
        .hasMessageContaining("Nexthop has invalid gateway");
  }
}
