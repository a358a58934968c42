// SPDX-License-Identifier: Apache-2.0
package io.jilium.agent.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jilium.core.model.Endpoint;
import io.jilium.core.model.EndpointState;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.Label;
import io.jilium.core.model.Labels;
import io.jilium.core.model.MacAddress;
import io.jilium.core.model.NumericIdentity;
import io.jilium.core.model.PodName;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeasesTest {
  private static final Labels WEB = Labels.of(Label.k8s("app", "web"));
  private static final Labels DATABASE = Labels.of(Label.k8s("app", "db"));

  private final FixedIdentities identities = new FixedIdentities();
  private final IdentityLeases identityLeases = new IdentityLeases(identities);
  private final PoolAddresses pool = new PoolAddresses("10.0.0.0/29", "fd00::/64");
  private final AddressLeases addressLeases = new AddressLeases(pool);

  private static Endpoint endpoint(int id, String pod, List<IpAddress> addresses) {
    return new Endpoint(
        id,
        "c" + id,
        "lxc" + id,
        id,
        "eth0",
        "/run/netns/" + id,
        new PodName("default", pod),
        WEB,
        NumericIdentity.UNKNOWN,
        addresses,
        MacAddress.ZERO,
        MacAddress.ZERO,
        EndpointState.RESTORING);
  }

  @Test
  void identityIsReleasedOnceWhateverHappened() {
    var first = identityLeases.hold(1, WEB);
    assertThat(identityLeases.hold(1, WEB)).isSameAs(first);
    var _ = identityLeases.hold(2, WEB);
    assertThat(identities.users).containsEntry(WEB, 2);
    var _ = identityLeases.hold(1, DATABASE);
    assertThat(identities.users).containsEntry(WEB, 1).containsEntry(DATABASE, 1);
    identityLeases.drop(1);
    identityLeases.drop(1);
    identityLeases.drop(2);
    assertThat(identities.users).isEmpty();
  }

  @Test
  void endpointDoesNotGiveBackAnAddressThatSomebodyElseHas() {
    var addresses = pool.allocate("default/other", PodName.NONE);
    var late = endpoint(7, "late", addresses);
    assertThat(addressLeases.reserve(late)).isPresent();
    addressLeases.release(7);
    assertThatThrownBy(() -> pool.reserve(addresses, "default/third"))
        .isInstanceOf(IllegalStateException.class);
    pool.release(addresses);
    assertThat(addressLeases.reserve(late)).isEmpty();
    assertThat(addressLeases.reserve(late)).isEmpty();
    addressLeases.release(7);
    pool.reserve(addresses, "default/third");
  }

  @Test
  void exhaustedPoolSaysSo() {
    for (int id = 1; id <= 6; id++) {
      assertThat(addressLeases.allocate(id, "default/p" + id, PodName.NONE)).hasSize(2);
    }
    assertThatThrownBy(() -> addressLeases.allocate(7, "default/p7", PodName.NONE))
        .isInstanceOf(PodAddresses.ExhaustedException.class)
        .hasMessageContaining("is exhausted");
  }
}
