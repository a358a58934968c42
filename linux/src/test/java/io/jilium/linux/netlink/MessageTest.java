// SPDX-License-Identifier: Apache-2.0
package io.jilium.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf("littleEndian")
class MessageTest {
  static boolean littleEndian() {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  @Test
  void writesRouteAsIpRouteAddDoes() {
    var route =
        Route.to(Prefix.parse("10.1.0.0/24"))
            .via(InetAddress.ofLiteral("10.0.0.2"))
            .device(3)
            .mtu(1450);
    assertThat(hex(Routes.add(route).message()))
        .isEqualTo(
            plain(
                "48000000 1800 0506 00000000 00000000" // struct nlmsghdr: 72 bytes, RTM_NEWROUTE
                    + "02 18 00 00 fe 03 00 01 00000000" // struct rtmsg
                    + "0800 0f00 fe000000" // RTA_TABLE
                    + "0800 0100 0a010000" // RTA_DST
                    + "0800 0400 03000000" // RTA_OIF
                    + "0800 0500 0a000002" // RTA_GATEWAY
                    + "0c00 0880 0800 0200 aa050000"));
  }

  @Test
  void writesVethPairAsOneMessage() {
    var change =
        Links.createVeth(
            LinkSettings.named("lxc1").mac(MacAddress.parse("02:00:00:00:00:01")).up(),
            LinkSettings.named("eth0").mtu(1450));
    assertThat(hex(change.message()))
        .isEqualTo(
            plain(
                "74000000 1000 0506 00000000 00000000" // struct nlmsghdr: RTM_NEWLINK
                    + "00 00 0000 00000000 01000000 01000000" // struct ifinfomsg: IFF_UP
                    + "0900 0300 6c786331 00 000000" // IFLA_IFNAME, padded
                    + "0a00 0100 020000000001 0000" // IFLA_ADDRESS, padded
                    + "3c00 1280" // IFLA_LINKINFO
                    + "0900 0100 76657468 00 000000" // IFLA_INFO_KIND
                    + "2c00 0280 2800 0180" // IFLA_INFO_DATA, VETH_INFO_PEER
                    + "00 00 0000 00000000 00000000 00000000"
                    + "0900 0300 65746830 00 000000"
                    + "0800 0400 aa050000"));
  }

  @Test
  void readsAttributesOfAnyOrderAndIgnoresUnknownOnes() {
    var attributes =
        Attributes.read(
            ByteBuffer.wrap(
                bytes("0500 ff3f 01 000000 0600 0f00 2118 0000 0900 0300 6c6f00 0000 000000")));
    assertThat(attributes.be16(15)).hasValue(0x2118);
    assertThat(attributes.text(3)).hasValue("lo");
    assertThat(attributes.u32(4)).isEmpty();
    assertThat(attributes.u32(15)).as("too short for 32 bits").isEmpty();
  }

  @Test
  void stopsAtMalformedAttribute() {
    assertThat(Attributes.read(ByteBuffer.wrap(bytes("0300 0100 00000000"))).has(1)).isFalse();
    assertThat(Attributes.read(ByteBuffer.wrap(bytes("ff00 0100 00000000"))).has(1)).isFalse();
  }

  @Test
  void readsTextOfExtendedAcknowledgement() {
    // The request is capped to its header; NLMSGERR_ATTR_MSG follows it.
    var error =
        bytes(
            "30000000 0200 0003 07000000 00000000"
                + "9bffffff 24000000 1800 0506 07000000 00000000"
                + "0900 0100 6f6f7073 00 000000");
    var message = Message.split(error).getFirst();
    assertThat(message.errno()).isEqualTo(101);
    assertThat(message.kernelText()).isEqualTo("oops");
  }

  @Test
  void refusesMessageLongerThanItsDatagram() {
    assertThatThrownBy(() -> Message.split(bytes("20000000 0200 0000 00000000 00000000")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("32 bytes in a datagram with 16");
  }

  private static String hex(byte[] message) {
    return HexFormat.of().formatHex(message);
  }

  private static String plain(String spaced) {
    return spaced.replace(" ", "");
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
