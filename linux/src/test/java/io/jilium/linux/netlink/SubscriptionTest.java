// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SubscriptionTest extends NamespaceTest {
  private static final Duration SOON = Duration.ofSeconds(2);

  @Test
  void tellsWhatComesAndGoes() {
    try (var events = Subscription.open(netns, EnumSet.allOf(Subscription.Topic.class))) {
      int device = device("d0", "10.0.0.1/24", "fd00::1/64");
      var destination = Prefix.parse("fd05::/64");
      kernel.apply(Routes.add(Route.to(destination).device(device)));
      var address = InetAddress.ofLiteral("10.0.0.5");
      var neighbour = Neighbour.permanent(device, address, MacAddress.ZERO);
      kernel.apply(Neighbours.replace(neighbour));
      kernel.apply(Neighbours.delete(device, address));
      kernel.apply(Links.delete("d0"));
      var seen = new ArrayList<>(events.await(SOON));
      for (int i = 0; i < 50 && !removed(seen, device); i++) {
        seen.addAll(events.await(Duration.ofMillis(100)));
      }
      assertThat(removed(seen, device)).as("removal of the link in %s", seen).isTrue();
      assertThat(seen)
          .anyMatch(e -> e instanceof NetlinkEvent.LinkChanged(Link l) && l.name().equals("d0"))
          .anyMatch(e ->
              e instanceof NetlinkEvent.AddressChanged(Address a)
                  && a.prefix().equals(Prefix.parse("10.0.0.1/24")))
          .anyMatch(e ->
              e instanceof NetlinkEvent.AddressRemoved(Address a)
                  && a.prefix().equals(Prefix.parse("fd00::1/64")))
          .anyMatch(e ->
              e instanceof NetlinkEvent.RouteChanged(Route r)
                  && r.destination().equals(destination))
          .anyMatch(e -> e instanceof NetlinkEvent.NeighbourChanged)
          .anyMatch(e -> e instanceof NetlinkEvent.NeighbourRemoved);
    }
  }

  @Test
  void leavingBridgeIsNotRemoval() {
    int device = device("d0");
    kernel.apply(Links.create(new LinkKind.Bridge(), LinkSettings.named("br0").up()));
    kernel.apply(Links.set(device, LinkSettings.none().master(index("br0"))));
    try (var events = Subscription.open(netns, Set.of(Subscription.Topic.LINKS))) {
      kernel.apply(Links.set(device, LinkSettings.none().noMaster()));
      assertThat(events.await(SOON))
          .isNotEmpty()
          .noneMatch(e -> e instanceof NetlinkEvent.LinkRemoved);
    }
  }

  @Test
  void saysWhenEventsWereLost() {
    try (var events = netns.run(() -> Subscription.open(Set.of(Subscription.Topic.LINKS), 4096))) {
      for (int i = 0; i < 50; i++) {
        device("d" + i);
      }
      var seen = new ArrayList<NetlinkEvent>();
      List<NetlinkEvent> more;
      do {
        more = events.await(Duration.ofMillis(50));
        seen.addAll(more);
      } while (!more.isEmpty());
      assertThat(seen).contains(new NetlinkEvent.Resync());
    }
  }

  @Test
  void closingEndsTheWait() {
    var events = Subscription.open(netns, Set.of(Subscription.Topic.LINKS));
    var waiting = CompletableFuture.supplyAsync(() -> events.await(Duration.ofSeconds(60)));
    assertThat(events.await(Duration.ofMillis(10))).isEmpty();
    events.close();
    assertThatThrownBy(() -> events.await(SOON)).isInstanceOf(IllegalStateException.class);
    assertThat(waiting.handle((_, _) -> true).orTimeout(5, TimeUnit.SECONDS).join()).isTrue();
  }

  private static boolean removed(List<NetlinkEvent> events, int device) {
    return events.stream()
        .anyMatch(e -> e instanceof NetlinkEvent.LinkRemoved(Link l) && l.index() == device);
  }
}
