// SPDX-License-Identifier: Apache-2.0
package io.jilium.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpAddressTest {
  @ParameterizedTest(name = "{0} prints as {1}")
  @CsvSource({
    "0.0.0.0, 0.0.0.0",
    "255.255.255.255, 255.255.255.255",
    "10.244.1.22, 10.244.1.22",
    "::, ::",
    "::1, ::1",
    "fd00:10:244::1, fd00:10:244::1",
    "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::ffff:10.0.0.1, 10.0.0.1",
    "64:ff9b::192.0.2.1, 64:ff9b::c000:201",
    "fe80::, fe80::",
  })
  void printsTheCanonicalForm(String text, String printed) {
    IpAddress address = IpAddress.parse(text);
    assertThat(address).hasToString(printed);
    assertThat(IpAddress.parse(printed)).isEqualTo(address);
    assertThat(IpAddress.ofBytes(address.bytes())).isEqualTo(address);
    assertThat(IpAddress.ofBytes(address.mappedBytes())).isEqualTo(address);
  }

  @ParameterizedTest(name = "\"{0}\": {1}")
  @CsvSource({
    "'', four numbers",
    "10.0.0, four numbers",
    "10.0.0.256, '\"256\" is not a number from 0 to 255'",
    "10.0.0.01, leading zero",
    "10.0.0.-1, not a number",
    "localhost, four numbers",
    "1:2:3, eight groups",
    "1::2::3, may stand once",
    "1:2:3:4:5:6:7:8:9, eight groups",
    "::12345, one to four digits",
    "::g, not a hexadecimal group",
    ":1:2:3:4:5:6:7, one to four digits",
    "fe80::1%eth0, not a hexadecimal group",
  })
  void saysWhatIsWrong(String text, String why) {
    assertThatThrownBy(() -> IpAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"")
        .hasMessageContaining(why);
  }

  @Test
  void addsAcrossBothHalves() {
    assertThat(IpAddress.parse("10.0.0.255").plus(1)).hasToString("10.0.1.0");
    assertThat(IpAddress.parse("fd00::ffff:ffff:ffff:ffff").plus(1)).hasToString("fd00:0:0:1::");
    assertThat(IpAddress.parse("fd00:0:0:1::").plus(-1)).hasToString("fd00::ffff:ffff:ffff:ffff");
  }

  @Test
  void sortsNumericallyAndV4First() {
    assertThat(IpAddress.parse("9.0.0.1")).isLessThan(IpAddress.parse("10.0.0.1"));
    assertThat(IpAddress.parse("200.0.0.1")).isGreaterThan(IpAddress.parse("10.0.0.1"));
    assertThat(IpAddress.parse("::1")).isGreaterThan(IpAddress.parse("255.0.0.1"));
    assertThat(IpAddress.parse("fd00::1")).isGreaterThan(IpAddress.parse("2001::1"));
  }

  @ParameterizedTest(name = "{0}: link-local {1}, multicast {2}, loopback {3}")
  @CsvSource({
    "169.254.1.1, true, false, false",
    "224.0.0.1, false, true, false",
    "127.0.0.1, false, false, true",
    "fe80::1, true, false, false",
    "febf::1, true, false, false",
    "fec0::1, false, false, false",
    "ff02::1, false, true, false",
    "::1, false, false, true",
    "10.0.0.1, false, false, false",
  })
  void knowsSpecialRanges(String text, boolean linkLocal, boolean multicast, boolean loopback) {
    IpAddress address = IpAddress.parse(text);
    assertThat(address.isLinkLocal()).isEqualTo(linkLocal);
    assertThat(address.isMulticast()).isEqualTo(multicast);
    assertThat(address.isLoopback()).isEqualTo(loopback);
  }
}
