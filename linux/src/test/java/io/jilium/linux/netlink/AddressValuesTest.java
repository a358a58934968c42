// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressValuesTest {
  @ParameterizedTest
  @CsvSource({
    "10.1.2.3/24, 10.1.2.3/24, 10.1.2.0/24",
    "10.1.2.3, 10.1.2.3/32, 10.1.2.3/32",
    "0.0.0.0/0, 0.0.0.0/0, 0.0.0.0/0",
    "fd00::1/64, fd00::1/64, fd00::/64",
    "::, ::/128, ::/128",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1/128, 2001:db8::1:0:0:1/128",
    "1:2:3:4:5:6:0:8/127, 1:2:3:4:5:6:0:8/127, 1:2:3:4:5:6:0:8/127",
  })
  void printsAndMasksPrefixes(String text, String printed, String masked) {
    assertThat(Prefix.parse(text)).hasToString(printed);
    assertThat(Prefix.parse(text).masked()).hasToString(masked);
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "host/24", "10.0.0.0/-1"})
  void refusesWhatIsNoPrefix(String text) {
    assertThatThrownBy(() -> Prefix.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void keepsMappedAddressesIpv6() {
    var bytes = HexFormat.of().parseHex("00000000000000000000ffff0a000001");
    assertThat(IpBytes.address(bytes)).isInstanceOf(Inet6Address.class);
  }

  @Test
  void readsAndPrintsMacAddresses() {
    var mac = MacAddress.parse("02:00:5E:10:0:1");
    assertThat(mac).hasToString("02:00:5e:10:00:01");
    assertThat(MacAddress.of(mac.bytes())).isEqualTo(mac);
    assertThat(MacAddress.locallyAdministered(-1)).hasToString("fe:ff:ff:ff:ff:ff");
    assertThat(MacAddress.locallyAdministered(0)).hasToString("02:00:00:00:00:00");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "02:00:00:00:00", "02:00:00:00:00:gg", "02:00:00:00:00:123"})
  void refusesWhatIsNoMacAddress(String text) {
    assertThatThrownBy(() -> MacAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
