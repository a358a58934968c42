// SPDX-License-Identifier: Apache-2.0
package io.jilium.cli.monitor;

import com.google.protobuf.ByteString;
import io.jilium.core.model.IpAddress;
import io.jilium.core.model.MacAddress;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Packets as they are captured. */
final class Packets {
  private static final String SRC_MAC = "ca:0e:fa:6c:0f:30";
  private static final String DST_MAC = "42:ef:f8:7a:9e:f7";

  private Packets() {}

  /** Concatenates hexadecimal strings, in which blanks do not count. */
  static ByteString bytes(String... hex) {
    var out = new ByteArrayOutputStream();
    for (String part : hex) {
      out.writeBytes(HexFormat.of().parseHex(part.replace(" ", "")));
    }
    return ByteString.copyFrom(out.toByteArray());
  }

  static String ethernet(String type) {
    return hex(MacAddress.parse(DST_MAC).bytes()) + hex(MacAddress.parse(SRC_MAC).bytes()) + type;
  }

  /** An IPv4 header without options. */
  static String ipv4(int protocol, int payload, String src, String dst) {
    return "4500 %04x b294 4000 3e %02x 7444".formatted(20 + payload, protocol)
        + address(src)
        + address(dst);
  }

  static String ipv6(int next, int payload, String src, String dst) {
    return "60000000 %04x %02x 40".formatted(payload, next) + address(src) + address(dst);
  }

  static String zeros(int count) {
    return "00".repeat(count);
  }

  private static String address(String text) {
    return hex(IpAddress.parse(text).bytes());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
