// SPDX-License-Identifier: Apache-2.0
package io.jilium.source.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.jilium.core.model.ClusterEvent;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.IpMapping;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressBookTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.0.0.7");

  private final List<ClusterEvent> events = new ArrayList<>();
  private final AddressBook book = new AddressBook(events::add);

  private static IpMapping mapping(String pod, String host) {
    return new IpMapping(
        ADDRESS, IpAddress.parse(host), new NumericIdentity(300), new PodName("default", pod), 0);
  }

  @Test
  void anAddressGoesWithTheObjectThatClaimedIt() {
    book.set("default/a", List.of(mapping("a", "192.0.2.1")));
    book.set("default/a", List.of());
    assertThat(events)
        .containsExactly(
            new ClusterEvent.AddressChanged(mapping("a", "192.0.2.1")),
            new ClusterEvent.AddressGone(ADDRESS));
  }

  @Test
  void anAddressThatPassedToAnotherPodStaysWhenTheFormerGoes() {
    book.set("default/a", List.of(mapping("a", "192.0.2.1")));
    book.set("default/b", List.of(mapping("b", "192.0.2.2")));
    events.clear();
    book.set("default/a", List.of());
    assertThat(events).isEmpty();
    book.set("default/b", List.of());
    assertThat(events).containsExactly(new ClusterEvent.AddressGone(ADDRESS));
  }

  @Test
  void theFormerClaimCountsAgainWhenTheLatterGoes() {
    book.set("default/a", List.of(mapping("a", "192.0.2.1")));
    book.set("default/b", List.of(mapping("b", "192.0.2.2")));
    events.clear();
    book.set("default/b", List.of());
    assertThat(events).containsExactly(new ClusterEvent.AddressChanged(mapping("a", "192.0.2.1")));
  }

  @Test
  void whatSaysTheSameAgainIsNoNews() {
    book.set("default/a", List.of(mapping("a", "192.0.2.1")));
    events.clear();
    book.set("default/a", List.of(mapping("a", "192.0.2.1")));
    assertThat(events).isEmpty();
  }

  @Test
  void objectsOfANodeAreFoundEvenIfTheirClaimIsOverridden() {
    book.set("default/a", List.of(mapping("a", "192.0.2.1")));
    book.set("default/b", List.of(mapping("b", "192.0.2.2")));
    assertThat(book.objectsOf(IpAddress.parse("192.0.2.1"))).containsExactly("default/a");
    assertThat(book.objectsOf(IpAddress.parse("192.0.2.2"))).containsExactly("default/b");
  }
}
