// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpPrefixTest {
  @ParameterizedTest(name = "{0} overlaps {1}: {2}")
  @CsvSource({
    "10.0.0.0/8, 10.244.0.0/16, true",
    "10.244.0.0/16, 10.0.0.0/8, true",
    "10.0.0.0/24, 10.0.1.0/24, false",
    "0.0.0.0/0, 10.0.0.0/24, true",
    "0.0.0.0/0, ::/0, false",
    "fd00::/48, fd00:0:0:1::/64, true",
    "fd00::/64, fd00:0:0:1::/64, false",
    "::/0, fd00::/8, true",
  })
  void overlapsInBothDirections(String a, String b, boolean overlaps) {
    assertThat(IpPrefix.parse(a).overlaps(IpPrefix.parse(b))).isEqualTo(overlaps);
    assertThat(IpPrefix.parse(b).overlaps(IpPrefix.parse(a))).isEqualTo(overlaps);
  }

  @ParameterizedTest(name = "{0} ends at {1} with {2} addresses and mask {3}")
  @CsvSource({
    "10.244.1.0/24, 10.244.1.255, 256, 255.255.255.0",
    "0.0.0.0/0, 255.255.255.255, 4294967296, 0.0.0.0",
    "10.0.0.1/32, 10.0.0.1, 1, 255.255.255.255",
    "fd00::/120, fd00::ff, 256, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ff00",
    "fd00::/64, fd00::ffff:ffff:ffff:ffff, 9223372036854775807, ffff:ffff:ffff:ffff::",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 9223372036854775807, ::",
  })
  void knowsItsBounds(String text, String last, long count, String mask) {
    IpPrefix prefix = IpPrefix.parse(text);
    assertThat(prefix).hasToString(text);
    assertThat(prefix.last()).hasToString(last);
    assertThat(prefix.addressCount()).isEqualTo(count);
    assertThat(prefix.mask()).hasToString(mask);
    assertThat(prefix.contains(prefix.last())).isTrue();
  }

  @ParameterizedTest(name = "\"{0}\": {1}")
  @CsvSource({
    "10.0.0.0, /length is missing",
    "10.0.0.0/33, from 0 to 32",
    "fd00::/129, from 0 to 128",
    "10.0.0.0/x, '\"x\" is not a prefix length'",
    "10.0.0.5/24, the network is 10.0.0.0/24",
    "10.0.0/24, four numbers",
  })
  void saysWhatIsWrong(String text, String why) {
    assertThatThrownBy(() -> IpPrefix.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(text)
        .hasMessageContaining(why);
  }

  @ParameterizedTest(name = "/{1} number {2} in {0} is {3}")
  @CsvSource({
    "10.244.0.0/16, 24, 0, 10.244.0.0/24",
    "10.244.0.0/16, 24, 255, 10.244.255.0/24",
    "10.0.0.0/24, 32, 7, 10.0.0.7/32",
    "fd00:10:244::/48, 64, 258, fd00:10:244:102::/64",
    "fd00::/32, 40, 1, fd00:0:100::/40",
    "fd00::/60, 72, 4095, fd00:0:0:f:ff00::/72",
    "fd00::/104, 120, 65535, fd00::ff:ff00/120",
    "10.0.0.0/24, 24, 0, 10.0.0.0/24",
  })
  void countsSubnets(String prefix, int length, long index, String subnet) {
    assertThat(IpPrefix.parse(prefix).subnet(length, index)).hasToString(subnet);
  }

  @Test
  void refusesASubnetThatIsNotThere() {
    assertThatThrownBy(() -> IpPrefix.parse("10.0.0.0/16").subnet(24, 256))
        .hasMessageContaining("no /24 number 256 in 10.0.0.0/16");
  }
}
