// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressesTest extends NamespaceTest {
  @Test
  void addsListsAndDeletesBothFamilies() {
    int device = device("d0");
    for (String text : List.of("10.0.0.1/24", "10.0.0.9/32", "fd00::1/64", "fd00:1::1/128")) {
      var address =
          Address.of(device, Prefix.parse(text))
              .flags(Address.Flag.NODAD, Address.Flag.NO_PREFIX_ROUTE);
      assertThat(kernel.apply(Addresses.add(address))).isTrue();
      assertThat(kernel.apply(Addresses.add(address))).isFalse();
      assertThat(kernel.list(Addresses.of(device)))
          .filteredOn(a -> a.prefix().equals(address.prefix()))
          .singleElement()
          .satisfies(a -> {
            assertThat(a.flags())
                .contains(Address.Flag.NO_PREFIX_ROUTE, Address.Flag.PERMANENT)
                .doesNotContain(Address.Flag.TENTATIVE);
            assertThat(a.scope()).isEqualTo(Scope.GLOBAL);
          });
      assertThat(kernel.apply(Addresses.delete(address))).isTrue();
      assertThat(kernel.apply(Addresses.delete(address))).isFalse();
    }
    assertThat(kernel.list(Routes.all(Family.IPV4)))
        .noneMatch(r -> r.destination().equals(Prefix.parse("10.0.0.0/24")));
  }

  @Test
  void listsAddressesOfAllDevices() {
    device("d0", "10.0.0.1/24");
    device("d1", "10.0.1.1/24");
    assertThat(kernel.list(Addresses.all()))
        .extracting(a -> a.prefix().toString())
        .contains("127.0.0.1/8", "::1/128", "10.0.0.1/24", "10.0.1.1/24");
    assertThat(kernel.list(Addresses.of(4711))).isEmpty();
  }

  @Test
  void replaceKeepsScope() {
    int device = device("d0");
    var address = Address.of(device, Prefix.parse("10.0.0.1/32")).scope(Scope.LINK);
    kernel.apply(Addresses.replace(address));
    kernel.apply(Addresses.replace(address));
    assertThat(kernel.list(Addresses.of(device)))
        .filteredOn(a -> a.prefix().family() == Family.IPV4)
        .singleElement()
        .satisfies(a -> assertThat(a.scope()).isEqualTo(Scope.LINK));
  }

  @Test
  void namesTheMissingDevice() {
    assertThatThrownBy(
            () -> kernel.apply(Addresses.add(Address.of(4711, Prefix.parse("10.0.0.1/24")))))
        .hasMessageContaining("add address 10.0.0.1/24 on device 4711: ENODEV");
  }
}
